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
from weir.core.flow import attend, end, finish, leave_queue, put, tidy, value_of, wake
from weir.core.frontier import Fifo, Frontier, push
from weir.core.graph import Graph
from weir.core.state import ENDED, STEP_ENDED, Failure, Rejected, RunState, Start, Step


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
    state = RunState(start=start, graph=graph)
    if graph is not None:
        agenda = Fifo()
        for node in graph.triggers or graph.entries:
            if node != started.trigger_node:
                agenda = agenda.push(node)
        wakes = None
        if graph.timeout_ms:
            wakes = push(None, start.started_ms + int(graph.timeout_ms), "", "run")
        state = state._replace(frontier=Frontier(agenda=agenda, wakes=wakes))
    if started.trigger_node:
        done = Step(
            "succeeded",
            output=start.input,
            port="out",
            node_type=started.trigger_kind,
            scheduled_ms=start.started_ms,
            ended_ms=start.started_ms,
        )
        state = finish(state, started.trigger_node, done)
    return state


def accept(state: RunState, event: Event) -> Rejected | None:
    """May this fact still count? The one place that says so; `evolve` asks it too."""
    kind = event.kind
    if isinstance(kind, RunArchived):
        if state.status in ENDED and not state.archived:
            return None
        return Rejected("NOT_ENDED", "only an ended run is archived, once")
    if state.status in ENDED:
        return Rejected("RUN_ENDED", f"the run has {state.status}")
    if isinstance(kind, TaskSucceeded | TaskFailed):
        step = state.steps.get(event.step)
        if (
            step is None
            or step.attempt != event.attempt
            or step.status not in {"queued", "running"}
        ):
            return Rejected("STALE_ATTEMPT", f"attempt {event.attempt} of {event.step} is not open")
        if step.failure is not None:
            return Rejected("STALE_ATTEMPT", "another outcome of this attempt was first")
    elif isinstance(kind, TimerFired):
        step = state.steps.get(event.step)
        if step is None or step.timer != kind.timer or step.status in STEP_ENDED:
            return Rejected("TIMER_GONE", f"nothing waits for timer {kind.timer}")
    elif isinstance(kind, CancelRequested) and state.cancel is not None:
        return Rejected("ALREADY_CANCELLING", "an earlier request was first")
    return None


def evolve(state: RunState, event: Event, at_ms: int) -> RunState:
    """The state after one event recorded at `at_ms`."""
    kind = event.kind
    change = _CHANGES.get(type(kind)) if kind is not None else None
    if change is None:
        return state
    if isinstance(kind, _FACTS):
        if accept(state, event) is not None:
            return state
    elif state.status in ENDED:
        return state
    return change(state, event, kind, at_ms)


def fold(state: RunState, events: Iterable[tuple[Event, int]]) -> RunState:
    """`evolve` over many."""
    for event, at_ms in events:
        state = evolve(state, event, at_ms)
    return state


def settle(state: RunState) -> RunState:
    """After an owner message: the run's status as its steps say."""
    if state.status in ENDED or state.paused is not None:
        return state
    status = "waiting" if state.waiting and not state.active else "running"
    return state if status == state.status else state._replace(status=status)


# ---- the changes, one per event ----


def _task_succeeded(state: RunState, event: Event, kind: TaskSucceeded, at_ms: int) -> RunState:
    step = state.steps[event.step]
    output = value_of(kind.output, kind.output_ref)
    started = times.to_ms(kind.started_at) if kind.started_at else step.scheduled_ms
    done = step._replace(
        status="succeeded",
        output=output,
        port=kind.port or "out",
        error=None,
        started_ms=started,
        ended_ms=at_ms,
        wake_ms=0,
    )
    return finish(state, event.step, done)


def _task_failed(state: RunState, event: Event, kind: TaskFailed, at_ms: int) -> RunState:
    step = state.steps[event.step]
    error = (
        kind.error or Error(code="STEP_FAILED", message="the worker gave no reason")
    ).model_copy(update={"step": event.step})
    started = times.to_ms(kind.started_at) if kind.started_at else step.scheduled_ms
    failed = step._replace(
        failure=Failure(error, kind.retryable, kind.retry_after_ms),
        error=error,
        started_ms=started,
        ended_ms=at_ms,
    )
    return attend(put(state, event.step, failed), event.step)


def _timer_fired(state: RunState, event: Event, kind: TimerFired, at_ms: int) -> RunState:
    del kind, at_ms
    step = state.steps[event.step]
    return attend(put(state, event.step, step._replace(fired=True)), event.step)


