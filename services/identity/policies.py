"""A tenant's policies: stored only if they can be read, and explained without doing anything.

What is explained is made by the same guard that enforces, so both say the same.
"""

from __future__ import annotations

import asyncio
from typing import Any

from services.identity.policies_models import (
    AskedPrincipal,
    AskedWorkflow,
    ChangePolicies,
    Explain,
)
from weir.contract import ids, subjects, times
from weir.contract.errors import RecordUnreadableError, WorkflowNotFoundError
from weir.contract.messages import IdentityRecord, PoliciesSaved
from weir.runtime.access import Permission, Principal
from weir.runtime.cedar import LIMIT, SCHEMA, Asked, Policies, Thing, Verdict, problems
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call, Reply, wrong
from weir.runtime.policy import HOOK, Guard, Version, credential_thing, workflow_thing
from weir.runtime.records import Entry
from weir.runtime.standing import Standing

_NEEDED = {
    "publish": Permission.WORKFLOWS_WRITE,
    "start": Permission.RUNS_START,
    "steer": Permission.RUNS_START,
}
_KINDS = {"User": "usr", "ServiceAccount": "svc", "ApiKey": "key"}


class PolicyTexts:
    """The handlers."""

    def __init__(self, writer: Writer[IdentityRecord], guard: Guard, standing: Standing) -> None:
        self._writer = writer
        self._guard = guard
        self._standing = standing

    async def get(self, call: Call) -> Reply:
        """GET /policies."""
        subject = subjects.policies(call.tenant)
        entry = await self._writer.records.get(subject, min_revision=call.min_revision)
        return await _shown(entry)

    async def change(self, call: Call) -> Reply:
        """PUT /policies."""
        text = (await call.model(ChangePolicies)).text
        await asyncio.to_thread(Policies, _bounded(text))
        subject = subjects.policies(call.tenant)
        saved = PoliciesSaved(tenant=call.tenant, text=text)
        try:
            entry = await self._writer.change(call, subject, lambda _: saved)
        except RecordUnreadableError:
            if call.if_match() is not None:
                raise
            # Whoever replaces anything replaces what nobody can read as well.
            record = self._writer.record(saved, call.principal)
            revision = await self._writer.records.put(subject, record)
            entry = Entry(revision, record, 0)
        return await _shown(entry)

    async def explain(self, call: Call) -> Reply:
        """POST /policies/explain."""
        wanted = await call.model(Explain)
        if wanted.text is None:
            text = await self._guard.text(call.tenant)
        else:
            text = 0, await asyncio.to_thread(Policies, _bounded(wanted.text))
        asked, who, project = await self._asked(call.tenant, wanted)
        said = Verdict(allowed=True) if text is None else text[1].decide(self._guard.now(asked))
        needed = _NEEDED.get(wanted.action)
        held = None if needed is None or who is None else who.may(needed, project)
        return Reply(
            {
                "allowed": said.allowed and held is not False,
                "roles": {
                    "allowed": held,
                    "permission": needed,
                    "role": who.role if who else "",
                    "project": project,
                },
                "policies": {
                    "allowed": said.allowed,
                    "forbidden_by": [one._asdict() for one in said.by],
                    "errors": list(said.errors),
                },
                "principal": asked.principal.entity(),
                "resource": asked.resource.entity(),
            }
        )

    async def _asked(self, tenant: str, wanted: Explain) -> tuple[Asked, Principal | None, str]:
        """The question, who asks it where roles count, and the project it is about."""
        flow = await self._workflow(tenant, wanted.workflow)
        project = str(dict(flow.attributes)["project"])
        context = wanted.context
        at = _time(context.time)
        if wanted.action == "use_credential":
            resource = await self._credential(tenant, wanted)
            asked = Asked(flow, wanted.action, resource, context.source, context.test, at=at)
            return asked, None, project
        if wanted.principal is None:
            raise wrong("principal", "somebody must do it", "Name a principal.")
        what = context.what if wanted.action == "steer" else ""
        around = context.source, context.test, what, at
        if wanted.principal.id == HOOK.id:
            return Asked(HOOK, wanted.action, flow, *around), None, project
        thing, who = await self._principal(tenant, wanted.principal, project)
        return Asked(thing, wanted.action, flow, *around), who, project

    async def _principal(
        self, tenant: str, given: AskedPrincipal, project: str
    ) -> tuple[Thing, Principal]:
        if given.type is not None:
            name = given.id or f"{_KINDS[given.type]}_given"
            parents = {("Role", given.role)} if given.role else set()
            parents |= {("Group", one) for one in given.groups}
            who = Principal(id=name, tenant=tenant, role=given.role)
            return Thing(given.type, name, tuple(sorted(parents))), who
        found = await self._standing.of(tenant, given.id)
        if found is None:
            raise wrong(
                "principal.id",
                f"nobody in this tenant has the id {given.id[:60]!r}",
                "Take the id of a member, a service account or a key, or say a type.",
            )
        return await self._guard.principal(found, project), found

    async def _workflow(self, tenant: str, asked: AskedWorkflow) -> Thing:
        given = asked.given
        if given is not None:
            seen = Version(
                given.name,
                tuple(sorted(given.labels.items())),
                tuple(sorted(given.node_types)),
                tuple(sorted(given.credentials_used)),
            )
            return workflow_thing(tenant, asked.id or "wf_given", given.project, seen)
        version = asked.version or await self._guard.current(tenant, asked.id)
        if not ids.is_id(asked.id, "wf") or not ids.is_id(version, "ver"):
            raise WorkflowNotFoundError(
                f"There is no published workflow {asked.id[:60]!r}: name one, or describe it in "
                "`given`.",
                details={"workflow_id": asked.id[:60]},
            )
        return await self._guard.workflow(tenant, asked.id, version)

    async def _credential(self, tenant: str, wanted: Explain) -> Thing:
        asked = wanted.credential
        if asked is None:
            raise wrong("credential", "something must be used", "Name a credential.")
        if asked.given is not None:
            return credential_thing(tenant, asked.name, asked.given.projects, asked.given.type)
        return await self._guard.credential(tenant, asked.name)


def _bounded(text: str) -> str:
    if len(text.encode()) > LIMIT:
        raise wrong("text", f"it has more than {LIMIT} bytes", "Write fewer policies.")
    return text


def _time(given: str) -> str:
    if not given:
        return ""
    try:
        return times.from_ms(times.to_ms(given))
    except (ValueError, OverflowError):
        raise wrong(
            "context.time", "this is no time", "Write it like 2026-01-31T12:00:00Z."
        ) from None


async def _shown(entry: Entry[IdentityRecord] | None) -> Reply:
    saved = entry.record.policies_saved if entry else None
    text = saved.text if saved else ""
    revision = entry.revision if entry else 0
    found: list[dict[str, Any]] = await asyncio.to_thread(problems, text)
    return Reply(
        {
            "text": text,
            "revision": str(revision),
            "updated_at": entry.record.at if entry else None,
            "updated_by": entry.record.by if entry else None,
            "language": "cedar",
            "cedar_schema": SCHEMA,
            "errors": found,
        },
        revision=revision,
        sequence=revision or None,
    )
