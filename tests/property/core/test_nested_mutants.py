"""Rules of containers, each removed by name: programs played by hand notice it soonest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from tests.property.core.nested_play import Nested
from weir.contract.messages import Event, SectionEntered, TaskSucceeded
from weir.core import changes_nested, run
from weir.core import decide as deciding
from weir.core.changes_nested import NESTED
from weir.core.state import Moving, Rejected, RunState

SEEDS = 1_500
MUTANTS: dict[str, Callable[[], Any]] = {}
# Where a rule was missed of late: tried first.
MISSED_AT = {
    "catch_does_not_cancel_the_body": 38,
    "late_results_of_closed_scopes_count": 537,
    "tasks_that_were_cancelled_are_sent": 157,
}


def mutant(make: Callable[[], Any]) -> Callable[[], Any]:
    """Register under the function's name."""
    MUTANTS[make.__name__] = make
    return make


@mutant
def late_results_of_closed_scopes_count() -> Any:
    """A task that was cancelled with its scope ends well all the same."""
    original = run._of_step

    def of_step(state: Moving | RunState, event: Event) -> Rejected | None:
        step = state.steps.get(event.step)
        late = step is not None and step.status == "cancelled" and step.attempt == event.attempt
        if late and isinstance(event.kind, TaskSucceeded):
            return None
        return original(state, event)

    return patch.object(run, "_of_step", of_step)


@mutant
def catch_does_not_cancel_the_body() -> Any:
    """What was open in the body when it failed goes on beside catch."""
    original = NESTED[SectionEntered]

    def entered(state: Moving, event: Event, kind: SectionEntered, at_ms: int) -> Any:
        with patch.object(changes_nested, "halt", lambda *_: None):
            return original(state, event, kind, at_ms)

    return patch.dict(run._CHANGES, {SectionEntered: entered})


@mutant
def tasks_that_were_cancelled_are_sent() -> Any:
    """A turn sends what it has itself cancelled."""

    def open_tasks(self: Any) -> list[tuple[str, Event]]:
        return list(self.tasks)

    return patch.object(deciding._Decider, "open_tasks", open_tasks)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_removed_rule_is_noticed(name: str) -> None:
    """Each rule, taken away, breaks a law or the model."""
    with MUTANTS[name]():
        for seed in sorted(range(SEEDS), key=lambda seed: seed != MISSED_AT.get(name)):
            try:
                Nested(seed, cancels=seed % 2 == 1).play().judge()
            except AssertionError:
                return
    pytest.fail(f"nothing noticed that {name}")
