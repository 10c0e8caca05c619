"""One reading for all shards of a process: every owner gets its own, all of it, once, in order."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.sim.virtual_loop import run
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects
from weir.contract.errors import UnavailableError
from weir.contract.subjects import RunKey
from weir.ports.log import Append, Stored
from weir.runtime.decider.facts import Facts

SHARDS = 4


class Owners:
    """Owners of shards beside a writer of facts."""

    def __init__(self, seed: int = 0) -> None:
        self.broker = Broker(LoopClock())
        self.connection = Connection(self.broker)
        self.log = MemoryLog(self.connection, subjects.RUNS)
        self.facts = Facts(self.log, SHARDS)
        self.random = Random(seed)
        self.stored: dict[int, list[int]] = {shard: [] for shard in range(SHARDS)}
        self.got: dict[int, list[int]] = {}

    async def write(self, shard: int) -> None:
        """One fact of a shard, and a decision beside it that is none."""
        key = RunKey(shard, "t", f"run_{self.random.randrange(10**9)}")
        self.stored[shard].append(await self.log.append(Append(key.fact("start"), b"{}")))
        await self.log.append(Append(key.events, b"{}"))

    def join(self, shard: int, after: int = 0) -> asyncio.Future[None]:
        """Own a shard from a sequence on."""
        got = self.got[shard] = []

        def take(message: Stored) -> None:
            got.append(message.seq)

        return self.facts.join(shard, after, take)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_missed_or_repeated_while_shards_come_and_go(seed: int) -> None:
    """An owner has what was stored behind the sequence it joined with, whoever joins or leaves."""

    async def play() -> None:
        owners = Owners(seed)
        joined: dict[int, tuple[asyncio.Future[None], int]] = {}
        for _ in range(300):
            shard = owners.random.randrange(SHARDS)
            what = owners.random.random()
            if what < 0.1 and shard not in joined:
                after = await owners.log.last_seq() if owners.random.random() < 0.7 else 0
                joined[shard] = owners.join(shard, after), after
            elif what < 0.15 and shard in joined:
                owners.facts.leave(shard, joined.pop(shard)[0])
            else:
                await owners.write(shard)
            await asyncio.sleep(owners.random.choice((0, 0.001, 0.03)))
        for shard in set(range(SHARDS)) - joined.keys():
            joined[shard] = owners.join(shard), 0
        await asyncio.sleep(1)
        for shard, (_, after) in joined.items():
            assert owners.got[shard] == [seq for seq in owners.stored[shard] if seq > after]
        owners.facts.stop()

    run(play())


def test_one_owner_that_fails_is_alone_with_it() -> None:
    """What it raised is in its future; it is given nothing more, the others go on."""

    async def play() -> None:
        owners = Owners()
        taken = 0

        def burst(_: Stored) -> None:
            nonlocal taken
            taken += 1
            raise ZeroDivisionError

        failing, other = owners.facts.join(0, 0, burst), owners.join(1)
        for shard in (0, 0, 1, 1):
            await owners.write(shard)
        await asyncio.sleep(1)
        with pytest.raises(ZeroDivisionError):
            failing.result()
        assert taken == 1
        assert not other.done()
        assert owners.got[1] == owners.stored[1]
        owners.facts.stop()

    run(play())


def test_the_end_of_the_reading_is_told_to_all() -> None:
    """When the log cannot be read, each owner learns why, and can join again later."""

    async def play() -> None:
        owners = Owners()
        both = [owners.join(0), owners.join(1)]
        await asyncio.sleep(1)
        owners.connection.close()
        await asyncio.sleep(1)
        for joined in both:
            with pytest.raises(UnavailableError):
                joined.result()
        owners.facts.stop()

    run(play())
