"""How a step's change moves the run: counters, outbound edges, joins, the agenda.

Every function changes the run in place and costs O(out-degree) or O(log n). A
step inside a container has its container's scope as the beginning of its path
(`each[3]/notify`); edges never cross a container's wall, so a step's targets
have the same beginning.
"""

from __future__ import annotations

from typing import Any

from weir.contract.messages import BlobRef, Error
from weir.core.frontier import Arrival, Fifo, pop, push
from weir.core.gates import is_held
from weir.core.graph import Graph, Node
from weir.core.nesting import block_asks, is_alive, is_resting, note, scope_asks
from weir.core.state import NO_NEST, STEP_ENDED, Blob, Moving, RunState, Step

_PASSIVE = frozenset({*STEP_ENDED, "pending"})
_WAITING = frozenset({"waiting", "retrying"})
_NOBODY = Arrival()


def value_of(value: Any, ref: BlobRef | None) -> Any:
    """The value of a message, or where it lies."""
    return value if ref is None else Blob(ref.key, int(ref.size), ref.media_type)


def put(run: Moving, path: str, step: Step) -> None:
    """Replace one step and keep the counters right; an open container counts by what is in it."""
    before = run.steps.get(path)
    if before is not None and before.status not in _PASSIVE:
        if before.status in _WAITING:
            run.waiting -= 1
        elif before.status != "running":
            run.active -= 1
    if step.status not in _PASSIVE:
        if step.status in _WAITING:
            run.waiting += 1
        elif step.status != "running":
            run.active += 1
    run.steps = run.steps.set(path, step)
    if run.nest is not NO_NEST:
        note(run, path, before, step)


def attend(run: Moving, path: str) -> None:
    """Put a step, or a scope (`each[3]`), on the agenda."""
    if run.graph is not None:
        run.agenda = run.agenda.push(path)


def wake(run: Moving, due: int, path: str, mark: str) -> None:
    """Look at a step again when it is due."""
    if run.graph is not None:
        run.wakes = push(run.wakes, due, path, mark)
        tidy(run)


def finish(run: Moving, path: str, step: Step) -> None:
    """A step has ended: its outbound edges are taken or will never be."""
    put(run, path, step)
    graph = run.graph
    if graph is None:
        return
    scope, inside, name = path.rpartition("/")
    node = graph.nodes.get(name)
    if node is not None:
        if node.targets:
            leave(run, graph, node, step, scope + inside)
        if node.compensate and step.status == "succeeded":
            nest = run.nest
            run.nest = nest._replace(
                undo=nest.undo.set(nest.undo_top, path), undo_top=nest.undo_top + 1
            )
        if inside and scope_asks(run, scope):
            attend(run, scope)
    tidy(run)


def leave(run: Moving, graph: Graph, node: Node, step: Step, prefix: str) -> None:
    """The outbound edges of an ended step: by its port they are taken, the others never will."""
    nodes = graph.nodes
    arrivals, steps = run.arrivals, run.steps
    # A disabled node that was reached lets the flow through, as if it were a wire.
    bypass = (
        node.disabled and step.status == "skipped" and arrivals.get(prefix + node.id, _NOBODY).taken
    )
    left_by = "out" if bypass else step.port
    for port, targets in node.targets.items():
        taken = port == left_by
        for target in targets:
            path = prefix + target
            came = arrivals.get(path, _NOBODY)
            came = Arrival(came.taken + taken, came.skipped + (not taken))
            arrivals = arrivals.set(path, came)
            # Not yet entered and now decidable: exactly one arrival makes it so.
            if path not in steps and verdict(nodes[target], came) is not None:
                run.agenda = run.agenda.push(path)
    run.arrivals = arrivals


def verdict(node: Node, arrival: Arrival) -> str | None:
    """`enter`, `skip` or None while the node's join is still open."""
    taken, skipped = arrival
    if node.join == 0:
        if taken + skipped < node.inbound:
            return None
        return "enter" if taken else "skip"
    if taken >= node.join:
        return "enter"
    return "skip" if node.inbound - skipped < node.join else None


