"""Steps that wait for people, played by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.core.played import Played, node, play, task
from tests.unit.core.test_containers import box, check
from weir.contract import ids
from weir.contract.messages import (
    ApprovalDecided,
    CancelRequested,
    Event,
    StepCompleted,
    StepDecided,
    StepFailed,
    WaitStarted,
)

ASK = {"title": "Deploy {{ input.release }}?", "assignees": "{{ input.who }}", "context": 1}
INPUT = {"release": "1.4.2", "who": ["group:Release", "ann@example.com"]}


def asking(config: Any = None, **more: Any) -> Played:
    """A run that asks."""
    ask = node("ask", "approval", {**ASK, **(config or {})}, ports=["approved", "rejected"], **more)
    return play(
        [node("go", "manual"), ask, task("ship"), task("stop")],
        ["go>ask", "ask:approved>ship", "ask:rejected>stop"],
        input=INPUT,
    )


def asked(run: Played, path: str = "ask") -> WaitStarted:
    """What was recorded as the step began to wait, the last time."""
    kind = [event for event in run.events(WaitStarted) if event.step == path][-1].kind
    assert isinstance(kind, WaitStarted)
    return kind


def decides(run: Played, outcome: str = "decided", path: str = "ask", **more: Any) -> Played:
    """What the approval service tells the run."""
    decided = ApprovalDecided(
        approval_id=asked(run, path).what.partition(":")[2], outcome=outcome, **more
    )
    run.fact(Event.of(decided, step=path))
    return run.settle()


def test_the_step_waits_and_says_what_is_asked() -> None:
    """The record holds the resolved question; nothing else happens until people have decided."""
    run = check(asking())
    wait = asked(run)
    assert wait.what == f"approval:{ids.derived('apr', run.state.start.run_id, 'ask', '1')}"
    assert run.step("ask").waits == wait.what
    assert (run.step("ask").status, run.state.status) == ("waiting", "waiting")
    assert wait.approval is not None
    assert wait.approval["title"] == "Deploy 1.4.2?"
    assert wait.approval["assignees"] == ["group:release", "user:ann@example.com"]
    assert [one["value"] for one in wait.approval["options"]] == ["approved", "rejected"]


def test_it_goes_on_by_the_port_of_the_option() -> None:
    """The other branch is skipped, and the output is what the fact says."""
    run = check(decides(asking(), option="rejected", output={"decision": "rejected"}))
    done = run.events(StepCompleted)[-1].kind
    assert isinstance(done, StepCompleted)
    assert (done.port, done.output) == ("rejected", {"decision": "rejected"})
    assert run.statuses()["ship"] == "skipped"
    assert run.sent() == [("stop", 1)]


def test_the_first_decision_counts() -> None:
    """A second one, and one for another asking, change nothing."""
    run = asking()
    run.fact(Event.of(ApprovalDecided(approval_id="apr_x", outcome="expired"), step="ask"))
    assert run.settle().step("ask").status == "waiting"
    decides(run, option="approved", output=1)
    check(decides(run, option="rejected", output=2))
    assert run.step("ask").output == 1


@pytest.mark.parametrize(
    ("outcome", "code"), [("expired", "APPROVAL_EXPIRED"), ("withdrawn", "APPROVAL_WITHDRAWN")]
)
def test_without_a_decision_it_fails(outcome: str, code: str) -> None:
    """Nobody decided, or it was withdrawn: the step's error policy says what that means."""
    run = check(decides(asking(), outcome, reason="by mistake"))
    failed = run.events(StepFailed)[-1].kind
    assert isinstance(failed, StepFailed)
    assert failed.error is not None
    assert failed.error.code == code
    assert run.state.status == "failed"


def test_asking_again_is_another_approval() -> None:
    """After `on_error: ask` and a retry people are asked anew, under another id."""
    run = asking(on_error="ask")
    first = asked(run).what
    decides(run, "expired")
    assert run.step("ask").waits == "ask"
    run.fact(Event.of(StepDecided(request_id="req_1", decision="retry"), step="ask"))
    check(run.settle())
    assert asked(run).what != first
    assert run.step("ask").waits == asked(run).what
    decides(run, option="approved", output=1)
    assert run.step("ask").port == "approved"


@pytest.mark.parametrize(
    "config",
    [
        {"assignees": []},
        {"assignees": "nobody"},
        {"assignees": {"a": 1}},
        {"assignees": "role:king"},
        {"assignees": "ann@example.com", "on_timeout": "maybe"},
        {"assignees": "ann@example.com", "escalation": [{"after": "1h", "decide": "maybe"}]},
        {"assignees": "ann@example.com", "form": {"type": "no such type"}},
        {"assignees": "ann@example.com", "context": "x" * 70_000},
        {"assignees": "ann@example.com", "timeout": "-1s"},
        {"assignees": "ann@example.com", "required": 0},
    ],
)
def test_what_cannot_be_asked_fails(config: dict[str, Any]) -> None:
    """A question that nobody could answer is an error of the step, never a wait for ever."""
    failed = check(asking(config)).events(StepFailed)[-1].kind
    assert isinstance(failed, StepFailed)
    assert failed.error is not None
    assert failed.error.code == "APPROVAL_INVALID"


def test_who_asks_people_reads_no_queue() -> None:
    """Beside a task the asking has a message of its own, so that one filter finds all of them."""
    run = play(
        [node("go", "manual"), node("ask", "approval", ASK), task("other")],
        ["go>ask", "go>other"],
        input=INPUT,
    )
    check(run)
    alone = [
        [type(event.kind).__name__ for event in envelope.events]
        for _, _, envelope in run.stored
        if envelope.turn
    ]
    assert alone == [["WaitStarted"], ["TaskScheduled"]]


def test_a_cancelled_run_asks_nobody_any_more() -> None:
    """What is decided afterwards is late."""
    run = asking()
    run.fact(Event.of(CancelRequested(request_id="req_1")))
    run.settle()
    assert run.state.status == "cancelled"
    assert check(decides(run, option="approved")).step("ask").status == "cancelled"


def test_each_round_of_a_loop_asks_for_itself() -> None:
    """Their ids differ, and each goes on by its own decision."""
    run = play(
        [
            node("go", "manual"),
            box("each", "for_each", {"items": [1, 2]}),
            node("ask", "user_input", {**ASK, "form": {"type": "object"}}, parent="each"),
        ],
        ["go>each"],
        input=INPUT,
    )
    check(run)
    for path in ("each[1]/ask", "each[0]/ask"):
        decides(run, path=path, option="submitted", output={"values": path})
    check(run)
    assert run.state.output == {"each": [{"values": "each[0]/ask"}, {"values": "each[1]/ask"}]}
