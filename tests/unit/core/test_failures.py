"""What a run makes of failures, deadlines and cancellation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.core.played import T0, Played, node, play, task
from weir.contract.messages import (
    CancelRequested,
    Error,
    Event,
    RunCancelled,
    StepFailed,
    TimerSet,
)
from weir.core.decide import decide, pause_run
from weir.core.graph import TIME_IN_QUEUE_MS
from weir.core.run import evolve

START = node("start", "manual")
RETRY = {"max_attempts": 3, "initial_ms": 2_000.0, "factor": 3.0, "max_ms": 4_000.0, "jitter": 0.0}


def one(**more: Any) -> Played:
    """A run with one task."""
    return play([START, task("a", **more)], ["start>a"], input={"n": 1})


def pauses(run: Played) -> list[int]:
    """Waits before further attempts, in ms."""
    return [due - T0 for _, _, due in run.timers]


def test_a_failure_without_policy_fails_the_run() -> None:
    """The run's error is the step's, with its place."""
    run = one().fail("a", "BROKEN")
    assert run.state.status == "failed"
    assert run.step("a").status == "failed"
    assert run.state.error is not None
    assert (run.state.error.code, run.state.error.step) == ("BROKEN", "a")


def test_retries_back_off_up_to_a_cap_and_end() -> None:
    """2 s, then 6 s capped to 4 s, then the third attempt is the last."""
    run = one(retry=RETRY).fail("a")
    assert pauses(run) == [2_000]
    assert run.step("a").status == "retrying"
    assert run.state.status == "waiting"
    run.advance(2_000)
    run.fail("a").advance(4_000)
    assert pauses(run) == [2_000, 6_000]
    assert run.sent() == [("a", 1), ("a", 2), ("a", 3)]
    assert run.fail("a").state.status == "failed"


def test_jitter_is_the_same_for_the_same_attempt() -> None:
    """Deciding again gives the same pause; other runs get another one."""
    policy = {**RETRY, "jitter": 0.5}
    first, second = one(retry=policy).fail("a"), one(retry=policy).fail("a")
    assert pauses(first) == pauses(second)
    assert 1_000 <= pauses(first)[0] <= 3_000
    assert pauses(first)[0] != 2_000


def test_the_nodes_own_wish_for_a_pause_is_a_minimum() -> None:
    """Retry-After is honoured beyond the policy's cap."""
    assert pauses(one(retry=RETRY).fail("a", retry_after_ms=30_000)) == [30_000]


def test_what_cannot_be_retried_is_not() -> None:
    """A terminal failure ends the step at once."""
    assert one(retry=RETRY).fail("a", retryable=False).state.status == "failed"


@pytest.mark.parametrize(("code", "again"), [("HTTP_503", True), ("HTTP_404", False)])
def test_retry_if_decides(code: str, again: bool) -> None:  # noqa: FBT001
    """An expression over the error says whether another attempt is made."""
    policy = {**RETRY, "retry_if": "{{ error.code == 'HTTP_503' }}"}
    assert bool(pauses(one(retry=policy).fail("a", code))) is again


def test_short_pauses_set_no_schedule() -> None:
    """Under a second the owner's own clock is enough; the log has the due time."""
    run = one(retry={**RETRY, "initial_ms": 300.0}).fail("a")
    assert run.timers == []
    assert run.wake_at == T0 + 300
    assert run.advance(300).sent() == [("a", 1), ("a", 2)]


@pytest.mark.parametrize(("policy", "port"), [("continue", "out"), ("route", "error")])
def test_a_caught_error_is_visible_and_goes_on(policy: str, port: str) -> None:
    """`continue` leaves by out, `route` by error; the output tells what happened."""
    nodes = [START, task("a", on_error=policy, ports=["out", "error"]), task("ok"), task("bad")]
    run = play(nodes, ["start>a", "a>ok", "a:error>bad"]).fail("a", "BROKEN")
    step = run.step("a")
    assert (step.status, step.port) == ("caught", port)
    assert step.output["error"]["code"] == "BROKEN"
    assert run.sent()[1:] == [("ok" if port == "out" else "bad", 1)]


def test_a_failed_run_cancels_what_is_open() -> None:
    """Other branches end with the run; their late results change nothing."""
    run = play([START, task("a"), task("b")], ["start>a", "start>b"]).fail("a")
    assert run.statuses() == {"start": "succeeded", "a": "failed", "b": "cancelled"}
    before = run.state
    run.succeed("b", "late", attempt=1)
    assert run.state == before


def test_a_deadline_counts_as_a_failed_attempt() -> None:
    """A task that nobody answers is tried again, then fails with STEP_TIMEOUT."""
    run = one(retry={**RETRY, "max_attempts": 2, "initial_ms": 0.0})
    assert run.wake_at == T0 + 10_000 + TIME_IN_QUEUE_MS
    run.advance(10_000 + TIME_IN_QUEUE_MS)
    assert run.sent() == [("a", 1), ("a", 2)]
    run.advance(10_000 + TIME_IN_QUEUE_MS)
    assert run.state.error is not None
    assert run.state.error.code == "STEP_TIMEOUT"


