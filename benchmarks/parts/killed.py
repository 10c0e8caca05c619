"""W6: everything of the engine killed in the middle of 200 runs, and started again at once."""

from __future__ import annotations

import asyncio
import contextlib
import time

from benchmarks import definitions
from benchmarks.house import House
from benchmarks.load import burst
from benchmarks.parts.asking import Options, starts
from benchmarks.report import Row
from benchmarks.workloads import (
    W6_CONNECTIONS,
    W6_KILL_AFTER_S,
    W6_RUNS,
    W6_STEPS,
    Verdict,
    WrongAnswerError,
    judge_w6,
)
from tests.fault.outside import Outside

_PATIENCE_S = 120.0
_UNDER_WAY_MS = 250
"""A mark whose first call came longer before the kill than this had its result stored."""


async def w6(house: House, outside: Outside, row: Row, options: Options) -> None:
    """Start, kill 1 s after the first mark, start again; judge the marks when all are made."""
    workflow = house.publish(definitions.w6(outside.url))["workflow_id"]
    accepted: list[str] = []
    make = starts(
        house, workflow, lambda _: {}, lambda _, run_id: accepted.append(run_id), wait=False
    )
    count = options.of(W6_RUNS)
    port = house.ports["trigger"]
    starting = asyncio.create_task(burst(port, W6_CONNECTIONS, make, count=count))
    await outside.until(lambda: bool(outside.marks))
    await asyncio.sleep(W6_KILL_AFTER_S)
    killed_ms = time.time_ns() // 1_000_000
    house.kill()
    with contextlib.suppress(ExceptionGroup):  # starts that the kill has cut off
        await starting
    before = len(outside.marks)
    began_ms = time.time_ns() // 1_000_000
    ready_s = await house.restart()
    runs = set(accepted)
    with contextlib.suppress(TimeoutError):
        await outside.until(lambda: len(outside.of(W6_STEPS[-1], runs)) == len(runs), _PATIENCE_S)
    verdict = judge_w6(accepted, ((mark.run_id, mark.step) for mark in outside.marks))
    _judge(verdict, outside, killed_ms)
    row.put("w6_first_step_s", (outside.marks[before].at_ms - began_ms) / 1000)
    row.put("w6_ready_s", ready_s)
    row.put("w6_accepted", verdict.accepted)
    row.put("w6_lost", verdict.lost)
    row.put("w6_repeated", verdict.repeated)


def _judge(verdict: Verdict, outside: Outside, killed_ms: int) -> None:
    if verdict.lost:
        raise WrongAnswerError(f"W6: {verdict.lost} of {verdict.accepted} runs are lost")
    first: dict[tuple[str, str], int] = {}
    for mark in outside.marks:
        came = first.setdefault((mark.run_id, mark.step), mark.at_ms)
        if came != mark.at_ms and came < killed_ms - _UNDER_WAY_MS:
            raise WrongAnswerError(f"W6: {mark.step} of {mark.run_id} was done, and done again")
