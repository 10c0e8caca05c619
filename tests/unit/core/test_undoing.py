"""What must be undone is undone: after failures in loops, at deadlines, and not half."""

from __future__ import annotations

from typing import Any

from tests.unit.core.played import Played, node, play, task
from tests.unit.core.test_containers import box, check, signal
from weir.contract.messages import (
    ChildEnded,
    Event,
    PauseRequested,
    ResumeRequested,
    RunFailed,
    StepCompensated,
    StepCompleted,
    StepDecided,
    TaskScheduled,
)
from weir.core.state import STEP_ENDED


def undone(run: Played) -> list[str]:
    """The steps that were undone, in order."""
    return [event.step for event in run.events(StepCompensated)]


def test_a_loop_that_fails_leaves_what_its_open_iterations_did_to_be_undone() -> None:
    """The scope around it undoes them, last first."""
    nodes = [
        node("go", "manual"),
        box("saga", "scope"),
        box("each", "for_each", {"items": "{{ input }}", "concurrency": 2}, parent="saga"),
        task("book", parent="each", compensate="unbook"),
        task("pay", parent="each"),
        node("unbook", "task", {"what": "{{ item }}"}, parent="each"),
    ]
    run = play(nodes, ["go>saga", "book>pay"], input=["a", "b", "c"])
    run.succeed("saga/each[1]/book").succeed("saga/each[0]/book").fail("saga/each[1]/pay", "NO")
    assert run.sent()[-1] == ("saga/each[0]/unbook", 1)
    assert run.config("saga/each[0]/unbook") == {"what": "a"}
    check(run).succeed("saga/each[0]/unbook").succeed("saga/each[1]/unbook")
    assert undone(check(run)) == ["saga/each[0]/book", "saga/each[1]/book"]
    assert run.state.error is not None
    assert run.state.error.code == "NO"


SAGA = [
    node("go", "manual"),
    task("pay", parent="saga", compensate="refund"),
    task("ship", parent="saga", timeout_ms=3_600_000.0),
    task("refund", parent="saga", timeout_ms=3_600_000.0),
]


def test_a_scope_whose_time_is_over_is_undone() -> None:
    """Then it fails with STEP_TIMEOUT."""
    saga = {**box("saga", "scope"), "timeout_ms": 5_000.0}
    run = play([*SAGA, saga], ["go>saga", "pay>ship"]).succeed("saga/pay").advance(5_000)
    assert run.sent()[-1] == ("saga/refund", 1)
    check(run).succeed("saga/refund")
    assert undone(check(run)) == ["saga/pay"]
    assert run.state.error is not None
    assert run.state.error.code == "STEP_TIMEOUT"


def test_deadlines_do_not_cut_undoing_short() -> None:
    """Neither that of the scope, nor that of what is around it, nor the run's."""
    guard = {**box("guard", "try"), "timeout_ms": 20_000.0}
    saga = {**box("saga", "scope", parent="guard"), "timeout_ms": 10_000.0}
    run = play(
        [*SAGA, guard, saga],
        ["go>guard", "pay>ship"],
        settings={"timeout_ms": 30_000.0},
    )
    run.succeed("guard/saga/pay").fail("guard/saga/ship", "NO").advance(60_000)
    assert run.state.status == "running"
    assert run.step("guard/saga/refund").status == "queued"
    assert run.wake_at is not None
    assert run.wake_at > run.now
    check(run).succeed("guard/saga/refund")
    assert undone(check(run)) == ["guard/saga/pay"]
    assert run.state.error is not None


def test_a_deadline_that_rested_counts_when_the_undoing_is_over() -> None:
    """What goes on after a scope that was undone and caught is still limited."""
    guard = {**box("guard", "try"), "timeout_ms": 20_000.0}
    saga = box("saga", "scope", parent="guard", on_error="continue")
    nodes = [*SAGA, guard, saga, task("late", parent="guard", timeout_ms=3_600_000.0)]
    run = play(nodes, ["go>guard", "pay>ship", "saga>late"])
    run.succeed("guard/saga/pay").fail("guard/saga/ship", "NO").advance(15_000)
    run.succeed("guard/saga/refund")
    assert run.step("guard/late").status == "queued"
    check(run).advance(5_000)
    assert run.state.error is not None
    assert (run.state.error.code, run.state.error.step) == ("STEP_TIMEOUT", "guard")


def test_a_run_that_waits_for_its_children_to_end_is_not_woken_by_its_time() -> None:
    """Its own deadline changes nothing then: an owner it woke would have nothing to decide."""
    guard = {**box("guard", "try"), "timeout_ms": 1_000.0}
    call = node("call", "sub_workflow", {"workflow": "wf_other"}, parent="guard", section="body")
    nodes = [node("go", "manual"), guard, call]
    run = play(nodes, ["go>guard"], settings={"timeout_ms": 5_000.0}).advance(1_000)
    assert run.advance(4_000).wake_at is None
    assert run.state.status == "running"
    ((child, step),) = run.state.nest.leaving.items()
    run.fact(Event.of(ChildEnded(run_id=child, status="cancelled"), step=step))
    check(run.settle())
    assert run.state.error is not None
    assert (run.state.error.code, run.state.error.step) == ("STEP_TIMEOUT", "guard")


