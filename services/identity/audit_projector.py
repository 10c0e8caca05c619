"""Copies what stands in the chains to where it is searched.

It follows the AUDIT stream and remembers with the rows how far it has come, and
what it read there: where another message lies in that place now, the stream is
another one, and the copy is made anew. The database may be away: chains grow
without it, and it is made up for.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import structlog

from weir.contract import codec, subjects, times
from weir.contract.errors import WeirError
from weir.contract.messages import AuditEntry, AuditRecord
from weir.ports.audit_views import AuditPlace, AuditRow, AuditViews
from weir.ports.log import Log, Stored
from weir.runtime import metrics

AGAIN_S = 1.0
_WORD = re.compile(r"[a-z0-9_@:-]{2,100}")
_ASKED = re.compile(_WORD.pattern + r"\*?")
_WORDS = 100

_log = structlog.get_logger()


class AuditProjector:
    """The work of one process."""

    def __init__(self, audit: Log, views: AuditViews) -> None:
        self._audit = audit
        self._views = views
        self.behind = False

    async def run(self) -> None:
        """Follow for ever; what fails is begun again from the place that was stored."""
        while True:
            try:
                await self._follow()
            except WeirError as error:
                if not self.behind:
                    _log.warning("the audit is not searchable up to now", problem=str(error))
                self.behind = True
                await asyncio.sleep(AGAIN_S)

    async def catch_up(self) -> None:
        """Store what lies in the stream now."""
        place = await self._begin()
        async for batch in self._audit.read(subjects.EVERY_CHAIN, after=place.seq):
            await self._store(batch)

    async def _follow(self) -> None:
        place = await self._begin()
        following = self._audit.follow(subjects.EVERY_CHAIN, after=place.seq)
        try:
            async for batch in following:
                await self._store(batch)
                self.behind = False
        finally:
            await following.close()

    async def _begin(self) -> AuditPlace:
        place = await self._views.place()
        self.behind = False
        if not place.seq:
            return place
        there = await self._audit.get(place.seq)
        if there is not None and codec.digest(there.data) == place.digest:
            return place
        _log.warning("the audit's stream is another one: its copy is made anew")
        await self._views.clear()
        return AuditPlace()

    async def _store(self, batch: Sequence[Stored]) -> None:
        for stored in batch:
            place = AuditPlace(stored.seq, codec.digest(stored.data))
            await self._views.store(list(rows_of(stored)), place)


def rows_of(stored: Stored) -> Iterator[AuditRow]:
    """The entries of a link, as they are searched; of what is no link none."""
    tenant = stored.subject.partition(".")[2]
    try:
        sealed = AuditRecord.model_validate_json(stored.data).audit_sealed
    except ValueError:
        sealed = None
    if sealed is None:
        metrics.RECORDS_UNREADABLE.labels("audit").inc()
        _log.error("link of audit unreadable", subject=stored.subject, seq=stored.seq)
        return
    for entry in sealed.entries:
        yield AuditRow(
            tenant=tenant,
            at_ms=moment_of(entry),
            entry_id=entry.id,
            number=sealed.number,
            event=entry.event,
            actor=entry.actor,
            resource=entry.resource,
            outcome=entry.outcome,
            words=tuple(words_of(entry)),
            entry=codec.encode(entry).decode(),
        )


def moment_of(entry: AuditEntry) -> int:
    """When it happened, ms; 0 where that cannot be read."""
    with suppress(ValueError):
        return times.to_ms(entry.at)
    return 0


def words_of(entry: AuditEntry) -> list[str]:
    """What a text is looked for in; nothing that is sealed."""
    told = [entry.event, entry.actor, entry.resource, entry.outcome, entry.request_id, entry.reason]
    told += _plain(entry.changes)
    return _split(" ".join(told) + " " + entry.event.replace(".", " "))


def asked_words(text: str) -> tuple[str, ...]:
    """A text somebody looks for, in the same words; `*` behind one makes it a beginning."""
    return tuple(dict.fromkeys(_ASKED.findall(text.lower())))[:10]


def _split(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text.lower())))[:_WORDS]


def _plain(told: Any) -> list[str]:
    """Fields and their values, but for sealed ones."""
    if not isinstance(told, dict):
        return []
    found: list[str] = []
    for field, sides in told.items():
        found.append(str(field))
        if isinstance(sides, dict):
            found += [
                str(value)[:300] for value in sides.values() if isinstance(value, str | int | float)
            ]
    return found
