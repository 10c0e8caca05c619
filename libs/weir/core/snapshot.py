"""A run's state as a value, and back (log-protocol P3).

What is restored equals what was taken, byte for byte in its canonical form;
the frontier is not part of it and is found again from the steps and the graph.
"""

from __future__ import annotations

from typing import Any, TypeVar

from immutables import Map

from weir.contract.messages import CancelRequested, Error, Message, RunPaused
from weir.core.canonical import message_value
from weir.core.flow import attend, enter_queue, leave, verdict, wake
from weir.core.frontier import Arrival
from weir.core.graph import Graph
from weir.core.state import (
    ENDED,
    STEP_ENDED,
    Blob,
    Failure,
    Moving,
    RunState,
    Start,
    Step,
)

M = TypeVar("M", bound=Message)

_PLAIN = (
    "status",
    "active",
    "waiting",
    "ended_ms",
    "archived",
    "archived_key",
    "seen",
    "turn",
)


def take(state: RunState) -> dict[str, Any]:
    """Everything that is recorded, as a JSON value."""
    return {
        **{name: getattr(state, name) for name in _PLAIN},
        "start": {**state.start._asdict(), "input": _packed(state.start.input)},
        "steps": {path: _packed_step(step) for path, step in sorted(state.steps.items())},
        "cancel": message_value(state.cancel),
        "doomed": message_value(state.doomed),
        "paused": message_value(state.paused),
        "error": message_value(state.error),
        "output": _packed(state.output),
    }


def restore(value: dict[str, Any], graph: Graph | None) -> RunState:
    """The state that was taken, with its frontier if there is a graph."""
    start = dict(value["start"])
    start["input"] = _unpacked(start["input"])
    state = RunState(
        start=Start(**start),
        steps=Map({path: _step(step) for path, step in value["steps"].items()}),
        cancel=_message(CancelRequested, value["cancel"]),
        doomed=_message(Error, value["doomed"]),
        paused=_message(RunPaused, value["paused"]),
        error=_message(Error, value["error"]),
        output=_unpacked(value["output"]),
        graph=graph,
        **{name: value[name] for name in _PLAIN},
    )
    if graph is None or state.status in ENDED:
        return state
    run = Moving(state)
    _find_frontier(run, graph)
    return run.still()


def _find_frontier(run: Moving, graph: Graph) -> None:
    for path, step in sorted(run.steps.items()):
        _place(run, graph, path, step)
    for path in graph.triggers or graph.entries:
        if path not in run.steps:
            attend(run, path)
    for path, node in graph.nodes.items():
        arrival = run.arrivals.get(path, Arrival())
        if node.inbound and path not in run.steps and verdict(node, arrival) is not None:
            attend(run, path)
    if graph.timeout_ms:
        wake(run, run.start.started_ms + int(graph.timeout_ms), "", "run")


def _place(run: Moving, graph: Graph, path: str, step: Step) -> None:
    """Where one step stands: it has left, waits for room, wants a decision, or waits for a time."""
    node = graph.nodes.get(path)
    if step.status in STEP_ENDED:
        if node is not None:
            leave(run, node, step)
    elif step.status == "queued" and not step.attempt:
        enter_queue(run, step.queue, path)
    elif step.failure is not None or step.fired:
        attend(run, path)
    elif step.wake_ms:
        wake(run, step.wake_ms, path, step.timer or str(step.attempt))


def _packed_step(step: Step) -> dict[str, Any]:
    failure = step.failure
    return {
        **step._asdict(),
        "output": _packed(step.output),
        "error": message_value(step.error),
        "failure": None
        if failure is None
        else [message_value(failure.error), failure.retryable, failure.retry_after_ms],
    }


def _step(value: dict[str, Any]) -> Step:
    failure = value["failure"]
    fields = {
        **value,
        "output": _unpacked(value["output"]),
        "error": _message(Error, value["error"]),
        "failure": None
        if failure is None
        else Failure(Error.model_validate(failure[0]), failure[1], failure[2]),
    }
    return Step(**fields)


# A run's own data may look like a reference: what is one is said beside it.
def _packed(value: Any) -> Any:
    return {"blob": value._asdict()} if isinstance(value, Blob) else {"value": value}


def _unpacked(packed: dict[str, Any]) -> Any:
    return Blob(**packed["blob"]) if "blob" in packed else packed["value"]


def _message(kind: type[M], value: Any) -> M | None:
    return None if value is None else kind.model_validate(value)
