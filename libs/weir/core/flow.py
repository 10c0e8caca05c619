"""How a step's change moves the run: counters, outbound edges, joins, the agenda.

Every function gives a new state and costs O(out-degree) or O(log n).
"""

from __future__ import annotations

from typing import Any

from weir.contract.messages import BlobRef, Error
from weir.core.frontier import Arrival, Frontier, pop, push
from weir.core.graph import Node
from weir.core.state import STEP_ENDED, Blob, RunState, Step


def value_of(value: Any, ref: BlobRef | None) -> Any:
    """The value of a message, or where it lies."""
    return value if ref is None else Blob(ref.key, int(ref.size), ref.media_type)


def _class(step: Step | None) -> tuple[int, int]:
    if step is None or step.status in STEP_ENDED or step.status == "pending":
        return 0, 0
    return (0, 1) if step.status in {"waiting", "retrying"} else (1, 0)


def put(state: RunState, path: str, step: Step) -> RunState:
    """Replace one step and keep the counters right."""
    active, waiting = _class(state.steps.get(path))
    now_active, now_waiting = _class(step)
    return state._replace(
        steps=state.steps.set(path, step),
        active=state.active + now_active - active,
        waiting=state.waiting + now_waiting - waiting,
    )


def attend(state: RunState, path: str) -> RunState:
    """Put a step on the agenda."""
    if state.graph is None:
        return state
    frontier = state.frontier
    return state._replace(frontier=frontier._replace(agenda=frontier.agenda.push(path)))


def wake(state: RunState, due: int, path: str, mark: str) -> RunState:
    """Look at a step again when it is due."""
    frontier = state.frontier
    return state._replace(frontier=frontier._replace(wakes=push(frontier.wakes, due, path, mark)))


def finish(state: RunState, path: str, step: Step) -> RunState:
    """A step has ended: its outbound edges are taken or will never be."""
    state = put(state, path, step)
    graph = state.graph
    if graph is None:
        return state
    node = graph.nodes.get(path)
    if node is None:
        return tidy(state)
    frontier = state.frontier
    arrivals, agenda = frontier.arrivals, frontier.agenda
    # A disabled node that was reached lets the flow through, as if it were a wire.
    bypass = node.disabled and step.status == "skipped" and arrivals.get(path, Arrival()).taken > 0
    for port, targets in node.targets.items():
        taken = port == ("out" if bypass else step.port)
        for target in targets:
            arrival = arrivals.get(target, Arrival())
            arrival = (
                arrival._replace(taken=arrival.taken + 1)
                if taken
                else arrival._replace(skipped=arrival.skipped + 1)
            )
            arrivals = arrivals.set(target, arrival)
            # Not yet entered and now decidable: exactly one arrival makes it so.
            if target not in state.steps and verdict(graph.nodes[target], arrival) is not None:
                agenda = agenda.push(target)
    return tidy(state._replace(frontier=frontier._replace(arrivals=arrivals, agenda=agenda)))


def verdict(node: Node, arrival: Arrival) -> str | None:
    """`enter`, `skip` or None while the node's join is still open."""
    need = node.join or max(1, node.inbound - arrival.skipped)
    if node.join == 0 and arrival.taken + arrival.skipped < node.inbound:
        return None
    if arrival.taken >= need:
        return "enter"
    return "skip" if node.inbound - arrival.skipped < need else None


def wants_decision(state: RunState, path: str) -> bool:
    """Whether an agenda entry still asks for something."""
    step = state.steps.get(path)
    return step is None or (
        step.status not in STEP_ENDED and (step.failure is not None or step.fired)
    )


def is_waiting_for(state: RunState, path: str, mark: str) -> bool:
    """Whether a wake is still of interest."""
    if not path:
        return True
    step = state.steps.get(path)
    if step is None or step.status in STEP_ENDED or step.fired or step.failure is not None:
        return False
    return mark in (step.timer, str(step.attempt) if not step.timer else "")


def tidy(state: RunState) -> RunState:
    """Drop what the front of the queues no longer asks for; keeps later looks cheap."""
    frontier = state.frontier
    agenda, wakes = frontier.agenda, frontier.wakes
    while agenda.head < agenda.tail:
        path = agenda.items.get(agenda.head)
        if path is not None and wants_decision(state, path):
            break
        agenda = agenda.drop(agenda.head)
    while wakes is not None and not is_waiting_for(state, wakes[2], wakes[3]):
        wakes = pop(wakes)
    if agenda is frontier.agenda and wakes is frontier.wakes:
        return state
    return state._replace(frontier=frontier._replace(agenda=agenda, wakes=wakes))


def leave_queue(state: RunState, queue: str) -> RunState:
    """Drop dispatched steps from the front of those that wait for room."""
    ready = state.frontier.ready.get(queue)
    if ready is None:
        return state
    kept = ready
    while kept.head < kept.tail and not waits_for_room(state, kept.items[kept.head]):
        kept = kept.drop(kept.head)
    if kept is ready:
        return state
    return state._replace(
        frontier=state.frontier._replace(ready=state.frontier.ready.set(queue, kept))
    )


def waits_for_room(state: RunState, path: str) -> bool:
    """Whether a step has entered and was never dispatched."""
    step = state.steps.get(path)
    return step is not None and step.status == "queued" and step.attempt == 0


def end(
    state: RunState, status: str, at_ms: int, *, output: Any = None, error: Error | None = None
) -> RunState:
    """The run is over; what is still open is cancelled with it."""
    steps = state.steps
    if state.active or state.waiting:
        with steps.mutate() as changed:
            for path, step in steps.items():
                if step.status not in STEP_ENDED:
                    changed[path] = step._replace(
                        status="cancelled", ended_ms=at_ms, wake_ms=0, timer="", failure=None
                    )
            steps = changed.finish()
    return state._replace(
        status=status,
        steps=steps,
        active=0,
        waiting=0,
        output=output,
        error=error,
        ended_ms=at_ms,
        frontier=Frontier(),
    )
