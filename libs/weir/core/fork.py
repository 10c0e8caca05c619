"""What a new run takes over from another one, so that it goes on from a place of it.

A fork carries the steps that ended before that place and do not depend on it;
inside a loop also the iterations that were done. They are not executed again:
the new run's start fact holds them, and its state begins with them
(`adoption`). With them go the variables, labels and attributes that were set
by then, the signals that had come and that nobody had taken, and the duty to undo
what was taken over, should the fork fail. A container it goes on in has its whole
time again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from weir.core.graph import Graph
from weir.core.nesting import container_of, enclosing, name_of, round_of
from weir.core.snapshot_nest import block_value, packed
from weir.core.state import STEP_ENDED, RunState, Step

CARRIED = frozenset({"succeeded", "caught", "skipped"})


class Past(NamedTuple):
    """What a fork has to know of the run it comes from."""

    end: RunState  # as it stands now
    whole: RunState  # before it was undone or ended: what can be undone, in order
    before: RunState  # as it was before the step was entered
    step: str  # the path from which the fork goes on
    undone: frozenset[str] = frozenset()  # steps that were undone, whenever that was
    took: Mapping[str, frozenset[str]] = {}  # by path: ids of early signals that a step took
    found_by: Mapping[str, str] = {}  # attributes that its version had evaluated as it began

    def is_undone(self, path: str, state: RunState) -> bool:
        """Whether a step that had ended well in this state was undone later."""
        step = state.steps.get(path)
        return path in self.undone and step is not None and step.status == "succeeded"


class Taken(NamedTuple):
    """What a fork takes over, and the step from which it goes on."""

    step: str
    carried: dict[str, Any]


class _Inside(NamedTuple):
    """The open containers around the place."""

    blocks: dict[str, Any]
    scopes: dict[str, str]  # section by place
    steps: dict[str, Step]

    def add(self, before: RunState, place: str) -> None:
        """One more scope that was open, with the steps that had ended in it."""
        scope = before.nest.scopes.get(place)
        if scope is None:
            return
        self.scopes[place] = scope.section
        for member in scope.members:
            step = before.steps.get(member)
            if step is not None and step.status in CARRIED:
                self.steps[member] = step

    def redo(self, undone: str, container: str, path: str, graph: Graph) -> str:
        """An undone step comes again, with all behind it; empty if that can be done from `path`.

        Else the container that has to come again: this one, or the one in it that
        rests on the step.
        """
        here = (at for at in self.scopes if container_of(at) == container)
        place = next((at for at in here if undone.startswith(f"{at}/")), "")
        member = _top(undone[len(place) + 1 :])
        node = graph.nodes.get(member)
        if not place or (node is not None and node.section != self.scopes[place]):
            return container
        if f"{place}/{member}" not in self.steps:
            return ""
        again = behind(graph, member)
        _drop(self.steps, again, f"{place}/")
        way = path[len(place) + 1 :] if path.startswith(f"{place}/") else ""
        return f"{place}/{_top(way)}" if "/" in way and _top(way) in again else ""


def carry(past: Past, graph: Graph) -> Taken:
    """What a fork takes over, as far as its version has the same place for it.

    Steps that ended elsewhere are taken as they stand now; an iteration's
    steps are only to be found in the state before the step was entered. What
    was undone since is done again, with all behind it. Where that is no longer
    open (an iteration that had ended, another section) its container comes
    again, and the fork goes on from there.
    """
    inside = _inside(past, graph)
    while isinstance(inside, str):
        past = past._replace(step=inside)
        inside = _inside(past, graph)
    again = _again(past, graph)
    steps = {
        at: step
        for at, step in past.end.steps.items()
        if "/" not in at
        and at not in again
        and step.status in CARRIED
        and at not in graph.undoes  # what was undone may have to be undone again
    }
    steps = {at: step for at, step in (steps | inside.steps).items() if stands(graph, at)}
    undo, ended = _keep(past, graph, set(steps), inside.blocks, inside.scopes)
    before = past.before
    carried = {
        "signals": _signals(past, set(steps), inside.blocks),
        "steps": [
            [at, step.status, packed(step.output), step.port, step.node_type, step.queue]
            for at, step in sorted(
                (steps | ended.steps).items(), key=lambda item: (item[1].ended_ms, item[0])
            )
        ],
        "blocks": inside.blocks,
        "scopes": [list(item) for item in inside.scopes.items()],
        "earlier": [
            at
            for at in inside.steps
            if at in steps
            and graph.nodes[name_of(at)].section != inside.scopes[at.rpartition("/")[0]]
        ],
        "timeouts": {
            at: node.timeout_ms
            for at in inside.blocks
            if (node := graph.nodes.get(name_of(at))) is not None and node.timeout_ms
        },
        "undo": undo,
        "ended": {"blocks": ended.blocks, "scopes": ended.scopes},
        "vars": dict(sorted(before.nest.vars.items())),
        "labels": dict(sorted(before.nest.labels.items())),
        "search": {
            name: text
            for name, text in sorted(before.nest.search.items())
            if past.found_by.get(name) != text  # the new run evaluates those of its version anew
        },
    }
    return Taken(past.step, carried)


def _inside(past: Past, graph: Graph) -> _Inside | str:
    """What is open around the place; or the container that has to come again."""
    before, path, top = past.before, past.step, _top(past.step)
    found = _Inside({}, {}, {})
    if top != path and top in _undone(past, graph):
        return top
    undone = [at for at in sorted(past.undone) if past.is_undone(at, before)]
    for place in reversed(enclosing(path.rpartition("/")[0])):  # outermost first
        container = container_of(place)
        block, scope = before.nest.blocks.get(container), before.nest.scopes.get(place)
        if block is None or scope is None or before.steps[container].status in STEP_ENDED:
            return container  # it was taken over as it had ended: nobody knows how it was before
        member = graph.nodes[_top(path[len(place) + 1 :])]
        if (block.kind, scope.section) != (graph.nodes[member.parent].type, member.section):
            return container  # in this version it is another one
        found.blocks[container] = block_value(block)
        opened = [
            f"{container}[{at}]" for at, ended in sorted(block.rounds.items()) if not ended
        ] or [container]
        for scope_at in opened:
            found.add(before, scope_at)
        for at in undone:
            if at.startswith((f"{container}/", f"{container}[")):
                outer = found.redo(at, container, path, graph)
                if outer:
                    return outer
    if found.blocks:
        _drop(found.steps, behind(graph, name_of(path)), path[: len(path) - len(name_of(path))])
    return found


class _Ended(NamedTuple):
    """The insides of what has ended, as far as something in them can be undone."""

    blocks: dict[str, Any]
    scopes: dict[str, str]
    steps: dict[str, Step]

    def add(self, source: RunState, graph: Graph, place: str, open_blocks: dict[str, Any]) -> None:
        """One more of them."""
        scope = source.nest.scopes.get(place)
        if scope is None or place in self.scopes:
            return
        self.scopes[place] = scope.section
        for member in scope.members:
            step = source.steps.get(member)
            # Also what failed there: something inside it may be there to be undone.
            if step is None or step.status not in STEP_ENDED or name_of(member) in graph.undoes:
                continue
            if not stands(graph, member):
                continue
            self.steps[member] = step
        container = container_of(place)
        block = source.nest.blocks.get(container)
        if block is not None and container not in open_blocks and container not in self.blocks:
            self.blocks[container] = block_value(block)


def _drop(steps: dict[str, Step], names: set[str], prefix: str) -> None:
    for name in names:
        steps.pop(prefix + name, None)


def _again(past: Past, graph: Graph) -> set[str]:
    """What comes again at the top of the run.

    The place itself, what did not end well, what was undone, and all behind.
    """
    top = _top(past.step)
    again = behind(graph, top)
    if past.end.graph is not None:
        again |= behind(past.end.graph, top)
    for path, step in past.end.steps.items():
        if "/" not in path and step.status in {"failed", "cancelled"}:
            again |= behind(graph, path)
    return again | _undone(past, graph)


def _undone(past: Past, graph: Graph) -> set[str]:
    """Of that: what was undone since elsewhere than inside the place's own container."""
    top = _top(past.step)
    found = {_top(path) for path in past.undone if past.is_undone(path, past.whole)}
    return {name for one in found - {top} for name in behind(graph, one)}


