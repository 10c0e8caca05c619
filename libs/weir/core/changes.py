"""What the events of plain steps, and of the run itself, change.

A change gets the run, the event, its kind and when it was recorded; it answers
False if nothing changed. Facts were accepted before they come here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from weir.contract import times
from weir.contract.messages import (
    CancelRequested,
    Error,
    Event,
    Message,
    RunArchived,
    RunCancelled,
    RunFailed,
    RunPaused,
    RunResumed,
    RunSucceeded,
    StepCompleted,
    StepEntered,
    StepFailed,
    StepSkipped,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
    TimerCancelled,
    TimerFired,
    TimerSet,
)
from weir.core.flow import attend, end, enter_queue, finish, leave_queue, put, value_of, wake
from weir.core.scoping import close_block, fault
from weir.core.state import LOOPS, STEP_ENDED, Answer, Failure, Moving, Step

Change = Callable[[Moving, Event, Any, int], bool | None]


def _task_succeeded(run: Moving, event: Event, kind: TaskSucceeded, at_ms: int) -> None:
    step = run.steps[event.step]
    if step.node_type in LOOPS:  # the list it goes over, which was made elsewhere
        pages = Answer("items", value_of(kind.output, kind.output_ref))
        put(run, event.step, step._replace(status="running", answer=pages, wake_ms=0))
        attend(run, event.step)
        return
    done = Step(
        "succeeded",
        attempt=step.attempt,
        output=value_of(kind.output, kind.output_ref),
        port=kind.port or "out",
        queue=step.queue,
        node_type=step.node_type,
        scheduled_ms=step.scheduled_ms,
        started_ms=times.to_ms(kind.started_at) if kind.started_at else step.scheduled_ms,
        ended_ms=at_ms,
    )
    _close(run, event.step, at_ms)
    finish(run, event.step, done)


def _task_failed(run: Moving, event: Event, kind: TaskFailed, at_ms: int) -> None:
    step = run.steps[event.step]
    error = kind.error or Error(code="STEP_FAILED", message="the worker gave no reason")
    error = error.model_copy(update={"step": event.step})
    failed = step._replace(
        failure=Failure(error, kind.retryable, kind.retry_after_ms),
        error=error,
        started_ms=times.to_ms(kind.started_at) if kind.started_at else step.scheduled_ms,
        ended_ms=at_ms,
    )
    put(run, event.step, failed)
    attend(run, event.step)


def _timer_fired(run: Moving, event: Event, kind: TimerFired, at_ms: int) -> None:
    del kind, at_ms
    put(run, event.step, run.steps[event.step]._replace(fired=True))
    attend(run, event.step)


def _cancel_requested(run: Moving, event: Event, kind: CancelRequested, at_ms: int) -> None:
    del event, at_ms
    run.cancel = kind


def _run_archived(run: Moving, event: Event, kind: RunArchived, at_ms: int) -> None:
    del event, at_ms
    run.archived, run.archived_key = kind.through, kind.key


def _step_entered(run: Moving, event: Event, kind: StepEntered, at_ms: int) -> bool | None:
    if event.step in run.steps:
        return False
    put(run, event.step, Step("queued", queue=kind.queue, scheduled_ms=at_ms))
    enter_queue(run, kind.queue, event.step)
    return None


def _step_completed(run: Moving, event: Event, kind: StepCompleted, at_ms: int) -> bool | None:
    before = run.steps.get(event.step)
    if before is not None and before.status in STEP_ENDED:
        return False
    since = before.scheduled_ms if before is not None else at_ms
    done = Step(
        "succeeded",
        attempt=before.attempt if before is not None else 0,
        output=value_of(kind.output, kind.output_ref),
        port=kind.port or "out",
        scheduled_ms=since,
        started_ms=since,
        ended_ms=at_ms,
    )
    _close(run, event.step, at_ms)
    finish(run, event.step, done)
    return None


def _step_failed(run: Moving, event: Event, kind: StepFailed, at_ms: int) -> bool | None:
    before = run.steps.get(event.step)
    if before is not None and before.status in STEP_ENDED:
        return False
    step = before or Step("pending", scheduled_ms=at_ms)
    error = kind.error or Error(code="STEP_FAILED")
    caught = kind.handling in {"continue", "route"}
    done = step._replace(
        status="caught" if caught else "failed",
        error=error,
        output={"error": {"code": error.code, "message": error.message, "details": error.details}}
        if caught
        else None,
        port={"continue": "out", "route": "error"}.get(kind.handling, ""),
        ended_ms=at_ms,
        wake_ms=0,
        timer="",
        failure=None,
        waits="",
        answer=None,
    )
    _close(run, event.step, at_ms)
    finish(run, event.step, done)
    if kind.handling == "fail" and not fault(run, event.step, error):
        run.doomed = run.doomed or error
    return None


def _step_skipped(run: Moving, event: Event, kind: StepSkipped, at_ms: int) -> bool | None:
    del kind
    if event.step in run.steps:
        return False
    finish(run, event.step, Step("skipped", scheduled_ms=at_ms, ended_ms=at_ms))
    return None


def _task_scheduled(run: Moving, event: Event, kind: TaskScheduled, at_ms: int) -> bool | None:
    before = run.steps.get(event.step)
    if before is not None and (before.status in STEP_ENDED or event.attempt <= before.attempt):
        return False
    deadline = times.to_ms(kind.deadline_at) if kind.deadline_at else 0
    sent = Step(
        "queued",
        attempt=event.attempt,
        error=before.error if before is not None else None,
        queue=kind.queue,
        node_type=kind.node_type,
        scheduled_ms=at_ms,
        wake_ms=deadline,
        deferred=before.deferred if before is not None else 0,
    )
    put(run, event.step, sent)
    if before is not None:
        leave_queue(run, kind.queue)
    if deadline:
        wake(run, deadline, event.step, str(event.attempt))
    return None


def _timer_set(run: Moving, event: Event, kind: TimerSet, at_ms: int) -> bool | None:
    before = run.steps.get(event.step)
    if before is not None and (before.status in STEP_ENDED or before.timer == kind.timer):
        return False
    step = before or Step("pending", scheduled_ms=at_ms)
    due = times.to_ms(kind.due_at)
    waiting = step._replace(
        status="retrying" if kind.reason == "retry" else "waiting",
        timer=kind.timer,
        wake_ms=due,
        fired=False,
        failure=None,
        waits="",
        answer=None,
        error=kind.error or step.error,
    )
    put(run, event.step, waiting)
    wake(run, due, event.step, kind.timer)
    return None


def _timer_cancelled(run: Moving, event: Event, kind: TimerCancelled, at_ms: int) -> bool | None:
    del at_ms
    step = run.steps.get(event.step)
    if step is None or step.timer != kind.timer:
        return False
    put(run, event.step, step._replace(timer="", wake_ms=0))
    return None


def _run_paused(run: Moving, event: Event, kind: RunPaused, at_ms: int) -> None:
    del event, at_ms
    run.status, run.paused = "paused", kind
    if run.nest.wish is not None:
        run.nest = run.nest._replace(wish=None)


def _run_resumed(run: Moving, event: Event, kind: RunResumed, at_ms: int) -> bool | None:
    del event, kind, at_ms
    if run.paused is None and run.nest.wish is None:
        return False
    run.paused = None
    if run.nest.wish is not None:
        run.nest = run.nest._replace(wish=None)
    return None


def _close(run: Moving, path: str, at_ms: int) -> None:
    """If it was a container, what is inside it is over too."""
    if path in run.nest.blocks:
        close_block(run, path, at_ms)


def _run_succeeded(run: Moving, event: Event, kind: RunSucceeded, at_ms: int) -> None:
    del event
    end(run, "succeeded", at_ms, output=value_of(kind.output, kind.output_ref))


def _run_failed(run: Moving, event: Event, kind: RunFailed, at_ms: int) -> None:
    del event
    end(run, "failed", at_ms, error=kind.error)


def _run_cancelled(run: Moving, event: Event, kind: RunCancelled, at_ms: int) -> None:
    del event, kind
    end(run, "cancelled", at_ms)


CHANGES: dict[type[Message], Change] = {
    TaskSucceeded: _task_succeeded,
    TaskFailed: _task_failed,
    TimerFired: _timer_fired,
    CancelRequested: _cancel_requested,
    RunArchived: _run_archived,
    StepEntered: _step_entered,
    StepCompleted: _step_completed,
    StepFailed: _step_failed,
    StepSkipped: _step_skipped,
    TaskScheduled: _task_scheduled,
    TimerSet: _timer_set,
    TimerCancelled: _timer_cancelled,
    RunPaused: _run_paused,
    RunResumed: _run_resumed,
    RunSucceeded: _run_succeeded,
    RunFailed: _run_failed,
    RunCancelled: _run_cancelled,
}
