"""Years of schedules in three zones: `python -m tests.sim.schedules_years --years 2 --seed 1`.

Every zone has the same clock-work: a time that summer time leaves out, one that
it gives twice, several a day, one a week and one a month, an interval that
counts what really passes. Two schedulers die and stand still all the while; the
installation lies still for hours now and then. Times are compared with a
reading of the zone's wall clock minute by minute, which knows nothing of cron.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import structlog

from tests.sim.schedules import ScheduleWorld, prepare, slowly
from tests.sim.schedules_judge import answers, judge
from tests.sim.virtual_loop import run
from weir.contract import times
from weir.core.schedules.schedule import Fired, Skipped

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
SCALE = 3_600.0
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000.0
_MINUTE = timedelta(minutes=1)


class Kind(NamedTuple):
    """A schedule of each zone. `named` says of a minute on the wall whether it is one of its."""

    name: str
    hold: str  # how long its runs take
    written: dict[str, Any]
    named: Callable[[datetime], bool] | None


KINDS = (
    Kind(
        "at night",
        "0s",
        {"cron": "30 2 * * *", "overlap": "allow"},
        lambda wall: (wall.hour, wall.minute) == (2, 30),
    ),
    Kind(
        "four a day, one waits",
        "7h",
        {"cron": "15 */6 * * *", "overlap": "buffer_one"},
        None,
    ),
    Kind(
        "two a day, skipped",
        "20h",
        {"cron": "0 9,17 * * *", "overlap": "skip"},
        lambda wall: wall.hour in {9, 17} and wall.minute == 0,
    ),
    Kind(
        "weekdays, all wait",
        "25h",
        {"cron": "45 1 * * 1-5", "overlap": "buffer_all"},
        lambda wall: wall.weekday() < 5 and (wall.hour, wall.minute) == (1, 45),
    ),
    Kind(
        "mondays, the old one is cancelled",
        "9d",
        {"cron": "0 12 * * 1", "overlap": "cancel_other"},
        lambda wall: wall.weekday() == 0 and (wall.hour, wall.minute) == (12, 0),
    ),
    Kind(
        "monthly, the old one is ended",
        "40d",
        {"cron": "0 0 1 * *", "overlap": "terminate_other"},
        lambda wall: wall.day == 1 and (wall.hour, wall.minute) == (0, 0),
    ),
    Kind(
        "every seven hours",
        "1h",
        {"every_ms": 7 * 3_600_000.0, "overlap": "allow", "jitter_ms": 600_000.0},
        None,
    ),
)


class Played(NamedTuple):
    """What does not hold, how much there was, and what became of times under which policy."""

    broken: list[str]
    counts: dict[str, int]
    answers: dict[str, Counter[str]]


async def years(seed: int, begin: datetime, days: float) -> Played:
    """Live through them."""
    prepare()
    world = ScheduleWorld(seed, int(begin.timestamp() * 1000), SCALE, faulty=0.1)
    watching = asyncio.create_task(world.watch())
    await world.publish()
    made: dict[str, tuple[str, Kind, int]] = {}
    for zone in ZONES:
        for kind in KINDS:
            where = {"timezone": zone} if "cron" in kind.written else {}
            made[
                await world.save(
                    f"{zone}, {kind.name}",
                    hold=kind.hold,
                    catch_up_ms=DAY_MS if kind.hold != "25h" else DAY_MS / 24,
                    **kind.written,
                    **where,
                )
            ] = zone, kind, world.clock.now_ms()
    for name in ("scheduler a", "scheduler b"):
        world.start_scheduler(name)
    tidying = asyncio.create_task(world.tidy(2 * 86_400.0))
    chaos = asyncio.create_task(world.chaos(4 * 86_400.0, 36 * 3_600.0))
    await asyncio.sleep(days * 86_400)
    chaos.cancel()
    upto = world.clock.now_ms()
    await world.calm(4 * 86_400)
    broken = list(world.broken)
    for schedule_id, (zone, kind, since) in made.items():
        broken += judge(world, schedule_id, since, upto)
        broken += _on_the_wall(world, schedule_id, zone, kind, (since, upto))
    for task in (tidying, watching):
        task.cancel()
    counts = {
        "runs": sum(len(of) for of in world.runs.values()),
        **world.struck,
        "takeovers": world.faults.counts["lease taken"],
    }
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for schedule_id, (_, kind, _) in made.items():
        told[kind.written["overlap"]].update(
            event.why if isinstance(event, Skipped) else type(event).__name__.lower()
            for _, event in answers(world.told[schedule_id])
        )
    await world.close()
    return Played(broken, counts, told)


def _on_the_wall(
    world: ScheduleWorld, schedule_id: str, zone: str, kind: Kind, span: tuple[int, int]
) -> Iterator[str]:
    """Each day on which the wall shows the time has one answer, at that time or right after it."""
    if kind.named is None:
        return
    fired: set[int] = set()
    named: set[int] = set()
    given_up: list[tuple[int, int]] = []
    before = span[0]
    for _, event in answers(world.told[schedule_id]):
        at = event.time.nominal_ms
        if isinstance(event, Fired):
            fired.add(at)
        elif isinstance(event, Skipped) and event.why == "missed":
            given_up.append((before, at))
        named.add(at)
        before = max(before, at)
    expected = _minutes(zone, kind.named, span)
    for at in expected:
        if at not in named and not any(after < at <= last for after, last in given_up):
            yield f"{zone} {kind.name}: {times.from_ms(at)} is on the wall and was not answered"
    for at in fired:
        if at not in expected and span[0] <= at <= span[1] and not _left_out(zone, at):
            yield f"{zone} {kind.name}: {times.from_ms(at)} is not on the wall"


def _minutes(zone: str, named: Callable[[datetime], bool], span: tuple[int, int]) -> set[int]:
    """The moments at which the wall shows it; of two on one day, an hour apart, the first."""
    found: dict[tuple[int, int, int, int, int], int] = {}
    tz = ZoneInfo(zone)
    at = datetime.fromtimestamp(span[0] / 1000, UTC).replace(second=0, microsecond=0) + _MINUTE
    end = datetime.fromtimestamp(span[1] / 1000, UTC)
    step = timedelta(minutes=15)
    while at.minute % 15:
        at += _MINUTE
    while at <= end:
        wall = at.astimezone(tz)
        if named(wall):
            key = (wall.year, wall.month, wall.day, wall.hour, wall.minute)
            found.setdefault(key, round(at.timestamp() * 1000))
        at += step
    return set(found.values())


def _left_out(zone: str, ms: int) -> bool:
    """Whether the wall has just jumped: what it left out comes at once."""
    tz = ZoneInfo(zone)
    at = datetime.fromtimestamp(ms / 1000, UTC)
    before, after = (at - _MINUTE).astimezone(tz), at.astimezone(tz)
    return before.utcoffset() != after.utcoffset()


def play(seed: int, days: float, begin: datetime = BEGIN) -> Played:
    """The same, in virtual time."""
    with structlog.testing.capture_logs(), slowly(SCALE):
        return run(years(seed, begin, days))


def main() -> None:
    """Play them and say what came of it; the exit status is 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    for seed in range(asked.seed, asked.seed + asked.seeds):
        began = time.monotonic()
        broken, counts, told = play(seed, asked.years * 365)
        said = ", ".join(f"{count} {what}" for what, count in counts.items())
        print(f"seed {seed}: {said}, {time.monotonic() - began:.0f} s")  # noqa: T201
        for policy, what in sorted(told.items()):
            said = ", ".join(f"{count} {name}" for name, count in sorted(what.items()))
            print(f"  {policy}: {said}")  # noqa: T201
        for one in broken[:20]:
            print(f"  broken: {one}")  # noqa: T201
        if broken:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
