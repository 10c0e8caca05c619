"""What comes from outside for a step that waits: signals, ends of child runs, people's words."""

from __future__ import annotations

from typing import Any

from immutables import Map

from weir.contract import times
from weir.contract.messages import (
    ApprovalDecided,
    AttributesSet,
    ChildEnded,
    ChildStarted,
    DeadlineMoved,
    Error,
    Event,
    PauseRequested,
    ResumeRequested,
    SignalReceived,
    SlotAnswered,
    SlotAwaited,
    StepDecided,
    TaskDeferred,
    VariablesSet,
    WaitStarted,
)
from weir.core.adoption import begin_limits
from weir.core.approvals.asked import SUBMITTED
from weir.core.changes import Change
from weir.core.control.approval import undecided
from weir.core.flow import attend, put, value_of, wake
from weir.core.state import STEP_ENDED, Answer, Gate, Moving, Signal, Step


def _wait_started(run: Moving, event: Event, kind: WaitStarted, at_ms: int) -> bool | None:
    path = event.step
    before = run.steps.get(path)
    if before is not None and before.status in STEP_ENDED:
        return False
    if before is not None and before.waits == kind.what and not _asks_again(before):
        return False
    due = times.to_ms(kind.due_at) if kind.due_at else 0
    step = (before or Step("pending", scheduled_ms=at_ms))._replace(
        status="waiting",
        waits=kind.what,
        timer=kind.timer,
        wake_ms=due,
        fired=False,
        failure=None,
        answer=None,
    )
    if kind.error is not None:
        step = step._replace(error=kind.error)
    if event.attempt:
        step = step._replace(attempt=event.attempt)
    kept, _, name = kind.what.partition(":")
    early = run.nest.signals.get(name) if kept == "signal" else None
    if early:
        first, *rest = early
        signals = run.nest.signals
        signals = signals.set(name, tuple(rest)) if rest else signals.delete(name)
        run.nest = run.nest._replace(signals=signals)
        step = step._replace(answer=Answer("received", first.payload))
    elif kept == "signal":
        known = run.nest.awaiting.get(name, ())
        waiting = (*(at for at in known if _is_waiting(run, at, kind.what)), path)
        run.nest = run.nest._replace(awaiting=run.nest.awaiting.set(name, waiting))
    put(run, path, step)
    if early:
        attend(run, path)
    elif due:
        wake(run, due, path, kind.timer)
    return None


def _asks_again(step: Step) -> bool:
    """Whether a person has decided, and it has failed once more."""
    return step.waits == "ask" and step.answer is not None


def _signal_received(run: Moving, event: Event, kind: SignalReceived, at_ms: int) -> None:
    del event, at_ms
    nest = run.nest
    nest = nest._replace(signal_ids=nest.signal_ids.set(kind.signal_id, True))
    what = f"signal:{kind.name}"
    waiting = list(nest.awaiting.get(kind.name, ()))
    while waiting:
        path = waiting.pop(0)
        if _is_waiting(run, path, what):
            _awaits(run, nest, kind.name, waiting)
            _answer(run, path, Answer("received", kind.payload))
            return
    early = (*nest.signals.get(kind.name, ()), Signal(kind.signal_id, kind.payload))
    _awaits(run, nest._replace(signals=nest.signals.set(kind.name, early)), kind.name, [])


def _is_waiting(run: Moving, path: str, what: str) -> bool:
    step = run.steps.get(path)
    return (
        step is not None
        and step.waits == what
        and step.status not in STEP_ENDED
        and not step.fired
        and step.answer is None
    )


def _awaits(run: Moving, nest: Any, name: str, waiting: list[str]) -> None:
    awaiting = nest.awaiting
    if waiting:
        awaiting = awaiting.set(name, tuple(waiting))
    elif name in awaiting:
        awaiting = awaiting.delete(name)
    run.nest = nest._replace(awaiting=awaiting)


def _answer(run: Moving, path: str, answer: Answer) -> None:
    put(run, path, run.steps[path]._replace(answer=answer))
    attend(run, path)


def _child_started(run: Moving, event: Event, kind: ChildStarted, at_ms: int) -> bool | None:
    before = run.steps.get(event.step)
    if before is not None and (before.status in STEP_ENDED or event.attempt <= before.attempt):
        return False
    step = before or Step("pending", scheduled_ms=at_ms)
    # Whoever owns this run later must be able to start the other one again (P6).
    asked = {
        "workflow_id": kind.workflow_id,
        "version": kind.version,
        "input": kind.input,
        "depth": kind.depth,
    }
    waits = f"child:{kind.run_id}"
    put(
        run,
        event.step,
        step._replace(
            status="waiting",
            attempt=event.attempt,
            started_ms=at_ms,
            waits=waits,
            answer=None,
            failure=None,
            output=asked,
        ),
    )
    return None


