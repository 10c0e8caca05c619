"""The state of a run and how events change it.

Promises: `evolve` is total and first writer wins: a duplicate, late or unknown
event gives back the state unchanged, so folding a log twice, or with repeats,
gives the same state. The state holds what was recorded and nothing else; with
a graph it also carries the frontier, an index that follows from both. All
collections are persistent: no event costs more than O(log n) of the run, or
than the scope it closes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from weir.contract import times
from weir.contract.messages import (
    ApprovalDecided,
    CancelRequested,
    ChildEnded,
    DeadlineMoved,
    Envelope,
    Event,
    Message,
    PauseRequested,
    ResumeRequested,
    RunArchived,
    RunStarted,
    SignalReceived,
    SlotAnswered,
    StepDecided,
    TaskDeferred,
    TaskFailed,
    TaskSucceeded,
    TimerFired,
)
from weir.core.adoption import adopt
from weir.core.changes import CHANGES
from weir.core.changes_nested import NESTED
from weir.core.changes_outside import OUTSIDE
from weir.core.flow import attend, finish, value_of, wake
from weir.core.gates import is_held, turn_of
from weir.core.graph import Graph
from weir.core.state import ENDED, STEP_ENDED, Moving, Rejected, RunState, Start, Step

MAX_SIGNALS = 100_000  # of one run; their ids are kept, so that each counts once


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
        parent=started.parent,
        origin=started.origin.run_id if started.origin is not None else "",
        priority=started.priority,
        callback=started.callback,
        project=started.project,
        order=started.order,
    )
    run = Moving(RunState(start=start, graph=graph))
    if started.order is not None:
        # Its limit was asked as it was started: the answer may be the next thing that comes.
        run.nest = run.nest._replace(gates=(turn_of(started.order),))
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
    if started.origin is not None and started.origin.carried:
        adopt(run, started.origin.carried, start.started_ms)
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
    if isinstance(kind, _OF_STEP):
        return _of_step(run, event)
    refuse = _WISHES.get(type(kind)) if kind is not None else None
    return refuse(run, kind) if refuse is not None else None


def _signal(run: Moving | RunState, kind: SignalReceived) -> Rejected | None:
    if kind.signal_id in run.nest.signal_ids:
        return Rejected("SIGNAL_KNOWN", "this signal came before")
    if len(run.nest.signal_ids) >= MAX_SIGNALS:
        return Rejected("TOO_MANY_SIGNALS", f"the run has had {MAX_SIGNALS} signals")
    return None


def _pause(run: Moving | RunState, kind: PauseRequested) -> Rejected | None:
    del kind
    if run.paused is not None or isinstance(run.nest.wish, PauseRequested):
        return Rejected("ALREADY_PAUSED", "the run stands still")
    return None


def _resume(run: Moving | RunState, kind: ResumeRequested) -> Rejected | None:
    del kind
    if run.paused is None and not isinstance(run.nest.wish, PauseRequested):
        return Rejected("NOT_PAUSED", "the run does not stand still")
    return None


def _cancel(run: Moving | RunState, kind: CancelRequested) -> Rejected | None:
    if run.cancel is not None and (run.cancel.terminate or not kind.terminate):
        return Rejected("ALREADY_CANCELLING", "an earlier request was first")
    return None


def _slot(run: Moving | RunState, kind: SlotAnswered) -> Rejected | None:
    if any(gate.limit_id == kind.limit_id and not gate.verdict for gate in run.nest.gates):
        return None
    return Rejected("NOT_WAITING", "the run does not wait for this limit")


def _of_step(run: Moving | RunState, event: Event) -> Rejected | None:
    """The same for a fact about one step."""
    kind, path = event.kind, event.step
    step = run.steps.get(path)
    if isinstance(kind, TaskSucceeded | TaskFailed | TaskDeferred):
        if step is None or step.attempt != event.attempt or step.status != "queued":
            return Rejected("STALE_ATTEMPT", f"attempt {event.attempt} of {path} is not open")
        if step.failure is not None or step.answer is not None:
            return Rejected("STALE_ATTEMPT", "another outcome of this attempt was first")
        return None
    if isinstance(kind, ChildEnded) and kind.run_id in run.nest.leaving:
        return None
    if step is None or step.status in STEP_ENDED or step.fired or step.answer is not None:
        return Rejected("NOT_WAITING", f"{path} does not wait any more")
    if not _is_awaited(step, kind):
        return Rejected("NOT_WAITING", f"{path} does not wait for that")
    return None


def _is_awaited(step: Step, kind: Message | None) -> bool:
    match kind:
        case TimerFired():
            return step.timer == kind.timer
        case ChildEnded():
            return step.waits == f"child:{kind.run_id}"
        case StepDecided():
            return step.waits == "ask"
        case ApprovalDecided():
            return step.waits == f"approval:{kind.approval_id}"
        case _:
            return bool(step.timer and step.wake_ms)


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
    known = type(kind)
    change = _CHANGES.get(known)
    if change is None:
        return False
    if known in _FACTS:
        if accept(run, event) is not None:
            return False
    elif run.status in ENDED:
        return False
    return change(run, event, kind, at_ms) is not False


def settle(run: Moving) -> None:
    """After an owner message: the run's status as its steps say."""
    if run.status in ENDED or run.paused is not None:
        return
    if "" in run.nest.undoing:
        run.status = "compensating" if run.cancel is None else "cancelling"
    elif is_held(run):
        run.status = "queued"
    else:
        run.status = "waiting" if run.waiting and not run.active else "running"


_OF_STEP = (
    TaskSucceeded,
    TaskFailed,
    TaskDeferred,
    TimerFired,
    ChildEnded,
    StepDecided,
    ApprovalDecided,
    DeadlineMoved,
)
_FACTS: frozenset[type[Any]] = frozenset(
    {
        *_OF_STEP,
        CancelRequested,
        RunArchived,
        SignalReceived,
        PauseRequested,
        ResumeRequested,
        SlotAnswered,
    }
)

_WISHES: Mapping[type[Message], Callable[[Moving | RunState, Any], Rejected | None]] = {
    SignalReceived: _signal,
    PauseRequested: _pause,
    ResumeRequested: _resume,
    CancelRequested: _cancel,
    SlotAnswered: _slot,
}

_CHANGES: Mapping[type[Any], Callable[[Moving, Event, Any, int], bool | None]] = {
    **CHANGES,
    **NESTED,
    **OUTSIDE,
}
