"""What becomes of each time: played with runs that take their time, owners that die, and pauses."""

from __future__ import annotations

from itertools import takewhile
from random import Random
from typing import get_args

import pytest

from weir.core.schedules.calendar import calendar
from weir.core.schedules.schedule import (
    AT_ONCE,
    QUEUE,
    Asked,
    Ended,
    Event,
    Fired,
    Overlap,
    Queued,
    Replaced,
    Schedule,
    Served,
    Skipped,
    State,
    Time,
    decide,
    evolve,
)

MINUTE = 60_000
START = 1_767_225_600_000  # the beginning of 2026
EVERY_MINUTE = calendar({"cron": "* * * * *"})
POLICIES: tuple[Overlap, ...] = get_args(Overlap)


def every_minute(overlap: Overlap = "skip", **more: object) -> Schedule:
    """A schedule that was made at the beginning of 2026."""
    return Schedule("sch_a", EVERY_MINUTE, START, overlap=overlap)._replace(**more)  # type: ignore[arg-type]


def fold(events: list[Event]) -> State:
    """What a new owner knows."""
    state = State(0)
    for event in events:
        state = evolve(state, event)
    return state


class Play:
    """A schedule's log, with an owner that dies, comes too late or sees an old state."""

    def __init__(self, schedule: Schedule, seed: int) -> None:
        self.schedule = schedule
        self.random = Random(seed)
        self.log: list[Event] = []
        self.state = State(0)  # its fold
        self.at = START
        self.ends: dict[str, int] = {}  # when each run that goes on will have ended
        self.fired_at: dict[Time, int] = {}

    def append(self, event: Event) -> None:
        """To the log."""
        self.log.append(event)
        self.state = evolve(self.state, event)

    def turn(self) -> int | None:
        """The owner decides; its append may be lost, or refused because another was faster."""
        decision = decide(self.schedule, self.state, self.at)
        if self.random.random() < 0.2:
            return self.at  # it died before the append: whoever comes next decides again
        for event in decision.events:
            self.append(event)
            if isinstance(event, Fired):
                assert event.time not in self.fired_at
                self.fired_at[event.time] = self.at
                self.ends[event.run_id] = self.at + self.random.choice((10_000, 90_000, 300_000))
            if isinstance(event, Replaced):
                for run_id in self.state.ending:
                    self.ends[run_id] = min(self.ends[run_id], self.at + 20_000)
        assert self.state == decision.state
        return decision.wake_at

    def until(self, end: int, longest_s: int = 20) -> None:
        """Time passes; runs end; the owner is woken when it wished to be, or late."""
        wake_at: int | None = self.at
        while self.at < end:
            for run_id in [one for one, at in self.ends.items() if at <= self.at]:
                del self.ends[run_id]
                for _ in range(self.random.choice((1, 2))):
                    self.append(Ended(run_id))
                wake_at = self.at
            if wake_at is not None and wake_at <= self.at:
                wake_at = self.turn()
            self.at += self.random.randint(1, longest_s) * 1_000


def answered(log: list[Event]) -> list[int]:
    """The times of the calendar that the log answers, each with how it was first answered."""
    seen: dict[int, str] = {}
    for event in log:
        if isinstance(event, Fired | Skipped | Queued | Replaced) and not event.time.request:
            seen.setdefault(event.time.nominal_ms, type(event).__name__)
    return list(seen)


@pytest.mark.parametrize("overlap", POLICIES)
@pytest.mark.parametrize("seed", range(20))
def test_every_time_is_answered_once_and_none_early(overlap: Overlap, seed: int) -> None:
    """Hours of a minute's schedule, with deaths and runs that take longer than a minute."""
    play = Play(every_minute(overlap, jitter_ms=7_000 if seed % 2 else 0), seed)
    end = START + 240 * MINUTE
    play.until(end)
    found = answered(play.log)
    expected = list(takewhile(lambda at: at < end - 2 * MINUTE, EVERY_MINUTE.since(START - 1)))
    assert found[: len(expected)] == expected
    assert len(found) == len(set(found))
    for time, at in play.fired_at.items():
        assert at >= play.schedule.due(time.nominal_ms) >= time.nominal_ms
    runs = [event.run_id for event in play.log if isinstance(event, Fired)]
    assert len(runs) == len(set(runs))


@pytest.mark.parametrize("overlap", [policy for policy in POLICIES if policy != "allow"])
@pytest.mark.parametrize("seed", range(10))
def test_runs_do_not_meet_unless_they_may(overlap: Overlap, seed: int) -> None:
    """At no point of the log are there two, and no more wait than the policy allows."""
    play = Play(every_minute(overlap), seed)
    play.until(START + 200 * MINUTE)
    state, most = State(0), 0
    for event in play.log:
        state = evolve(state, event)
        assert len(state.running) <= 1
        most = max(most, len(state.queue))
    assert most <= {"skip": 0, "buffer_all": QUEUE}.get(overlap, 1)
    kinds = {type(event).__name__ for event in play.log}
    told = {"skip": "Skipped", "buffer_one": "Skipped", "buffer_all": "Queued"}
    assert told.get(overlap, "Replaced") in kinds


