"""Puts what services noted into the chains of their tenants.

Each round reads what lies in NOTES; nothing is remembered between rounds but
what a chain itself says. A link is appended on top of exactly the link that was
read, so of any number of processes one is first and the others look again; the
link names the last note in it, and the notes it holds are removed before
anything is added to that chain again. Whoever dies at any point loses nothing
and repeats nothing: notes up to `through` are in the chain, and where the
sequences of NOTES may have been given out anew (another incarnation) the ids of
the last link's entries tell.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

import structlog

from services.identity.audit_chain import BrokenLinkError, Head, head_of, link
from services.identity.audit_persons import Persons
from weir.contract import codec, subjects, times
from weir.contract.errors import ConflictError, OutcomeUnknownError, WeirError
from weir.contract.messages import AuditEntry, AuditNoted, AuditRecord, AuditSealed
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.runtime import metrics

EVERY_S = 1.0
TOGETHER = 500
BYTES = 512 * 1024
ANCHORED = 1_000
ROUND = 5_000  # notes that are read at once,
ROUND_BYTES = 32 * 1024 * 1024  # and how large they are together
REMEMBERED = 20_000  # entries of late: of one that was told twice the second is left out

_log = structlog.get_logger()


class Noted(NamedTuple):
    """A note as it lies in the stream."""

    seq: int
    at_ms: int
    entries: tuple[AuditEntry, ...]


class Chainer:
    """The work of one process; see above."""

    def __init__(self, notes: Log, audit: Log, persons: Persons, clock: Clock) -> None:
        self._notes = notes
        self._audit = audit
        self._persons = persons
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._broken: set[str] = set()
        self.behind = False
        self.beaten = 0

    def warnings(self) -> list[str]:
        """What an operator should know; nobody is kept from signing in by it."""
        told = [f"the chain of audit of {one} is damaged at its end" for one in self._broken]
        return [*told, *(["notes of audit are not chained for now"] if self.behind else [])]

    async def run(self) -> None:
        """Round after round, for ever."""
        while True:
            try:
                more = await self.round()
            except WeirError as error:
                more, self.behind = False, True
                _log.warning("audit is not chained for now", problem=str(error))
            if not more:
                await asyncio.sleep(EVERY_S)

    async def round(self) -> bool:
        """Chain what is noted now; whether there is more than one round takes.

        Raises what reading the notes raises.
        """
        self.behind = False
        incarnation = await self._notes.incarnation()
        found: dict[str, list[Stored]] = {}
        count = size = 0
        async for batch in self._notes.read(subjects.EVERY_NOTE):
            for stored in batch:
                found.setdefault(stored.subject.partition(".")[2], []).append(stored)
            count += len(batch)
            size += sum(len(stored.data) for stored in batch)
            if count >= ROUND or size >= ROUND_BYTES:
                break
        oldest = min((told[0].at_ms for told in found.values()), default=self._clock.now_ms())
        metrics.AUDIT_LAG.set(max(0, self._clock.now_ms() - oldest) / 1000)
        if await self._notes.incarnation() != incarnation:
            return True  # what was read may have been given another place meanwhile
        for tenant, noted in found.items():
            try:
                await self._chain(tenant, noted, incarnation)
            except ConflictError:
                self.beaten += 1  # another process has chained these
            except BrokenLinkError as error:
                self._tell_broken(tenant, error)
            except (WeirError, ValueError, TypeError) as error:
                self.behind = True
                _log.warning("audit is not chained for now", tenant=tenant, problem=str(error))
        return count >= ROUND or size >= ROUND_BYTES

    async def _chain(self, tenant: str, stored: Sequence[Stored], incarnation: str) -> None:
        """All of a tenant's notes; ConflictError if another process is at it."""
        subject, notes = subjects.audit_chain(tenant), subjects.audit_note(tenant)
        last = await self._audit.last(subject)
        head = head_of(tenant, last.data) if last is not None else Head()
        self._broken.discard(tenant)
        at = last.seq if last is not None else 0
        noted = [_read(one) for one in stored]
        held = list(takewhile(lambda one: _is_held(one, head, incarnation), noted))
        if held:
            # They go first: so it is the last link alone that can hold what still lies here.
            await self._notes.purge(notes, below=held[-1].seq + 1)
        for part in _links(noted[len(held) :]):
            through = part[-1].seq
            entries = await self._sealed(tenant, part, head)
            if entries:
                sealed = AuditSealed(
                    entries=tuple(entries), through=str(through), incarnation=incarnation
                )
                record_id, now = self._clock.new_id("aur"), times.from_ms(self._clock.now_ms())
                data, after = link(tenant, head, sealed, record_id=record_id, at=now)
                at = await self._appended(subject, data, at)
                if is_anchor(head, after):
                    # Whoever keeps log lines elsewhere notices by them that a chain was cut.
                    _log.info("audit anchor", tenant=tenant, anchor=anchor_of(after))
                head = after
                self._remember(tenant, head)
                metrics.AUDIT_LINKS.inc()
            await self._notes.purge(notes, below=through + 1)

    async def _sealed(self, tenant: str, part: Sequence[Noted], head: Head) -> list[AuditEntry]:
        entries: dict[str, AuditEntry] = {}
        for entry in (entry for noted in part for entry in noted.entries):
            known = entry.id in head.entry_ids or (tenant, entry.id) in self._known
            if not known and entry.id not in entries:
                entries[entry.id] = await self._persons.sealed(entry)
        return list(entries.values())

    def _remember(self, tenant: str, head: Head) -> None:
        self._known.update(((tenant, entry_id), None) for entry_id in head.entry_ids)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _appended(self, subject: str, data: bytes, expect: int) -> int:
        try:
            return await self._audit.append(Append(subject, data, expect=expect))
        except OutcomeUnknownError:
            last = await self._audit.last(subject)
            if last is None or last.data != data:
                raise
            return last.seq

    def _tell_broken(self, tenant: str, error: BrokenLinkError) -> None:
        if tenant not in self._broken:
            self._broken.add(tenant)
            _log.error(
                "the last link of a chain of audit is damaged: nothing is added to it, and what "
                "happens is kept as notes",
                tenant=tenant,
                problem=str(error),
            )


