"""Whose turn it is, and how far the work has come: for readers whose work is to be done once.

The place lies in NOTES as one message that is replaced; whoever replaces it on
top of exactly the one that was read has the turn. One that was not replaced for
a while was left by a process that is gone, or stands still: another takes it
over, and the first hears of it when it wants to move on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from weir.contract import codec, subjects, times
from weir.contract.errors import ConflictError
from weir.contract.messages import AuditReadTo, AuditRecord
from weir.ports.clock import Clock
from weir.ports.log import Append, Following, Log, Stored

LEFT_S = 15.0
KEPT_S = 4.0


class Turn:
    """One process's view of one reader's place."""

    def __init__(self, notes: Log, reader: str, clock: Clock) -> None:
        self._notes = notes
        self._reader = reader
        self._subject = subjects.audit_position(reader)
        self._clock = clock
        self._mine = 0
        self._seen = (0, 0.0)
        self._told = 0.0
        self.through = 0

    async def taken(self, begin: int = 0) -> bool:
        """Whether the turn is ours now; then `through` is where to go on, at first `begin`."""
        last = await self._notes.last(self._subject)
        if last is not None and last.seq != self._mine and not self._left(last):
            return False
        if last is not None and last.seq == self._mine:
            return True
        self.through = _through(last) if last is not None else begin
        try:
            await self._put(last.seq if last is not None else 0)
        except ConflictError:
            return False
        return True

    def append(self, through: int) -> Append:
        """The move to a place, for whoever stores it together with what led there."""
        read = AuditReadTo(reader=self._reader, through=str(through))
        record = AuditRecord.of(
            read, id=self._clock.new_id("aur"), at=times.from_ms(self._clock.now_ms())
        )
        return Append(self._subject, codec.encode(record), expect=self._mine)

    async def move(self, through: int) -> None:
        """All up to here is done. ConflictError: another has the turn."""
        before, self.through = self.through, through
        try:
            await self._put(self._mine)
        except BaseException:
            self.through = before
            raise

    async def moved(self, seq: int, through: int) -> None:
        """The move was stored with something else, under this sequence."""
        self._mine, self.through = seq, through
        await self._notes.purge(self._subject, below=seq)

    async def keep(self) -> None:
        """Say that the turn is still ours, if that was not said of late. ConflictError."""
        if asyncio.get_running_loop().time() - self._told > KEPT_S:
            await self._put(self._mine)

    async def _put(self, expect: int) -> None:
        append = self.append(self.through)._replace(expect=expect, rollup=True)
        self._mine = await self._notes.append(append)
        self._told = asyncio.get_running_loop().time()

    def _left(self, last: Stored) -> bool:
        """Whether it was not replaced for a while, as seen from here."""
        now = asyncio.get_running_loop().time()
        if self._seen[0] != last.seq:
            self._seen = last.seq, now
        return now - self._seen[1] > LEFT_S


async def batches(following: Following, patience_s: float) -> AsyncIterator[Sequence[Stored]]:
    """What comes, and an empty one when nothing came for so long: the turn is to be kept."""
    coming = aiter(following)
    reading: asyncio.Future[Sequence[Stored]] | None = None
    try:
        while True:
            reading = reading or asyncio.ensure_future(anext(coming))
            done, _ = await asyncio.wait([reading], timeout=patience_s)
            if done:
                batch, reading = reading.result(), None
                yield batch
            else:
                yield ()
    finally:
        if reading is not None:
            reading.cancel()
        await following.close()


def _through(stored: Stored) -> int:
    read = AuditRecord.model_validate_json(stored.data).audit_read_to
    return int(read.through) if read is not None else 0
