"""Undoing what a scope, or a whole run, has done (sagas, Garcia-Molina and Salem 1987).

Steps that name an undo step are undone in reverse order of their ends, one
after the other; each undo is an ordinary step with its own retries. One that
fails is written down and the rest goes on: the error at the end names it.
"""

from __future__ import annotations

from collections.abc import Iterable

from weir.contract.messages import (
    CompensationEnded,
    CompensationStarted,
    Error,
    StepCompensated,
)
from weir.core.state import STEP_ENDED
from weir.core.turn import Turn


def is_undoable(turn: Turn, place: str) -> bool:
    """Whether something in a scope can be undone."""
    return _last(turn, place) is not None


def begin_undo(turn: Turn, place: str, error: Error | None) -> bool:
    """Begin to undo a scope, if there is anything to undo."""
    if not is_undoable(turn, place):
        return False
    turn.record(CompensationStarted(error=error), place)
    return True


def undo_once(turn: Turn) -> bool:
    """Take the next step of any compensation; False if all of them wait or there is none."""
    for place, undo in sorted(turn.run.nest.undoing.items()):
        if not undo.over and _undo_in(turn, place):
            return True
    return False


def _undo_in(turn: Turn, place: str) -> bool:
    if not place and turn.run.nest.leaving:
        return False  # first the runs that this one had started come to their ends
    path = _last(turn, place)
    if path is None:
        undo = turn.run.nest.undoing[place]
        turn.record(CompensationEnded(undone=undo.undone, failed=undo.failed), place)
        return True
    done = turn.graph.node_at(path)
    node = turn.graph.nodes.get(done.compensate) if done is not None else None
    if done is None or node is None:
        turn.record(StepCompensated(), path)
        return True
    undo_path = path[: len(path) - len(done.id)] + node.id
    step = turn.run.steps.get(undo_path)
    if step is None:
        turn.enter(undo_path, node)
    elif step.status in STEP_ENDED:
        failed = step.error if step.status == "failed" else None
        turn.record(StepCompensated(error=failed), path)
    else:
        return False
    return True


def _last(turn: Turn, place: str) -> str | None:
    """The step that ended last among those of a scope that can be undone."""
    nest = turn.run.nest
    inside = (f"{place}/", f"{place}[")
    for at in range(nest.undo_top - 1, -1, -1):
        path = nest.undo.get(at)
        if path is not None and (not place or path.startswith(inside)):
            return path
    return None


def with_failures(error: Error | None, failed: Iterable[Error]) -> Error:
    """The error of a scope, with what could not be undone."""
    error = error or Error(code="STEP_FAILED", message="a step inside failed")
    left = [{"step": e.step, "code": e.code, "message": e.message} for e in failed]
    if not left:
        return error
    names = ", ".join(str(item["step"]) for item in left)
    details = error.details if isinstance(error.details, dict) else {}
    return error.model_copy(
        update={
            "message": f"{error.message}; not undone: {names}",
            "details": {**details, "not_undone": left},
        }
    )
