"""Loops hold no more than what is open, and make each task once."""

from __future__ import annotations

import pytest

from benchmarks.core_loops import Alone, loop
from tests.unit.core.played import node
from weir.core.state import Block
from weir.core.turn import Turn

COUNT = 10_000


def test_a_finished_iteration_leaves_nothing_behind() -> None:
    """10,000 iterations: steps, scopes, arrivals and agenda stay as small as the concurrency."""
    run = Alone(loop(node("calc", "set", {"values": {"v": "{{ item }}"}}), 10), COUNT)
    states = 0
    for state in run.drive(keep=False):
        states += 1
        assert len(state.steps) <= 2 + 10
        assert len(state.nest.scopes) <= 10
        assert len(state.frontier.arrivals) <= 2
        assert len(state.frontier.agenda.items) <= 40
        assert len(state.nest.blocks.get("each", Block("")).rounds) <= 10
    assert states > COUNT // 256
    assert not run.state.nest.scopes
    assert len(run.state.steps) == 2


def test_a_wide_loop_of_tasks_makes_each_task_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks and ends of iterations that come together do not make a turn start over."""
    made = 0
    original = Turn.dispatch

    def dispatch(self: Turn, path: str, one: object, attempt: int) -> None:
        nonlocal made
        made += 1
        original(self, path, one, attempt)  # type: ignore[arg-type]

    monkeypatch.setattr(Turn, "dispatch", dispatch)
    run = Alone(loop(node("work", "task", {"x": "{{ item }}"}), 500), 2_000)
    for _ in run.drive(keep=False):
        pass
    assert made < 2_000 * 1.1