def test_a_run_whose_time_is_over_waits_for_who_lost_a_race() -> None:
    """It fails with RUN_TIMEOUT once that run has ended too: no called run outlives its caller."""
    call = node("call", "sub_workflow", {"workflow": "wf_other"}, parent="first")
    nodes = [node("go", "manual"), box("first", "race"), call, task("own", parent="first")]
    run = play([*nodes, task("late")], ["go>first", "first>late"], settings={"timeout_ms": 5_000.0})
    run.succeed("first/own").advance(5_000)
    assert run.state.status == "compensating"
    ((child, step),) = run.state.nest.leaving.items()
    run.fact(Event.of(ChildEnded(run_id=child, status="cancelled"), step=step))
    check(run.settle())
    assert run.state.status == "failed"
    assert run.state.error is not None
    assert run.state.error.code == "RUN_TIMEOUT"


def test_a_run_whose_time_is_over_is_undone() -> None:
    """It fails with RUN_TIMEOUT when that is done, however long that takes."""
    nodes = [node("go", "manual"), task("pay", compensate="refund"), task("ship"), task("refund")]
    run = play(nodes, ["go>pay", "pay>ship"], settings={"timeout_ms": 5_000.0})
    run.succeed("pay").advance(5_000)
    assert run.state.status == "compensating"
    check(run).advance(5_000)
    run.succeed("refund")
    assert undone(check(run)) == ["pay"]
    assert run.state.error is not None
    assert run.state.error.code == "RUN_TIMEOUT"
    assert len(run.events(RunFailed)) == 1


def test_a_container_cannot_ask_for_what_is_inside_it() -> None:
    """`ask` on one that was entered is `fail`: the failure is not swallowed."""
    each = box("each", "for_each", {"items": [1]}, on_error="ask")
    run = play([node("go", "manual"), each, task("work", parent="each")], ["go>each"])
    run.fail("each[0]/work", "NO")
    assert check(run).state.status == "failed"


def test_a_container_that_could_not_be_entered_is_tried_again() -> None:
    """As often as somebody says so."""
    each = box("each", "for_each", {"items": "{{ vars.list }}"}, on_error="ask")
    nodes = [
        node("go", "manual"),
        each,
        node("sig", "wait_signal", {"name": "fix"}),
        node("fix", "set_variables", {"values": {"list": [1]}}),
        node("double", "set", {"values": "{{ item * 2 }}"}, parent="each"),
    ]
    run = play(nodes, ["go>each", "go>sig", "sig>fix"], vars={"list": 5})
    assert run.step("each").waits == "ask"
    decide_on(run, "each", "retry", 1)
    assert run.step("each").waits == "ask"
    check(signal(run, "fix", None))
    decide_on(run, "each", "retry", 2)
    assert check(run).step("each").output == [2]


def decide_on(run: Played, path: str, decision: str, number: int, output: Any = None) -> None:
    """Somebody decides."""
    said = StepDecided(request_id=f"r{number}", decision=decision, output=output)
    run.fact(Event.of(said, step=path))
    run.settle()


def test_a_step_that_fails_again_asks_again() -> None:
    """Also one that is evaluated in place."""
    nodes = [node("go", "manual"), node("calc", "set", {"values": "{{ 1 / 0 }}"}, on_error="ask")]
    run = play(nodes, ["go>calc"])
    decide_on(run, "calc", "retry", 1)
    assert check(run).step("calc").waits == "ask"
    decide_on(run, "calc", "skip", 2, output=3)
    assert run.state.output == {"calc": 3}


def test_a_task_is_not_sent_when_the_same_turn_cancels_it() -> None:
    """A race that is won at once: nobody works for the branch that lost."""
    nodes = [
        node("go", "manual"),
        box("race", "race"),
        task("slow", parent="race"),
        node("fast", "set", {"values": 1}, parent="race"),
        task("after"),
    ]
    run = play(nodes, ["go>race", "race>after"])
    assert [e.step for e in run.events(TaskScheduled)] == ["after"]
    assert run.state.active == 1
    check(run).succeed("after")
    assert all(step.status in STEP_ENDED for step in run.state.steps.values())
    assert any(e.step == "race" for e in run.events(StepCompleted))


def test_waits_that_are_over_leave_nothing_behind() -> None:
    """A loop of waits that time out keeps no list of them."""
    config = {"condition": "{{ index < 20 }}", "initial": 0}
    wait = node("w", "wait_signal", {"name": "x", "timeout": "1s"}, on_error="continue")
    run = play(
        [node("go", "manual"), box("again", "while", config), {**wait, "parent": "again"}],
        ["go>again"],
    )
    for _ in range(15):
        run.advance(1_000)
    assert len(run.state.nest.awaiting["x"]) == 1


def test_a_run_that_stands_still_is_not_woken() -> None:
    """A time that comes during a pause rings nobody; what was due is done when it goes on."""
    run = play([node("go", "manual"), node("wait", "delay", {"duration": "5s"})], ["go>wait"])
    run.fact(Event.of(PauseRequested(request_id="p1")))
    run.settle().advance(6_000)
    assert run.wake_at is None
    run.fact(Event.of(ResumeRequested(request_id="r1")))
    assert check(run.settle()).state.status == "succeeded"
