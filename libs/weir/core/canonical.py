"""The canonical form of a run's state: equal states are equal bytes."""

from __future__ import annotations

from typing import Any

import orjson

from weir.contract.codec import canonical, encode
from weir.contract.messages import Message
from weir.core.state import Blob, RunState, Step


def to_json(state: RunState) -> bytes:
    """Everything that is recorded of a run; the frontier and the graph follow from it."""
    return canonical(as_value(state))


def as_value(state: RunState) -> dict[str, Any]:
    """The same as a JSON value."""
    return {
        "start": {**state.start._asdict(), "input": _value(state.start.input)},
        "status": state.status,
        "steps": {path: _step(step) for path, step in state.steps.items()},
        "cancel": message_value(state.cancel),
        "paused": message_value(state.paused),
        "error": message_value(state.error),
        "output": _value(state.output),
        "ended_ms": state.ended_ms,
        "archived": state.archived,
        "seen": state.seen,
        "turn": state.turn,
    }


def _step(step: Step) -> dict[str, Any]:
    failure = step.failure
    return {
        **step._asdict(),
        "output": _value(step.output),
        "error": message_value(step.error),
        "failure": None
        if failure is None
        else [message_value(failure.error), failure.retryable, failure.retry_after_ms],
    }


def message_value(message: Message | None) -> Any:
    """A message of the contract as a JSON value."""
    return None if message is None else orjson.loads(encode(message))


def _value(value: Any) -> Any:
    return value.show() if isinstance(value, Blob) else value
