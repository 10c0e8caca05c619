"""A short form of tests/fault: two processes die while runs wait, and nothing comes of it."""

from __future__ import annotations

from tests.fault.house import house
from tests.fault.judging import Leases, judge
from tests.fault.workflows import mark_wait_mark

RUNS = 40


async def test_runs_survive_the_broker_and_an_owner() -> None:
    """Killed together while runs wait: all succeed, nothing committed is done again."""
    async with house() as platform:
        workflow, _ = await platform.publish(mark_wait_mark(platform.outside.url))
        leases = Leases(platform)
        runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
        mine = set(runs)
        await platform.outside.until(lambda: len(platform.outside.of("a", mine)) >= RUNS // 2)
        await platform.kill("nats", "scheduler-1")
        await platform.start("nats", "scheduler-1")
        sequence = await platform.ended(runs)
        verdict = await judge(platform, runs, sequence=sequence, leases=leases)
        await leases.close()
        verdict.must_hold()
        assert verdict.finished == RUNS
