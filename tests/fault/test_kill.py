"""kill -9 of each process while runs wait: all finish, nothing committed is done again."""

from __future__ import annotations

import time
from collections.abc import Sized
from functools import partial

import pytest
import pytest_asyncio

from tests.fault.house import House
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import chain, mark, mark_wait_mark
from weir.contract.subjects import run_key
from weir.runtime.first_key import TENANT

RUNS = 200
RECOVERY_MS = 30_000  # it is a few hundred; a machine that is busy with other things gets time
STEPS, LONG_RUNS, DEATHS = 300, 4, 6
TARGETS = ("trigger", "scheduler-1", "executor", "query", "nats", "postgres")

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workflow(platform: House) -> str:
    """The workflow of all runs."""
    workflow_id, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    return workflow_id


@pytest.mark.parametrize("target", TARGETS)
async def test_runs_survive_a_kill(
    platform: House, workflow: str, target: str, table: Table
) -> None:
    """All runs succeed, no committed step is done again, each goes on soon."""
    leases = Leases(platform)
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    mine = set(runs)
    await platform.outside.until(lambda: len(platform.outside.of("a", mine)) >= RUNS * 3 // 4)
    killed_ms = time.time_ns() // 1_000_000
    await platform.kill(target)
    await platform.start(target)
    sequence = await platform.ended(runs)
    verdict = await judge(platform, runs, sequence=sequence, leases=leases)
    await leases.close()
    after = gaps(await histories(platform, runs), killed_ms)
    table.row(f"kill -9 of {target}, started again", runs, verdict, after)
    verdict.must_hold()
    assert max(pause.longest for pause in after) < RECOVERY_MS


async def test_long_runs_are_taken_over_again_and_again(platform: House, table: Table) -> None:
    """Runs of hundreds of steps go on through the deaths of their owners, from their snapshots."""
    steps = [f"s{number}" for number in range(STEPS)]
    nodes = [mark(platform.outside.url, step) for step in steps]
    workflow, _ = await platform.publish(chain("long", [{"id": "start", "type": "manual"}, *nodes]))
    leases = Leases(platform)
    marks = platform.outside.marks
    before = len(marks)
    runs = await platform.start_runs(workflow, [{}] * LONG_RUNS)
    for death in range(1, DEATHS + 1):
        wanted = before + death * STEPS * LONG_RUNS // (DEATHS + 1)
        await platform.outside.until(partial(_at_least, marks, wanted))
        name = f"scheduler-{1 + death % 2}"
        await platform.kill(name)
        await platform.start(name)
    sequence = await platform.ended(runs)
    for run_id in runs:
        assert await platform.log.last(run_key(TENANT, run_id).snapshot) is not None
    verdict = await judge(platform, runs, sequence=sequence, leases=leases)
    await leases.close()
    table.row(f"kill -9 of the owner, {DEATHS} times in runs of {STEPS} steps", runs, verdict)
    verdict.must_hold()


def _at_least(found: Sized, count: int) -> bool:
    return len(found) >= count
