"""What a new run takes over from another one, so that it goes on from a place of it.

A fork carries the steps that ended before that place and do not depend on it;
inside a loop also the iterations that were done. They are not executed again:
the new run's start fact holds them, and its state begins with them
(`adoption`). With them go the variables, labels and attributes that were set
by then, and the signals that had come and that nobody had taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from weir.core.graph import Graph
from weir.core.nesting import container_of, enclosing, name_of, round_of
from weir.core.snapshot_nest import block_value, packed
from weir.core.state import RunState

_CARRIED = frozenset({"succeeded", "caught", "skipped"})


class Past(NamedTuple):
    """What a fork has to know of the run it comes from."""

    end: RunState  # as it stands now
    before: RunState  # as it was before the step was entered
    step: str  # the path from which the fork goes on
    took: Mapping[str, frozenset[str]] = {}  # by path: ids of early signals that a step took
    found_by: Mapping[str, str] = {}  # attributes that its version had evaluated as it began


def carry(past: Past, graph: Graph) -> dict[str, Any]:
    """What a fork takes over.

    Steps that ended elsewhere are taken as they stand now; an iteration's
    steps are only to be found in the state before the step was entered.
    """
    end, before, path = past.end, past.before, past.step
    places = enclosing(path.rpartition("/")[0])  # innermost first
    again = _again(past, graph)
    steps = {
        at: step
        for at, step in end.steps.items()
        if "/" not in at
        and at not in again
        and step.status in _CARRIED
        and at in graph.nodes
        and at not in graph.undoes  # what was undone may have to be undone again
    }
    blocks: dict[str, Any] = {}
    scopes: list[list[str]] = []
    for place in reversed(places):
        container = container_of(place)
        block = before.nest.blocks.get(container)
        if block is None:
            break
        blocks[container] = block_value(block)
        opened = [
            f"{container}[{at}]" for at, ended in sorted(block.rounds.items()) if not ended
        ] or [container]
        for inside in opened:
            scope = before.nest.scopes.get(inside)
            if scope is None:
                continue
            scopes.append([inside, scope.section])
            for member in scope.members:
                step = before.steps.get(member)
                if step is not None and step.status in _CARRIED:
                    steps[member] = step
    if places:
        skipped = behind(graph, name_of(path))
        prefix = path[: len(path) - len(name_of(path))]
        for name in skipped:
            steps.pop(prefix + name, None)
    return {
        "steps": [
            [at, step.status, packed(step.output), step.port, step.node_type, step.queue]
            for at, step in sorted(steps.items(), key=lambda item: (item[1].ended_ms, item[0]))
        ],
        "blocks": blocks,
        "scopes": scopes,
        "vars": dict(sorted(before.nest.vars.items())),
        "labels": dict(sorted(before.nest.labels.items())),
        "search": {
            name: text
            for name, text in sorted(before.nest.search.items())
            if past.found_by.get(name) != text  # the new run evaluates those of its version anew
        },
        "signals": _signals(past, set(steps), blocks),
    }


def _again(past: Past, graph: Graph) -> set[str]:
    """What comes again at the top of the run: the place, what did not end well, and all behind."""
    top = name_of(container_of(past.step.partition("/")[0]))
    again = behind(graph, top)
    if past.end.graph is not None:
        again |= behind(past.end.graph, top)
    for path, step in past.end.steps.items():
        if "/" not in path and step.status in {"failed", "cancelled"}:
            again |= behind(graph, path)
    return again


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
