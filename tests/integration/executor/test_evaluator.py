"""Heavy expressions in processes that can be killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from weir.ports.evaluator import Evaluation
from weir.ports.node_context import Terminal
from weir.runtime.worker_evaluation import LocalEvaluator, ProcessEvaluator


def _evaluation(config: Any, **roots: Any) -> Evaluation:
    return Evaluation(config, roots, 1_700_000_000_000, "run_a/a/1")


@pytest.fixture
async def evaluator() -> AsyncIterator[ProcessEvaluator]:
    """One process with little time and memory."""
    evaluator = ProcessEvaluator(processes=1, seconds=20, megabytes=512)
    yield evaluator
    await evaluator.close()


def _pids(evaluator: ProcessEvaluator) -> set[int]:
    return {process.pid for process in evaluator._all}


async def test_a_value_is_the_same_here_and_there(evaluator: ProcessEvaluator) -> None:
    """A process of its own changes nothing about an expression's value."""
    evaluation = _evaluation(
        {"n": "{{ input.n * 2 }}", "t": "at {{ input.n }}", "id": "{{ uuid() }}"}, input={"n": 21}
    )
    value = await evaluator.evaluate(evaluation)
    assert (value["n"], value["t"]) == (42, "at 21")
    assert value == await LocalEvaluator().evaluate(evaluation)


async def test_a_process_is_kept_for_the_next(evaluator: ProcessEvaluator) -> None:
    """Starting Python for each expression would be the expensive part."""
    await evaluator.evaluate(_evaluation("{{ 1 }}"))
    first = _pids(evaluator)
    await asyncio.gather(*(evaluator.evaluate(_evaluation("{{ 1 }}")) for _ in range(20)))
    assert _pids(evaluator) == first


async def test_an_error_has_its_code_and_place(evaluator: ProcessEvaluator) -> None:
    """As if the owner had evaluated it; and the process lives on."""
    with pytest.raises(Terminal) as failed:
        await evaluator.evaluate(_evaluation({"a": "{{ input.missing }}"}, input={}))
    assert failed.value.error_code == "EXPRESSION_UNRESOLVED"
    assert failed.value.details["path"] == "input.missing"
    assert await evaluator.evaluate(_evaluation("{{ 1 }}")) == 1


async def test_an_expression_bomb_is_stopped(evaluator: ProcessEvaluator) -> None:
    """It ends with EXPRESSION_BUDGET while this process stays free to do other work."""
    numbers = list(range(1000))
    bomb = "{{ input.map(a, input.map(b, input.map(c, a + b + c))) }}"
    running = asyncio.create_task(evaluator.evaluate(_evaluation(bomb, input=numbers)))
    turns = 0
    while not running.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 5
    with pytest.raises(Terminal) as failed:
        await running
    assert failed.value.error_code == "EXPRESSION_BUDGET"
    assert await evaluator.evaluate(_evaluation("{{ 1 }}")) == 1


async def test_a_late_answer_costs_the_process_its_life() -> None:
    """Whatever holds it up, it is killed at its limit and the next one is new."""
    evaluator = ProcessEvaluator(processes=1, seconds=2, megabytes=512)
    try:
        await evaluator.evaluate(_evaluation("{{ 1 }}"))
        (pid,) = _pids(evaluator)
        os.kill(pid, signal.SIGSTOP)  # as if it hung
        with pytest.raises(Terminal) as failed:
            await evaluator.evaluate(_evaluation("{{ 1 }}"))
        assert failed.value.error_code == "EXPRESSION_BUDGET"
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert await evaluator.evaluate(_evaluation("{{ 1 }}")) == 1
    finally:
        await evaluator.close()


async def test_a_process_that_died_between_two_expressions_is_replaced(
    evaluator: ProcessEvaluator,
) -> None:
    """The next expression is not to blame and does not suffer."""
    await evaluator.evaluate(_evaluation("{{ 1 }}"))
    (process,) = evaluator._all
    process.kill()
    await process.wait()
    assert await evaluator.evaluate(_evaluation("{{ 1 }}")) == 1


async def test_a_cancelled_evaluation_takes_its_process_along(
    evaluator: ProcessEvaluator,
) -> None:
    """Nobody waits for the answer, so nobody may get it in place of their own."""
    await evaluator.evaluate(_evaluation("{{ 1 }}"))
    (pid,) = _pids(evaluator)
    numbers = list(range(1000))
    bomb = "{{ input.map(a, input.map(b, a + b)).size() }}"
    running = asyncio.create_task(evaluator.evaluate(_evaluation(bomb, input=numbers)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert await evaluator.evaluate(_evaluation("{{ 'mine' }}")) == "mine"


async def test_the_process_sees_nothing_of_ours(
    evaluator: ProcessEvaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No environment: no key of ours can leak from it."""
    monkeypatch.setenv("WEIR_SECRET_OF_OURS", "x")
    await evaluator.evaluate(_evaluation("{{ 1 }}"))
    (pid,) = _pids(evaluator)
    assert b"WEIR" not in Path(f"/proc/{pid}/environ").read_bytes()


async def test_closing_leaves_no_process(evaluator: ProcessEvaluator) -> None:
    """They end with the executor."""
    await evaluator.evaluate(_evaluation("{{ 1 }}"))
    pids = _pids(evaluator)
    await evaluator.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