def is_out(run: Moving | RunState, graph: Graph, path: str, node: Node) -> bool:
    """Whether a step of a race waits for all, and one before it has failed: it cannot have all."""
    place, inside, _ = path.rpartition("/")
    scope = run.nest.scopes.get(place)
    if node.join or scope is None or scope.error is None:
        return False
    known, work = set(node.sources), list(node.sources)
    while work:
        source = work.pop()
        step = run.steps.get(place + inside + source)
        if step is not None and step.status == "failed":
            return True
        if step is not None and step.status == "skipped":  # perhaps for the same reason
            further = set(graph.nodes[source].sources) - known
            known |= further
            work += further
    return False


def wants_decision(run: Moving | RunState, path: str) -> bool:
    """Whether an agenda entry still asks for something."""
    step = run.steps.get(path)
    if step is None:
        return run.nest is NO_NEST or is_alive(run, path)
    if step.status in STEP_ENDED:
        return False
    if step.failure is not None or step.fired or step.answer is not None:
        return True
    return step.status == "running" and block_asks(run, path)


def is_waiting_for(run: Moving | RunState, path: str, mark: str) -> bool:
    """Whether a wake is still of interest."""
    if not path:
        return not (run.nest.undoing and is_resting(run, path))
    step = run.steps.get(path)
    if step is None or step.status in STEP_ENDED or step.fired or step.failure is not None:
        return False
    if step.answer is not None or not step.wake_ms:
        return False
    if step.status == "running" and (
        (run.nest.undoing and is_resting(run, path)) or (run.nest.gates and is_held(run))
    ):
        return False
    return mark == (step.timer or str(step.attempt))


def tidy(run: Moving) -> None:
    """Drop what the front of the queues no longer asks for; keeps later looks cheap."""
    agenda = run.agenda
    while agenda.head < agenda.tail and not wants_decision(run, agenda.items[agenda.head]):
        agenda = agenda.drop(agenda.head)
    run.agenda = agenda
    wakes = run.wakes
    while wakes is not None and not is_waiting_for(run, wakes[2], wakes[3]):
        wakes = pop(wakes)
    run.wakes = wakes


def enter_queue(run: Moving, queue: str, path: str) -> None:
    """A step waits for room."""
    if run.graph is not None:
        run.ready = run.ready.set(queue, run.ready.get(queue, Fifo()).push(path))
        tidy(run)


def leave_queue(run: Moving, queue: str) -> None:
    """Drop dispatched steps from the front of those that wait for room."""
    ready = run.ready.get(queue)
    if ready is None:
        return
    while ready.head < ready.tail and not waits_for_room(run, ready.items[ready.head]):
        ready = ready.drop(ready.head)
    run.ready = run.ready.set(queue, ready)


def waits_for_room(run: Moving | RunState, path: str) -> bool:
    """Whether a step has entered and was never dispatched."""
    step = run.steps.get(path)
    return step is not None and step.status == "queued" and step.attempt == 0


def end(
    run: Moving, status: str, at_ms: int, *, output: Any = None, error: Error | None = None
) -> None:
    """The run is over; what is still open is cancelled with it."""
    if run.active or run.waiting or run.nest is not NO_NEST:
        with run.steps.mutate() as changed:
            for path, step in run.steps.items():
                if step.status not in STEP_ENDED:
                    changed[path] = cancelled(step, at_ms)
            run.steps = changed.finish()
    run.status = status
    run.active = run.waiting = 0
    run.output = output
    run.error = error
    run.ended_ms = at_ms
    kept = run.nest
    run.nest = (
        NO_NEST._replace(gates=kept.gates, labels=kept.labels, search=kept.search)
        if kept.gates or kept.labels or kept.search
        else NO_NEST
    )
    run.arrivals, run.agenda, run.ready, run.wakes = _NOTHING


def cancelled(step: Step, at_ms: int) -> Step:
    """The step as it stands when what it is part of has ended."""
    return step._replace(
        status="cancelled",
        ended_ms=at_ms,
        wake_ms=0,
        timer="",
        failure=None,
        waits="",
        answer=None,
    )


_NOTHING = RunState._field_defaults["frontier"]
