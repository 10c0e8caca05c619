"""The owner's time, whatever its machine's wall clock says."""

from __future__ import annotations

import asyncio

from tests.sim.virtual_loop import run
from weir.contract.subjects import RunKey, run_key
from weir.runtime.broker_time import KEPT_MS, BrokerTime
from weir.runtime.decider.wakes import Wakes

HOUR_MS = 3_600_000
T0 = 1_700_000_000_000


class Wall:
    """A wall clock that a test sets."""

    def __init__(self) -> None:
        self.ms = T0

    def now_ms(self) -> int:
        """What it shows."""
        return self.ms

    def new_id(self, prefix: str) -> str:
        """Always the same."""
        return prefix


def test_until_the_broker_was_heard_it_is_the_machines_time() -> None:
    """There is nothing better."""

    async def story() -> None:
        assert BrokerTime(Wall()).now_ms() == T0

    run(story())


def test_it_goes_on_from_the_brokers_stamp() -> None:
    """A late message does not put it back; the wall clock is not looked at any more."""

    async def story() -> None:
        wall = Wall()
        time = BrokerTime(wall)
        time.seen(T0 + 5)
        wall.ms += HOUR_MS
        await asyncio.sleep(2)
        time.seen(T0 + 1_000)  # took a second to come
        assert time.now_ms() == T0 + 2_005

    run(story())


def test_clocks_that_run_apart_are_brought_together() -> None:
    """A machine whose clock is too fast is back at the broker's time after some minutes."""

    async def story() -> None:
        time = BrokerTime(Wall())
        time.seen(T0 + 10_000)
        for minute in range(1, 13):
            await asyncio.sleep(60)
            time.seen(T0 + minute * 60_000)
        assert time.now_ms() == T0 + 12 * 60_000

    assert KEPT_MS < 6 * 60_000
    run(story())


def test_wakes_are_heard_in_the_brokers_time() -> None:
    """Neither early nor late when the wall clock jumps back and forth."""

    async def story() -> None:
        wall, rung = Wall(), list[RunKey]()
        time = BrokerTime(wall)
        time.seen(T0)
        wakes = Wakes(time, rung.append, lambda *_: True)
        first, second = run_key("acme", "run_1"), run_key("acme", "run_2")
        wall.ms -= HOUR_MS
        wakes.add(T0 + 2_000, first)
        wall.ms += 2 * HOUR_MS
        wakes.add(T0 + 1_000, second)
        await asyncio.sleep(0.9)
        assert rung == []
        await asyncio.sleep(0.2)
        assert rung == [second]
        await asyncio.sleep(1)
        assert rung == [second, first]
        wakes.stop()

    run(story())
