"""A task that kills whoever takes it is given up, and holds up nobody else (F14)."""

from __future__ import annotations

import pytest

from tests.fault.house import House
from tests.fault.judging import judge
from tests.fault.table import Table
from tests.fault.workflows import chain, mark, mark_wait_mark

DELIVERIES = 2
OTHERS = 60

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


async def test_a_poison_task_ends_its_run_alone(platform: House, table: Table) -> None:
    """Handed out twice and fatal each time, it fails its step; runs beside it all succeed."""
    outside = platform.outside
    await platform.kill("executor")
    platform.add("executor", WEIR_EXECUTOR_DELIVERIES=str(DELIVERIES))
    await platform.start("executor")
    poison, _ = await platform.publish(
        chain("poison", [{"id": "start", "type": "manual"}, mark(outside.url, "p")])
    )
    sound, _ = await platform.publish(mark_wait_mark(outside.url))
    outside.open_door.clear()
    poisoned = await platform.start_runs(poison, [{}])

    def handed_out() -> int:
        return sum(mark.run_id in poisoned for mark in outside.marks)

    for delivery in range(1, DELIVERIES + 1):
        await outside.until(lambda wanted=delivery: handed_out() >= wanted)  # type: ignore[misc]
        await platform.kill("executor")
        await platform.start("executor")
    outside.open_door.set()
    others = await platform.start_runs(sound, [{"n": n} for n in range(OTHERS)])
    sequence = await platform.ended([*poisoned, *others])
    verdict = await judge(platform, others, sequence=sequence)
    table.row(f"a task kills its executor {DELIVERIES} times; runs beside it", others, verdict)
    verdict.must_hold()
    run = await platform.ask("query", "GET", f"/runs/{poisoned[0]}", min_sequence=str(sequence))
    assert run["error"]["code"] == "POISON_TASK", run
    assert handed_out() == DELIVERIES
