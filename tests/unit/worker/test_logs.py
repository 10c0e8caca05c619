"""Step logs: batched, bounded, and never in the way of a step."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.worker.bench import Bench, FakeNode
from weir.contract.errors import OutcomeUnknownError, UnavailableError
from weir.runtime import worker_context, worker_logs


def _writes(number: int) -> FakeNode:
    async def run(config: Any, ctx: Any) -> Any:
        for n in range(number):
            said = f"line {n}"
            ctx.log.info(said, n=n)

    return FakeNode(run)


async def test_lines_of_a_step_are_stored_together() -> None:
    """Many lines are few messages, in order, with level, step and attempt."""
    async with Bench(_writes(100)) as bench:
        await bench.done(await bench.deliver(attempt=2))
        lines = await bench.lines()
        assert [line.message for line in lines] == [f"line {n}" for n in range(100)]
        assert {(line.step, line.attempt, line.level) for line in lines} == {("a", 2, "info")}
        assert lines[7].fields == {"n": 7}
        assert sum(bench.logs.flushes) == 1


async def test_an_attempt_writes_a_bounded_number_of_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last line says that more were not kept."""
    monkeypatch.setattr(worker_context, "PER_ATTEMPT", 10)
    async with Bench(_writes(50)) as bench:
        await bench.done(await bench.deliver())
        lines = await bench.lines()
        assert len(lines) == 10
        assert lines[-1].level == "warning"


async def test_large_lines_are_cut_and_large_fields_left_out() -> None:
    """No line outgrows what a message can hold."""

    async def run(config: Any, ctx: Any) -> Any:
        ctx.log.info("x" * 100_000, data="y" * 100_000)

    async with Bench(FakeNode(run)) as bench:
        await bench.done(await bench.deliver())
        (line,) = await bench.lines()
        assert len(line.message) == worker_logs.MESSAGE_CHARS
        assert line.fields == {"too_large": 100_011}


async def test_lines_wait_while_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was surely not stored is tried again."""
    monkeypatch.setattr(worker_logs, "FLUSH_S", 0.001)
    async with Bench(_writes(3)) as bench:
        bench.logs.failures = [UnavailableError("away")] * 3
        await bench.done(await bench.deliver())
        assert [line.message for line in await bench.lines()] == ["line 0", "line 1", "line 2"]
        assert len(bench.logs.flushes) == 4


async def test_lines_of_unknown_outcome_are_not_repeated() -> None:
    """A line twice would be worse than one missing."""
    async with Bench(_writes(3)) as bench:
        bench.logs.stores_despite = True
        bench.logs.failures = [OutcomeUnknownError("lost")]
        await bench.done(await bench.deliver())
        assert len(await bench.lines()) == 3


async def test_the_oldest_lines_go_when_too_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded however long the broker is away."""
    monkeypatch.setattr(worker_logs, "FLUSH_S", 0.001)
    monkeypatch.setattr(worker_logs, "HELD", 5)
    async with Bench(_writes(20)) as bench:
        bench.logs.failures = [UnavailableError("away")] * 2
        await bench.done(await bench.deliver())
        kept = [line.message for line in await bench.lines()]
        assert kept[-1] == "line 19"
        assert len(kept) <= 10
