"""What policies take away of what roles allow: asked in one place for each thing one may do.

A tenant without policies, the usual one, costs a look at one kept record. A
decision is kept by the revision of the text and everything that was asked, so it
is at most a second older than what it was made from; one that may change with
time alone is made each time. Policies that cannot be used refuse everything
that they could forbid: nobody knows what they say.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import structlog

from weir.contract import ids, subjects, times
from weir.contract.errors import RecordUnreadableError
from weir.contract.identity_errors import (
    PoliciesInvalidError,
    PoliciesUnreadableError,
    PolicyDeniedError,
    TenantNotFoundError,
    TenantSuspendedError,
)
from weir.contract.messages import IdentityRecord, RegistryRecord, WorkflowSaved
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.runtime import metrics
from weir.runtime.access import Principal
from weir.runtime.cedar import Asked, Policies, Thing, Verdict
from weir.runtime.records import Entry, Records, Versions

TEXTS = 200
DECISIONS = 10_000
VERSIONS = 1_000
HOOK = Thing("Trigger", "webhook")

_KINDS = {"usr": "User", "svc": "ServiceAccount"}
_CREDENTIAL = re.compile(rb"\{\{\s*credentials\.([a-z][a-z0-9_]{0,62})")

_log = structlog.get_logger()


class Version(NamedTuple):
    """What policies see of a version."""

    name: str
    labels: tuple[tuple[str, str], ...]
    node_types: tuple[str, ...]
    credentials: tuple[str, ...]


class _Text(NamedTuple):
    revision: int
    policies: Policies | PoliciesUnreadableError


class Guard:
    """Asks a tenant's policies. One for each service of a process."""

    def __init__(self, identity: Log, registry: Log, clock: Clock) -> None:
        self._identity = Records(identity, IdentityRecord)
        self._registry = Records(registry, RegistryRecord)
        self._versions = Versions(registry)
        self._clock = clock
        self._texts: OrderedDict[str, _Text] = OrderedDict()
        self._decided: OrderedDict[tuple[str, int, Asked], Verdict] = OrderedDict()
        self._seen: OrderedDict[tuple[str, str], Version] = OrderedDict()

    # -- what one may do; each raises PolicyDeniedError, PoliciesUnreadableError --

    async def publish(self, who: Principal, workflow: str, frozen: Mapping[str, Any]) -> None:
        """Make this content a version of a workflow."""
        text = await self.text(who.tenant)
        if text is not None:
            project = await self.project(who.tenant, workflow)
            resource = workflow_thing(who.tenant, workflow, project, seen(frozen))
            principal = await self.principal(who, project)
            self._enforce(text, who.tenant, Asked(principal, "publish", resource, "api"))

    async def start(
        self, who: Principal | None, tenant: str, workflow: str, version: str, source: str
    ) -> None:
        """Start a run of a version; nobody: a delivery to a webhook does.

        Whoever asks was asked for their tenant at the edge; for nobody it is asked here:
        TenantNotFoundError, TenantSuspendedError.
        """
        if who is None:
            await self._stands(tenant)
        text = await self.text(tenant)
        if text is not None:
            principal, resource = await self._about(who, tenant, workflow, version)
            self._enforce(text, tenant, Asked(principal, "start", resource, source))

    async def steer(self, who: Principal, workflow: str, version: str, what: str) -> None:
        """Tell something to a run of a version; of the current one if that is not known."""
        text = await self.text(who.tenant)
        if text is not None:
            principal, resource = await self._about(who, who.tenant, workflow, version)
            asked = Asked(principal, "steer", resource, "api", what=what)
            self._enforce(text, who.tenant, asked)

    async def use_credential(self, tenant: str, workflow: str, version: str, name: str) -> None:
        """Have a run of a version work with a credential."""
        text = await self.text(tenant)
        if text is not None:
            principal = await self.workflow(tenant, workflow, version)
            resource = await self.credential(tenant, name)
            self._enforce(text, tenant, Asked(principal, "use_credential", resource, "run"))

    # -- what a question is made of --

    async def text(self, tenant: str) -> tuple[int, Policies] | None:
        """The tenant's policies and their revision, None without any; PoliciesUnreadableError."""
        try:
            entry = await self._identity.get(subjects.policies(tenant))
        except RecordUnreadableError as error:
            raise _unusable(error.message) from error
        if entry is None:
            return None
        kept = self._texts.get(tenant)
        if kept is None or kept.revision != entry.revision:
            kept = await self._read(tenant, entry)
            if kept is None:
                return None
        if isinstance(kept.policies, PoliciesUnreadableError):
            raise kept.policies
        return kept.revision, kept.policies

    def forget(self, tenant: str) -> None:
        """Read the tenant's policies anew at the next question."""
        self._identity.forget(subjects.policies(tenant))

    async def principal(self, who: Principal, project: str) -> Thing:
        """Whoever asks, with the roles that count in a project and their groups."""
        kind = _KINDS.get(who.id.partition("_")[0], "ApiKey")
        owner = await self._owner(who.id) if kind == "ApiKey" else ""
        parents = {("Role", one) for one in (who.role, who.projects.get(project, "")) if one}
        person = owner or who.id
        if owner:
            parents.add((_KINDS.get(owner.partition("_")[0], "User"), owner))
        if person.partition("_")[0] in _KINDS:
            entry = await self._identity.get(subjects.member(who.tenant, person))
            member = entry.record.member_saved if entry else None
            parents |= {("Group", one) for one in member.groups} if member else set()
        return Thing(kind, who.id, tuple(sorted(parents)))

    async def workflow(self, tenant: str, workflow: str, version: str) -> Thing:
        """A version of a workflow, in the project the workflow belongs to now."""
        project = await self.project(tenant, workflow)
        version = version or await self.current(tenant, workflow)
        if not version:
            return workflow_thing(tenant, workflow, project, Version("", (), (), ()))
        known = self._seen.get((tenant, version))
        if known is None:
            known = seen(await self._versions.frozen(tenant, version))
            self._seen[tenant, version] = known
            if len(self._seen) > VERSIONS:
                self._seen.popitem(last=False)
        return workflow_thing(tenant, workflow, project, known)

    async def credential(self, tenant: str, name: str) -> Thing:
        """A credential by its name, whether it is there or not."""
        entry = await self._registry.get(subjects.credential(tenant, name))
        saved = entry.record.credential_saved if entry else None
        if saved is None:
            return credential_thing(tenant, name, (), "")
        return credential_thing(tenant, name, saved.projects, saved.type)

    async def project(self, tenant: str, workflow: str) -> str:
        """Whose roles count for a workflow now; empty: the tenant's alone."""
        saved = await self._head(tenant, workflow)
        return saved.project if saved else ""

    async def current(self, tenant: str, workflow: str) -> str:
        """The current version of a workflow, empty if there is none."""
        saved = await self._head(tenant, workflow)
        return saved.current_version if saved else ""

    def verdict(self, text: tuple[int, Policies], tenant: str, asked: Asked) -> Verdict:
        """What policies say now; `asked` without a time."""
        revision, policies = text
        if policies.timed:
            return policies.decide(self.now(asked))
        key = tenant, revision, asked
        known = self._decided.get(key)
        if known is None:
            known = self._decided[key] = policies.decide(self.now(asked))
            if len(self._decided) > DECISIONS:
                self._decided.popitem(last=False)
        return known

    def now(self, asked: Asked) -> Asked:
        """The same question, asked now unless it names a time."""
        return asked if asked.at else asked._replace(at=times.from_ms(self._clock.now_ms()))

    def _enforce(self, text: tuple[int, Policies], tenant: str, asked: Asked) -> None:
        said = self.verdict(text, tenant, asked)
        if not said.allowed:
            raise denied(asked, said)

    async def _stands(self, tenant: str) -> None:
        entry = await self._identity.get(subjects.tenant(tenant))
        saved = entry.record.tenant_saved if entry else None
        if entry is not None and saved is None:
            raise TenantNotFoundError("The tenant of this webhook was deleted.")
        if saved is not None and saved.status == "suspended":
            raise TenantSuspendedError("The tenant of this webhook is suspended.")

    async def _about(
        self, who: Principal | None, tenant: str, workflow: str, version: str
    ) -> tuple[Thing, Thing]:
        resource = await self.workflow(tenant, workflow, version)
        if who is None:
            return HOOK, resource
        return await self.principal(who, dict(resource.attributes)["project"]), resource

    async def _head(self, tenant: str, workflow: str) -> WorkflowSaved | None:
        entry = await self._registry.get(subjects.workflow(tenant, workflow))
        return entry.record.workflow_saved if entry else None

    async def _owner(self, key_id: str) -> str:
        if not ids.is_id(key_id, "key"):
            return ""
        entry = await self._identity.get(subjects.api_key(key_id))
        created = entry.record.api_key_created if entry else None
        return created.owner if created else ""

    async def _read(self, tenant: str, entry: Entry[IdentityRecord]) -> _Text | None:
        """Read a text and keep it; None if nothing stands in it."""
        saved = entry.record.policies_saved
        if saved is not None and not saved.text.strip():
            return None
        read: Policies | PoliciesUnreadableError
        # What is no text of policies is no Cedar either.
        text = saved.text if saved is not None else "a record of another kind"
        try:
            # Some 60 kB take a fifth of a second: others go on meanwhile.
            read = await asyncio.to_thread(Policies, text)
        except PoliciesInvalidError as error:
            metrics.RECORDS_UNREADABLE.labels("identity").inc()
            _log.error("policies cannot be used", tenant=tenant, why=error.message[:300])
            read = _unusable(error.message)
        self._texts[tenant] = kept = _Text(entry.revision, read)
        self._texts.move_to_end(tenant)
        if len(self._texts) > TEXTS:
            self._texts.popitem(last=False)
        return kept


