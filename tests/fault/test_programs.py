"""Random programs while processes die: what they come to is what their model says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fault.programs.__main__ import play

PROGRAMS = 80

pytestmark = pytest.mark.timeout(300)


async def test_random_programs(figures: Callable[[str], None]) -> None:
    """Exact counters outside, exact ends, nothing stuck; `make programs` plays thousands."""
    tally, killed = await play(programs=PROGRAMS, seed=1, at_once=PROGRAMS, kill_s=6.0, nats_s=10.0)
    figures(
        f"{tally.programs} random programs, {tally.effects} effects, {tally.repeated} repeated "
        f"before their result, {len(killed)} kills"
    )
    assert killed
    assert not tally.wrong, tally.wrong[:5]
    assert not tally.stuck
    assert tally.programs == PROGRAMS
