"""A run's state as a value, and back (log-protocol P3).

What is restored equals what was taken, byte for byte in its canonical form;
the frontier is not part of it and is found again from the steps, the scopes
and the graph.
"""

from __future__ import annotations

from typing import Any, TypeVar

from immutables import Map

from weir.contract.messages import (
    CancelRequested,
    Error,
    Message,
    RunCallback,
    RunOrder,
    RunParent,
    RunPaused,
)
from weir.core.canonical import message_value
from weir.core.flow import attend, enter_queue, leave, verdict, wake
from weir.core.frontier import Arrival
from weir.core.graph import Graph, Node
from weir.core.nesting import block_asks, container_of, name_of, scope_asks
from weir.core.snapshot_nest import nest_of, nest_value, packed, unpacked
from weir.core.state import (
    ENDED,
    STEP_ENDED,
    Answer,
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
        "start": _start(state.start),
        "steps": {path: _packed_step(step) for path, step in sorted(state.steps.items())},
        "cancel": message_value(state.cancel),
        "doomed": message_value(state.doomed),
        "paused": message_value(state.paused),
        "error": message_value(state.error),
        "output": packed(state.output),
        "nest": nest_value(state.nest),
    }


def _start(start: Start) -> dict[str, Any]:
    value = {
        **start._asdict(),
        "input": packed(start.input),
        "parent": message_value(start.parent),
        "callback": message_value(start.callback),
        "order": message_value(start.order),
    }
    if start.order is None:
        del value["order"]  # as below
    if not start.project:
        del value["project"]  # readers of earlier releases know no such field
    return value


def restore(value: dict[str, Any], graph: Graph | None) -> RunState:
    """The state that was taken, with its frontier if there is a graph."""
    start = dict(value["start"])
    start["input"] = unpacked(start["input"])
    start["parent"] = _message(RunParent, start.get("parent"))
    start["callback"] = _message(RunCallback, start.get("callback"))
    start["order"] = _message(RunOrder, start.get("order"))
    state = RunState(
        start=Start(**start),
        steps=Map({path: _step(step) for path, step in value["steps"].items()}),
        cancel=_message(CancelRequested, value["cancel"]),
        doomed=_message(Error, value["doomed"]),
        paused=_message(RunPaused, value["paused"]),
        error=_message(Error, value["error"]),
        output=unpacked(value["output"]),
        graph=graph,
        nest=nest_of(value.get("nest")),
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
    if "" not in run.nest.undoing:
        for path in graph.triggers or graph.entries:
            if path not in run.steps:
                attend(run, path)
        outside = [node for node in graph.nodes.values() if not node.parent]
        _find_entered(run, outside, "")
    for place, scope in sorted(run.nest.scopes.items()):
        if scope.live:
            _find_scope(run, graph, place, scope.section)
    for path in sorted(run.nest.blocks):
        if block_asks(run, path):
            attend(run, path)
    if graph.timeout_ms:
        wake(run, run.start.started_ms + int(graph.timeout_ms), "", "run")


def _find_scope(run: Moving, graph: Graph, place: str, section: str) -> None:
    container = name_of(container_of(place))
    for entry in graph.section(container, section).entries:
        if f"{place}/{entry}" not in run.steps:
            attend(run, f"{place}/{entry}")
    inside = [graph.nodes[name] for name in graph.inside.get(container, ())]
    _find_entered(run, [node for node in inside if node.section == section], f"{place}/")
    if scope_asks(run, place):
        attend(run, place)


def _find_entered(run: Moving, nodes: list[Node], prefix: str) -> None:
    """Steps that were not entered although what leads to them has come."""
    for node in nodes:
        path = prefix + node.id
        arrival = run.arrivals.get(path, Arrival())
        if node.inbound and path not in run.steps and verdict(node, arrival) is not None:
            attend(run, path)


def _place(run: Moving, graph: Graph, path: str, step: Step) -> None:
    """Where one step stands: it has left, waits for room, wants a decision, or waits for a time."""
    node = graph.node_at(path)
    if step.status in STEP_ENDED:
        if node is not None and node.targets:
            leave(run, graph, node, step, path[: len(path) - len(node.id)])
    elif step.status == "queued" and not step.attempt:
        enter_queue(run, step.queue, path)
    elif step.failure is not None or step.fired or step.answer is not None:
        attend(run, path)
    elif step.wake_ms:
        wake(run, step.wake_ms, path, step.timer or str(step.attempt))


def _packed_step(step: Step) -> dict[str, Any]:
    failure = step.failure
    return {
        **step._asdict(),
        "output": packed(step.output),
        "error": message_value(step.error),
        "failure": None
        if failure is None
        else [message_value(failure.error), failure.retryable, failure.retry_after_ms],
        "answer": None
        if step.answer is None
        else [step.answer.verdict, packed(step.answer.value), message_value(step.answer.error)],
    }


def _step(value: dict[str, Any]) -> Step:
    failure, answer = value["failure"], value.get("answer")
    fields = {
        **value,
        "output": unpacked(value["output"]),
        "error": _message(Error, value["error"]),
        "failure": None
        if failure is None
        else Failure(Error.model_validate(failure[0]), failure[1], failure[2]),
        "answer": None
        if answer is None
        else Answer(answer[0], unpacked(answer[1]), _message(Error, answer[2])),
    }
    return Step(**fields)


def _message(kind: type[M], value: Any) -> M | None:
    return None if value is None else kind.model_validate(value)
