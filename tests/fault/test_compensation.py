"""kill -9 while runs are being undone: every undo step once, the last thing done first."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import pytest
import pytest_asyncio

from tests.fault.house import House
from tests.fault.judging import Leases, Pause, Verdict, gaps, histories, judge
from tests.fault.outside import Mark
from tests.fault.table import Table
from tests.fault.workflows import chain, mark
from weir.contract import codec
from weir.contract.messages import StepCompensated
from weir.ports.log import Stored
from weir.runtime.replay import replay

RUNS = 12  # at every kill
CALL_S = 0.04  # of an undo step, so that a kill falls into one
SCHEDULERS = ("scheduler-1", "scheduler-2")
# Who is killed after how many of the undo steps of most runs.
DEATHS: Sequence[tuple[tuple[str, ...], int]] = (
    (("scheduler-1",), 1),
    (("executor",), 1),
    (("scheduler-2",), 2),
    (("executor",), 3),
    (SCHEDULERS, 4),
    (("executor",), 4),
    (("scheduler-1",), 5),
    (("executor", *SCHEDULERS), 6),
    (("scheduler-2",), 7),
    (("executor",), 7),
)
OUTER, INNER = ("s1", "s2"), ("s3", "s4", "s5", "s6", "s7", "s8")
UNDONE = [*(f"saga/{step}_undo" for step in reversed(INNER)), "s2_undo", "s1_undo"]

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


def saga(url: str) -> dict[str, Any]:
    """Two steps, then six in a scope that fails: the scope is undone, and after it the run."""

    def inside(step: str, **more: Any) -> dict[str, Any]:
        return {**mark(url, f"saga/{step}"), "id": step, "parent": "saga", **more}

    retry = {"max_attempts": 5}
    outer = [mark(url, step, compensate=f"{step}_undo") for step in OUTER]
    inner = [inside(step, compensate=f"{step}_undo") for step in INNER]
    stop = {
        "id": "stop",
        "type": "fail",
        "parent": "saga",
        "config": {"code": "ENOUGH", "message": "undo it"},
    }
    made = chain(
        "saga", [{"id": "start", "type": "manual"}, *outer, {"id": "saga", "type": "scope"}]
    )
    within = chain("", [*inner, stop])
    undo = [
        *(mark(url, f"{step}_undo", retry=retry) for step in OUTER),
        *(inside(f"{step}_undo", retry=retry) for step in INNER),
    ]
    return {
        **made,
        "nodes": [*made["nodes"], *within["nodes"], *undo],
        "edges": [*made["edges"], *within["edges"]],
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workflow(platform: House) -> str:
    """The workflow of all runs."""
    workflow_id, _ = await platform.publish(saga(platform.outside.url))
    return workflow_id


async def test_ten_kills_while_runs_are_undone(
    platform: House, workflow: str, table: Table
) -> None:
    """Each run ends as failed, its eight steps undone once each and in order."""
    outside, leases = platform.outside, Leases(platform)
    everything: list[str] = []
    pauses: list[Pause] = []
    for names, steps in DEATHS:
        runs = await platform.start_runs(workflow, [{}] * RUNS)
        everything += runs
        outside.delay_s = CALL_S
        await outside.until(partial(_most_are_at, platform, UNDONE[steps - 1], set(runs)))
        killed_ms = time.time_ns() // 1_000_000
        await platform.kill(*names)
        await platform.start(*names)
        await platform.ended(runs)
        told = await histories(platform, runs)
        assert _under_way(told, killed_ms) > 0, "no run was being undone"
        pauses += gaps(told, killed_ms)
    told = await histories(platform, everything)
    sequence = max(messages[-1].seq for messages in told.values())
    verdict = await judge(platform, everything, status="failed", sequence=sequence, leases=leases)
    await leases.close()
    wrong = [what for run_id in everything for what in _wrong(run_id, told, outside.marks)]
    verdict = Verdict(
        verdict.wrong + wrong, verdict.finished, verdict.repeated, verdict.most, verdict.keys
    )
    fault = f"kill -9 of schedulers and executor, {len(DEATHS)} times while 8 steps are undone"
    table.row(fault, everything, verdict, pauses)
    verdict.must_hold()


def _most_are_at(platform: House, step: str, runs: set[str]) -> bool:
    return len(platform.outside.of(step, runs)) >= RUNS // 2


def _under_way(told: Mapping[str, Sequence[Stored]], at_ms: int) -> int:
    """How many of these runs were being undone at this time."""
    before = (
        replay([message for message in messages if message.at_ms <= at_ms]).state
        for messages in told.values()
    )
    return sum(state is not None and bool(state.nest.undoing) for state in before)


def _wrong(run_id: str, told: Mapping[str, Sequence[Stored]], marks: Sequence[Mark]) -> list[str]:
    """What the log says was undone, and what was called for outside, in order."""
    wrong = []
    undone = [
        event.step
        for message in told[run_id]
        if b'"step_compensated"' in message.data
        for event in codec.decode(message.data).events
        if isinstance(event.kind, StepCompensated) and event.kind.error is None
    ]
    wanted = [step.removesuffix("_undo") for step in UNDONE]
    if undone != wanted:
        wrong.append(f"{run_id}: its log says that {undone} were undone")
    calls = [m.step for m in marks if m.run_id == run_id and m.step.endswith("_undo")]
    # A call that was cut off comes again before anything else is undone, never later.
    if [step for step, _ in groupby(calls)] != UNDONE:
        wrong.append(f"{run_id}: was undone outside as {calls}")
    return wrong
