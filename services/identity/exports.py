"""Everything a tenant has, as JSON lines: one object each, a manifest that counts them at the end.

Nothing secret is in it: credentials, keys, webhooks and providers come without
what proves or opens anything, people without how they sign in. Each object is
whole and as it stood when it was read; what changes meanwhile is in it before
or after. Only one part of a run is in memory at a time, beside a number for
each run that the log still has.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import orjson

from services.identity.audit import shown
from services.identity.audit_persons import Persons
from weir.contract import codec, subjects
from weir.contract.messages import (
    AccountRecord,
    ApprovalRecord,
    AuditRecord,
    IdentityRecord,
    LogBatch,
    Message,
    RegistryRecord,
)
from weir.contract.subjects import RunKey, parse_run
from weir.ports.blobs import Blobs
from weir.ports.log import Log, Stored
from weir.runtime.archive import Archive, read_parts
from weir.runtime.platform import Platform

SCHEMA = "weir/export/v1"
SECRET = frozenset(
    {"sealed", "key_id", "secrets", "secret_hash", "client_secret", "password_hash", "totp"}
)
_HASH = 64

Line = tuple[str, dict[str, Any]]
"""What kind of thing, and the thing."""


class Exports:
    """Reads a tenant's things, from wherever they lie."""

    def __init__(self, platform: Platform, persons: Persons) -> None:
        self._platform = platform
        self._archive = Archive(platform.blobs)
        self._persons = persons

    async def lines(self, tenant: str) -> AsyncIterator[bytes]:
        """The export, line by line; whole only with the manifest at its end."""
        counts: Counter[str] = Counter()
        yield _line("export", {"schema": SCHEMA, "tenant": tenant})
        async for kind, thing in self.things(tenant):
            counts[kind] += 1
            yield _line(kind, thing)
        yield _line("manifest", {"tenant": tenant, "counts": dict(sorted(counts.items()))})

    async def things(self, tenant: str) -> AsyncIterator[Line]:
        """Everything, in an order in which what is named stands before what names it."""
        for part in (
            self._people(tenant),
            self._registry(tenant),
            self._drafts(tenant),
            self._schedules(tenant),
            self._events(tenant),
            self._runs(tenant),
            self._approvals(tenant),
            self._values(tenant),
            self._step_lines(tenant),
            self._deliveries(tenant),
            self._audit(tenant),
        ):
            async for line in part:
                yield line

    async def _people(self, tenant: str) -> AsyncIterator[Line]:
        identity = self._platform.identity
        for subject in (
            subjects.tenant(tenant),
            subjects.project(tenant, "*"),
            subjects.group(tenant, "*"),
            subjects.policies(tenant),
            subjects.member(tenant, "*"),
        ):
            async for stored, record in _last(identity, subject, IdentityRecord):
                yield _thing(stored, record)
                if (member := record.member_saved) is not None:
                    user = await identity.last(subjects.user(member.user_id))
                    if user is not None:
                        yield _thing(user, IdentityRecord.model_validate_json(user.data))
        async for stored, record in _last(identity, subjects.api_key("*"), IdentityRecord):
            if record.api_key_created is not None and record.api_key_created.tenant == tenant:
                yield _thing(stored, record)
        accounts, provider = self._platform.accounts, subjects.provider(tenant, "*")
        async for stored, account in _last(accounts, provider, AccountRecord):
            yield _thing(stored, account)

    async def _registry(self, tenant: str) -> AsyncIterator[Line]:
        registry = self._platform.registry
        for kind in (
            *("workflow", "version", "credential", "schedule", "letter"),
            *("subscription", "refused"),
        ):
            async for stored, record in _last(
                registry, f"registry.{tenant}.{kind}.*", RegistryRecord
            ):
                yield _thing(stored, record)
        async for stored, record in _last(registry, subjects.webhook("*"), RegistryRecord):
            if record.tenant == tenant:
                yield _thing(stored, record)

    async def _drafts(self, tenant: str) -> AsyncIterator[Line]:
        """The documents of drafts, change by change."""
        async for batch in self._platform.collab.read(subjects.drafts_of(tenant)):
            for stored in batch:
                yield "draft", {"seq": str(stored.seq), **orjson.loads(stored.data)}

    async def _schedules(self, tenant: str) -> AsyncIterator[Line]:
        """What became of the times of schedules: their logs, as far as they are kept."""
        async for batch in self._platform.runs.read(subjects.schedules_of(tenant)):
            for stored in batch:
                yield "schedule_message", {"seq": str(stored.seq), **orjson.loads(stored.data)}

    async def _approvals(self, tenant: str) -> AsyncIterator[Line]:
        """What people were asked, what they said, and where they are told of it."""
        async for batch in self._platform.approvals.read(subjects.approvals_of(tenant)):
            for stored in batch:
                with suppress(ValueError):
                    yield "approval", orjson.loads(stored.data)
        devices = subjects.approval_devices_of(tenant)
        async for _, record in _last(self._platform.approvals, devices, ApprovalRecord):
            saved = record.approval_devices_saved
            for device in saved.devices if saved is not None else ():
                told = without_secrets(device.model_dump(mode="json"))
                yield "push_device", {"user_id": saved.user_id, **told}

    async def _events(self, tenant: str) -> AsyncIterator[Line]:
        """What lies on the tenant's bus, as it was published."""
        async for batch in self._platform.bus.read(subjects.event(tenant, ">")):
            for stored in batch:
                event = {
                    "subject": subjects.parse_event(stored.subject)[1],
                    "sequence": str(stored.seq),
                    "at_ms": stored.at_ms,
                    "headers": dict(stored.headers),
                    "base64": b64encode(stored.data).decode(),
                }
                yield "event", event

    async def _runs(self, tenant: str) -> AsyncIterator[Line]:
        """Runs of the log first, then those that only the archive has."""
        done: set[int] = set()
        starts = f"run.*.{tenant}.*.in.{subjects.start_fact()}"
        async for batch in self._platform.runs.read(starts):
            for stored in batch:
                key, _, _ = parse_run(stored.subject)
                if codec.decode(stored.data).events[0].run_started is not None:
                    done.add(hash((key.run_id, stored.seq)))
                    async for line in self._run(key):
                        yield line
        async for archived in self._archive.everything(tenant):
            if hash((archived.run_id, archived.first_seq)) in done:
                continue
            key = subjects.run_key(tenant, archived.run_id, self._platform.settings.shards)
            yield "run", {"run_id": key.run_id}
            async for part in self._archive.parts(archived):
                for message in part:
                    yield _message(key, message)

    async def _run(self, key: RunKey) -> AsyncIterator[Line]:
        yield "run", {"run_id": key.run_id}
        async for part in read_parts(self._platform.runs, self._archive, key):
            for message in part:
                yield _message(key, message)

    async def _values(self, tenant: str) -> AsyncIterator[Line]:
        """What runs refer to and the log does not hold."""
        blobs: Blobs = self._platform.blobs
        async for key in blobs.keys(f"{tenant}/"):
            name = key.rpartition("/")[2]
            if len(name) != _HASH:
                continue
            try:
                data = await blobs.get(key)
            except KeyError:
                continue  # collected meanwhile: no run refers to it any more
            yield "value", {"key": key, "size": len(data), "base64": b64encode(data).decode()}

    async def _step_lines(self, tenant: str) -> AsyncIterator[Line]:
        async for batch in self._platform.logs.read(subjects.logs(tenant, "*")):
            for stored in batch:
                told = LogBatch.model_validate_json(stored.data)
                for line in told.lines:
                    yield "line", {"run_id": told.run_id, **line.model_dump(mode="json")}

    async def _deliveries(self, tenant: str) -> AsyncIterator[Line]:
        """Deliveries to webhooks that started no run; the others are in their runs."""
        async for batch in self._platform.deliveries.read(subjects.delivery(tenant, "*")):
            for stored in batch:
                yield "delivery", orjson.loads(stored.data)

    async def _audit(self, tenant: str) -> AsyncIterator[Line]:
        async for batch in self._platform.audit.read(subjects.audit_chain(tenant)):
            for stored in batch:
                sealed = AuditRecord.model_validate_json(stored.data).audit_sealed
                for entry in sealed.entries if sealed is not None else ():
                    number = sealed.number if sealed is not None else 0
                    yield "audit", shown(await self._persons.opened(entry), number)


