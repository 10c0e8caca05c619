"""Runs that the archive has leave the log: many at once, never more than is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.scribe import Scribe, event_of
from tests.waiting import everything
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects, times
from weir.contract.codec import decode
from weir.contract.errors import ConflictError, UnavailableError
from weir.contract.messages import RunArchived, RunPurged, RunSucceeded
from weir.ports.log import Append
from weir.runtime.decider.fence import Fence
from weir.runtime.decider.retention import Retention

LEASE = "lease.0"
DAY_MS = 86_400_000


class CountingLog(MemoryLog):
    """A log that counts its requests and refuses one append, if it is told to."""

    def __init__(self, connection: Connection, stream: str) -> None:
        super().__init__(connection, stream)
        self.requests = 0
        self.refuses = -1

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """All but the refused one."""
        self.requests += 1
        stored = await super().append_all([a for at, a in enumerate(appends) if at != self.refuses])
        if self.refuses >= 0:
            stored.insert(self.refuses, UnavailableError("refused"))
            self.refuses = -1
        return stored

    async def discard(self, below: Mapping[str, int]) -> None:
        """The same."""
        self.requests += 1
        await super().discard(below)


class World:
    """A log with archived runs on shard 0, and the lease on it."""

    def __init__(self) -> None:
        self.clock = LoopClock()
        self.log = CountingLog(Broker(self.clock).connect(), subjects.RUNS)
        self.retention = Retention(self.log, self.clock, hot_ms=DAY_MS, horizon_ms=7 * DAY_MS)

    async def lease(self) -> Fence:
        """Another owner."""
        return Fence(LEASE, await self.log.append(Append(LEASE, b"")))

    async def archived(self, count: int, *, first: int = 0, days_ago: int = 2) -> None:
        """So many runs that have ended and lie in the archive."""
        ended_at = times.from_ms(self.clock.now_ms() - days_ago * DAY_MS)
        for number in range(first, first + count):
            scribe = Scribe(self.log, f"r{number}", shards=1)
            await scribe.start()
            last = await scribe.decide(event_of(RunSucceeded(output=1)))
            told = RunArchived(through=str(last), status="succeeded", ended_at=ended_at)
            await scribe.fact(subjects.archived_fact(), told)

    async def left(self) -> list[str]:
        """What kinds of messages are left of runs."""
        messages = await everything(self.log.read("run.>"))
        return [type(event.kind).__name__ for m in messages for event in decode(m.data).events]


async def test_many_runs_are_purged_with_few_requests() -> None:
    """Each leaves its tombstone and nothing else."""
    world = World()
    await world.archived(600)
    assert await world.retention.sweep(0, await world.lease()) == 600
    assert world.log.requests == 6
    assert await world.left() == [RunPurged.__name__] * 600
    assert await world.retention.sweep(0, await world.lease()) == 0


async def test_what_has_just_ended_stays() -> None:
    """And what was archived behind it: oldest first."""
    world = World()
    await world.archived(3)
    await world.archived(2, first=3, days_ago=0)
    await world.archived(1, first=5)
    assert await world.retention.sweep(0, await world.lease()) == 3
    kinds = await world.left()
    assert (len(kinds), kinds.count(RunPurged.__name__)) == (12, 3)


async def test_another_owner_purges_nothing() -> None:
    """Who has lost its shard is refused before anything goes."""
    world = World()
    await world.archived(3)
    lost = await world.lease()
    await world.lease()
    before = await world.left()
    with pytest.raises(ConflictError):
        await world.retention.sweep(0, lost)
    assert await world.left() == before


async def test_one_that_cannot_be_purged_keeps_no_others() -> None:
    """It is told, and its turn comes with the next pass."""
    world = World()
    await world.archived(5)
    fence = await world.lease()
    world.log.refuses = 2
    with pytest.raises(UnavailableError):
        await world.retention.sweep(0, fence)
    assert (await world.left()).count(RunPurged.__name__) == 4
    assert await world.retention.sweep(0, fence) == 1
    assert await world.left() == [RunPurged.__name__] * 5