def _top(path: str) -> str:
    """The first node of a path: the step itself, or what it lies in."""
    return path.partition("/")[0].partition("[")[0]


def _keep(
    past: Past, graph: Graph, kept: set[str], blocks: dict[str, Any], opened: Mapping[str, str]
) -> tuple[list[str], _Ended]:
    """What can be undone of all that is taken over, in order, and what that needs to be at hand.

    A step inside of something that has ended is undone in its place: its
    neighbours, the iterations around it and what those go over stay.
    """
    ended = _Ended({}, {}, {})
    top = _top(past.step)
    undo = []
    first = [at for _, at in sorted(past.before.nest.undo.items())]
    later = [at for _, at in sorted(past.whole.nest.undo.items())]
    known = set(later)
    for at in [*(one for one in first if one not in known), *later]:
        if not stands(graph, at) or not graph.nodes[name_of(at)].compensate:
            continue
        source = past.before if _top(at) == top else past.whole
        step = source.steps.get(at)
        if at in kept:
            undo.append(at)
        elif step is not None and step.status == "succeeded" and is_done(at, kept, blocks):
            undo.append(at)
            for place in enclosing(at.rpartition("/")[0]):
                if place not in opened:
                    ended.add(source, graph, place, blocks)
    return undo, ended


def _signals(past: Past, kept: set[str], blocks: dict[str, Any]) -> dict[str, Any]:
    """Signals that had come early, but for those that a step took which is taken over itself."""
    taken = {
        signal_id
        for path, ids in past.took.items()
        if path in kept or is_done(path, kept, blocks)
        for signal_id in ids
    }
    left = {
        name: [[one.signal_id, one.payload] for one in early if one.signal_id not in taken]
        for name, early in sorted(past.before.nest.signals.items())
    }
    return {name: early for name, early in left.items() if early}


def is_done(path: str, kept: set[str], blocks: dict[str, Any]) -> bool:
    """Whether a step lies in a container, or in an iteration, that is taken over as ended."""
    for place in enclosing(path.rpartition("/")[0]):
        container = container_of(place)
        if container in kept:
            return True
        block = blocks.get(container)
        if block is not None and place != container:
            at = round_of(place)
            if at < block["next"] and block["rounds"].get(str(at)) is not False:
                return True
    return False


def stands(graph: Graph, path: str) -> bool:
    """Whether a version has this place: the step, in the containers that its path names."""
    parent = ""
    for part in path.split("/"):
        node = graph.nodes.get(part.partition("[")[0])
        if node is None or node.parent != parent:
            return False
        parent = node.id
    return True


def behind(graph: Graph, name: str) -> set[str]:
    """A node and all that comes after it."""
    found: set[str] = set()
    work = [name]
    while work:
        at = work.pop()
        if at in found or at not in graph.nodes:
            continue
        found.add(at)
        for targets in graph.nodes[at].targets.values():
            work += targets
    return found
