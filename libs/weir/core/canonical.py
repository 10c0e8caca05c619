"""The canonical form of a run's state: equal states are equal bytes."""

from __future__ import annotations

from typing import Any

import orjson

from weir.contract.codec import canonical, encode
from weir.contract.messages import Message
from weir.core.state import NO_NEST, Blob, Nest, RunState, Start, Step


def to_json(state: RunState) -> bytes:
    """Everything that is recorded of a run; the frontier and the graph follow from it."""
    return canonical(as_value(state))


def as_value(state: RunState) -> dict[str, Any]:
    """The same as a JSON value."""
    return {
        "start": _start(state.start),
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
        **_nested(state.nest),
    }


# What came later and most runs do not have is only there where it is, so that
# the form of everything else stays as it was.


def _start(start: Start) -> dict[str, Any]:
    value = {**start._asdict(), "input": _value(start.input)}
    parent, origin = value.pop("parent"), value.pop("origin")
    if parent is not None:
        value["parent"] = message_value(parent)
    if origin:
        value["origin"] = origin
    for name in ("priority", "project"):
        if not value[name]:
            del value[name]
    callback, order = value.pop("callback"), value.pop("order")
    if callback is not None:
        value["callback"] = message_value(callback)
    if order is not None:
        value["order"] = message_value(order)
    return value


def _nested(nest: Nest) -> dict[str, Any]:
    if nest is NO_NEST:
        return {}
    value = _nest(nest)
    return {"nest": value} if any(value.values()) else {}


def _nest(nest: Nest) -> dict[str, Any]:
    """What is inside what; the order of undoing follows from the steps and the graph."""
    return {
        "blocks": {
            path: {
                **block._asdict(),
                "rounds": {str(at): ended for at, ended in block.rounds.items()},
                "results": {str(at): _value(value) for at, value in block.results.items()},
                "acc": _value(block.acc),
                "output": _value(block.output),
                "error": message_value(block.error),
            }
            for path, block in nest.blocks.items()
        },
        "scopes": {
            place: {**scope._asdict(), "error": message_value(scope.error)}
            for place, scope in nest.scopes.items()
        },
        "undoing": {
            place: {
                **undo._asdict(),
                "error": message_value(undo.error),
                "failed": [message_value(error) for error in undo.failed],
            }
            for place, undo in nest.undoing.items()
        },
        "signals": {
            name: [signal._asdict() for signal in early] for name, early in nest.signals.items()
        },
        "signal_ids": sorted(nest.signal_ids),
        "awaiting": dict(nest.awaiting.items()),
        "vars": dict(nest.vars.items()),
        **({"leaving": dict(nest.leaving.items())} if nest.leaving else {}),
        "wish": message_value(nest.wish),
        **({"gates": [gate._asdict() for gate in nest.gates]} if nest.gates else {}),
        **({"labels": dict(nest.labels.items())} if nest.labels else {}),
        **({"search": dict(nest.search.items())} if nest.search else {}),
        **({"attributed": True} if nest.attributed else {}),
    }


def _step(step: Step) -> dict[str, Any]:
    failure, answer = step.failure, step.answer
    value = {
        **step._asdict(),
        "output": _value(step.output),
        "error": message_value(step.error),
        "failure": None
        if failure is None
        else [message_value(failure.error), failure.retryable, failure.retry_after_ms],
    }
    del value["waits"], value["answer"]
    if not step.deferred:
        del value["deferred"]
    if step.waits:
        value["waits"] = step.waits
    if answer is not None:
        value["answer"] = [answer.verdict, _value(answer.value), message_value(answer.error)]
    return value


def message_value(message: Message | None) -> Any:
    """A message of the contract as a JSON value."""
    return None if message is None else orjson.loads(encode(message))


def _value(value: Any) -> Any:
    return value.show() if isinstance(value, Blob) else value