def _cancel_requested(state: RunState, event: Event, kind: CancelRequested, at_ms: int) -> RunState:
    del event, at_ms
    return state._replace(cancel=kind)


def _run_archived(state: RunState, event: Event, kind: RunArchived, at_ms: int) -> RunState:
    del event, at_ms
    return state._replace(archived=kind.through, archived_key=kind.key)


def _step_entered(state: RunState, event: Event, kind: StepEntered, at_ms: int) -> RunState:
    if event.step in state.steps:
        return state
    step = Step("queued", queue=kind.queue, scheduled_ms=at_ms)
    state = put(state, event.step, step)
    if state.graph is None:
        return state
    ready = state.frontier.ready
    queue = ready.get(kind.queue, Fifo()).push(event.step)
    return tidy(
        state._replace(frontier=state.frontier._replace(ready=ready.set(kind.queue, queue)))
    )


def _step_completed(state: RunState, event: Event, kind: StepCompleted, at_ms: int) -> RunState:
    before = state.steps.get(event.step)
    if before is not None and before.status in STEP_ENDED:
        return state
    step = before or Step("pending", scheduled_ms=at_ms)
    done = step._replace(
        status="succeeded",
        output=kind.output,
        port=kind.port or "out",
        started_ms=step.started_ms or step.scheduled_ms,
        ended_ms=at_ms,
        wake_ms=0,
        timer="",
    )
    return finish(state, event.step, done)


def _step_failed(state: RunState, event: Event, kind: StepFailed, at_ms: int) -> RunState:
    before = state.steps.get(event.step)
    if before is not None and before.status in STEP_ENDED:
        return state
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
    state = finish(state, event.step, done)
    return state if caught else state._replace(doomed=error)


def _step_skipped(state: RunState, event: Event, kind: StepSkipped, at_ms: int) -> RunState:
    del kind
    if event.step in state.steps:
        return state
    step = Step("skipped", scheduled_ms=at_ms, ended_ms=at_ms)
    return finish(state, event.step, step)


def _task_scheduled(state: RunState, event: Event, kind: TaskScheduled, at_ms: int) -> RunState:
    before = state.steps.get(event.step)
    if before is not None and (before.status in STEP_ENDED or event.attempt <= before.attempt):
        return state
    deadline = times.to_ms(kind.deadline_at) if kind.deadline_at else 0
    step = (before or Step("queued"))._replace(
        status="queued",
        attempt=event.attempt,
        queue=kind.queue,
        node_type=kind.node_type,
        scheduled_ms=at_ms,
        started_ms=0,
        ended_ms=0,
        wake_ms=deadline,
        timer="",
        fired=False,
        failure=None,
    )
    state = put(state, event.step, step)
    if state.graph is None:
        return state
    if deadline:
        state = wake(state, deadline, event.step, str(event.attempt))
    return tidy(leave_queue(state, kind.queue) if before is not None else state)


def _timer_set(state: RunState, event: Event, kind: TimerSet, at_ms: int) -> RunState:
    before = state.steps.get(event.step)
    if before is not None and (before.status in STEP_ENDED or before.timer == kind.timer):
        return state
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
    state = put(state, event.step, waiting)
    return state if state.graph is None else tidy(wake(state, due, event.step, kind.timer))


def _timer_cancelled(state: RunState, event: Event, kind: TimerCancelled, at_ms: int) -> RunState:
    del at_ms
    step = state.steps.get(event.step)
    if step is None or step.timer != kind.timer:
        return state
    return put(state, event.step, step._replace(timer="", wake_ms=0))


def _run_paused(state: RunState, event: Event, kind: RunPaused, at_ms: int) -> RunState:
    del event, at_ms
    return state._replace(status="paused", paused=kind)


def _run_succeeded(state: RunState, event: Event, kind: RunSucceeded, at_ms: int) -> RunState:
    del event
    return end(state, "succeeded", at_ms, output=value_of(kind.output, kind.output_ref))


def _run_failed(state: RunState, event: Event, kind: RunFailed, at_ms: int) -> RunState:
    del event
    return end(state, "failed", at_ms, error=kind.error)


def _run_cancelled(state: RunState, event: Event, kind: RunCancelled, at_ms: int) -> RunState:
    del event, kind
    return end(state, "cancelled", at_ms)


_FACTS = (TaskSucceeded, TaskFailed, TimerFired, CancelRequested, RunArchived)

_CHANGES: dict[type[Message], Callable[[RunState, Event, Any, int], RunState]] = {
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
