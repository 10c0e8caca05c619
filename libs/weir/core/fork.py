"""What a new run takes over from another one, so that it goes on from a place of it.

A fork carries the steps that ended before that place and do not depend on it;
inside a loop also the iterations that were done. They are not executed again:
the new run's start fact holds them, and its state begins with them.
"""

from __future__ import annotations

from typing import Any

from weir.core.flow import finish, put
from weir.core.graph import Graph
from weir.core.nesting import container_of, enclosing, name_of
from weir.core.scoping import begin_rounds, open_scope
from weir.core.snapshot_nest import block_of, block_value, packed, unpacked
from weir.core.state import LOOPS, Block, Moving, RunState, Scope, Step

_CARRIED = frozenset({"succeeded", "caught", "skipped"})


def carry(end: RunState, before: RunState, graph: Graph, path: str) -> dict[str, Any]:
    """What a fork at this step takes over.

    `end` is the state of the run as it stands now, `before` the one before the
    step was entered: an iteration's steps are only to be found there.
    """
    places = enclosing(path.rpartition("/")[0])  # innermost first
    outer = container_of(places[-1]) if places else path
    again = behind(graph, name_of(outer))
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
    }


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


def adopt(run: Moving, carried: dict[str, Any], at_ms: int) -> None:
    """Begin with what was carried; what the new version does not have is left out."""
    nodes = run.graph.nodes if run.graph is not None else None
    steps = {
        item[0]: _step(item, at_ms)
        for item in carried["steps"]
        if nodes is None or name_of(item[0]) in nodes
    }
    for path, step in steps.items():
        if "/" not in path and path not in run.steps:
            finish(run, path, step)
    if carried.get("vars"):
        run.nest = run.nest._replace(vars=run.nest.vars.update(carried["vars"]))
    blocks, sections = carried["blocks"], dict(carried["scopes"])
    for path in sorted(blocks, key=lambda path: path.count("/")):
        if nodes is None or name_of(path) in nodes:
            _open(run, path, block_of(blocks[path]), at_ms)
            for place in _open_scopes(run, path):
                open_scope(run, path, place, Scope(section=sections.get(place, "body")))
                for member, step in steps.items():
                    if member.rpartition("/")[0] == place:
                        _member(run, place, member, step)
            if path in run.nest.blocks and run.nest.blocks[path].kind in LOOPS:
                begin_rounds(run, path)


def _open(run: Moving, path: str, block: Block, at_ms: int) -> None:
    put(run, path, Step("running", node_type=block.kind, scheduled_ms=at_ms, started_ms=at_ms))
    going_on = {at: False for at, ended in block.rounds.items() if not ended}
    block = block._replace(rounds=Block._field_defaults["rounds"].update(going_on))
    run.nest = run.nest._replace(blocks=run.nest.blocks.set(path, block))


def _member(run: Moving, place: str, path: str, step: Step) -> None:
    """A step of an open scope; those of a try's earlier sections no longer count in it."""
    scope = run.nest.scopes[place]
    node = run.graph.nodes.get(name_of(path)) if run.graph is not None else None
    if node is None or node.section == scope.section:
        finish(run, path, step)
        return
    run.steps = run.steps.set(path, step)
    scope = scope._replace(members=(*scope.members, path))
    run.nest = run.nest._replace(scopes=run.nest.scopes.set(place, scope))


def _open_scopes(run: Moving, path: str) -> list[str]:
    block = run.nest.blocks[path]
    return [f"{path}[{at}]" for at in sorted(block.rounds)] if block.kind in LOOPS else [path]


def _step(item: list[Any], at_ms: int) -> Step:
    _, status, output, port, node_type, queue = item
    return Step(
        status,
        output=unpacked(output),
        port=port,
        node_type=node_type,
        queue=queue,
        scheduled_ms=at_ms,
        started_ms=at_ms,
        ended_ms=at_ms,
    )
