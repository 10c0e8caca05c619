"""Laws of nested programs: loops, try, scopes, races, signals, people, pauses, cancels."""

from __future__ import annotations

from hypothesis import example, given, settings

from tests.property.core.nested_play import Nested
from tests.property.core.test_laws import SEEDS


@given(SEEDS)
@settings(max_examples=250)
def test_a_program_comes_to_what_its_model_says(seed: int) -> None:
    """Status, output and every attempt, in any order of results, facts twice, pauses, snapshots."""
    Nested(seed).play().judge()


@given(SEEDS)
@example(1023834)  # an iteration fails while another one is being undone
@settings(max_examples=250)
def test_whatever_ends_a_program_what_it_did_is_undone_once_and_in_reverse(seed: int) -> None:
    """Cancelled at any moment, containers and runs out of time: the account of the log is even."""
    Nested(seed, cancels=True).play().judge()