def without_secrets(value: Any) -> Any:
    """A record's content without the fields that prove or open something."""
    if isinstance(value, Mapping):
        return {name: one for name, one in value.items() if name not in SECRET}
    return value


async def _last(log: Log, subject: str, kind: type[Any]) -> AsyncIterator[tuple[Stored, Any]]:
    """The last record of each subject that matches; those before it are passed over."""
    async for batch in log.read(subject):
        for stored in batch:
            last = await log.last(stored.subject)
            if last is not None and last.seq == stored.seq:
                yield stored, kind.model_validate_json(stored.data)


def _thing(stored: Stored, record: Any) -> Line:
    kind: Message | None = record.kind
    told = without_secrets(kind.model_dump(mode="json")) if kind is not None else {}
    name = stored.subject.split(".")[1 if stored.subject.startswith("identity") else 2]
    if stored.subject.startswith("accounts."):
        name = "provider"
    return name, {"at": record.at, "by": record.by, "is": type(kind).__name__, **told}


def _message(key: RunKey, stored: Stored) -> Line:
    return "run_message", {
        "run_id": key.run_id,
        "seq": str(stored.seq),
        "subject": stored.subject,
        "at_ms": stored.at_ms,
        "message": orjson.loads(stored.data),
    }


def _line(kind: str, thing: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"kind": kind, **thing}) + b"\n"
