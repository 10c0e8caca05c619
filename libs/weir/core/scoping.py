"""Opening and closing the insides of containers.

What is closed is cancelled, all the way down; an iteration that has ended is
dropped from the state, so that a loop of any length holds no more than the
iterations that are open and what each of them yielded.
"""

from __future__ import annotations

from weir.contract.messages import Error
from weir.core.flow import attend, cancelled, put
from weir.core.frontier import Fifo, Frontier
from weir.core.nesting import container_of, name_of, scope_of
from weir.core.state import LOOPS, STEP_ENDED, Block, Moving, Scope, Step


def open_block(run: Moving, path: str, block: Block) -> None:
    """A container was entered: its inside begins."""
    run.nest = run.nest._replace(blocks=run.nest.blocks.set(path, block))
    if block.kind in LOOPS:
        begin_rounds(run, path)
    else:
        open_scope(run, path, path, Scope())


def begin_rounds(run: Moving, path: str) -> None:
    """As many iterations as may go on at once; the container asks when none is left."""
    block = run.nest.blocks[path]
    while block.open < block.concurrency and block.next < block.total:
        at = block.next
        block = block._replace(next=at + 1, open=block.open + 1, rounds=block.rounds.set(at, False))
        run.nest = run.nest._replace(blocks=run.nest.blocks.set(path, block))
        open_scope(run, path, f"{path}[{at}]", Scope())
    if block.done >= block.total:
        attend(run, path)


def open_scope(run: Moving, container: str, place: str, scope: Scope) -> None:
    """A scope begins with its section's first steps."""
    run.nest = run.nest._replace(scopes=run.nest.scopes.set(place, scope))
    if run.graph is not None:
        section = run.graph.section(name_of(container), scope.section)
        for entry in section.entries:
            attend(run, f"{place}/{entry}")


def fault(run: Moving, path: str, error: Error) -> bool:
    """A step in a scope has failed and nothing handled it; False at the top of the run."""
    found = scope_of(run, path)
    if found is None:
        return False
    place, scope = found
    if scope.error is None:
        scope = scope._replace(error=error)
        run.nest = run.nest._replace(scopes=run.nest.scopes.set(place, scope))
    attend(run, place)
    return True


def halt(run: Moving, place: str, at_ms: int) -> None:
    """Nothing begins in this scope any more, and what is open in it is cancelled."""
    scope = run.nest.scopes.get(place)
    if scope is None:
        return
    if scope.live:
        run.nest = run.nest._replace(scopes=run.nest.scopes.set(place, scope._replace(live=False)))
    for path in scope.members:
        step = run.steps.get(path)
        if step is None or step.status in STEP_ENDED:
            continue
        halt_block(run, path, at_ms)
        _leave_child(run, path, step)
        put(run, path, cancelled(step, at_ms))


def _leave_child(run: Moving, path: str, step: Step) -> None:
    """Nobody waits for the run that this step had started; ours ends after it (P18)."""
    kind, _, run_id = step.waits.partition(":")
    if kind == "child" and step.answer is None:
        run.nest = run.nest._replace(leaving=run.nest.leaving.set(run_id, path))


def halt_block(run: Moving, path: str, at_ms: int) -> None:
    """The same for all scopes of a container."""
    nest = run.nest
    block = nest.blocks.get(path)
    if block is None:
        return
    if path in nest.undoing:
        run.nest = nest._replace(undoing=nest.undoing.delete(path))
    if block.kind in LOOPS:
        for at in sorted(at for at, ended in block.rounds.items() if not ended):
            halt(run, f"{path}[{at}]", at_ms)
    else:
        halt(run, path, at_ms)


def halt_run(run: Moving, at_ms: int) -> None:
    """The same for the whole run."""
    with run.steps.mutate() as changed:
        for path, step in run.steps.items():
            if step.status not in STEP_ENDED:
                _leave_child(run, path, step)
                changed[path] = cancelled(step, at_ms)
        run.steps = changed.finish()
    run.active = run.waiting = 0
    with run.nest.scopes.mutate() as scopes:
        for place, scope in run.nest.scopes.items():
            if scope.live:
                scopes[place] = scope._replace(live=False)
        run.nest = run.nest._replace(scopes=scopes.finish())
    run.agenda = Fifo()
    run.ready = Frontier._field_defaults["ready"]


def close_rounds(run: Moving, path: str, at: int, *, keep: bool) -> None:
    """An iteration has ended: its steps leave the state, unless they may have to be undone."""
    block = run.nest.blocks[path]
    if keep:
        block = block._replace(rounds=block.rounds.set(at, True))
    else:
        drop(run, f"{path}[{at}]")
        block = block._replace(rounds=block.rounds.delete(at))
    run.nest = run.nest._replace(blocks=run.nest.blocks.set(path, block))


def close_block(run: Moving, path: str, at_ms: int) -> None:
    """A container has ended: so has everything in it."""
    halt_block(run, path, at_ms)
    nest = run.nest
    block = nest.blocks[path]
    if block.kind not in LOOPS or not block.rounds:
        run.nest = nest._replace(blocks=nest.blocks.delete(path))
        return
    # Of a loop that fails, the iterations that were open stay: what they did may have to be undone.
    kept = block._replace(
        results=Block._field_defaults["results"],
        rounds=block.rounds.update(dict.fromkeys(block.rounds, True)),
        open=0,
    )
    run.nest = run.nest._replace(blocks=run.nest.blocks.set(path, kept))


def drop(run: Moving, place: str) -> None:
    """Forget a scope and its steps, all the way down."""
    scope = run.nest.scopes.get(place)
    if scope is None:
        return
    steps = run.steps
    for path in scope.members:
        if path in steps:
            steps = steps.delete(path)
    run.steps = steps
    for path in scope.members:
        block = run.nest.blocks.get(path)
        if block is not None:
            for at in block.rounds:
                drop(run, f"{path}[{at}]")
            run.nest = run.nest._replace(blocks=run.nest.blocks.delete(path))
        if path in run.nest.scopes:
            drop(run, path)
    _forget_arrivals(run, place)
    run.nest = run.nest._replace(scopes=run.nest.scopes.delete(place))


def _forget_arrivals(run: Moving, place: str) -> None:
    if run.graph is None:
        return
    arrivals = run.arrivals
    for name in run.graph.inside.get(name_of(container_of(place)), ()):
        path = f"{place}/{name}"
        if path in arrivals:
            arrivals = arrivals.delete(path)
    run.arrivals = arrivals
