"""Processes that stand still and go on later: what they still had to say counts no more."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
import pytest_asyncio

from tests.fault.house import House
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import mark_wait_mark

RUNS = 200
SHORT = 60
OWNER_S = 20.0
EXECUTOR_S = 11.0  # beyond the patience of 8 s, too short for the connection to be given up

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workflow(platform: House) -> str:
    """The workflow of all runs."""
    workflow_id, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    return workflow_id


async def figure(platform: House, process: str, name: str) -> float:
    """The sum of a metric of a process."""
    async with platform.http.get(f"{platform.processes[process].url}/metrics") as answer:
        told = await answer.text()
    found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", told, re.MULTILINE)
    return sum(map(float, found))


async def test_a_paused_owner_appends_nothing_after_its_fence(
    platform: House, workflow: str, table: Table
) -> None:
    """The other scheduler finishes all runs meanwhile; back again the old one is refused (F3)."""
    leases = Leases(platform)
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    mine = set(runs)
    await platform.outside.until(lambda: len(platform.outside.of("a", mine)) >= RUNS * 3 // 4)
    paused_ms = time.time_ns() // 1_000_000
    platform.pause("scheduler-1")
    lasts = asyncio.create_task(asyncio.sleep(OWNER_S))
    await platform.ended(runs, patience_s=OWNER_S)
    during = await platform.start_runs(workflow, [{"n": n} for n in range(SHORT)])
    await platform.ended(during, patience_s=OWNER_S)
    await lasts
    platform.resume("scheduler-1")
    after = await platform.start_runs(workflow, [{"n": n} for n in range(SHORT)])
    sequence = await platform.ended(after)
    await platform.ready("scheduler-1", "scheduler-2")
    refused = await figure(platform, "scheduler-1", "weir_fenced_total")
    every = [*runs, *during, *after]
    verdict = await judge(platform, every, sequence=sequence, leases=leases)
    await leases.close()
    table.row(
        f"SIGSTOP of scheduler-1 for {OWNER_S:g} s; back, {refused:g} of its appends are refused",
        every,
        verdict,
        gaps(await histories(platform, runs), paused_ms),
    )
    verdict.must_hold()
    assert refused > 0, "the old owner never tried: the test proves nothing"


async def test_a_paused_executor_does_nothing_twice(
    platform: House, workflow: str, table: Table
) -> None:
    """Its tasks go to another; what was on its way to it meanwhile is not run when it is back."""
    outside = platform.outside
    outside.open_door.clear()
    first = await platform.start_runs(workflow, [{"n": n} for n in range(SHORT // 2)])
    await outside.until(lambda: len(outside.of("a", set(first))) == len(first))
    paused_ms = time.time_ns() // 1_000_000
    platform.pause("executor")  # with calls under way, and room for more tasks
    outside.open_door.set()
    later = await platform.start_runs(workflow, [{"n": n} for n in range(SHORT)])
    runs = [*first, *later]
    platform.add("executor-2")
    await platform.start("executor-2")
    lasts = asyncio.create_task(asyncio.sleep(EXECUTOR_S))
    await platform.ended(runs)
    await lasts
    platform.resume("executor")
    after = await platform.start_runs(workflow, [{"n": n} for n in range(SHORT)])
    await platform.kill("executor-2")
    sequence = await platform.ended(after)
    every = [*runs, *after]
    verdict = await judge(platform, every, sequence=sequence)
    table.row(
        f"SIGSTOP of the executor for {EXECUTOR_S:g} s with {len(first)} calls under way",
        every,
        verdict,
        gaps(await histories(platform, runs), paused_ms),
    )
    verdict.must_hold()
