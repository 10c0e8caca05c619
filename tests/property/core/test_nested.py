"""Containers in containers: what validation lets through runs to an end, and reads what it says."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.core.nested import CODES, Author
from tests.unit.core.played import Played
from tests.unit.core.test_containers import check
from weir.contract.messages import Event, SignalReceived, StepDecided, StepFailed
from weir.core.state import ENDED
from weir.core.validate import validate
from weir.nodes.registry import catalogue

RUNS = settings(max_examples=60, suppress_health_check=list(HealthCheck), derandomize=True)


def open_to(run: Played) -> list[tuple[str, str]]:
    """What could come from outside."""
    moves = []
    for path, step in run.state.steps.items():
        if step.status == "queued" and step.attempt:
            moves.append(("task", path))
        elif step.status == "waiting" and step.waits == "ask":
            moves.append(("ask", path))
        elif step.status == "waiting" and step.waits.startswith("signal:"):
            moves.append(("signal", step.waits.partition(":")[2]))
    return moves


def to_the_end(run: Played, random: Random, *, cancel_at: int = -1) -> None:
    """Workers answer, signals come, people decide and time passes, in any order."""
    for number in range(2_000):
        if run.state.status in ENDED:
            return
        if number == cancel_at:
            run.cancel()
            continue
        moves = open_to(run)
        if run.wake_at is not None and (not moves or random.random() < 0.2):
            run.advance(max(run.wake_at - run.now, 0))
            continue
        assert moves, "nothing can happen, and the run has not ended"
        kind, name = random.choice(moves)
        if kind == "signal":
            run.fact(Event.of(SignalReceived(signal_id=f"s{number}", name=name, payload=number)))
            run.settle()
        elif kind == "ask":
            decision = random.choice(["retry", "skip", "skip", "fail"])
            decided = StepDecided(request_id=f"r{number}", decision=decision, output=number)
            run.fact(Event.of(decided, step=name))
            run.settle()
        elif random.random() < 0.75:
            run.succeed(name, {"n": number})
        else:
            run.fail(name, random.choice(CODES), retryable=random.random() < 0.7)
    raise AssertionError("the run does not come to an end")


def played(random: Random) -> Played:
    """A run of a random definition, which is right."""
    raw = Author(random).definition()
    checked = validate(raw, catalogue())
    assert [(e.code, e.path, e.message) for e in checked.errors] == []
    assert [w for w in checked.warnings if w.code != "NODE_SETTING_IGNORED"] == []
    assert checked.frozen is not None
    return Played(checked.frozen, input={"a": 1}).settle()


@RUNS
@given(st.integers(0, 2**32))
def test_what_is_right_runs_to_an_end(seed: int) -> None:
    """Whatever fails on the way; no step reads what is not there, and the log folds to the same."""
    random = Random(seed)
    run = played(random)
    to_the_end(run, random)
    check(run)
    for event in run.events(StepFailed):
        assert isinstance(event.kind, StepFailed)
        assert event.kind.error is not None
        assert event.kind.error.code in {*CODES, "RACE_LOST", "STEP_TIMEOUT"}, event


@RUNS
@given(st.integers(0, 2**32))
def test_what_is_cancelled_ends_too(seed: int) -> None:
    """With its undo steps run, at any moment."""
    random = Random(seed)
    run = played(random)
    to_the_end(run, random, cancel_at=random.randint(0, 12))
    check(run)
