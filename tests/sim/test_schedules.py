"""Schedules, through deaths, standstills and lost answers, over minutes and over years."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
import structlog

from tests.sim.schedules import ScheduleWorld, prepare
from tests.sim.schedules_judge import judge
from tests.sim.schedules_years import play
from tests.sim.virtual_loop import run
from weir.contract import ids
from weir.core.schedules import standing
from weir.core.schedules.schedule import Fired, Overlap, Time, _Decider
from weir.ports.log import Append
from weir.runtime.decider import outside, schedules
from weir.runtime.decider.scheduled_runs import ScheduledRuns
from weir.runtime.decider.schedules import Schedules

SEEDS = int(os.environ.get("SCHEDULE_SEEDS", "4"))
SHARE = 2
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


def test_weeks_around_the_change_of_clocks() -> None:
    """In three zones, everybody's patience 3,600 times as long; `make schedules` has years."""
    broken, counts, told = play(7, 30, datetime(2026, 3, 7, tzinfo=UTC))
    assert not broken, "; ".join(broken[:8])
    assert counts["runs"] > 700
    assert counts["deaths"]
    assert told.keys() == set(POLICIES)
    for policy, what in {
        "skip": "overlap",
        "buffer_one": "queued",
        "buffer_all": "queued",
        "cancel_other": "replaced",
    }.items():
        assert told[policy][what], policy


async def _never(*_: object) -> None:
    """Does nothing, for ever."""
    await asyncio.get_running_loop().create_future()


_append = Schedules._append
_decide = standing.decide


def _unfenced(self: Schedules, *more: object) -> Append:
    return _append(self, *more)._replace(expect=None, expect_on=None)  # type: ignore[arg-type]


def _hasty(one: standing.Standing, record: object, now_ms: int) -> standing.Verdict:
    return _decide(one, record, now_ms + 3_000)  # type: ignore[arg-type]


MUTANTS: dict[str, list[tuple[object, str, object]]] = {
    "appends are not fenced": [(Schedules, "_append", _unfenced)],
    "what was decided is not begun at takeover": [(ScheduledRuns, "found", lambda *_: None)],
    "ends are not told, and nobody looks": [
        (outside, "told_end", lambda *_: None),
        (ScheduledRuns, "look", _never),
    ],
    "times come early": [(schedules, "decide", _hasty)],
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_removed_rule_of_schedules_is_noticed(name: str) -> None:
    """Each rule, taken away, breaks a promise within a few seeds."""
    with ExitStack() as stack:
        for place, attribute, instead in MUTANTS[name]:
            stack.enter_context(patch.object(place, attribute, instead))
        for seed in range(40):
            with structlog.testing.capture_logs():
                if run(_minutes(seed)):
                    return
    pytest.fail(f"nothing noticed that {name}")


_begin = ScheduledRuns._begin
_of_the_calendar = _Decider.calendar
_answer = _Decider.answer


async def _loses(
    self: ScheduledRuns, key: object, saved: object, fired: Fired, **how: bool
) -> None:
    if fired.time.nominal_ms // 3_600_000 % 20:  # the others are decided and never begun
        await _begin(self, key, saved, fired, **how)  # type: ignore[arg-type]


def _answers_again(self: _Decider) -> int | None:
    wake_at = _of_the_calendar(self)
    if fired := next((one for one in self.events if isinstance(one, Fired)), None):
        self.tell(fired._replace(run_id=ids.derived("run", fired.run_id, "again")))
    return wake_at


def _an_hour_ahead(one: standing.Standing, record: object, now_ms: int) -> standing.Verdict:
    return _decide(one, record, now_ms + 3_600_000)  # type: ignore[arg-type]


def _skips(self: _Decider, time: Time, overlap: Overlap) -> None:
    _answer(self, time, "skip" if overlap == "buffer_all" else overlap)


@pytest.mark.parametrize(
    ("place", "attribute", "instead", "said"),
    [
        (ScheduledRuns, "_begin", _loses, "decided, not begun"),
        (_Decider, "calendar", _answers_again, "answered twice"),
        (schedules, "decide", _an_hour_ahead, "early"),
        (_Decider, "answer", _skips, "overlap under buffer_all"),
    ],
    ids=["lost", "doubled", "early", "another policy"],
)
def test_what_years_must_not_show_is_noticed(
    place: object, attribute: str, instead: object, said: str
) -> None:
    """A fire that is lost, doubled or early, or goes by another policy, is told of as that."""
    with patch.object(place, attribute, instead):
        broken = play(7, 9).broken
    assert any(said in one for one in broken), broken[:8]
