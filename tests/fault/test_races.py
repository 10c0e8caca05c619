"""Contenders, hung workers, foreign messages, overlapping processes: one outcome for everybody."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.fault.house import House
from tests.fault.judging import gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import chain, mark, mark_wait_mark
from weir.client import ApiError
from weir.contract.subjects import result_fact, run_key
from weir.ports.log import Append
from weir.runtime.first_key import TENANT

RUNS = 60
AT_ONCE = 30  # calls that an executor makes to one host at once

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


async def test_a_cancel_that_races_the_end_has_one_winner(
    platform: House, figures: Callable[[str], None]
) -> None:
    """Cancelled or succeeded, and the same for the log, the views and who asks again (F18)."""
    outside = platform.outside
    workflow, _ = await platform.publish(mark_wait_mark(outside.url))
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(AT_ONCE)])
    await outside.until(lambda: len(outside.of("a", set(runs))) == len(runs))
    outside.open_door.clear()
    await outside.until(lambda: len(outside.of("b", set(runs))) == len(runs))

    async def cancel(run_id: str, number: int) -> None:
        await asyncio.sleep(number * 0.004)
        try:
            await platform.ask("trigger", "POST", f"/runs/{run_id}/cancel")
        except ApiError as refused:
            assert refused.code == "RUN_ENDED"  # noqa: PT017 - the end was first

    # The last answers go out while cancels come in, so that both are first now and then.
    asyncio.get_running_loop().call_later(AT_ONCE * 0.002, outside.open_door.set)
    await asyncio.gather(*(cancel(run_id, number) for number, run_id in enumerate(runs)))
    sequence = await platform.ended(runs)
    ends: Counter[str] = Counter()
    by_status: dict[str, list[str]] = {"succeeded": [], "cancelled": []}
    for run_id in runs:
        asked = {"min_sequence": str(sequence)}
        status = (await platform.ask("query", "GET", f"/runs/{run_id}", **asked))["status"]
        ends[status] += 1
        by_status[status].append(run_id)
    for status, those in by_status.items():
        (await judge(platform, those, status=status, sequence=sequence)).must_hold()
    figures(f"cancel racing the end: {dict(ends)}")
    assert len(ends) == 2, "there was no race: the test proves nothing"


async def test_a_hung_call_is_given_up_and_tried_again(platform: House, table: Table) -> None:
    """The worker lives and its step hangs: the time limit ends the attempt, the next works (F4)."""
    outside = platform.outside
    workflow, _ = await platform.publish(
        chain(
            "hangs",
            [
                {"id": "start", "type": "manual"},
                mark(
                    outside.url,
                    "a",
                    timeout="2s",
                    retry={"max_attempts": 3, "initial": "200ms"},
                ),
            ],
        )
    )
    outside.open_door.clear()
    runs = await platform.start_runs(workflow, [{}] * 5)
    calls = Counter[str]()

    def twice() -> bool:
        calls.clear()
        calls.update(one.run_id for one in outside.marks if one.run_id in runs)
        return len(calls) == len(runs) and min(calls.values()) >= 2

    await outside.until(twice)
    outside.open_door.set()
    sequence = await platform.ended(runs)
    verdict = await judge(platform, runs, sequence=sequence)
    table.row("a call outside hangs beyond its step's time limit", runs, verdict)
    verdict.must_hold()
    steps = await platform.ask("query", "GET", f"/runs/{runs[0]}/steps")
    attempts = next(step for step in steps["items"] if step["step"] == "a")["attempts"]
    assert [attempt["status"] for attempt in attempts][-1] == "succeeded"
    assert attempts[0]["error"]["code"] == "STEP_TIMEOUT"
    assert {one.key for one in outside.marks if one.run_id in runs} == {f"{r}/a" for r in runs}


async def test_messages_that_nobody_can_read_stop_nobody(platform: House, table: Table) -> None:
    """Rubbish among facts, tasks and decisions is passed over by owner, worker and views (F14)."""
    workflow, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    for number in range(8):
        foreign = run_key(TENANT, f"run_{number}aaaaaaaaaaaaaaaaaaaaaaaaaa")
        for subject in (
            foreign.fact(result_fact("a", 1)),
            foreign.fact("start"),
            foreign.task("default"),
            foreign.events,
        ):
            await platform.log.append(Append(subject, b"\xff{ no message"))
    for run_id in runs[:8]:
        key = run_key(TENANT, run_id)
        await platform.log.append(Append(key.fact("signal.rubbish"), b"[]"))
        await platform.log.append(Append(key.fact("result.b.7"), b'{"events": []}'))
    sequence = await platform.ended(runs)
    verdict = await judge(platform, runs[8:], sequence=sequence)
    table.row("messages that nobody can read, in every place", runs[8:], verdict)
    verdict.must_hold()
    for run_id in runs[:8]:
        run = await platform.ask("query", "GET", f"/runs/{run_id}", min_sequence=str(sequence))
        assert run["status"] == "succeeded"
    await platform.ready(*platform.processes)


@pytest.mark.parametrize("service", ["executor", "trigger", "scheduler-1", "query"])
async def test_an_old_process_drains_while_its_successor_works(
    platform: House, service: str, table: Table
) -> None:
    """Stopped in order beside a new one of the same name, it leaves nothing half done (F24)."""
    workflow, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    mine = set(runs)
    await platform.outside.until(lambda: len(platform.outside.of("a", mine)) >= RUNS // 2)
    successor = f"{service.partition('-')[0]}-9"
    platform.add(successor, WEIR_WORKER_NAME=service)
    starting = asyncio.create_task(platform.start(successor))
    old = platform.processes[service].child
    assert old.pid is not None
    stopped_ms = time.time_ns() // 1_000_000
    os.kill(old.pid, signal.SIGTERM)
    assert await old.ended() == 0
    await starting
    sequence = await platform.ended(runs)
    await platform.start(service)
    verdict = await judge(platform, runs, sequence=sequence)
    after = gaps(await histories(platform, runs), stopped_ms)
    table.row(f"SIGTERM of {service} beside its successor", runs, verdict, after)
    verdict.must_hold()
    assert verdict.repeated == 0
    await platform.kill(successor)
    del platform.processes[successor]


async def test_a_read_your_write_is_there_whoever_projects(platform: House) -> None:
    """With two query services, each shows a run that was just started, also when one dies."""
    workflow, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    platform.add("query-2")
    await platform.start("query-2")
    for killed in ("query", "query-2"):
        runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
        await platform.kill(killed)
        alive = "query-2" if killed == "query" else "query"
        for run_id in runs:
            assert await _shown(platform, alive, run_id)
        await platform.start(killed)
        sequence = await platform.ended(runs)
        (await judge(platform, runs, sequence=sequence)).must_hold()
    await platform.kill("query-2")
    del platform.processes["query-2"]


async def _shown(platform: House, name: str, run_id: str) -> bool:
    """Whether the process knows the run; it may say that it is behind, never that there is none."""
    while True:
        try:
            run = await platform.ask(name, "GET", f"/runs/{run_id}")
        except ApiError as error:
            if error.code != "VIEWS_BEHIND":
                raise
        else:
            return bool(run["id"] == run_id)
