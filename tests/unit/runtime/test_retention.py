"""Runs that the archive has leave the log: many at once, each when it is due, by one reading."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from tests.scribe import Scribe, event_of
from tests.sim.virtual_loop import run
from tests.waiting import everything
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects, times
from weir.contract.codec import decode
from weir.contract.errors import UnavailableError
from weir.contract.messages import RunArchived, RunPurged, RunSucceeded
from weir.ports.log import Append
from weir.runtime.broker_time import BrokerTime
from weir.runtime.decider.fence import Fence, FencedError
from weir.runtime.decider.lease import Lease
from weir.runtime.decider.retention import Retention

DAY_MS = 86_400_000
DAY_S = 86_400
SHARDS = 4
GONE = RunPurged.__name__


class CountingLog(MemoryLog):
    """A log that counts its requests and refuses one append, if it is told to."""

    def __init__(self, connection: Connection, stream: str) -> None:
        super().__init__(connection, stream)
        self.requests = 0
        self.readings = 0
        self.refuses = -1

    def follow(self, subjects: str | Sequence[str], *, after: int = 0, rest_s: float = 0.0) -> Any:
        """The same."""
        self.readings += 1
        return super().follow(subjects, after=after, rest_s=rest_s)

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
    """A log with archived runs on some shards, and leases on them."""

    def __init__(self) -> None:
        self.clock = LoopClock()
        self.log = CountingLog(Broker(self.clock).connect(), subjects.RUNS)
        self.retention = Retention(self.log, self.clock, hot_ms=DAY_MS, horizon_ms=7 * DAY_MS)
        self.failed: dict[int, asyncio.Future[None]] = {}

    async def lease(self, shard: int) -> Lease:
        """Another ownership of a shard."""
        subject = f"lease.{shard}"
        fence = Fence(subject, await self.log.append(Append(subject, b"")))
        failed = self.failed[shard] = asyncio.get_running_loop().create_future()
        return Lease(fence, BrokerTime(self.clock), failed)

    async def own(self, *shards: int) -> None:
        """Take shards and have them purged."""
        for shard in shards or range(SHARDS):
            self.retention.join(shard, await self.lease(shard))

    async def archived(self, count: int, *, first: int = 0, days_ago: float = 2) -> None:
        """So many runs that have ended and lie in the archive."""
        ended_at = times.from_ms(self.clock.now_ms() - int(days_ago * DAY_MS))
        for number in range(first, first + count):
            scribe = Scribe(self.log, f"r{number}", shards=SHARDS)
            await scribe.start()
            last = await scribe.decide(event_of(RunSucceeded(output=1)))
            told = RunArchived(through=str(last), status="succeeded", ended_at=ended_at)
            await scribe.fact(subjects.archived_fact(), told)

    async def left(self, shard: int | str = "*") -> list[str]:
        """What kinds of messages are left of runs."""
        messages = await everything(self.log.read(f"run.{shard}.>"))
        return [type(event.kind).__name__ for m in messages for event in decode(m.data).events]

    async def purged(self) -> int:
        """How many runs are gone."""
        return (await self.left()).count(GONE)


def story(tell: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    """In virtual time, which passes when nobody has anything to do."""

    async def told() -> None:
        await tell(World())

    run(told())


def test_many_runs_of_all_shards_are_purged_with_few_requests_and_one_reading() -> None:
    """Each leaves its tombstone and nothing else."""

    async def tell(world: World) -> None:
        await world.archived(600)
        await world.own()
        await asyncio.sleep(60)
        assert await world.left() == [GONE] * 600
        assert (world.log.readings, world.log.requests) == (1, 20)
        assert {key for key in range(SHARDS) if await world.left(key)} == set(range(SHARDS))

    story(tell)


def test_what_has_just_ended_stays_until_it_is_due() -> None:
    """And what was archived behind it: oldest first."""

    async def tell(world: World) -> None:
        await world.archived(3)
        await world.archived(2, first=3, days_ago=0)
        await world.archived(1, first=5)
        await world.own()
        await asyncio.sleep(DAY_S - 60)
        assert await world.purged() == 3
        await asyncio.sleep(120)
        assert await world.left() == [GONE] * 6
        assert world.log.readings == 1

    story(tell)


def test_what_is_archived_later_is_purged_in_its_time() -> None:
    """The reading goes on where it stood; what becomes due together goes together."""

    async def tell(world: World) -> None:
        await world.own()
        await asyncio.sleep(60)
        await world.archived(20, days_ago=0.5)
        await asyncio.sleep(DAY_S / 2 - 120)
        assert await world.purged() == 0
        await asyncio.sleep(240)
        assert await world.left() == [GONE] * 20
        assert world.log.readings == 1
        assert world.log.requests <= 4

    story(tell)


def test_another_owner_purges_nothing() -> None:
    """Who has lost its shard is refused before anything goes, and hears that it has."""

    async def tell(world: World) -> None:
        await world.archived(40)
        await world.own()
        lost = world.failed[2]
        before = await world.left(2)
        await world.lease(2)
        await asyncio.sleep(60)
        assert isinstance(lost.exception(), FencedError)
        assert await world.left(2) == before
        assert await world.purged() == 40 - len(before) // 3
        assert not any(world.failed[shard].done() for shard in (0, 1, 3))

    story(tell)


def test_the_next_owner_begins_with_what_the_last_left() -> None:
    """Also of a shard that comes while others are being read."""

    async def tell(world: World) -> None:
        await world.archived(40)
        await world.own(0, 1)
        await asyncio.sleep(60)
        assert 0 < await world.purged() < 40
        await world.own(2, 3)
        await asyncio.sleep(60)
        assert await world.left() == [GONE] * 40

    story(tell)


def test_nothing_of_a_shard_goes_that_was_given_back() -> None:
    """Its lease may still stand."""

    async def tell(world: World) -> None:
        await world.archived(40)
        leases = [await world.lease(shard) for shard in range(SHARDS)]
        for shard, lease in enumerate(leases):
            world.retention.join(shard, lease)
        world.retention.leave(3, leases[3])
        world.retention.leave(2, await world.lease(2))  # not the one that is held
        await asyncio.sleep(60)
        assert GONE not in await world.left(3)
        for shard, lease in enumerate(leases):
            world.retention.leave(shard, lease)
        await world.archived(1, first=40)
        await asyncio.sleep(60)
        assert (await world.left())[-1] != GONE

    story(tell)


def test_one_that_cannot_be_purged_keeps_no_others() -> None:
    """It is told, and its turn comes with the next pass."""

    async def tell(world: World) -> None:
        await world.archived(5)
        await world.own()
        world.log.refuses = 2
        await asyncio.sleep(world.retention.rest_s + 0.1)
        assert await world.purged() == 4
        await asyncio.sleep(60)
        assert await world.left() == [GONE] * 5
        assert not any(failed.done() for failed in world.failed.values())

    story(tell)


def test_what_nobody_expects_ends_the_ownership() -> None:
    """A defect is not waited out: the process must not look alive."""

    async def tell(world: World) -> None:
        await world.log.append(Append("run.1.acme.run_1.in.archived", b"no message"))
        await world.own()
        await asyncio.sleep(60)
        assert all(isinstance(one.exception(), ValueError) for one in world.failed.values())

    story(tell)