def test_runs_that_may_meet_do() -> None:
    """With `allow` each begins on its minute."""
    play = Play(every_minute("allow"), 3)
    play.until(START + 60 * MINUTE)
    assert all(at - time.nominal_ms < 2 * MINUTE for time, at in play.fired_at.items())
    assert not any(isinstance(event, Skipped | Queued) for event in play.log)


def test_what_waited_comes_in_order() -> None:
    """All of them, behind one long run."""
    play = Play(every_minute("buffer_all"), 5)
    play.until(START + 100 * MINUTE)
    fired = [event.time.nominal_ms for event in play.log if isinstance(event, Fired)]
    assert fired == sorted(fired)


@pytest.mark.parametrize(("down_min", "runs"), [(5, 5), (59, 59), (61, 60), (400, 60)])
def test_after_an_outage_what_is_not_too_late_is_made_up(down_min: int, runs: int) -> None:
    """An hour by default; what is older is told as missed, in one."""
    schedule = every_minute("allow")
    begun = decide(schedule, State(0), START).state
    decision = decide(schedule, begun, START + down_min * MINUTE)
    fired = [event for event in decision.events if isinstance(event, Fired)]
    missed = [event for event in decision.events if isinstance(event, Skipped)]
    assert len(fired) in {runs, runs + 1}
    assert sum(event.times for event in missed) == max(0, down_min - len(fired))
    assert {event.why for event in missed} <= {"missed"}
    assert decision.wake_at == START + (down_min + 1) * MINUTE


def test_a_year_of_outage_costs_no_more_than_a_part_of_it() -> None:
    """Of what was missed more than can be counted at once, it is told that there were so many."""
    schedule = every_minute("allow")
    year = 365 * 24 * 60 * MINUTE
    decision = decide(schedule, State(START), START + year)
    first = decision.events[0]
    assert isinstance(first, Skipped)
    assert first.times == AT_ONCE
    assert len(decision.events) <= 63


def test_a_change_counts_from_its_moment() -> None:
    """What lies between the last look and the change is answered by neither."""
    made = every_minute("allow")
    state = decide(made, State(0), START + 5 * MINUTE).state
    changed = made._replace(calendar=calendar({"every": "10s"}), starts_ms=START + 9 * MINUTE)
    events = decide(changed, state, START + 9 * MINUTE + 25_000).events
    times = [event.time.nominal_ms - START for event in events if isinstance(event, Fired)]
    assert times == [9 * MINUTE, 9 * MINUTE + 10_000, 9 * MINUTE + 20_000]


def test_it_ends() -> None:
    """Nothing after the end, and nothing to wake up for."""
    schedule = every_minute("allow", ends_ms=START + 3 * MINUTE)
    decision = decide(schedule, State(0), START + 10 * MINUTE)
    assert len(decision.events) == 4
    assert decision.wake_at is None


def test_paused_it_does_nothing_but_what_is_asked() -> None:
    """A run now begins; the calendar is left alone, and what waited goes on."""
    schedule = every_minute(paused=True)
    state = evolve(State(START), Asked("req_1", 0, START + 10 * MINUTE, now=True))
    decision = decide(schedule, state, START + 10 * MINUTE)
    assert [type(event) for event in decision.events] == [Fired, Served]
    assert decision.wake_at is None
    assert decision.state.cursor_ms == START


def test_a_backfill_answers_its_range_once() -> None:
    """Also if it is asked for twice; its runs are others than those of the times themselves."""
    schedule = every_minute("allow")
    state = decide(schedule, State(0), START + 10 * MINUTE).state
    asked = Asked("req_1", START + 2 * MINUTE, START + 6 * MINUTE, "buffer_all")
    for _ in range(2):
        state = evolve(state, asked)
        decision = decide(schedule, state, START + 10 * MINUTE + 1)
        state = decision.state
    assert state.asked == ()
    assert state.cursor_ms == START + 10 * MINUTE
    queued = [time.nominal_ms for time in state.queue]
    assert queued == [START + n * MINUTE for n in (3, 4, 5, 6)]
    assert schedule.run_of(Time(queued[0], "req_1")) != schedule.run_of(Time(queued[0]))


def test_a_long_backfill_goes_on_where_it_was() -> None:
    """A part in each decision, with an owner that knows nothing but the log."""
    schedule = every_minute("allow")
    now = START + 3_000 * MINUTE
    log: list[Event] = [Asked("req_1", START, now, "allow")]
    schedule = schedule._replace(starts_ms=now)
    for _ in range(20):
        decision = decide(schedule, fold(log), now)
        log += decision.events
        assert len(decision.events) <= AT_ONCE + 2
        if decision.wake_at != now:
            break
    fired = [event.time.nominal_ms for event in log if isinstance(event, Fired)]
    assert len([at for at in fired if at < now]) == 2_999
    assert fold(log).asked == ()


def test_the_jitter_is_the_same_to_everybody_and_spreads() -> None:
    """Within its bound, by the schedule and the time alone."""
    schedule = every_minute(jitter_ms=30_000)
    spread = [schedule.due(START + n * MINUTE) - START - n * MINUTE for n in range(200)]
    assert spread == [schedule.due(START + n * MINUTE) - START - n * MINUTE for n in range(200)]
    assert 0 <= min(spread) < 3_000
    assert 27_000 < max(spread) < 30_000
