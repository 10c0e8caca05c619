"""What the events of containers change: scopes, iterations, sections, compensation."""

from __future__ import annotations

from weir.contract import times
from weir.contract.messages import (
    CompensationEnded,
    CompensationStarted,
    Event,
    IterationCompleted,
    ScopeEntered,
    SectionEntered,
    StepCompensated,
)
from weir.core.changes import Change
from weir.core.flow import attend, put, value_of, wake
from weir.core.nesting import container_of, enclosing, scope_asks
from weir.core.scoping import (
    begin_rounds,
    close_rounds,
    halt,
    halt_block,
    halt_run,
    open_block,
    open_scope,
)
from weir.core.state import STEP_ENDED, Block, Moving, Scope, Step, Undo


def _scope_entered(run: Moving, event: Event, kind: ScopeEntered, at_ms: int) -> bool | None:
    path = event.step
    before = run.steps.get(path)
    if path in run.nest.blocks or (before is not None and before.status in STEP_ENDED):
        return False
    deadline = times.to_ms(kind.deadline_at) if kind.deadline_at else 0
    made = before.answer if before is not None else None
    if made is not None and made.verdict != "items":
        made = None
    opened = Step(
        "running",
        attempt=before.attempt if before is not None else 0,
        node_type=kind.kind,
        scheduled_ms=before.scheduled_ms if before is not None else at_ms,
        started_ms=at_ms,
        wake_ms=deadline,
    )
    put(run, path, opened)
    if deadline:
        wake(run, deadline, path, str(opened.attempt))
    block = Block(
        kind.kind,
        total=int(kind.more) if kind.kind == "while" else kind.count,
        concurrency=1 if kind.chained else max(1, kind.concurrency),
        items=kind.items if made is None or kind.items is not None else made.value["items"],
        chained=kind.chained,
        acc=kind.acc,
    )
    open_block(run, path, block)
    return None


def _iteration_completed(
    run: Moving, event: Event, kind: IterationCompleted, at_ms: int
) -> bool | None:
    path, at = event.step, kind.index
    block = run.nest.blocks.get(path)
    place = f"{path}[{at}]"
    if block is None or block.rounds.get(at) is not False:
        return False
    if kind.source:
        source = run.steps.get(f"{place}/{kind.source}")
        output = source.output if source is not None else None
    else:
        output = value_of(kind.output, None)
    halt(run, place, at_ms)
    block = block._replace(total=block.total + kind.more, open=block.open - 1, done=block.done + 1)
    if block.chained:
        block = block._replace(acc=output)
    else:
        block = block._replace(results=block.results.set(at, output))
    run.nest = run.nest._replace(blocks=run.nest.blocks.set(path, block))
    close_rounds(run, path, at, keep=kind.keep)
    begin_rounds(run, path)
    return None


def _section_entered(run: Moving, event: Event, kind: SectionEntered, at_ms: int) -> bool | None:
    path = event.step
    block, scope = run.nest.blocks.get(path), run.nest.scopes.get(path)
    if block is None or scope is None or scope.section == kind.section:
        return False
    halt(run, path, at_ms)
    failed = run.steps.get(kind.error.step) if kind.error is not None else None
    if kind.section == "catch" and failed is not None and failed.status == "failed":
        put(run, kind.error.step if kind.error else "", failed._replace(status="caught"))
    block = block._replace(error=kind.error, output=kind.output)
    run.nest = run.nest._replace(blocks=run.nest.blocks.set(path, block))
    halted = run.nest.scopes[path]
    open_scope(run, path, path, Scope(section=kind.section, members=halted.members))
    return None


def _compensation_started(
    run: Moving, event: Event, kind: CompensationStarted, at_ms: int
) -> bool | None:
    path = event.step
    if path in run.nest.undoing:
        return False
    if path:
        halt_block(run, path, at_ms)
    else:
        halt_run(run, at_ms)
    run.nest = run.nest._replace(undoing=run.nest.undoing.set(path, Undo(kind.error)))
    step, block = run.steps.get(path), run.nest.blocks.get(path)
    if step is not None and block is not None:  # whatever else it was about to do is over
        put(
            run,
            path,
            step._replace(status="running", node_type=block.kind, wake_ms=0, failure=None),
        )
    return None


def _step_compensated(run: Moving, event: Event, kind: StepCompensated, at_ms: int) -> bool | None:
    del at_ms
    path, nest = event.step, run.nest
    step = run.steps.get(path)
    place = undoing_of(run, path)
    told = run.nest.undoing[place].failed if place is not None else ()
    known = step is not None or path in run.nest.undo.values()
    if not known or (step is not None and step.status == "compensated") or kind.error in told:
        return False
    if kind.error is None and step is not None:
        put(run, path, step._replace(status="compensated"))
    undo, top = nest.undo, nest.undo_top
    at = next((at for at in range(top - 1, -1, -1) if undo.get(at) == path), None)
    if at is not None:
        undo = undo.delete(at)
        while top and top - 1 not in undo:
            top -= 1
    undoing = nest.undoing
    if place is not None:
        now = undoing[place]
        now = (
            now._replace(undone=now.undone + 1)
            if kind.error is None
            else now._replace(failed=(*now.failed, kind.error))
        )
        undoing = undoing.set(place, now)
    run.nest = run.nest._replace(undo=undo, undo_top=top, undoing=undoing)
    return None


def undoing_of(run: Moving, path: str) -> str | None:
    """The scope that is undoing this step: the innermost one that is at it."""
    inside = [
        place
        for place, undo in run.nest.undoing.items()
        if not undo.over and (not place or path.startswith((f"{place}/", f"{place}[")))
    ]
    return max(inside, key=len, default=None)


def _compensation_ended(
    run: Moving, event: Event, kind: CompensationEnded, at_ms: int
) -> bool | None:
    del kind, at_ms
    undo = run.nest.undoing.get(event.step)
    if undo is None or undo.over:
        return False
    undoing = run.nest.undoing.set(event.step, undo._replace(over=True))
    run.nest = run.nest._replace(undoing=undoing)
    if event.step:
        attend(run, event.step)
        _wake_around(run, event.step)
    return None


def _wake_around(run: Moving, path: str) -> None:
    """What rested while something inside was undone counts again: deadlines, other iterations."""
    for place in enclosing(path.rpartition("/")[0]):
        at = container_of(place)
        block = run.nest.blocks.get(at)
        if block is not None and block.open > 1:
            for other in (f"{at}[{index}]" for index, ended in block.rounds.items() if not ended):
                if other != place and scope_asks(run, other):
                    attend(run, other)
        step = run.steps.get(at)
        if step is not None and step.wake_ms:
            wake(run, step.wake_ms, at, str(step.attempt))
    if run.graph is not None and run.graph.timeout_ms:
        wake(run, run.start.started_ms + int(run.graph.timeout_ms), "", "run")


NESTED: dict[type, Change] = {
    ScopeEntered: _scope_entered,
    IterationCompleted: _iteration_completed,
    SectionEntered: _section_entered,
    CompensationStarted: _compensation_started,
    StepCompensated: _step_compensated,
    CompensationEnded: _compensation_ended,
}
