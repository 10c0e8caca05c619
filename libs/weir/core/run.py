"""The state of a run and how events change it.

Promises: `evolve` is total and first writer wins: a duplicate, late or unknown
event gives back the state unchanged, so folding a log twice, or with repeats,
gives the same state. The state holds what was recorded and nothing else; with
a graph it also carries the frontier, an index that follows from both. All
collections are persistent: no event costs more than O(log n) of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from weir.contract import times
from weir.contract.messages import (
    CancelRequested,
    Envelope,
    Error,
    Event,
    Message,
    RunArchived,
    RunCancelled,
    RunFailed,
    RunPaused,
    RunStarted,
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
from weir.core.graph import Graph
from weir.core.state import ENDED, STEP_ENDED, Failure, Moving, Rejected, RunState, Start, Step


def begin(envelope: Envelope, started: RunStarted, graph: Graph | None) -> RunState:
    """The state after the start fact."""
    start = Start(
        tenant=envelope.tenant,
        run_id=envelope.run_id,
        workflow_id=envelope.workflow_id,
        version=envelope.version,
        trigger_node=started.trigger_node,
        trigger_kind=started.trigger_kind,
        input=value_of(started.input, started.input_ref),
        trigger=started.trigger or {},
        labels=started.labels,
        env=started.env,
        idempotency_key=started.idempotency_key,
        request_hash=started.request_hash,
        started_by=started.started_by,
        started_ms=times.to_ms(envelope.at),
        trace_parent=envelope.trace_parent,
    )
    run = Moving(RunState(start=start, graph=graph))
    if graph is not None:
        for node in graph.triggers or graph.entries:
            if node != started.trigger_node:
                attend(run, node)
        if graph.timeout_ms:
            wake(run, start.started_ms + int(graph.timeout_ms), "", "run")
    if started.trigger_node:
        done = Step(
            "succeeded",
            output=start.input,
            port="out",
            node_type=started.trigger_kind,
            scheduled_ms=start.started_ms,
            ended_ms=start.started_ms,
        )
        finish(run, started.trigger_node, done)
    return run.still()


def accept(run: Moving | RunState, event: Event) -> Rejected | None:
    """May this fact still count? The one place that says so; `evolve` asks it too."""
    kind = event.kind
    if isinstance(kind, RunArchived):
        if run.status in ENDED and not run.archived:
            return None
        return Rejected("NOT_ENDED", "only an ended run is archived, once")
    if run.status in ENDED:
        return Rejected("RUN_ENDED", f"the run has {run.status}")
    if isinstance(kind, TaskSucceeded | TaskFailed):
        step = run.steps.get(event.step)
        if (
            step is None
            or step.attempt != event.attempt
            or step.status not in {"queued", "running"}
        ):
            return Rejected("STALE_ATTEMPT", f"attempt {event.attempt} of {event.step} is not open")
        if step.failure is not None:
            return Rejected("STALE_ATTEMPT", "another outcome of this attempt was first")
    elif isinstance(kind, TimerFired):
        step = run.steps.get(event.step)
        if step is None or step.timer != kind.timer or step.status in STEP_ENDED:
            return Rejected("TIMER_GONE", f"nothing waits for timer {kind.timer}")
    elif isinstance(kind, CancelRequested) and run.cancel is not None:
        return Rejected("ALREADY_CANCELLING", "an earlier request was first")
    return None


def evolve(state: RunState, event: Event, at_ms: int) -> RunState:
    """The state after one event recorded at `at_ms`."""
    run = Moving(state)
    return run.still() if apply(run, event, at_ms) else state


def fold(state: RunState, events: Iterable[tuple[Event, int]]) -> RunState:
    """`evolve` over many."""
    run = Moving(state)
    for event, at_ms in events:
        apply(run, event, at_ms)
    return run.still()


def apply(run: Moving, event: Event, at_ms: int) -> bool:
    """Change a run in place; False if the event changes nothing."""
    kind = event.kind
    change = _CHANGES.get(type(kind)) if kind is not None else None
    if change is None:
        return False
    if isinstance(kind, _FACTS):
        if accept(run, event) is not None:
            return False
    elif run.status in ENDED:
        return False
    return change(run, event, kind, at_ms) is not False


def settle(run: Moving) -> None:
    """After an owner message: the run's status as its steps say."""
    if run.status not in ENDED and run.paused is None:
        run.status = "waiting" if run.waiting and not run.active else "running"


# ---- the changes, one per event; False: nothing changes ----


def _task_succeeded(run: Moving, event: Event, kind: TaskSucceeded, at_ms: int) -> None:
    step = run.steps[event.step]
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
        output=kind.output,
        port=kind.port or "out",
        scheduled_ms=since,
        started_ms=since,
        ended_ms=at_ms,
    )
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
    )
    finish(run, event.step, done)
    if not caught:
        run.doomed = error
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


def _run_succeeded(run: Moving, event: Event, kind: RunSucceeded, at_ms: int) -> None:
    del event
    end(run, "succeeded", at_ms, output=value_of(kind.output, kind.output_ref))


def _run_failed(run: Moving, event: Event, kind: RunFailed, at_ms: int) -> None:
    del event
    end(run, "failed", at_ms, error=kind.error)


def _run_cancelled(run: Moving, event: Event, kind: RunCancelled, at_ms: int) -> None:
    del event, kind
    end(run, "cancelled", at_ms)


_FACTS = (TaskSucceeded, TaskFailed, TimerFired, CancelRequested, RunArchived)

_CHANGES: dict[type[Message], Callable[[Moving, Event, Any, int], bool | None]] = {
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
    RunSucceeded: _run_succeeded,
    RunFailed: _run_failed,
    RunCancelled: _run_cancelled,
}
