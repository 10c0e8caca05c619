"""Reading runs back from the log: one, or many with as few readings as that takes.

A broker is quick at handing out a stretch of its stream and slow at beginning
to: it counts then what lies ahead, by going through all its subjects if that is
more than half, 0.2 s where they are half a million, in which it stores nothing.
So runs that lie close together are read in one pass over everything between
them, also those of later pages, and those that began long before the others
each alone.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import AsyncGenerator, Mapping, Sequence
from operator import itemgetter
from typing import Self, cast

from weir.contract.subjects import RunKey
from weir.ports.log import Log, Stored

_PASS_PER_RUN = 400  # messages a pass hands out in the time that one reading of one run takes
_AT_ONCE = 8
_ROOM = 16 * 2**20
_AROUND = 512  # bytes that a message takes beside its data, about


async def gather(
    log: Log, first_seqs: Mapping[RunKey, int], *, upto: int
) -> dict[RunKey, list[Stored]]:
    """Everything the log holds of these runs up to a sequence, in order.

    `first_seqs` says from where on each run can lie in the log.
    """
    async with Passing(log, room=0) as passing:
        return await passing.gather(first_seqs, upto=upto)


class Passing:
    """One pass over the log, for page after page of runs that lie along it. Close it.

    What it comes by and nobody has asked for yet is held, `room` bytes of it.
    """

    def __init__(self, log: Log, *, room: int = _ROOM) -> None:
        self._log = log
        self._room = room
        self._batches: AsyncGenerator[Sequence[Stored], None] | None = None
        self._since = 0  # what began before is read alone
        self._reached = 0
        self._held: dict[str, list[Stored]] = {}  # by the run's prefix, in the order of their first
        self._size = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._batches is not None:
            await self._batches.aclose()

    async def gather(
        self, first_seqs: Mapping[RunKey, int], *, upto: int
    ) -> dict[RunKey, list[Stored]]:
        """See the function of this name. Pages come in the order of the log, about."""
        oldest = sorted(first_seqs.items(), key=itemgetter(1))
        alone = self._alone([first for _, first in oldest], upto)
        together = dict(oldest[alone:])
        found = await self._pass_by(together, upto) if together else {}
        found |= await _read_each(self._log, dict(oldest[:alone]), upto)
        return {key: found[key] for key in first_seqs}

    def _alone(self, firsts: Sequence[int], upto: int) -> int:
        """How many of the oldest are read each alone, for least to be handed out in all."""
        if self._batches is None:
            starts = [*firsts, upto + 1]  # of a pass over the others
            return min(range(len(starts)), key=lambda count: count * _PASS_PER_RUN - starts[count])
        before = bisect_left(firsts, self._since)
        far = upto - self._reached > _PASS_PER_RUN * (len(firsts) - before)
        return len(firsts) if far else before

    async def _pass_by(
        self, first_seqs: Mapping[RunKey, int], upto: int
    ) -> dict[RunKey, list[Stored]]:
        if self._batches is None:
            self._since = min(first_seqs.values())
            # All that lies there: to find the last message of `run.>`, where the reading would
            # end, took the broker 0.2 s beside 450,000 subjects, of `>` 0.002 s.
            reading = self._log.read(">", after=self._since - 1)
            self._batches = cast("AsyncGenerator[Sequence[Stored], None]", reading)
        wanted = {key.prefix: self._taken(key) for key in first_seqs}
        while self._reached < upto and (batch := await anext(self._batches, None)) is not None:
            self._reached = batch[-1].seq
            for message in batch:
                run = ".".join(message.subject.split(".", 4)[:4])
                if run in wanted:
                    wanted[run].append(message)
                else:
                    self._hold(run, message)
        return {
            key: [one for one in wanted[key.prefix] if first <= one.seq <= upto]
            for key, first in first_seqs.items()
        }

    def _taken(self, key: RunKey) -> list[Stored]:
        held = self._held.pop(key.prefix, [])
        self._size -= sum(map(_size, held))
        return held

    def _hold(self, run: str, message: Stored) -> None:
        self._held.setdefault(run, []).append(message)
        self._size += _size(message)
        while self._size > self._room:
            oldest = self._held.pop(next(iter(self._held)))
            self._size -= sum(map(_size, oldest))
            self._since = max(self._since, oldest[0].seq + 1)


def _size(message: Stored) -> int:
    return len(message.data) + _AROUND


async def _read_each(
    log: Log, first_seqs: Mapping[RunKey, int], upto: int
) -> dict[RunKey, list[Stored]]:
    found: dict[RunKey, list[Stored]] = {key: [] for key in first_seqs}
    room = asyncio.Semaphore(_AT_ONCE)

    async def read(key: RunKey) -> None:
        async with room:
            async for batch in log.read(key.everything, after=first_seqs[key] - 1, upto=upto):
                found[key] += batch

    try:
        async with asyncio.TaskGroup() as readings:
            for key in first_seqs:
                readings.create_task(read(key))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return found
