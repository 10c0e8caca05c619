"""The checks of the workloads find what is wrong."""

from __future__ import annotations

from itertools import product

import pytest

from benchmarks import definitions
from benchmarks.workloads import (
    W2,
    W3,
    W4,
    W6_STEPS,
    Verdict,
    WrongAnswerError,
    check_w1,
    judge_w6,
    w1_answer,
)


def test_answers_of_w1() -> None:
    """Big orders are a tenth cheaper, small ones are not."""
    assert w1_answer(1) == {"id": 1, "tier": "big", "net": 675}
    assert w1_answer(2) == {"id": 2, "tier": "small", "net": 57}


@pytest.mark.parametrize("change", [{"net": 676}, {"tier": "small"}, {"id": 2}, {"more": 1}])
def test_a_wrong_answer_to_w1_is_found(change: dict[str, object]) -> None:
    """Whichever field is wrong, or is one too many."""
    check_w1(1, w1_answer(1))
    with pytest.raises(WrongAnswerError, match="order 1"):
        check_w1(1, {**w1_answer(1), **change})


def test_sums_of_the_steps() -> None:
    """The sums are those that all engines are held against."""
    assert [work.total for work in (W2, W3, W4)] == [2200, 750250, 5500]
    assert W2.bare() == W2.total
    with pytest.raises(WrongAnswerError, match="W4"):
        W4.check(5445)


def test_w6_without_loss() -> None:
    """All marks of all runs once."""
    runs = {"r1", "r2"}
    assert judge_w6(runs, product(runs, W6_STEPS)) == Verdict(accepted=2, lost=0, repeated=0)


def test_w6_finds_what_is_lost_and_repeated() -> None:
    """A run without one of its marks is lost; each mark too many counts."""
    marks = [("r1", "a"), ("r1", "b"), ("r2", "a"), ("r2", "a"), ("r2", "b"), ("r2", "c")]
    verdict = judge_w6({"r1", "r2", "r3"}, marks)
    assert verdict == Verdict(accepted=3, lost=2, repeated=1)


def test_definitions_have_the_steps_they_are_named_for() -> None:
    """40 steps one after the other, 100 side by side with a join, and the same as a loop."""
    tasks = [
        sum(node["type"] == "task" for node in made["nodes"])
        for made in (definitions.sequential(W2), definitions.parallel(W4), definitions.loop(W4))
    ]
    assert tasks == [40, 100, 1]
    join = next(node for node in definitions.parallel(W4)["nodes"] if node["id"] == "join")
    assert join["join"] == "all"
