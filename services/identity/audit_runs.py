"""What the run log says of runs, told to the audit: that they were started, and how they ended.

The hot path notes nothing for it. One process reads the facts of starts and of
archived ends in large batches, and stores the notes that come of a batch
together with its place, all or none: each run is told once. Tenants say whose
runs they want to see: all, those that people and keys started, or none. An
end is told when the archive has the run: that is one message, a minute or two
later, where everything else that is stored of a run would be many. What people
tell a run meanwhile is noted by the edge.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import structlog

from services.identity.audit_turns import KEPT_S, Turn, batches
from weir.contract import codec, ids, subjects, times
from weir.contract.errors import WeirError
from weir.contract.messages import (
    AuditEntry,
    AuditNoted,
    AuditRecord,
    Envelope,
    IdentityRecord,
    RunArchived,
    RunStarted,
)
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.runtime.audit_entry import ALLOWED, FAILED
from weir.runtime.records import Records

ALL, BY_PEOPLE, NONE = "all", "by_people", "none"
AGAIN_S = 2.0
GATHER_S = 0.25  # between batches: under load they are large, and cost little each
OPEN = 100_000  # runs whose starter is remembered until they end
TOGETHER = 200
# One filter, for two cost the broker more than what is passed over: see `subjects.EVERY_FACT`.
FACTS = "run.*.*.*.in.*"
TOLD = frozenset({subjects.start_fact(), subjects.archived_fact()})

_PEOPLE = ("usr_", "svc_", "key_")
# What a start by somebody holds somewhere; others need not be read.
_HINTS = tuple(f'"started_by":"{prefix}'.encode() for prefix in _PEOPLE)

_log = structlog.get_logger()


class RunsTold:
    """The work of one process."""

    def __init__(self, runs: Log, notes: Log, identity: Log, turn: Turn, clock: Clock) -> None:
        self._runs = runs
        self._notes = notes
        self._tenants = Records(identity, IdentityRecord)
        self._turn = turn
        self._clock = clock
        self._open: OrderedDict[str, str] = OrderedDict()

    async def run(self) -> None:
        """For ever; what fails is begun again from the place that was stored."""
        while True:
            try:
                if await self._turn.taken(await self._runs.last_seq()):
                    await self._follow()
            except WeirError as error:
                _log.warning("runs are not told to the audit for now", problem=str(error))
            await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        last = await self._runs.last_seq()
        if last < self._turn.through:
            await self._turn.move(last)
        following = self._runs.follow(FACTS, after=self._turn.through, rest_s=GATHER_S)
        async for batch in batches(following, KEPT_S):
            if batch:
                await self.tell(batch)
                await asyncio.sleep(GATHER_S)
            else:
                await self._turn.keep()

    async def tell(self, batch: Sequence[Stored]) -> None:
        """Note what these facts say, and that it was done. ConflictError: another has the turn."""
        told: dict[str, list[AuditEntry]] = {}
        for stored in batch:
            key, _, fact = subjects.parse_run(stored.subject)
            if fact not in TOLD:
                continue
            wanted = await self._wanted(key.tenant)
            if wanted == NONE:
                continue
            entry = await self._entry(stored, key, fact, wanted)
            if entry is not None:
                told.setdefault(key.tenant, []).append(entry)
        appends = [
            self._note(tenant, entries[at : at + TOGETHER])
            for tenant, entries in told.items()
            for at in range(0, len(entries), TOGETHER)
        ]
        through = batch[-1].seq
        if not appends:
            self._turn.through = through  # told in a while: what is read again says nothing again
            await self._turn.keep()
            return
        stored_at = await self._notes.append_atomic([*appends, self._turn.append(through)])
        await self._turn.moved(stored_at[-1], through)

    async def _wanted(self, tenant: str) -> str:
        entry = await self._tenants.get(subjects.tenant(tenant))
        saved = entry.record.tenant_saved if entry is not None else None
        return (saved.audit_runs if saved is not None else "") or BY_PEOPLE

    async def _entry(
        self, stored: Stored, key: subjects.RunKey, fact: str, wanted: str
    ) -> AuditEntry | None:
        if fact == subjects.start_fact():
            if wanted == BY_PEOPLE and not any(hint in stored.data for hint in _HINTS):
                self._remember(key.run_id, "")
                return None
            return self._started(key, _read(stored), wanted)
        by = self._open.pop(key.run_id, None)
        if by is None:
            by = await self._starter(key)
        if wanted == BY_PEOPLE and not by.startswith(_PEOPLE):
            return None
        return _ended(key, _read(stored))

    def _started(
        self, key: subjects.RunKey, envelope: Envelope | None, wanted: str
    ) -> AuditEntry | None:
        kind = _kind(envelope)
        if envelope is None or not isinstance(kind, RunStarted):
            return None  # the tombstone of one that was purged lies here too
        self._remember(key.run_id, kind.started_by)
        if wanted == BY_PEOPLE and not kind.started_by.startswith(_PEOPLE):
            return None
        changes = {"workflow": {"new": envelope.workflow_id}, "trigger": {"new": kind.trigger_kind}}
        return AuditEntry(
            id=ids.derived("aud", key.tenant, key.run_id, "started"),
            at=envelope.at,
            event="run.started",
            tenant=key.tenant,
            actor=kind.started_by,
            outcome=ALLOWED,
            resource=key.run_id,
            changes=changes,
        )

    async def _starter(self, key: subjects.RunKey) -> str:
        """Who started a run that began before this process did; empty if that is known no more."""
        stored = await self._runs.last(key.fact(subjects.start_fact()))
        kind = _kind(_read(stored)) if stored is not None else None
        return kind.started_by if isinstance(kind, RunStarted) else ""

    def _remember(self, run_id: str, by: str) -> None:
        self._open[run_id] = by
        if len(self._open) > OPEN:
            self._open.popitem(last=False)

    def _note(self, tenant: str, entries: Sequence[AuditEntry]) -> Append:
        at = times.from_ms(self._clock.now_ms())
        noted = AuditNoted(entries=tuple(entries))
        record = AuditRecord.of(noted, id=self._clock.new_id("aur"), at=at)
        return Append(subjects.audit_note(tenant), codec.encode(record))


def _ended(key: subjects.RunKey, envelope: Envelope | None) -> AuditEntry | None:
    kind = _kind(envelope)
    if envelope is None or not isinstance(kind, RunArchived):
        return None
    return AuditEntry(
        id=ids.derived("aud", key.tenant, key.run_id, "ended"),
        at=kind.ended_at or envelope.at,
        event=f"run.{kind.status}",
        tenant=key.tenant,
        actor="system",
        outcome=FAILED if kind.status == "failed" else ALLOWED,
        resource=key.run_id,
        changes={"workflow": {"new": envelope.workflow_id}},
    )


def _kind(envelope: Envelope | None) -> object:
    return envelope.events[0].kind if envelope is not None and envelope.events else None


def _read(stored: Stored) -> Envelope | None:
    try:
        return codec.decode(stored.data)
    except ValueError:
        return None  # its owner tells of it
