"""The one order of a run's log, and the chain that shows what is missing from it."""

from __future__ import annotations

from tests.unit.core.played import Played, frozen, node, play, task
from weir.contract.messages import Event, TaskSucceeded
from weir.core.canonical import to_json
from weir.core.decide import decide
from weir.core.runlog import RunLog

START = node("start", "manual")


def example() -> Played:
    """A run with a join, a retry and a wait."""
    retry = {"max_attempts": 2, "initial_ms": 50.0}
    nodes = [
        START,
        task("a", retry=retry),
        task("b"),
        node("w", "delay", {"duration": "1s"}),
        node("j", "merge"),
    ]
    run = play(nodes, ["start>a", "start>b", "b>w", "a>j", "w>j"])
    run.fail("a").advance(1_000)
    return run.succeed("b", 1).succeed("a", 2).advance(5_000)


def read(run: Played, stored: object = None) -> RunLog:
    """The log read anew, without a graph, as the query service does."""
    log = RunLog()
    for seq, data, envelope in stored or run.stored:  # type: ignore[attr-defined]
        log.feed(seq, data, envelope)
    return log


def test_everybody_reads_the_same_state() -> None:
    """A reader without the graph comes to the owner's canonical state, byte for byte."""
    run = example()
    assert run.state.status == "succeeded"
    log = read(run)
    assert log.state is not None
    assert to_json(log.state) == to_json(run.state)
    assert log.broken == ""


def test_reading_twice_changes_nothing() -> None:
    """Messages that come again are known."""
    run = example()
    log = read(run, [*run.stored, *run.stored])
    assert log.state is not None
    assert to_json(log.state) == to_json(run.state)


def test_a_fact_that_was_not_seen_waits() -> None:
    """An owner message that had not seen a fact does not count it, wherever it lies."""
    run = Played(frozen([START, task("a"), task("b")], ["start>a", "start>b"])).settle()
    decision_before = run.log.next_turn()
    run.fact(Event.of(TaskSucceeded(output=1), step="a", attempt=1))
    run.fact(Event.of(TaskSucceeded(output=2), step="b", attempt=1))
    assert run.step("a").status == "queued"
    assert run.log.next_turn()[0] > decision_before[0]
    tentative = run.log.tentative
    assert tentative is not None
    assert tentative.steps["a"].status == "succeeded"
    run.settle()
    assert run.state.status == "succeeded"


def test_a_lost_message_shows() -> None:
    """Without any one message that was seen, the chain does not fit."""
    run = example()
    for missing in range(1, len(run.stored) - 1):
        stored = run.stored[:missing] + run.stored[missing + 1 :]
        last_owner = max(i for i, (_, _, e) in enumerate(run.stored) if e.turn)
        if missing < last_owner:
            assert read(run, stored).broken, run.stored[missing][2]


def test_a_changed_message_shows() -> None:
    """A body that was altered later breaks the chain at the next owner message."""
    run = example()
    seq, data, envelope = run.stored[3]
    stored = [*run.stored[:3], (seq, data + b" ", envelope), *run.stored[4:]]
    assert read(run, stored).broken


def test_adopting_is_the_same_as_reading() -> None:
    """The owner takes its decided state without folding; a reader comes to the same."""
    run = Played(frozen([START, task("a")], ["start>a"]))
    state = run.log.tentative
    assert state is not None
    decision = decide(state, run.now)
    own = RunLog(lambda _: run.graph)
    for stored in run.stored:
        own.feed(*stored)
    seen, _, _ = own.next_turn()
    run.settle()
    own.adopt(decision.state, seen, [data for _, data, e in run.stored if e.turn])
    assert own.state is not None
    assert to_json(own.state) == to_json(run.state)
    assert own.next_turn() == run.log.next_turn()


def test_a_fact_without_an_event_is_passed_over() -> None:
    """What says nothing changes nothing."""
    run = example()
    before = to_json(run.state)
    run.log.feed(10**6, b"{}", run.stored[0][2].model_copy(update={"events": ()}))
    assert run.log.tentative is not None
    assert to_json(run.log.tentative) == before
