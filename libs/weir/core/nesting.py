"""What is inside what, and whether it asks for a decision.

A container that was entered is a `Block` under its step's path; its inside is
a `Scope` under `guard` (one scope, section by section) or `each[3]` (one per
iteration). A scope knows the paths of its steps and how many have ended, so
nothing here costs more than the scope itself, however long the run.
"""

from __future__ import annotations

from weir.core.graph import Graph, Node
from weir.core.state import LOOPS, NO_NEST, STEP_ENDED, Moving, RunState, Scope, Step


def container_of(scope: str) -> str:
    """The path of the container whose inside a scope is: `each` of `each[3]`."""
    return scope[: scope.rindex("[")] if scope.endswith("]") else scope


def round_of(scope: str) -> int:
    """The index of an iteration's scope."""
    return int(scope[scope.rindex("[") + 1 : -1])


def name_of(path: str) -> str:
    """The node of a step's path."""
    return path.rpartition("/")[2]


def note(run: Moving, path: str, before: Step | None, step: Step) -> None:
    """A step inside a scope was seen for the first time, or has ended."""
    place, inside, _ = path.rpartition("/")
    scope = run.nest.scopes.get(place) if inside else None
    if scope is None:
        return
    known = scope
    if before is None:
        scope = scope._replace(members=(*scope.members, path))
    if step.status in STEP_ENDED and (before is None or before.status not in STEP_ENDED):
        scope = scope._replace(ended=scope.ended + 1)
    if scope is not known:
        run.nest = run.nest._replace(scopes=run.nest.scopes.set(place, scope))


def is_alive(run: Moving | RunState, path: str) -> bool:
    """Whether an agenda entry without a step still counts: a step to enter, or a scope."""
    if path.endswith("]"):
        return scope_asks(run, path)
    place, inside, name = path.rpartition("/")
    nest, graph = run.nest, run.graph
    if not inside:
        return "" not in nest.undoing
    scope = nest.scopes.get(place)
    if scope is None or not scope.live or graph is None:
        return False
    if scope.error is not None and graph.nodes[name_of(container_of(place))].type != "race":
        return False  # it is about to be closed; only in a race the other branches go on
    return graph.nodes[name].section == scope.section


def scope_asks(run: Moving | RunState, place: str) -> bool:
    """Whether a scope has come to its end, or to its first error."""
    scope, graph = run.nest.scopes.get(place), run.graph
    if scope is None or not scope.live or graph is None or is_undoing(run, place):
        return False
    container = container_of(place)
    node = graph.nodes[name_of(container)]
    if place != container and ends_all(node, scope) and is_undoing(run, container):
        return False
    section = graph.section(node.id, scope.section)
    if node.type == "race":
        if first_home(run, graph, place) is not None:
            return True
        return scope.ended >= section.size
    return scope.error is not None or scope.ended >= section.size


def ends_all(node: Node, scope: Scope) -> bool:
    """Whether an iteration that asks now may end the others with it: they are not cut short."""
    stops = node.config.get("on_item_error", "stop") == "stop"
    return stops if scope.error is not None else "output" in node.inner


def is_undoing(run: Moving | RunState, place: str) -> bool:
    """Whether something inside is being undone: that comes to its end first."""
    inside = (f"{place}/", f"{place}[")
    return any(
        not undo.over and at != place and (not place or at.startswith(inside))
        for at, undo in run.nest.undoing.items()
    )


def is_resting(run: Moving | RunState, path: str) -> bool:
    """Whether a deadline of a container, or of the run, must wait: undoing is not cut short."""
    return path in run.nest.undoing or is_undoing(run, path)


def block_asks(run: Moving | RunState, path: str) -> bool:
    """Whether an open container has come to its end."""
    block = run.nest.blocks.get(path)
    if block is None:
        return False
    undo = run.nest.undoing.get(path)
    if undo is not None:
        return undo.over
    if block.kind in LOOPS:
        return block.done >= block.total
    return scope_asks(run, path)


def first_home(run: Moving | RunState, graph: Graph, place: str) -> str | None:
    """Of a race: the last step of the branch that came home first."""
    sinks = graph.section(name_of(place), "body").sinks
    home = [
        (step.ended_ms, at, f"{place}/{sink}")
        for at, sink in enumerate(sinks)
        if (step := run.steps.get(f"{place}/{sink}")) is not None
        and step.status in {"succeeded", "caught"}
    ]
    return min(home)[2] if home else None


def enclosing(prefix: str) -> list[str]:
    """The scopes a step's path begins with, innermost first: `a[1]/b` before `a[1]`."""
    found = []
    place = prefix.removesuffix("/")
    while place:
        found.append(place)
        place = place.rpartition("/")[0]
    return found


def scope_of(run: Moving | RunState, path: str) -> tuple[str, Scope] | None:
    """The scope a step stands in, None at the top of the run."""
    place, inside, _ = path.rpartition("/")
    if not inside or run.nest is NO_NEST:
        return None
    scope = run.nest.scopes.get(place)
    return None if scope is None else (place, scope)
