"""How a run begins that takes over what another one had: see `fork` for what that is."""

from __future__ import annotations

from typing import Any

from immutables import Map

from weir.core.flow import finish, put
from weir.core.nesting import name_of
from weir.core.scoping import begin_rounds, open_scope
from weir.core.snapshot_nest import block_of, unpacked
from weir.core.state import LOOPS, Block, Moving, Scope, Signal, Step


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
    _adopt_values(run, carried)
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


def _adopt_values(run: Moving, carried: dict[str, Any]) -> None:
    """Variables, labels, attributes, and signals that wait for somebody who asks for them."""
    changed: dict[str, Any] = {
        name: Map(values) for name in ("vars", "labels", "search") if (values := carried.get(name))
    }
    if signals := carried.get("signals"):
        changed["signals"] = Map(
            {name: tuple(Signal(*one) for one in early) for name, early in signals.items()}
        )
        known = (one.signal_id for early in changed["signals"].values() for one in early)
        changed["signal_ids"] = Map(dict.fromkeys(known, True))
    if changed:
        run.nest = run.nest._replace(**changed)


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
