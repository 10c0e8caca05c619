"""Rules of runs that call runs, each removed by name: what the simulation must notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from tests.sim.mutants_nested import MUTANTS, mutant
from weir.core import scoping
from weir.ports.log import Append
from weir.runtime.decider.children import Children

__all__ = ["MUTANTS"]  # these and all others


@mutant
def ends_that_nobody_heard_are_not_asked_for() -> Any:
    """The end of a run is told to its parent once, by an owner that may die over it."""

    async def ask(*_: Any) -> None:
        return

    return patch.object(Children, "_ask", ask)


@mutant
def called_runs_outlive_their_parents() -> Any:
    """A step that is cancelled forgets the run that it had called."""
    return patch.object(scoping, "_leave_child", lambda *_: None)


@mutant
def called_runs_begin_as_often_as_they_are_begun() -> Any:
    """The start of a called run is appended without expecting to be the first."""
    original = Children._start_of

    async def start_of(self: Children, *args: Any) -> Append:
        return replace(await original(self, *args), expect=None)

    return patch.object(Children, "_start_of", start_of)
