"""Clocks that jump while runs wait: every timer fires, each once and none before its time (F9)."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fault.house import House
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import mark_wait_mark

RUNS = 100
HOUR_S = 3600
WAIT_MS = 2000

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


_FIRST = str(Path(__file__).parent / "wrong_clock")


class Clock:
    """The clock of some processes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.environment = {
            "PYTHONPATH": os.pathsep.join((_FIRST, os.environ.get("PYTHONPATH", ""))),
            "WRONG_CLOCK": str(file),
        }
        self.jump(0)

    def jump(self, seconds: int) -> None:
        """Be wrong by so much from now on."""
        new = self._file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._file)


@dataclass(frozen=True, slots=True)
class Jump:
    """By how much each clock goes wrong, and in words."""

    told: str
    seconds: Mapping[str, int]


JUMPS = (
    Jump(
        "of scheduler-1 +1 h, of scheduler-2 -1 h",
        {"scheduler-1": HOUR_S, "scheduler-2": -HOUR_S},
    ),
    Jump("of both schedulers -1 h", {"scheduler-1": -HOUR_S, "scheduler-2": -HOUR_S}),
    Jump("of both schedulers +1 h", {"scheduler-1": HOUR_S, "scheduler-2": HOUR_S}),
    Jump("of the executor -1 h", {"executor": -HOUR_S}),
    Jump("of the executor +1 h", {"executor": HOUR_S}),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workflow(platform: House) -> str:
    """The workflow of all runs."""
    workflow_id, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    return workflow_id


@pytest.mark.parametrize("jump", JUMPS, ids=[jump.told for jump in JUMPS])
async def test_a_clock_jumps(platform: House, workflow: str, table: Table, jump: Jump) -> None:
    """Runs that wait meanwhile and runs that begin then all end; nothing fires early."""
    clocks = {name: Clock(platform.directory / f"{name}.clock") for name in jump.seconds}
    await platform.kill(*clocks)
    for name, clock in clocks.items():
        platform.add(name, **clock.environment)
    await platform.start(*clocks)
    leases = Leases(platform)
    outside = platform.outside
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    mine = set(runs)
    await outside.until(lambda: len(outside.of("a", mine)) >= RUNS * 3 // 4)
    jumped_ms = time.time_ns() // 1_000_000
    for name, seconds in jump.seconds.items():
        clocks[name].jump(seconds)
    during = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    await platform.ended([*runs, *during])
    for clock in clocks.values():
        clock.jump(0)
    after = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    every = [*runs, *during, *after]
    sequence = await platform.ended(every)
    verdict = await judge(platform, every, sequence=sequence, leases=leases)
    await leases.close()
    table.row(
        f"clock {jump.told}, later right again",
        every,
        verdict,
        gaps(await histories(platform, runs), jumped_ms),
    )
    verdict.must_hold()
    at_ms = {(mark.run_id, mark.step): mark.at_ms for mark in outside.marks}
    assert min(at_ms[run_id, "b"] - at_ms[run_id, "a"] for run_id in every) >= WAIT_MS
