"""How a run ends: its output, and what is undone before it fails or is cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract.codec import INLINE_LIMIT
from weir.contract.messages import (
    CancelRequested,
    CompensationStarted,
    Error,
    RunCancelled,
    RunFailed,
    RunSucceeded,
)
from weir.core.compensation import is_undoable, with_failures
from weir.core.failing import TOO_DEEP, too_deep
from weir.core.nesting import is_undoing
from weir.core.scope import Viewed, shown
from weir.core.sizes import size_of
from weir.core.state import OUTPUT_STEP, Blob, Moving, RunState
from weir.core.turn import HEAVY, Turn, reference


def unwind(turn: Turn) -> bool:
    """Somebody wants the run to end, or a step failed: undo, then end.

    True if there may be more to decide, False if the run has ended or waits.
    """
    run = turn.run
    undo = run.nest.undoing.get("")
    at_once = run.cancel is not None and run.cancel.terminate
    if undo is None and not at_once and is_undoing(run, ""):
        return False
    if undo is None and begin_unwinding(turn, run.doomed, at_once=at_once):
        return True
    if (undo is not None and not undo.over and not at_once) or run.nest.leaving:
        return False
    failed = undo.failed if undo is not None else ()
    if run.cancel is not None:
        turn.record(cancelled(run.cancel))
    else:
        why = run.doomed if undo is None else undo.error
        turn.record(RunFailed(error=with_failures(why, failed)))
    return True


def begin_unwinding(turn: Turn, error: Error | None, *, at_once: bool = False) -> bool:
    """Close the run if something is to be undone, or to be waited for, before it ends (P18)."""
    if (at_once or not is_undoable(turn, "")) and not open_children(turn.run):
        return False
    turn.record(CompensationStarted(error=error))
    return True


def open_children(run: Moving | RunState) -> tuple[str, ...]:
    """Runs that steps of this one have started and that have not ended."""
    if not run.waiting:
        return ()
    return tuple(
        step.waits.partition(":")[2]
        for step in run.steps.values()
        if step.waits.startswith("child:") and step.status == "waiting" and step.answer is None
    )


def cancelled(cancel: CancelRequested) -> RunCancelled:
    """The end that somebody asked for."""
    return RunCancelled(reason=cancel.reason, requested_by=cancel.requested_by)


def succeed(turn: Turn) -> None:
    """Nothing is open: the run has succeeded, with its output."""
    state, graph = turn.run, turn.graph
    done = state.steps.get(OUTPUT_STEP)
    if done is not None:
        _succeed(turn, done.output)
        return
    if graph.output is not None:
        _succeed_with(turn, turn.try_evaluate(graph.output, Viewed(OUTPUT_STEP)), {})
        return
    named = [path for path in graph.outputs if _succeeded(state, path)]
    if len(named) == 1:
        _succeed(turn, state.steps[named[0]].output)
        return
    chosen = named or [path for path in graph.sinks if _succeeded(state, path)]
    outputs = {path: state.steps[path].output for path in chosen}
    _succeed_with(turn, shown(outputs), outputs)


def _succeed_with(turn: Turn, output: Any, sources: Mapping[str, Any]) -> None:
    if isinstance(output, Error):
        turn.record(RunFailed(error=output))
    elif output is HEAVY or (size := size_of(output, INLINE_LIMIT)) > INLINE_LIMIT:
        _dispatch_output(turn, sources)
    elif too_deep(output, size):
        turn.record(RunFailed(error=TOO_DEEP))
    else:
        _succeed(turn, output)


def _succeed(turn: Turn, output: Any) -> None:
    if isinstance(output, Blob):
        turn.record(RunSucceeded(output_ref=reference(output)))
    else:
        turn.record(RunSucceeded(output=output))


def _dispatch_output(turn: Turn, sources: Mapping[str, Any]) -> None:
    """The run's output is too heavy for this place: an executor makes it."""
    output = turn.graph.output
    scope = turn.carried(output, Viewed(OUTPUT_STEP), sources)
    if output is None:
        turn.errand("merge", {}, scope, OUTPUT_STEP, 1)
    else:
        turn.errand("output", {"value": turn.graph.output_source}, scope, OUTPUT_STEP, 1)


def _succeeded(state: Moving, path: str) -> bool:
    step = state.steps.get(path)
    return step is not None and step.status in {"succeeded", "caught"}