def test_a_result_of_an_attempt_given_up_does_not_count() -> None:
    """After the deadline only the new attempt's result counts."""
    run = one(retry={**RETRY, "initial_ms": 0.0}).advance(10_000 + TIME_IN_QUEUE_MS)
    run.succeed("a", "stale", attempt=1)
    assert run.step("a").status == "queued"
    assert run.succeed("a", "fresh").state.output == {"a": "fresh"}


def test_only_the_first_outcome_of_an_attempt_counts() -> None:
    """A second result changes nothing."""
    run = play([START, task("a"), task("b")], ["start>a", "start>b"]).succeed("a", 1)
    run.succeed("a", 2, attempt=1)
    run.fail("a", attempt=1)
    assert run.succeed("b").state.output == {"a": 1, "b": None}


def test_the_run_has_a_time_limit() -> None:
    """After settings.timeout the run fails, whatever it waits for."""
    run = play([START, task("a")], ["start>a"], settings={"timeout_ms": 60_000.0})
    assert run.wake_at == T0 + 60_000
    run.advance(60_000)
    assert run.state.status == "failed"
    assert run.state.error is not None
    assert run.state.error.code == "RUN_TIMEOUT"


def test_cancel_ends_the_run_once() -> None:
    """The first request wins and its reason is kept; open steps are cancelled."""
    run = one().cancel("no longer needed")
    assert run.state.status == "cancelled"
    assert run.step("a").status == "cancelled"
    run.cancel("again")
    (ended,) = run.events(RunCancelled)
    assert ended.kind.reason == "no longer needed"  # type: ignore[union-attr]


def test_a_run_that_stands_still_can_be_cancelled() -> None:
    """Parked or paused, also without its version: a cancel ends it."""
    run = one()
    paused = pause_run(run.state, Error(code="RUN_PARKED", message="stuck"), run.now).state
    wish = Event.of(CancelRequested(request_id="r", reason="give up"))
    for state in (paused, paused._replace(graph=None)):
        assert decide(state, run.now).drafts == ()
        assert decide(evolve(state, wish, run.now), run.now).state.status == "cancelled"


def test_an_end_before_the_cancel_stands() -> None:
    """Who is first wins, and everybody reads the same winner."""
    run = one().succeed("a").cancel()
    assert run.state.status == "succeeded"


def test_fail_node_ends_the_branch_with_its_error() -> None:
    """The author's code, message and details are the error."""
    stop = node("stop", "fail", {"code": "NO_STOCK", "message": "sold out", "details": {"sku": 1}})
    run = play([START, stop], ["start>stop"])
    assert run.state.error is not None
    assert run.state.error.code == "NO_STOCK"
    (failed,) = run.events(StepFailed)
    assert failed.kind.error.details == {"sku": 1}  # type: ignore[union-attr]


def test_a_heavy_expression_goes_to_an_executor_with_what_it_reads() -> None:
    """Over the inline budget the step becomes a task that carries its expression and roots."""
    bomb = "{{ range(200).map(a, range(200).map(b, a * b + input.n)) }}"
    run = play(
        [START, node("s", "set", {"values": {"x": bomb}})],
        ["start>s"],
        input={"n": 2, "unused": "y"},
    )
    (event,) = [e for e in run.events() if e.step == "s"]
    sent = event.task_scheduled
    assert sent is not None
    assert sent.config == {"values": {"x": bomb}}
    assert sent.scope["roots"]["input"]["n"] == 2
    assert run.succeed("s", {"x": []}).state.status == "succeeded"


def test_a_value_by_reference_is_read_by_an_executor() -> None:
    """A step that reads a large output becomes a task; the reference travels in its place."""
    ref = {"key": "default/abc", "size": 300_000.0, "media_type": "application/json"}
    nodes = [START, task("big"), node("s", "set", {"values": {"n": "{{ steps.big.n }}"}})]
    run = play(nodes, ["start>big", "big>s"]).succeed("big", None, output_ref=ref)
    assert run.sent() == [("big", 1), ("s", 1)]
    scope = run.events()[-1].task_scheduled.scope  # type: ignore[union-attr]
    assert scope["roots"]["steps"]["big"] == {"$blob": {**ref, "size": 300_000}}


def test_a_large_inline_outcome_becomes_a_task() -> None:
    """More than 64 kB does not lie in the log."""
    run = play(
        [START, node("s", "set", {"values": {"x": "{{ input.text }}"}})],
        ["start>s"],
        input={"text": "x" * 70_000},
    )
    assert run.sent() == [("s", 1)]


def test_retry_timers_say_why() -> None:
    """The failure that led to a pause is recorded beside it."""
    run = one(retry=RETRY).fail("a", "BROKEN")
    (timer,) = run.events(TimerSet)
    assert timer.kind.reason == "retry"  # type: ignore[union-attr]
    assert timer.kind.error.code == "BROKEN"  # type: ignore[union-attr]
