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
from weir.runtime.history import gather

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

    async def gathered(self, began: dict[RunKey, int]) -> dict[RunKey, list[Stored]]:
        """What is read of these; it is the same as if each were read alone."""
        upto = await self.log.last_seq()
        alone = {
            key: await everything(MemoryLog.read(self.log, key.everything, upto=upto))
            for key in began
        }
        self.log.readings = self.log.handed = 0
        found = await gather(self.log, began, upto=upto)
        assert found == alone
        return found


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
        chance, world = random.Random(seed), World()
        for at in range(chance.randrange(1, 1_500)):
            number = chance.randrange(max(1, at - chance.choice((3, 30, 600))), at + 2)
            await world.write(number, f"timer.{at}")
        some = chance.sample(sorted(world.began), k=chance.randrange(1, len(world.began) + 1))
        await world.gathered({key: world.began[key] for key in some})