def denied(asked: Asked, said: Verdict) -> PolicyDeniedError:
    """The refusal, with what the policies that forbid are called and advise."""
    names = ", ".join(repr(one.id) for one in said.by) or "one that cannot be evaluated"
    advice = " ".join(one.advice for one in said.by if one.advice)
    return PolicyDeniedError(
        f"A policy forbids this: {names}. {advice or 'Ask an administrator of the tenant.'}",
        details={
            "action": asked.action,
            "resource": asked.resource.id,
            "policies": [{"id": one.id, "advice": one.advice} for one in said.by],
        },
    )


def seen(frozen: Mapping[str, Any]) -> Version:
    """What policies see of a frozen definition."""
    settings = frozen.get("settings") or {}
    nodes = frozen.get("nodes") or ()
    used = {one.decode() for one in _CREDENTIAL.findall(orjson.dumps(frozen))}
    callback = settings.get("callback") or {}
    if isinstance(callback.get("credential"), str) and callback["credential"]:
        used.add(callback["credential"])
    return Version(
        name=str(frozen.get("name", "")),
        labels=tuple(sorted((name, str(value)) for name, value in _labels(settings).items())),
        node_types=tuple(sorted({str(node["type"]) for node in nodes})),
        credentials=tuple(sorted(used)),
    )


def workflow_thing(tenant: str, workflow: str, project: str, version: Version) -> Thing:
    """A version of a workflow as policies name it."""
    return Thing(
        "Workflow",
        workflow,
        (("Project", project),) if project else (),
        (
            ("tenant", tenant),
            ("project", project),
            ("name", version.name),
            ("node_types", version.node_types),
            ("credentials_used", version.credentials),
        ),
        version.labels,
    )


def credential_thing(tenant: str, name: str, projects: Sequence[str], kind: str) -> Thing:
    """A credential as policies name it."""
    within = tuple(sorted(projects))
    attributes = (("tenant", tenant), ("projects", within), ("name", name), ("type", kind))
    return Thing("Credential", name, tuple(("Project", one) for one in within), attributes)


def _labels(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    labels = settings.get("labels")
    return labels if isinstance(labels, dict) else {}


def _unusable(why: str) -> PoliciesUnreadableError:
    return PoliciesUnreadableError(
        "The tenant's policies cannot be used, so everything they could forbid is refused: "
        "an administrator must store them again.",
        details={"why": why[:300]},
    )
