"""The deterministic simulation: whatever is killed, lost, late or doubled, every promise holds."""

from __future__ import annotations

import os

import pytest

from tests.sim.virtual_loop import run
from tests.sim.world import World

SEEDS = int(os.environ.get("WEIR_SIM_SEEDS", "200"))


async def _once(seed: int) -> World:
    world = World(seed)
    await world.play()
    await world.judge()
    return world


@pytest.mark.parametrize("seed", range(SEEDS))
def test_promises_hold(seed: int) -> None:
    """Every run ends as the model says, no step ends twice, nothing runs before its inputs."""
    run(_once(seed))
