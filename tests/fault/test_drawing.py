"""Documents that are drawn together while their processes die."""

from __future__ import annotations

import pytest

from tests.fault.house import house
from tests.fault.storm import storm


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", [1, 2])
async def test_all_converge_and_nothing_acknowledged_is_lost(seed: int) -> None:
    """5,000 operations of four peers, three kills, one peer offline twice."""
    async with house() as platform:
        await storm(platform, operations=5_000, kills=3, seed=seed)
