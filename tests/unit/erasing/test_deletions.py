"""When deleted tenants are looked at: at once, after their grace, and again until all is quiet."""

from __future__ import annotations

import asyncio
import itertools

from tests.sim.virtual_loop import run
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.contract import codec, subjects, times
from weir.contract.errors import UnavailableError
from weir.contract.messages import IdentityRecord, TenantDeleted, TenantSaved
from weir.ports.log import Append
from weir.runtime.deletions import Deletions


class World:
    """A log of tenants, and somebody who removes what `left` says."""

    def __init__(self, grace_ms: int = 0) -> None:
        self.clock = LoopClock()
        self.identity = MemoryLog(Broker(self.clock).connect(), subjects.IDENTITY)
        self.deletions = Deletions(self.identity, self.clock, grace_ms)
        self.passes: list[tuple[str, float]] = []
        self.left: list[bool | Exception] = []

    async def sweep(self, tenant: str) -> bool:
        """One pass, as the test says."""
        self.passes.append((tenant, asyncio.get_running_loop().time()))
        found = self.left.pop(0) if self.left else False
        if isinstance(found, Exception):
            raise found
        return found

    async def say(self, tenant: str, *, deleted: bool) -> None:
        """A record of a tenant."""
        kind = TenantDeleted(tenant=tenant) if deleted else TenantSaved(tenant=tenant)
        at = times.from_ms(self.clock.now_ms())
        record = IdentityRecord.of(kind, id="idr_a", at=at)
        await self.identity.append(Append(subjects.tenant(tenant), codec.encode(record)))

    async def live(self, seconds: float) -> None:
        """Let it run for so long."""
        tasks = [
            asyncio.create_task(self.deletions.run()),
            asyncio.create_task(self.deletions.sweeping(self.sweep)),
        ]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def test_what_is_left_is_looked_for_until_it_is_quiet() -> None:
    """Passes follow soon while something is found or one fails, ever later afterwards, and end."""

    async def play() -> None:
        world = World()
        await world.say("gone", deleted=True)
        await world.say("here", deleted=False)
        world.left = [True, UnavailableError("away"), True, False]
        await world.live(3_600)
        assert {tenant for tenant, _ in world.passes} == {"gone"}
        moments = [at for _, at in world.passes]
        pauses = [round(b - a, 1) for a, b in itertools.pairwise(moments)]
        assert pauses[:3] == [0.5, 0.5, 0.5]
        assert pauses == sorted(pauses)
        assert pauses[-1] == 60
        assert len(pauses) < 15

    run(play())


def test_a_record_that_cannot_be_read_hides_no_other() -> None:
    """Tenants behind it are removed all the same."""

    async def play() -> None:
        world = World()
        await world.identity.append(Append(subjects.tenant("odd"), b"{"))
        await world.say("gone", deleted=True)
        await world.live(2)
        assert {tenant for tenant, _ in world.passes} == {"gone"}

    run(play())


def test_nothing_is_removed_before_the_grace_is_over() -> None:
    """The first pass comes when the grace has ended since the record was written."""

    async def play() -> None:
        world = World(grace_ms=100_000)
        begun = asyncio.get_running_loop().time()
        await world.say("gone", deleted=True)
        await world.live(99)
        assert world.passes == []
        await world.live(10)
        assert 100 <= world.passes[0][1] - begun <= 102

    run(play())
