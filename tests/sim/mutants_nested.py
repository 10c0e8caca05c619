"""Rules of containers, each removed by name: what the simulation must notice."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from tests.sim.mutants import MUTANTS, mutant
from weir.contract.messages import (
    Event,
    IterationCompleted,
    SignalReceived,
    StepDecided,
    TaskFailed,
    TaskSucceeded,
)
from weir.core import compensation, containers, run
from weir.core import snapshot as core_snapshot
from weir.core.changes_nested import NESTED
from weir.core.changes_outside import OUTSIDE
from weir.core.state import Moving, Rejected, RunState, Signal
from weir.core.turn import Turn
from weir.runtime.decider import snapshots

__all__ = ["MUTANTS"]  # these and those of the log protocol


@mutant
def undone_in_order_of_completion() -> Any:
    """What was done first is undone first."""

    def first(turn: Turn, place: str) -> str | None:
        undo = turn.run.nest.undo
        inside = (f"{place}/", f"{place}[")
        paths = (undo[at] for at in sorted(undo))
        return next((path for path in paths if not place or path.startswith(inside)), None)

    return patch.object(compensation, "_last", first)


@mutant
def signals_are_kept_although_they_were_heard() -> Any:
    """A signal that ended a wait is there for the next one too."""
    original = OUTSIDE[SignalReceived]

    def received(state: Moving, event: Event, kind: SignalReceived, at_ms: int) -> None:
        before = state.nest.signals.get(kind.name, ())
        original(state, event, kind, at_ms)
        signals = state.nest.signals
        if signals.get(kind.name, ()) == before:
            early = (*before, Signal(kind.signal_id, kind.payload))
            state.nest = state.nest._replace(signals=signals.set(kind.name, early))

    return patch.dict(run._CHANGES, {SignalReceived: received})


@mutant
def iterations_are_dropped_before_their_undo() -> Any:
    """An iteration that has ended is forgotten, with what may have to be undone."""
    original = NESTED[IterationCompleted]

    def completed(state: Moving, event: Event, kind: IterationCompleted, at_ms: int) -> Any:
        return original(state, event, kind.model_copy(update={"keep": False}), at_ms)

    return patch.dict(run._CHANGES, {IterationCompleted: completed})


@mutant
def results_that_come_in_a_pause_are_lost() -> Any:
    """A run that stands still hears nothing."""
    original = run._of_step

    def of_step(state: Moving | RunState, event: Event) -> Rejected | None:
        if state.paused is not None and isinstance(event.kind, TaskSucceeded | TaskFailed):
            return Rejected("PAUSED", "")
        return original(state, event)

    return patch.object(run, "_of_step", of_step)


@mutant
def snapshots_without_scopes() -> Any:
    """A snapshot tells which steps there are, not what they stand in."""
    original = core_snapshot.take

    def take(state: RunState) -> Any:
        made = original(state)
        if made["nest"] is not None:
            made["nest"] = {**made["nest"], "scopes": {}}
        return made

    return patch.object(snapshots, "take", take)


@mutant
def snapshots_without_what_can_be_undone() -> Any:
    """A snapshot forgets the order in which steps ended."""
    original = core_snapshot.take

    def take(state: RunState) -> Any:
        made = original(state)
        if made["nest"] is not None:
            made["nest"] = {**made["nest"], "undo": []}
        return made

    return patch.object(snapshots, "take", take)


@mutant
def losers_of_a_race_go_on() -> Any:
    """A race ends with its winner, and the other branches are not cancelled."""
    return patch("weir.core.changes.close_block", lambda *_: None)


@mutant
def scopes_do_not_undo() -> Any:
    """A scope that fails has done what it has done."""
    return patch.object(containers, "begin_undo", lambda *_: False)


@mutant
def decisions_of_people_are_not_heard() -> Any:
    """What somebody decided about a failed step is dropped."""
    return patch.dict(run._CHANGES, {StepDecided: lambda *_: False})
