"""Wakes: on time, in order, and bounded."""

from __future__ import annotations

import asyncio

from tests.sim.virtual_loop import run
from weir.adapters.memory.clock import LoopClock
from weir.contract.subjects import RunKey
from weir.runtime.decider.wakes import STALE, Wakes


def test_wakes_ring_in_order_and_on_time() -> None:
    """Each rings once, never early, whatever the order they were added in."""

    async def play() -> list[tuple[str, int]]:
        clock = LoopClock()
        now = clock.now_ms()
        rung: list[tuple[str, int]] = []
        wakes = Wakes(
            clock, lambda key: rung.append((key.run_id, clock.now_ms() - now)), lambda *_: True
        )
        for pause in (5_000, 1_000, 9_000_000, 3_000):
            wakes.add(now + pause, RunKey(0, "t", str(pause)))
        await asyncio.sleep(10_000)
        return rung

    rung = run(play())
    assert [name for name, _ in rung] == ["1000", "3000", "5000", "9000000"]
    assert all(at >= int(name) for name, at in rung)


def test_wakes_of_ended_runs_do_not_pile_up() -> None:
    """A day of deadlines of runs that ended long ago is not kept."""

    async def play() -> int:
        clock = LoopClock()
        wakes = Wakes(clock, lambda _: None, lambda due, _: due % 100 == 0)
        for number in range(20_000):
            wakes.add(clock.now_ms() + 86_400_000 + number, RunKey(0, "t", str(number)))
        kept = len(wakes._heap)
        wakes.stop()
        return kept

    assert run(play()) <= 3 * 200 + STALE
