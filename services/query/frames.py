"""What a run's events are to those who watch it: frames, one per change that shows.

A frame's type names the state that a run or a step has come to (formats.md,
States). Its `seq` is a mark: the sequence of the owner message by which the
change counted, and the place among the frames of that turn. Facts become frames
when the owner has counted them, so frames come in the order in which everybody
folds the run, and none is ever taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from services.query.inputs import REQUIRED, RESPONSE, Place, inputs_of
from weir.contract import codec, times
from weir.contract.marks import mark
from weir.contract.messages import (
    ApprovalDecided,
    AttributesSet,
    BlobRef,
    CancelRequested,
    ChildEnded,
    ChildStarted,
    CompensationEnded,
    CompensationStarted,
    DeadlineMoved,
    Envelope,
    Error,
    IterationCompleted,
    Message,
    PauseRequested,
    ResumeRequested,
    RunCancelled,
    RunFailed,
    RunPaused,
    RunResumed,
    RunStarted,
    RunSucceeded,
    ScopeEntered,
    SectionEntered,
    SignalReceived,
    SlotAnswered,
    SlotAwaited,
    StepCompensated,
    StepCompleted,
    StepDecided,
    StepEntered,
    StepFailed,
    StepSkipped,
    TaskDeferred,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
    TimerFired,
    TimerSet,
    VariablesSet,
    WaitStarted,
)
from weir.core.gates import shown_kind
from weir.core.runlog import Transition

Data = dict[str, Any]
Frame = dict[str, Any]


class Watched(NamedTuple):
    """A frame and the mark it goes by."""

    mark: int
    frame: Frame


def frames_of(
    run_id: str,
    seq: int,
    envelope: Envelope,
    transitions: Sequence[Transition],
    taken: Mapping[Place, tuple[str, Any]] = MappingProxyType({}),
) -> list[Watched]:
    """The frames of one owner message and the facts that it counted.

    `taken` are the signals among them that a step took: its path and the payload.
    """
    frames: list[Watched] = []
    for transition in transitions:
        event, kind = transition.event, transition.event.kind
        show = _SHOWN.get(type(kind)) if kind is not None else None
        if show is None:
            continue
        name, data = show(kind)
        if isinstance(kind, RunStarted):
            data |= {"workflow_id": envelope.workflow_id, "version": envelope.version}
        signal = taken.get((transition.seq, transition.place))
        shown = [(name, event.step, data), *inputs_of(event, transition.at_ms, signal)]
        for name, step, data in shown:
            if event.attempt:
                data["attempt"] = event.attempt
            at = mark(seq, len(frames))
            told = frame(name, run_id, data, seq=at, at_ms=transition.at_ms, step=step or None)
            frames.append(Watched(at, told))
    return frames


def frame(  # noqa: PLR0913 - the fields of a frame
    name: str, run_id: str | None, data: Any, *, seq: int, at_ms: int, step: str | None = None
) -> Frame:
    """A frame."""
    return {
        "type": name,
        "seq": str(seq),
        "at": times.from_ms(at_ms),
        "run_id": run_id,
        "step": step,
        "data": data,
    }


def _error(error: Error | None) -> Any:
    return None if error is None else orjson.loads(codec.encode(error))


def output_of(value: Any, reference: BlobRef | None) -> Any:
    """A value as it is shown: one kept outside the log by its reference."""
    if reference is None:
        return value
    size = int(reference.size)
    return {"$blob": {"key": reference.key, "size": size, "media_type": reference.media_type}}


def _run_started(kind: RunStarted) -> tuple[str, Data]:
    trigger = {"node": kind.trigger_node, "kind": kind.trigger_kind}
    return "run:started", {"trigger": trigger, "labels": dict(kind.labels)}


def _run_succeeded(kind: RunSucceeded) -> tuple[str, Data]:
    return "run:succeeded", {"output": output_of(kind.output, kind.output_ref)}


def _step_failed(kind: StepFailed) -> tuple[str, Data]:
    caught = kind.handling in {"continue", "route"}
    data = {"error": _error(kind.error), "handling": kind.handling}
    return ("step:caught" if caught else "step:failed"), data


def _timer_set(kind: TimerSet) -> tuple[str, Data]:
    if kind.reason == "retry":
        return "step:retrying", {"until": kind.due_at, "error": _error(kind.error)}
    return "step:waiting", {"until": kind.due_at}


def _task_succeeded(kind: TaskSucceeded) -> tuple[str, Data]:
    return "step:succeeded", {
        "output": output_of(kind.output, kind.output_ref),
        "port": kind.port or "out",
        "started_at": kind.started_at or None,
        "worker": kind.worker,
    }


def _wait_started(kind: WaitStarted) -> tuple[str, Data]:
    data = {"until": kind.due_at or None, "for": kind.what}
    if kind.approval is not None:
        data["title"] = kind.approval.get("title", "")
    return "step:waiting", data if kind.error is None else data | {"error": _error(kind.error)}


def _iteration_completed(kind: IterationCompleted) -> tuple[str, Data]:
    # What it yielded by a step of its own was shown when that step ended.
    data = {"index": kind.index, "source": kind.source or None, "error": _error(kind.error)}
    return "step:iteration_completed", data | {"output": kind.output}


def _scope_entered(kind: ScopeEntered) -> tuple[str, Data]:
    data: Data = {"kind": kind.kind, "until": kind.deadline_at or None}
    return "step:entered", data | ({"count": kind.count} if kind.kind == "for_each" else {})


_SHOWN: dict[type[Message], Callable[[Any], tuple[str, Data]]] = {
    RunStarted: _run_started,
    CancelRequested: lambda kind: (
        "run:cancelling",
        {"reason": kind.reason, "requested_by": kind.requested_by},
    ),
    RunPaused: lambda kind: (
        "run:paused",
        {"reason": kind.reason, "error": _error(kind.error)},
    ),
    RunSucceeded: _run_succeeded,
    RunFailed: lambda kind: ("run:failed", {"error": _error(kind.error)}),
    RunCancelled: lambda kind: (
        "run:cancelled",
        {"reason": kind.reason, "requested_by": kind.requested_by},
    ),
    StepEntered: lambda kind: ("step:queued", {"queue": kind.queue}),
    TaskScheduled: lambda kind: (
        "step:dispatched",
        {"queue": kind.queue, "node_type": kind.node_type},
    ),
    StepCompleted: lambda kind: (
        "step:succeeded",
        {"output": output_of(kind.output, kind.output_ref), "port": kind.port or "out"},
    ),
    TaskSucceeded: _task_succeeded,
    # What comes of a failed attempt is the owner's word: retrying, caught or failed.
    TaskFailed: lambda kind: (
        "step:attempt_failed",
        {"error": _error(kind.error), "worker": kind.worker},
    ),
    StepFailed: _step_failed,
    StepSkipped: lambda _: ("step:skipped", {}),
    TimerSet: _timer_set,
    TimerFired: lambda _: ("step:resumed", {}),
    SignalReceived: lambda kind: (
        "run:signalled",
        {"name": kind.name, "payload": kind.payload, "sent_by": kind.sent_by},
    ),
    PauseRequested: lambda kind: (
        "run:pausing",
        {"reason": kind.reason, "requested_by": kind.requested_by},
    ),
    ResumeRequested: lambda kind: ("run:resuming", {"requested_by": kind.requested_by}),
    RunResumed: lambda kind: ("run:resumed", {"requested_by": kind.requested_by}),
    SlotAwaited: lambda kind: (
        "run:waiting",
        {"for": f"{shown_kind(kind.gate)}:{kind.key}"},
    ),
    SlotAnswered: lambda kind: (
        "run:admitted" if kind.verdict == "granted" else "run:not_admitted",
        {"verdict": kind.verdict, "by": kind.by or None},
    ),
    AttributesSet: lambda kind: (
        "run:attributes_set",
        {"labels": dict(kind.labels), "search": dict(kind.search)},
    ),
    TaskDeferred: lambda kind: (
        "step:deferred",
        {"what": kind.what, "reason": kind.reason, "until": kind.until_at or None},
    ),
    ApprovalDecided: lambda kind: (
        "step:decided",
        {
            "decision": kind.option or kind.outcome,
            "reason": kind.reason,
            "decided_by": kind.decided_by,
        },
    ),
    VariablesSet: lambda kind: ("run:variables_set", {"values": kind.values}),
    WaitStarted: _wait_started,
    ChildStarted: lambda kind: (
        "step:waiting",
        {"until": None, "for": f"child:{kind.run_id}", "workflow_id": kind.workflow_id},
    ),
    # What a step makes of these follows.
    ChildEnded: lambda kind: ("step:child_ended", {"run_id": kind.run_id, "status": kind.status}),
    StepDecided: lambda kind: (
        "step:decided",
        {"decision": kind.decision, "reason": kind.reason, "decided_by": kind.decided_by},
    ),
    DeadlineMoved: lambda kind: (
        "step:deadline_moved",
        {"until": kind.due_at, "moved_by": kind.moved_by},
    ),
    ScopeEntered: _scope_entered,
    SectionEntered: lambda kind: (
        "step:section_entered",
        {"section": kind.section, "error": _error(kind.error)},
    ),
    IterationCompleted: _iteration_completed,
    CompensationStarted: lambda kind: ("run:compensating", {"error": _error(kind.error)}),
    StepCompensated: lambda kind: (
        ("step:compensated", {})
        if kind.error is None
        else ("step:not_compensated", {"error": _error(kind.error)})
    ),
    CompensationEnded: lambda kind: (
        "run:compensated",
        {"undone": kind.undone, "failed": [_error(error) for error in kind.failed]},
    ),
}

STREAM = "step:stream"  # from no event: what a step says while it works

TYPES = (
    STREAM,
    *("run:started", "run:cancelling", "run:paused"),
    *("run:succeeded", "run:failed", "run:cancelled"),
    *("run:pausing", "run:resuming", "run:resumed", "run:signalled", "run:variables_set"),
    *("run:waiting", "run:admitted", "run:not_admitted", "run:attributes_set"),
    *("run:compensating", "run:compensated"),
    *("step:queued", "step:dispatched", "step:succeeded", "step:attempt_failed", "step:retrying"),
    *("step:waiting", "step:resumed", "step:caught", "step:failed", "step:skipped"),
    *("step:deferred", "step:child_ended", "step:decided", "step:deadline_moved"),
    *("step:entered", "step:section_entered", "step:iteration_completed"),
    *("step:compensated", "step:not_compensated"),
    *(REQUIRED, RESPONSE),
)