def _child_ended(run: Moving, event: Event, kind: ChildEnded, at_ms: int) -> None:
    del at_ms
    if kind.run_id in run.nest.leaving:
        run.nest = run.nest._replace(leaving=run.nest.leaving.delete(kind.run_id))
        return
    value = value_of(kind.output, kind.output_ref)
    _answer(run, event.step, Answer(kind.status, value, kind.error))


def _step_decided(run: Moving, event: Event, kind: StepDecided, at_ms: int) -> None:
    del at_ms
    _answer(run, event.step, Answer(kind.decision, kind.output))


def _approval_decided(run: Moving, event: Event, kind: ApprovalDecided, at_ms: int) -> None:
    del at_ms
    if kind.outcome == "decided":
        port = "out" if kind.option == SUBMITTED else kind.option
        _answer(run, event.step, Answer("decided", [port, kind.output]))
    else:
        _answer(run, event.step, Answer("undecided", error=undecided(kind, event.step)))


def _deadline_moved(run: Moving, event: Event, kind: DeadlineMoved, at_ms: int) -> None:
    del at_ms
    step = run.steps[event.step]
    due = times.to_ms(kind.due_at)
    # Another name: the schedule that the broker still holds must not end the wait.
    timer = f"{step.timer.rsplit('/', 1)[0]}/{due}"
    put(run, event.step, step._replace(timer=timer, wake_ms=due))
    wake(run, due, event.step, timer)


def _pause_requested(run: Moving, event: Event, kind: PauseRequested, at_ms: int) -> None:
    del event, at_ms
    run.nest = run.nest._replace(wish=kind)


def _resume_requested(run: Moving, event: Event, kind: ResumeRequested, at_ms: int) -> None:
    del event, at_ms
    run.nest = run.nest._replace(wish=kind)


def _variables_set(run: Moving, event: Event, kind: VariablesSet, at_ms: int) -> None:
    del event, at_ms
    run.nest = run.nest._replace(vars=run.nest.vars.update(kind.values or {}))


def _attributes_set(run: Moving, event: Event, kind: AttributesSet, at_ms: int) -> None:
    del at_ms
    nest = run.nest
    # What a fork took over was set by a step: it counts more than what the version begins with.
    search = nest.search if event.step else Map(kind.search)
    run.nest = nest._replace(
        labels=nest.labels.update(kind.labels),
        search=search.update(kind.search if event.step else nest.search),
        attributed=nest.attributed or not event.step,
    )


def _slot_awaited(run: Moving, event: Event, kind: SlotAwaited, at_ms: int) -> bool | None:
    del event, at_ms
    known = next((gate for gate in run.nest.gates if gate.limit_id == kind.limit_id), None)
    if known is not None and known.priority:
        return False
    gate = Gate(
        kind.gate,
        kind.limit_id,
        kind.key,
        kind.limit,
        kind.policy,
        kind.for_ms,
        kind.priority or "normal",
    )
    if known is not None:  # the start said it already, and perhaps it was answered since
        gate = gate._replace(verdict=known.verdict, by=known.by)
    others = (one for one in run.nest.gates if one is not known)
    run.nest = run.nest._replace(gates=(*others, gate))
    return None


def _slot_answered(run: Moving, event: Event, kind: SlotAnswered, at_ms: int) -> None:
    del event
    gates = tuple(
        gate._replace(verdict=kind.verdict, by=kind.by) if gate.limit_id == kind.limit_id else gate
        for gate in run.nest.gates
    )
    run.nest = run.nest._replace(gates=gates)
    if kind.verdict == "granted":
        begin_limits(run, at_ms)


def _task_deferred(run: Moving, event: Event, kind: TaskDeferred, at_ms: int) -> None:
    step = run.steps[event.step]
    until = times.to_ms(kind.until_at) if kind.until_at else at_ms
    error = Error(code="CALL_DEFERRED", message=kind.reason, step=event.step)
    deferred = step._replace(
        answer=Answer("deferred", [kind.what, until], error),
        deferred=step.deferred + 1,
        ended_ms=at_ms,
    )
    put(run, event.step, deferred)
    attend(run, event.step)


OUTSIDE: dict[type, Change] = {
    WaitStarted: _wait_started,
    SignalReceived: _signal_received,
    ChildStarted: _child_started,
    ChildEnded: _child_ended,
    StepDecided: _step_decided,
    ApprovalDecided: _approval_decided,
    DeadlineMoved: _deadline_moved,
    PauseRequested: _pause_requested,
    ResumeRequested: _resume_requested,
    VariablesSet: _variables_set,
    AttributesSet: _attributes_set,
    SlotAwaited: _slot_awaited,
    SlotAnswered: _slot_answered,
    TaskDeferred: _task_deferred,
}
