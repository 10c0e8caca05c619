"""How a run begins that takes over what another one had: see `fork` for what that is."""

from __future__ import annotations

from typing import Any

from immutables import Map

from weir.core.flow import finish, put, wake
from weir.core.nesting import container_of, enclosing
from weir.core.scoping import begin_rounds, open_scope
from weir.core.snapshot_nest import block_of, unpacked
from weir.core.state import LOOPS, Block, Moving, Scope, Signal, Step


def adopt(run: Moving, carried: dict[str, Any], at_ms: int) -> None:
    """Begin with what was carried: no more than the new version has a place for."""
    steps = {item[0]: _step(item, at_ms) for item in carried["steps"]}
    inside: dict[str, list[str]] = {}
    for path, step in steps.items():
        if "/" in path:
            inside.setdefault(path.rpartition("/")[0], []).append(path)
        elif path not in run.steps:
            finish(run, path, step)
    _adopt_values(run, carried)
    blocks, sections = carried["blocks"], dict(carried["scopes"])
    earlier = frozenset(carried.get("earlier", ()))
    if "ended" in carried:
        _adopt_ended(run, carried["ended"], steps, inside, {*steps, *blocks})
    for path in sorted(blocks, key=lambda path: path.count("/")):
        _open(run, path, block_of(blocks[path]), at_ms, carried.get("timeouts", {}).get(path, 0))
        for place in _open_scopes(run, path):
            open_scope(run, path, place, Scope(section=sections.get(place, "body")))
            for member in inside.get(place, ()):
                _member(run, place, member, steps[member], counts=member not in earlier)
        if path in run.nest.blocks and run.nest.blocks[path].kind in LOOPS:
            begin_rounds(run, path)
    if run.graph is not None and "undo" in carried:
        _adopt_undo(run, carried["undo"])


def begin_limits(run: Moving, at_ms: int) -> None:
    """What held the run has let it pass: the time of what it goes on in counts from here."""
    for path in run.nest.blocks:
        step = run.steps.get(path)
        if step is not None and step.wake_ms:
            again = step._replace(attempt=step.attempt + 1)  # the wake of before is not its own
            _limit(run, path, again, at_ms, step.wake_ms - step.started_ms)


def _limit(run: Moving, path: str, step: Step, at_ms: int, timeout_ms: float) -> None:
    """An open container has this time, from here on."""
    due = at_ms + int(timeout_ms)
    put(run, path, step._replace(started_ms=at_ms, wake_ms=due))
    wake(run, due, path, str(step.attempt))


def _adopt_ended(
    run: Moving,
    ended: dict[str, Any],
    steps: dict[str, Step],
    inside: dict[str, list[str]],
    standing: set[str],
) -> None:
    """The insides of what has ended: they may have to be undone, and nothing begins in them."""
    scopes, blocks = run.nest.scopes, run.nest.blocks
    for place, section in sorted(ended["scopes"].items()):
        if not all(container_of(around) in standing for around in enclosing(place)):
            continue
        members = tuple(inside.get(place, ()))
        for member in members:
            run.steps = run.steps.set(member, steps[member])
        scopes = scopes.set(place, Scope(section, members, len(members), live=False))
    for path, block in sorted(ended["blocks"].items()):
        kept = block_of(block)
        rounds = {at: True for at in kept.rounds if f"{path}[{at}]" in scopes}
        if rounds:
            blocks = blocks.set(path, kept._replace(rounds=Map(rounds)))
    if scopes or blocks:
        run.nest = run.nest._replace(scopes=scopes, blocks=blocks)


def _adopt_undo(run: Moving, paths: list[str]) -> None:
    """What can be undone, in the order in which it was done.

    First stands what can be undone in this version alone.
    """
    graph, nest = run.graph, run.nest
    known = [
        at
        for at in paths
        if at in run.steps and graph is not None and (node := graph.node_at(at)) and node.compensate
    ]
    ordered = set(known)
    others = [at for _, at in sorted(nest.undo.items()) if at not in ordered]
    undo = Map(enumerate([*others, *known]))
    if undo != nest.undo:
        run.nest = nest._replace(undo=undo, undo_top=len(undo))


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


def _open(run: Moving, path: str, block: Block, at_ms: int, timeout_ms: float) -> None:
    step = Step("running", node_type=block.kind, scheduled_ms=at_ms, started_ms=at_ms)
    put(run, path, step)
    if timeout_ms:
        _limit(run, path, step, at_ms, timeout_ms)
    rounds = {
        at: ended
        for at, ended in block.rounds.items()
        if not ended or f"{path}[{at}]" in run.nest.scopes
    }
    block = block._replace(rounds=Map(rounds))
    run.nest = run.nest._replace(blocks=run.nest.blocks.set(path, block))


def _member(run: Moving, place: str, path: str, step: Step, *, counts: bool) -> None:
    """A step of an open scope; those of a try's earlier sections no longer count in it."""
    if counts:
        finish(run, path, step)
        return
    scope = run.nest.scopes[place]
    run.steps = run.steps.set(path, step)
    scope = scope._replace(members=(*scope.members, path))
    run.nest = run.nest._replace(scopes=run.nest.scopes.set(place, scope))


def _open_scopes(run: Moving, path: str) -> list[str]:
    block = run.nest.blocks[path]
    if block.kind not in LOOPS:
        return [path]
    return [f"{path}[{at}]" for at, ended in sorted(block.rounds.items()) if not ended]


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
