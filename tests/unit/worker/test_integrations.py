"""What a worker does before it calls a provider that has a rate or a breaker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.sim.virtual_loop import run
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects, times
from weir.contract.codec import encode
from weir.contract.messages import BreakerPolicy, CallsReported, LimitEvent, LimitMessage
from weir.core import breaker
from weir.core.breaker import Integration
from weir.core.gates import limit_id
from weir.ports.log import Append
from weir.runtime.worker_integrations import Deferred, Integrations

SHARDS = 4
CONFIG = {"task": "resize"}
KEY = subjects.limit_key("acme", limit_id("acme", "integration", "resize"), SHARDS)
HOUR_MS = 3_600_000


class Provider:
    """A provider, the owner of its limit, and a worker whose clock may be wrong."""

    def __init__(self, bears: dict[str, Any], *, skew_ms: int = 0) -> None:
        self.clock, wrong = LoopClock(), LoopClock(1)
        wrong.skew_ms = skew_ms
        connection = Broker(self.clock).connect()
        self.log = MemoryLog(connection, subjects.RUNS)
        self.worker = Integrations(self.log, wrong, "w", SHARDS)
        self.bears = {"resize": bears}
        self.came: list[int] = []  # ms
        self.asked = 0
        self.state = Integration()

    async def call(self) -> Deferred | None:
        """Call it once; why not, if it takes no call now."""
        try:
            await self.worker.call("acme", self.bears, CONFIG, self._work())
        except Deferred as put_off:
            return put_off
        return None

    async def _work(self) -> None:
        self.came.append(self.clock.now_ms())

    @asynccontextmanager
    async def owned(self) -> AsyncIterator[None]:
        """While this is open somebody answers."""
        owner = asyncio.create_task(self._own())
        try:
            yield
        finally:
            owner.cancel()
            await asyncio.gather(owner, return_exceptions=True)

    async def _own(self) -> None:
        async for batch in self.log.follow(KEY.facts):
            for message in batch:
                said = LimitMessage.model_validate_json(message.data).events[0]
                self.asked += said.permits_asked is not None
                self.state = breaker.evolve(self.state, said.kind, message.at_ms)
                await self._stand()

    async def _stand(self) -> None:
        now = self.clock.now_ms()
        stands = breaker.decide(self.state, now)
        if stands is not None:
            self.state = breaker.evolve(self.state, stands, now)
            said = LimitMessage(id="evt", at=times.from_ms(now), events=(LimitEvent.of(stands),))
            await self.log.append(Append(KEY.events, encode(said)))

    async def open(self) -> None:
        """Three calls have failed."""
        policy = BreakerPolicy(failures=3, within_ms=60_000.0, open_ms=30_000.0)
        failed = CallsReported(worker="v", failures=3, name="resize", breaker=policy)
        self.state = breaker.evolve(self.state, failed, self.clock.now_ms())
        await self._stand()


RATE = {"rate": {"limit": 10, "per_ms": 1_000.0}}
BREAKER = {"breaker": {"failures": 3, "within_ms": 60_000.0, "open_ms": 30_000.0}}


@pytest.mark.parametrize("skew_ms", [0, HOUR_MS, -HOUR_MS])
def test_a_rate_is_kept_whatever_the_workers_clock_says(skew_ms: int) -> None:
    """Calls come at the rate, those that would wait for long are put off to when they may come."""

    async def play() -> None:
        provider = Provider(RATE, skew_ms=skew_ms)
        async with provider.owned():
            found = await asyncio.gather(*(provider.call() for _ in range(40)))
        put_off = [one.until_ms for one in found if one is not None]
        now = provider.clock.now_ms()
        assert put_off
        assert all(now - 5_000 < until < now + 5_000 for until in put_off)
        assert len(provider.came) + len(put_off) == 40
        for at in provider.came:
            assert sum(at <= other < at + 1_000 for other in provider.came) <= 11

    run(play())


def test_permits_that_nobody_used_are_lost() -> None:
    """Calls that come long after their block was granted are no burst."""

    async def play() -> None:
        provider = Provider(RATE)
        async with provider.owned():
            first = await asyncio.gather(*(provider.call() for _ in range(40)))
            assert any(first), "a block is left"
            await asyncio.sleep(30)
            since = len(provider.came)
            await asyncio.gather(*(provider.call() for _ in range(20)))
        came = provider.came[since:]
        assert len(came) > 10
        for at in came:
            assert sum(at <= other < at + 1_000 for other in came) <= 11

    run(play())


@pytest.mark.parametrize("skew_ms", [0, HOUR_MS, -HOUR_MS])
def test_an_open_breaker_is_asked_once_by_all_who_wait(skew_ms: int) -> None:
    """Nobody calls, also not while a worker that just came reads it; all learn when to come."""

    async def play() -> None:
        provider = Provider(BREAKER, skew_ms=skew_ms)
        async with provider.owned():
            await provider.open()
            until = provider.clock.now_ms() + 30_000
            found = await asyncio.gather(*(provider.call() for _ in range(20)))
            assert provider.came == []
            assert provider.asked <= 1
            assert all(one and until <= one.until_ms < until + 2_000 for one in found)
            await asyncio.sleep(32)
            assert await provider.call() is None

    run(play())


def test_a_limit_without_an_owner_puts_calls_off() -> None:
    """Nobody answers: the call is not made, and comes again soon."""

    async def play() -> None:
        provider = Provider(RATE, skew_ms=HOUR_MS)
        put_off = await provider.call()
        assert put_off is not None
        assert put_off.until_ms <= provider.clock.now_ms() + 1_000
        assert provider.came == []

    run(play())
