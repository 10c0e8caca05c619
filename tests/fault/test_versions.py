"""Definitions that change while runs of them wait (F21)."""

from __future__ import annotations

import time

import pytest

from tests.fault.house import House
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import chain, mark, mark_wait_mark

RUNS = 100

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


async def test_old_runs_keep_their_graph(platform: House, table: Table) -> None:
    """A new version is published, and every scheduler dies: old runs end by the old graph."""
    outside = platform.outside
    old, told = await platform.publish(mark_wait_mark(outside.url))
    leases = Leases(platform)
    before = await platform.start_runs(old, [{"n": n} for n in range(RUNS)])
    mine = set(before)
    await outside.until(lambda: len(outside.of("a", mine)) >= RUNS * 3 // 4)
    changed = chain(
        "mark, wait, mark",
        [
            {"id": "start", "type": "manual"},
            mark(outside.url, "c"),
            {"id": "pause", "type": "delay", "config": {"duration": "100ms"}},
            mark(outside.url, "d"),
        ],
        output="{{ steps.d.body.marked }}",
    )
    new = await platform.change(old, changed)
    assert new["version"] != told["version"]
    killed_ms = time.time_ns() // 1_000_000
    await platform.kill("scheduler-1", "scheduler-2")
    await platform.start("scheduler-1", "scheduler-2")
    after = await platform.start_runs(old, [{"n": n} for n in range(RUNS)])
    runs = [*before, *after]
    sequence = await platform.ended(runs)
    verdict = await judge(platform, runs, sequence=sequence, leases=leases)
    await leases.close()
    table.row(
        "a new version published, both schedulers killed while runs of the old one wait",
        runs,
        verdict,
        gaps(await histories(platform, before), killed_ms),
    )
    verdict.must_hold()
    assert outside.of("b", mine) == mine
    assert outside.of("d", set(after)) == set(after)
    assert not outside.of("d", mine)