def is_anchor(before: Head, after: Head) -> bool:
    """Whether a link is told outside: the first one of a day, and every thousandth."""
    return before.at[:10] != after.at[:10] or after.number % ANCHORED == 0


def anchor_of(head: Head) -> str:
    """A place in a chain, as `weir audit verify` takes it."""
    return f"{head.number}:{head.digest}"


def _is_held(noted: Noted, head: Head, incarnation: str) -> bool:
    """Whether the last link, or one before it, holds this note."""
    if head.incarnation == incarnation:
        return noted.seq <= head.through
    return bool(noted.entries) and all(entry.id in head.entry_ids for entry in noted.entries)


def _read(stored: Stored) -> Noted:
    """A note; what is none holds nothing, and is told."""
    try:
        kind = AuditRecord.model_validate_json(stored.data).kind
    except ValueError:
        kind = None
    if not isinstance(kind, AuditNoted):
        metrics.RECORDS_UNREADABLE.labels("note").inc()
        _log.error("audit note unreadable", subject=stored.subject, seq=stored.seq)
        return Noted(stored.seq, stored.at_ms, ())
    tenant = stored.subject.partition(".")[2]
    # The subject is what the broker lets a service write on; what the note says counts for less.
    entries = tuple(
        entry if entry.tenant == tenant else entry.model_copy(update={"tenant": tenant})
        for entry in kind.entries
    )
    return Noted(stored.seq, stored.at_ms, entries)


def _links(noted: Sequence[Noted]) -> Iterator[list[Noted]]:
    """Parts that a link can hold each: whole notes, in their order."""
    part: list[Noted] = []
    count = size = 0
    for one in noted:
        weighs = sum(len(codec.encode(entry)) for entry in one.entries)
        if part and (count + len(one.entries) > TOGETHER or size + weighs > BYTES):
            yield part
            part, count, size = [], 0, 0
        part.append(one)
        count += len(one.entries)
        size += weighs
    if part:
        yield part
