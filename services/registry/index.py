"""What lists show, kept in memory by following the REGISTRY log from its beginning.

Metadata only: about 1 kB a workflow, 0.4 kB a version, webhook or credential;
definitions stay in the log. That carries 100,000 workflows in 100 MB; beyond
that lists belong into the views. Lists are up to date within milliseconds, and
`reach` waits for a sequence (read your writes). A record that cannot be read is
left out, and changes nothing of what was known before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from services.registry.usage import named
from weir.contract import subjects
from weir.contract.errors import RecordUnreadableError, ViewsBehindError
from weir.contract.messages import (
    CredentialSaved,
    DataKeysSaved,
    ErrandDone,
    RegistryRecord,
    ScheduleSaved,
    SubscriptionSaved,
    Tokens,
    WorkflowPublished,
    WorkflowSaved,
)
from weir.ports.log import Following, Log, Stored
from weir.ports.secrets import Sealed
from weir.runtime import records
from weir.runtime.quotas import Quotas

PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class WorkflowItem:
    """A workflow in a list."""

    id: str
    name: str
    description: str
    labels: dict[str, str]
    current_version: str
    current_number: int
    created_at: str
    created_by: str
    updated_at: str
    updated_by: str
    revision: int
    project: str


@dataclass(frozen=True, slots=True)
class VersionItem:
    """A version in a list."""

    version: str
    workflow_id: str
    number: int
    note: str
    published_at: str
    published_by: str
    revision: int
    credentials: frozenset[str]  # that it names


@dataclass(frozen=True, slots=True)
class WebhookItem:
    """A webhook in a list."""

    id: str
    workflow_id: str
    node: str
    enabled: bool
    scheme: str
    created_at: str
    revision: int
    sealed_under: frozenset[str]  # ids of keys


@dataclass(frozen=True, slots=True)
class CredentialItem:
    """A credential in a list: never what it holds."""

    id: str
    name: str
    type: str
    created_at: str
    updated_at: str
    revision: int
    projects: tuple[str, ...]
    tokens: Tokens | None
    sealed_under: frozenset[str]  # ids of keys


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """A subscription in a list."""

    saved: SubscriptionSaved
    revision: int


@dataclass(frozen=True, slots=True)
class ScheduleItem:
    """A schedule in a list: all but what its runs get."""

    saved: ScheduleSaved
    revision: int

    @property
    def id(self) -> str:
        """Its id."""
        return self.saved.schedule_id


class _Tenant:
    """What one tenant has."""

    def __init__(self) -> None:
        self.workflows: dict[str, WorkflowItem] = {}
        self.deleted: dict[str, str] = {}  # their projects, where they had one
        self.versions: dict[str, dict[str, VersionItem]] = {}
        self.webhooks: dict[str, WebhookItem] = {}
        self.schedules: dict[str, ScheduleItem] = {}
        self.subscriptions: dict[str, SubscriptionItem] = {}
        self.credentials: dict[str, CredentialItem] = {}
        self.named: dict[str, frozenset[str]] = {}  # credentials in drafts, by workflow
        self.keys = DataKeysSaved()


class Index:
    """Follows the registry; `load` it, then let `run` go on for ever."""

    def __init__(self, log: Log, quotas: Quotas) -> None:
        self._log = log
        self._quotas = quotas
        self._tenants: dict[str, _Tenant] = {}
        self._position = 0
        self._moved = asyncio.Condition()
        self._following: Following | None = None
        self._errands: dict[str, asyncio.Future[ErrandDone]] = {}
        self.loaded = False

    def drop(self, tenant: str) -> None:
        """Forget all that a deleted tenant had."""
        self._tenants.pop(tenant, None)

    async def load(self) -> None:
        """Read what there is."""
        upto = await self._log.last_seq()
        async for batch in self._log.read("registry.>", upto=upto):
            self._apply_all(batch)
        self._position = max(self._position, upto)
        self.loaded = True

    async def run(self) -> None:
        """Follow, for ever."""
        self._following = self._log.follow("registry.>", after=self._position)
        try:
            async for batch in self._following:
                self._apply_all(batch)
                async with self._moved:
                    self._moved.notify_all()
        finally:
            await self._following.close()

    async def reach(self, sequence: int) -> None:
        """Wait until this sequence is in the lists; ViewsBehindError after two seconds."""
        if self._position >= sequence:
            return
        try:
            async with asyncio.timeout(PATIENCE_S), self._moved:
                await self._moved.wait_for(lambda: self._position >= sequence)
        except TimeoutError:
            raise ViewsBehindError(
                f"The list has not reached sequence {sequence} within {PATIENCE_S:g} s: "
                "ask again, or without min_sequence."
            ) from None

    def workflows(self, tenant: str) -> Iterable[WorkflowItem]:
        """All workflows of a tenant, in no order."""
        return self._of(tenant).workflows.values()

    def project(self, tenant: str, workflow_id: str) -> str:
        """The project of a workflow, which may be deleted; empty for none."""
        held = self._of(tenant)
        item = held.workflows.get(workflow_id)
        return held.deleted.get(workflow_id, "") if item is None else item.project

    def versions(self, tenant: str, workflow_id: str) -> Iterable[VersionItem]:
        """All versions of a workflow, in no order."""
        return self._of(tenant).versions.get(workflow_id, {}).values()

    def webhooks(self, tenant: str) -> Iterable[WebhookItem]:
        """All webhooks of a tenant, in no order."""
        return self._of(tenant).webhooks.values()

    def subscriptions(self, tenant: str) -> Iterable[SubscriptionItem]:
        """All subscriptions of a tenant, in no order."""
        return self._of(tenant).subscriptions.values()

    def schedules(self, tenant: str) -> Iterable[ScheduleItem]:
        """All schedules of a tenant, in no order."""
        return self._of(tenant).schedules.values()

    def there(self, tenant: str, workflow_id: str) -> bool:
        """Whether the workflow was made and not deleted."""
        return workflow_id in self._of(tenant).workflows

    def credentials(self, tenant: str) -> Iterable[CredentialItem]:
        """All credentials of a tenant, in no order."""
        return self._of(tenant).credentials.values()

    def counts(self, tenant: str) -> dict[str, int]:
        """How many there are of each."""
        held = self._of(tenant)
        return {
            "workflows": len(held.workflows),
            "webhooks": len(held.webhooks),
            "schedules": len(held.schedules),
            "credentials": len(held.credentials),
        }

    async def room(self, tenant: str, name: str) -> None:
        """QuotaExceededError if the tenant may have no more of this (as `counts` names it)."""
        await self._quotas.room(tenant, name, self.counts(tenant)[name])

    def users(self, tenant: str, credential: str) -> Iterator[dict[str, Any]]:
        """The workflows that name a credential in their draft or current version, in no order."""
        held = self._of(tenant)
        for item in held.workflows.values():
            current = held.versions.get(item.id, {}).get(item.current_version)
            in_draft = credential in held.named[item.id]
            in_current = current is not None and credential in current.credentials
            if in_draft or in_current:
                yield {
                    "workflow_id": item.id,
                    "name": item.name,
                    "project": item.project,
                    "in_draft": in_draft,
                    "in_current": in_current,
                }

    def keys(self) -> Mapping[str, DataKeysSaved]:
        """The data keys of every tenant that has some."""
        return {name: held.keys for name, held in self._tenants.items() if held.keys.keys}

    @contextmanager
    def errand(self, errand_id: str) -> Iterator[asyncio.Future[ErrandDone]]:
        """What will come of an errand."""
        done: asyncio.Future[ErrandDone] = asyncio.get_running_loop().create_future()
        self._errands[errand_id] = done
        try:
            yield done
        finally:
            del self._errands[errand_id]

    def _of(self, tenant: str) -> _Tenant:
        return self._tenants.get(tenant) or _Tenant()

    def _apply_all(self, batch: Sequence[Stored]) -> None:
        for stored in batch:
            if not subjects.is_request(stored.subject):
                with suppress(RecordUnreadableError):
                    self._apply(stored.seq, records.read(RegistryRecord, stored))
            self._position = max(self._position, stored.seq)

    def _apply(self, seq: int, record: RegistryRecord) -> None:
        tenant = self._tenants.setdefault(record.tenant, _Tenant())
        if saved := record.workflow_saved:
            tenant.workflows[saved.workflow_id] = workflow_item(record, saved, seq)
            tenant.named[saved.workflow_id] = named(saved.definition)
        elif gone := record.workflow_deleted:
            tenant.workflows.pop(gone.workflow_id, None)
            tenant.named.pop(gone.workflow_id, None)
            if gone.project:
                tenant.deleted[gone.workflow_id] = gone.project
        elif made := record.workflow_published:
            self._apply_version(tenant, seq, record, made)
        elif hook := record.webhook_saved:
            tenant.webhooks[hook.webhook_id] = WebhookItem(
                id=hook.webhook_id,
                workflow_id=hook.workflow_id,
                node=hook.node,
                enabled=hook.enabled,
                scheme=hook.scheme,
                created_at=hook.created_at,
                revision=seq,
                sealed_under=_keys(hook.secrets),
            )
        elif heard := record.subscription_saved:
            tenant.subscriptions[heard.subscription_id] = SubscriptionItem(heard, seq)
        elif unhooked := record.webhook_deleted:
            tenant.webhooks.pop(unhooked.webhook_id, None)
        elif timed := record.schedule_saved:
            listed = timed.model_copy(update={"input": None})
            tenant.schedules[timed.schedule_id] = ScheduleItem(listed, seq)
        elif untimed := record.schedule_deleted:
            tenant.schedules.pop(untimed.schedule_id, None)
        else:
            self._apply_secret(tenant, seq, record)

    def _apply_version(
        self, tenant: _Tenant, seq: int, record: RegistryRecord, made: WorkflowPublished
    ) -> None:
        if not made.number:
            return  # made to be tried out
        tenant.versions.setdefault(made.workflow_id, {})[made.version] = VersionItem(
            version=made.version,
            workflow_id=made.workflow_id,
            number=made.number,
            note=made.note,
            published_at=record.at,
            published_by=record.by,
            revision=seq,
            credentials=named(made.definition),
        )

    def _apply_secret(self, tenant: _Tenant, seq: int, record: RegistryRecord) -> None:
        if credential := record.credential_saved:
            tenant.credentials[credential.name] = CredentialItem(
                id=credential.credential_id,
                name=credential.name,
                type=credential.type,
                created_at=credential.created_at,
                updated_at=credential.given_at or record.at,
                revision=seq,
                projects=credential.projects,
                tokens=credential.tokens,
                sealed_under=_sealed_under(credential),
            )
        elif forgotten := record.credential_deleted:
            tenant.credentials.pop(forgotten.name, None)
        elif keys := record.data_keys_saved:
            tenant.keys = keys
        elif done := record.errand_done:
            waiting = self._errands.get(done.errand_id)
            if waiting is not None and not waiting.done():
                waiting.set_result(done)


def _sealed_under(saved: CredentialSaved) -> frozenset[str]:
    tokens = (saved.tokens.sealed,) if saved.tokens is not None else ()
    return frozenset({saved.key_id}) | _keys(tokens)


def _keys(sealed: Sequence[str]) -> frozenset[str]:
    return frozenset(Sealed.parse(one).key_id for one in sealed if one)


def workflow_item(record: RegistryRecord, saved: WorkflowSaved, revision: int) -> WorkflowItem:
    """The list's form of a workflow's head."""
    return WorkflowItem(
        id=saved.workflow_id,
        name=saved.name,
        description=saved.description,
        labels=dict(saved.labels),
        current_version=saved.current_version,
        current_number=saved.current_number,
        created_at=saved.created_at,
        created_by=saved.created_by,
        updated_at=record.at,
        updated_by=record.by,
        revision=revision,
        project=saved.project,
    )
