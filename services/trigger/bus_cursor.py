"""How far a subscription has come, written down in CURSORS.

A cursor only ever moves on within a generation: each writing expects the one
before it, and whoever finds that another process was faster reads again from
where that one has come. What lies between the last writing and a kill is dealt
with once more, under the same ids.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from services.trigger.bus_events import Subscription
from weir.contract import codec, subjects, times
from weir.contract.errors import ConflictError, OutcomeUnknownError
from weir.contract.messages import CursorRecord
from weir.ports.clock import Clock
from weir.ports.log import Append, Log


class MovedError(ConflictError):
    """Another process has moved the cursor: read again from there."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of events."""

    events: int = 0
    started: int = 0
    dropped: int = 0
    refused: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(
            self.events + other.events,
            self.started + other.started,
            self.dropped + other.dropped,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Everything up to `after` is dealt with; `batch` ends what is under way, 0: nothing is."""

    after: int
    batch: int = 0
    counts: Counts = Counts()
    last_seq: int = 0
    last_ms: int = 0

    def at(self, after: int, counts: Counts, last_seq: int = 0, last_ms: int = 0) -> Place:
        """Further on."""
        return Place(
            after,
            0,
            self.counts.plus(counts),
            last_seq or self.last_seq,
            last_ms or self.last_ms,
        )


class Cursor:
    """The cursor of one subscription, in one generation."""

    def __init__(self, cursors: Log, bus: Log, clock: Clock, of: Subscription) -> None:
        self._cursors = cursors
        self._bus = bus
        self._clock = clock
        self._of = of
        self._subject = subjects.cursor(of.tenant, of.id)
        self._revision = 0
        self.place = Place(0)
        self._written: Place | None = None
        self._writing = asyncio.Lock()
        self._moved = asyncio.Event()

    @property
    def is_written(self) -> bool:
        """Whether nothing has moved since the last writing."""
        return self._written == self.place

    async def moves(self) -> None:
        """Wait until there is something to write down: most subscriptions hear nothing for long."""
        while self.is_written:
            self._moved.clear()
            await self._moved.wait()

    async def find(self) -> Place:
        """Where to go on: as it was written down, else where the subscription begins."""
        stored = await self._cursors.last(self._subject)
        self._revision = stored.seq if stored else 0
        record = CursorRecord.model_validate_json(stored.data) if stored else None
        if record is not None and record.generation == self._of.saved.generation:
            self.place = self._written = _place(record)
        else:
            self.place = Place(await self._begin())
            self._written = None
        return self.place

    async def _begin(self) -> int:
        saved = self._of.saved
        if saved.after:
            return int(saved.after)
        if saved.since:
            return await self._bus.before(times.to_ms(saved.since))
        return 0

    def move(self, place: Place) -> None:
        """Be there; `write` makes it last."""
        self.place = place
        self._moved.set()

    def intend(self, batch: int) -> None:
        """A batch up to this sequence is under way."""
        self.move(replace(self.place, batch=batch))

    async def write(self) -> None:
        """Write it down; MovedError if another process has done so."""
        async with self._writing:
            if not self.is_written:
                await self._write(self.place)

    async def _write(self, place: Place) -> None:
        record = CursorRecord(
            id=self._clock.new_id("cur"),
            tenant=self._of.tenant,
            at=times.from_ms(self._clock.now_ms()),
            subscription_id=self._of.id,
            generation=self._of.saved.generation,
            after=str(place.after),
            batch=str(place.batch) if place.batch else "",
            event_sequence=str(place.last_seq) if place.last_seq else "",
            events=float(place.counts.events),
            started=float(place.counts.started),
            dropped=float(place.counts.dropped),
            refused=float(place.counts.refused),
            **({"event_at": times.from_ms(place.last_ms)} if place.last_ms else {}),
        )
        append = Append(self._subject, codec.encode(record), expect=self._revision)
        try:
            self._revision = await self._cursors.append(append)
        except (ConflictError, OutcomeUnknownError) as error:
            raise MovedError(f"the cursor of {self._of.id} was moved: {error.message}") from None
        self._written = place


def _place(record: CursorRecord) -> Place:
    return Place(
        after=int(record.after or 0),
        batch=int(record.batch or 0),
        counts=Counts(
            int(record.events), int(record.started), int(record.dropped), int(record.refused)
        ),
        last_seq=int(record.event_sequence or 0),
        last_ms=times.to_ms(record.event_at) if record.event_at else 0,
    )
