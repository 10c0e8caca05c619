"""Schedules, through deaths, standstills and lost answers, over minutes and over years."""

from __future__ import annotations

import asyncio
import os

import pytest
import structlog

from tests.sim.schedules import ScheduleWorld, prepare
from tests.sim.schedules_judge import judge
from tests.sim.virtual_loop import run
from weir.core.schedules.schedule import Overlap

SEEDS = int(os.environ.get("SCHEDULE_SEEDS", "8"))
SHARE = 4
_BASE_MS = 1_772_323_200_000  # the beginning of March 2026
POLICIES: tuple[Overlap, ...] = (
    *("skip", "buffer_one", "buffer_all", "cancel_other", "terminate_other", "allow"),
)


async def _minutes(seed: int) -> list[str]:
    """Ten minutes of schedules of seconds, with the schedulers' own patience."""
    prepare()
    world = ScheduleWorld(seed, _BASE_MS)
    watching = asyncio.create_task(world.watch())
    await world.publish()
    made: dict[str, int] = {}
    for number, overlap in enumerate(POLICIES):
        made[
            await world.save(
                overlap,
                hold=("0s", "7s", "25s")[(seed + number) % 3],
                every_ms=10_000.0,
                overlap=overlap,
                jitter_ms=float((seed % 2) * 4_000),
                catch_up_ms=120_000.0 if seed % 3 else 20_000.0,
            )
        ] = world.clock.now_ms()
    for name in ("scheduler a", "scheduler b"):
        world.start_scheduler(name)
    chaos = asyncio.create_task(world.chaos(8.0, 30.0))
    await asyncio.sleep(300)
    chaos.cancel()
    upto = world.clock.now_ms()
    await world.calm(120)
    broken = list(world.broken)
    for schedule_id, since in made.items():
        broken += judge(world, schedule_id, since, upto)
    watching.cancel()
    await world.close()
    return broken


@pytest.mark.parametrize("first", range(0, SEEDS, SHARE))
def test_minutes_of_every_policy(first: int) -> None:
    """Each time is answered once, none early; runs meet where they may; each began once."""
    for seed in range(first, min(first + SHARE, SEEDS)):
        with structlog.testing.capture_logs():
            broken = run(_minutes(seed))
        assert not broken, f"seed {seed}: {'; '.join(broken[:8])}"
