"""What a run asks of people, and what they said, as frames: `input:required`, `input:response`.

Both come from the same events as the frames of the steps, and beside them: that
a step waits for people, and that one of them answered. A signal is an answer to
the one step that took it; one that nobody waits for yet is none until then. A
step whose time is over, or whose run ends, goes on without an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from weir.contract import codec, times
from weir.contract.messages import (
    ApprovalDecided,
    Event,
    SignalReceived,
    StepDecided,
    WaitStarted,
)
from weir.core.runlog import Transition
from weir.core.state import Moving, RunState

KINDS = ("approval", "signal", "ask")
DECISIONS = ("retry", "skip", "fail")
REQUIRED, RESPONSE = "input:required", "input:response"

Shown = tuple[str, str, dict[str, Any]]  # type, step, data
Place = tuple[int, int]  # of a transition: message and place in it


class Signals:
    """Follows which step takes which signal. `taken` holds those of the message read last."""

    def __init__(self) -> None:
        self.taken: dict[Place, tuple[str, Any]] = {}
        self._awaiting: Mapping[str, Sequence[str]] = {}

    def watch(self, run: Moving | RunState, transition: Transition) -> None:
        """See a change of the run."""
        event = transition.event
        if isinstance(event.kind, SignalReceived):
            paths, what = self._awaiting.get(event.kind.name, ()), f"signal:{event.kind.name}"
        elif isinstance(event.kind, WaitStarted):
            paths, what = (event.step,), event.kind.what
        else:
            return
        self._awaiting = run.nest.awaiting
        for path in paths if what.startswith("signal:") else ():
            step = run.steps.get(path)
            if step is not None and step.waits == what and step.answer is not None:
                self.taken[transition.seq, transition.place] = path, step.answer.value
                return


def inputs_of(event: Event, at_ms: int, taken: tuple[str, Any] | None) -> list[Shown]:
    """What an event asks of people, or what one of them said."""
    kind = event.kind
    if isinstance(kind, WaitStarted):
        name, _, what = kind.what.partition(":")
        if name not in KINDS:
            return []
        asked = (REQUIRED, event.step, _named(name, what) | _asked(kind, at_ms))
        return [asked] if taken is None else [asked, _response(*taken, what, None)]
    if isinstance(kind, SignalReceived):
        return [] if taken is None else [_response(*taken, kind.name, kind.sent_by)]
    if isinstance(kind, StepDecided):
        said = {"decision": kind.decision, "output": kind.output, "reason": kind.reason}
        return [(RESPONSE, event.step, _said("ask", "", said, kind.decided_by))]
    if isinstance(kind, ApprovalDecided):
        said = {
            "outcome": kind.outcome,
            "option": kind.option or None,
            "output": kind.output,
            "reason": kind.reason,
        }
        data = _said("approval", kind.approval_id, said, kind.decided_by)
        return [(RESPONSE, event.step, data)]
    return []


def _asked(kind: WaitStarted, at_ms: int) -> dict[str, Any]:
    if kind.approval is not None:
        asked = kind.approval
        for_ms = int(asked.get("timeout_ms") or 0)
        shown = {name: asked.get(name) for name in ("title", "message", "options", "form")}
        return {"until": times.from_ms(at_ms + for_ms) if for_ms else None, **shown}
    until = {"until": kind.due_at or None}
    if kind.what != "ask":
        return until
    error = None if kind.error is None else orjson.loads(codec.encode(kind.error))
    return {**until, "options": [{"value": one} for one in DECISIONS], "error": error}


def _response(path: str, payload: Any, name: str, by: str | None) -> Shown:
    return RESPONSE, path, _said("signal", name, payload, by)


def _said(kind: str, what: str, said: Any, by: str | None) -> dict[str, Any]:
    return {**_named(kind, what), "input": said, "by": by}


def _named(kind: str, what: str) -> dict[str, Any]:
    return {"kind": kind, "what": what or None}
