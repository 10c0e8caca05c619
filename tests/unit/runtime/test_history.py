"""Reading many runs back: each whole, and with little handed out for it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence

from tests.waiting import everything
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects
from weir.contract.subjects import RunKey
from weir.ports.log import Append, Stored
from weir.runtime.history import Passing, gather

RUNS = 200


class CountingLog(MemoryLog):
    """A log that counts its readings and what they hand out."""

    readings = handed = 0

    async def read(
        self, subject: str, *, after: int = 0, upto: int | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """The same."""
        self.readings += 1
        async for batch in super().read(subject, after=after, upto=upto):
            self.handed += len(batch)
            yield batch


class World:
    """A log in which runs lie, and where each began."""

    def __init__(self) -> None:
        self.log = CountingLog(Broker(LoopClock()).connect(), subjects.RUNS)
        self.began: dict[RunKey, int] = {}

    async def write(self, number: int, what: str) -> None:
        """A message of a run."""
        key = subjects.run_key("acme", f"run_{number:026d}", 4)
        seq = await self.log.append(Append(key.fact(what), what.encode()))
        self.began.setdefault(key, seq)

    async def alone(self, began: dict[RunKey, int], upto: int) -> dict[RunKey, list[Stored]]:
        """What there is of these, each read alone and not counted."""
        return {
            key: await everything(MemoryLog.read(self.log, key.everything, upto=upto))
            for key in began
        }

    async def gathered(self, began: dict[RunKey, int]) -> dict[RunKey, list[Stored]]:
        """What is read of these; it is the same as if each were read alone."""
        upto = await self.log.last_seq()
        alone = await self.alone(began, upto)
        self.log.readings = self.log.handed = 0
        found = await gather(self.log, began, upto=upto)
        assert found == alone
        return found

    async def paged(self, page: int, room: int) -> None:
        """All runs by pages, in the order in which they end, all of it in one pass."""
        whole = await self.alone(self.began, await self.log.last_seq())
        ends = sorted(whole, key=lambda key: whole[key][-1].seq)
        self.log.readings = self.log.handed = 0
        async with Passing(self.log, room=room) as passing:
            for at in range(0, len(ends), page):
                some = {key: self.began[key] for key in ends[at : at + page]}
                upto = whole[ends[at : at + page][-1]][-1].seq
                found = await passing.gather(some, upto=upto)
                assert found == {key: whole[key] for key in some}


async def scattered(seed: int, most: int) -> tuple[random.Random, World]:
    """A log of fewer messages than that, at random, whose runs are short, long or lie anywhere."""
    chance, world = random.Random(seed), World()
    for at in range(chance.randrange(1, most)):
        number = chance.randrange(max(1, at - chance.choice((3, 30, 600))), at + 2)
        await world.write(number, f"timer.{at}")
    return chance, world


async def test_runs_side_by_side_are_read_in_one_pass() -> None:
    """Whatever lies between them is handed out once."""
    world = World()
    for what in ("start", "timer.a", "timer.b"):
        for number in range(RUNS):
            await world.write(number, what)
    assert all(len(run) == 3 for run in (await world.gathered(world.began)).values())
    assert (world.log.readings, world.log.handed) == (1, 3 * RUNS)


async def test_one_that_began_long_before_the_others_is_read_alone() -> None:
    """What lies between its begin and theirs is not handed out for it."""
    world = World()
    await world.write(0, "start")
    for number in range(1_000, 1_000 + 5_000):
        await world.write(number, "start")
    await world.write(0, "timer.a")
    for number in range(RUNS):
        await world.write(number, "start" if number else "timer.b")
    wanted = {key: at for key, at in world.began.items() if at == 1 or at > 5_000}
    found = await world.gathered(wanted)
    assert next(len(run) for run in found.values()) == 3
    assert world.log.readings == 2
    assert world.log.handed < 3 * RUNS


async def test_nothing_asked_is_nothing_read() -> None:
    """An empty log has an end, too."""
    world = World()
    assert await world.gathered({}) == {}
    assert world.log.readings == 0


async def test_however_they_lie_each_is_whole() -> None:
    """Twenty logs at random, seeded."""
    for seed in range(20):
        chance, world = await scattered(seed, 1_500)
        some = chance.sample(sorted(world.began), k=chance.randrange(1, len(world.began) + 1))
        await world.gathered({key: world.began[key] for key in some})


async def test_many_pages_are_one_pass() -> None:
    """Of runs that lie across each other, too: what a page comes by is kept for the next ones."""
    world = World()
    for at in range(RUNS + 20):
        for number, what in ((at, "start"), (at - 10, "timer.a"), (at - 20, "timer.b")):
            if 0 <= number < RUNS:
                await world.write(number, what)
    await world.paged(20, 2**20)
    assert (world.log.readings, world.log.handed) == (1, 3 * RUNS)


async def test_what_there_is_no_room_for_is_read_alone() -> None:
    """A run that goes on while thousands pass by is not held for ever."""
    world = World()
    await world.write(0, "start")
    for number in range(1, RUNS):
        await world.write(number, "start")
    await world.write(0, "timer.a")
    await world.paged(20, 50_000)
    assert 1 < world.log.readings < RUNS


async def test_a_page_far_ahead_is_not_walked_to() -> None:
    """What lies between is nobody's."""
    world = World()
    for number in range(10):
        await world.write(number, "start")
    for number in range(1_000, 1_000 + 5_000):
        await world.write(number, "start")
    await world.write(7_000, "start")
    first = {key: at for key, at in world.began.items() if at <= 10}
    last = {key: at for key, at in world.began.items() if at == 5_011}
    async with Passing(world.log) as passing:
        assert len(await passing.gather(first, upto=10)) == 10
        handed = world.log.handed
        assert len((await passing.gather(last, upto=5_011))[next(iter(last))]) == 1
        assert world.log.handed == handed + 1


async def test_however_they_lie_each_page_is_whole() -> None:
    """Twenty logs at random, seeded."""
    for seed in range(20):
        chance, world = await scattered(seed, 1_000)
        await world.paged(chance.choice((1, 7, 100)), chance.choice((0, 20_000, 2**20)))
