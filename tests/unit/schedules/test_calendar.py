"""What cron, intervals and single times name, over both changes of the clock in three zones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.contract import times
from weir.core.schedules.calendar import Calendar, CalendarError, calendar

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")  # the last shifts by 30 min
START = times.to_ms("2026-01-01T00:00:00Z")
END = times.to_ms("2028-01-01T00:00:00Z")


def cron(text: str, zone: str = "UTC") -> Calendar:
    """A cron schedule."""
    return calendar({"cron": text, "timezone": zone})


def told(at: list[int], zone: str = "UTC") -> list[str]:
    """As the clock on the wall shows them."""
    moments = [datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone)) for ms in at]
    return [moment.isoformat()[:16] + moment.strftime("%z") for moment in moments]


def minutes(zone: str, begin: str, end: str) -> Iterator[tuple[int, datetime]]:
    """Every minute that passes, with what the wall shows."""
    for at in range(times.to_ms(begin), times.to_ms(end), 60_000):
        yield at, datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_has_its_fire_whatever_the_clock_does(zone: str) -> None:
    """Two years of 02:30 (in the gap and in the fold of some): one a local day, never early."""
    two_years = takewhile(lambda at: at < END, cron("30 2 * * *", zone).since(START))
    found = [datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)) for at in two_years]
    days = [moment.date() for moment in found]
    assert len(days) == len(set(days))
    first = found[0].date()
    assert days == [first + timedelta(days=n) for n in range(len(days))]
    assert len(days) in {729, 730}
    assert all(moment.replace(tzinfo=None).time().isoformat() >= "02:30" for moment in found)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2026-03-05T12:00:00Z", "2026-04-08T12:00:00Z"),  # the springs and autumns of all three
        ("2026-10-01T12:00:00Z", "2026-11-04T12:00:00Z"),
    ],
)
def test_a_time_of_day_is_the_first_minute_that_shows_it_or_comes_after_it(
    zone: str, begin: str, end: str
) -> None:
    """Against a walk over every minute: what is left out comes at the next minute there is."""
    expected: list[int] = []
    day, done = None, True  # the walk begins in the middle of a day
    for at, wall in minutes(zone, begin, end):
        if day is not None and wall.date() != day:
            done = False
        day = wall.date()
        if not done and (wall.hour, wall.minute) >= (2, 15):
            expected.append(at)
            done = True
    assert len(expected) in {33, 34}
    found = cron("15 2 * * *", zone).upcoming(expected[0] - 1, len(expected))
    assert found == expected


@pytest.mark.parametrize("zone", ZONES)
def test_every_quarter_of_an_hour_goes_by_what_passes(zone: str) -> None:
    """Nothing is left out and nothing comes twice when the clock is set."""
    at = cron("*/15 * * * *", zone).upcoming(times.to_ms("2026-03-20T00:00:00Z"), 4 * 24 * 30)
    assert {later - earlier for earlier, later in pairwise(at)} == {900_000}


def test_the_gap_of_spring() -> None:
    """02:00 and 02:30 do not exist on that night: both are the moment after it, once."""
    at = cron("0,30 2 * * *", "Europe/Berlin").upcoming(times.to_ms("2026-03-28T12:00:00Z"), 3)
    assert told(at, "Europe/Berlin") == [
        "2026-03-29T03:00+0200",
        "2026-03-30T02:00+0200",
        "2026-03-30T02:30+0200",
    ]


def test_the_hour_that_comes_twice() -> None:
    """It fires in the first of both, also when it is asked for within the second."""
    berlin = cron("30 2 * * *", "Europe/Berlin")
    at = berlin.upcoming(times.to_ms("2026-10-24T12:00:00Z"), 2)
    assert told(at, "Europe/Berlin") == ["2026-10-25T02:30+0200", "2026-10-26T02:30+0100"]
    within = times.to_ms("2026-10-25T01:10:00Z")  # 02:10, the second time
    assert told(berlin.upcoming(within, 1), "Europe/Berlin") == ["2026-10-26T02:30+0100"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("@daily", "2026-01-02T00:00"),
        ("@Hourly", "2026-01-01T01:00"),
        ("@weekly", "2026-01-04T00:00"),
        ("0 9 * * MON-FRI", "2026-01-01T09:00"),
        ("0 0 L * *", "2026-01-31T00:00"),
        ("0 0 * * FRI#2", "2026-01-09T00:00"),
        ("5,10-12/2 0 1 JAN,JUN *", "2026-01-01T00:05"),
        ("0 0 29 2 *", "2028-02-29T00:00"),
    ],
)
def test_what_cron_means(text: str, first: str) -> None:
    """Names, steps, lists, the last day, the second Friday, leap years."""
    assert told(cron(text).upcoming(START, 1))[0][:16] == first


def test_an_interval_means_the_same_moments_to_everybody() -> None:
    """It counts from 1970 or from its `from`, not from when it was looked at."""
    every = calendar({"every": "90m"})
    assert all(at % 5_400_000 == 0 for at in every.upcoming(START + 17, 50))
    begun = calendar({"every": "1d", "from": "2026-05-01T07:30:00Z"})
    assert told(begun.upcoming(START, 2)) == ["2026-05-01T07:30+0000", "2026-05-02T07:30+0000"]
    assert told(begun.upcoming(times.to_ms("2026-05-01T07:30:00Z"), 1)) == ["2026-05-02T07:30+0000"]


def test_once_is_once() -> None:
    """Then never again."""
    once = calendar({"at": "2026-03-01T09:00:00+01:00"})
    assert told(once.upcoming(START, 5)) == ["2026-03-01T08:00+0000"]


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({}, ""),
        ({"cron": "* * * * *", "every": "5m"}, ""),
        ({"cron": "* * * *"}, "cron"),
        ({"cron": "0 0 * * * *"}, "cron"),
        ({"cron": "61 * * * *"}, "cron"),
        ({"cron": "0 0 31 2 *"}, "cron"),
        ({"cron": "0 0 30 2 MON"}, ""),
        ({"cron": "@reboot"}, "cron"),
        ({"cron": "*/0 * * * *"}, "cron"),
        ({"cron": 5}, "cron"),
        ({"cron": "0 " * 5_000}, "cron"),
        ({"cron": "* * * * *", "timezone": "Mars/Olympus"}, "timezone"),
        ({"cron": "* * * * *", "timezone": "../etc/passwd"}, "timezone"),
        ({"cron": "* * * * *", "timezone": "Europe"}, "timezone"),
        ({"cron": "* * * * *", "timezone": 3}, "timezone"),
        ({"every": "100ms"}, "every"),
        ({"every": "soon"}, "every"),
        ({"every": "5m", "timezone": "Europe/Berlin"}, "timezone"),
        ({"every": "5m", "from": "tomorrow"}, "from"),
        ({"at": "2026-02-30T00:00:00Z"}, "at"),
        ({"at": "2026-02-20T00:00:00"}, "at"),
        ({"at": 17}, "at"),
    ],
)
def test_what_names_no_times_is_told_where(written: dict[str, Any], field: str) -> None:
    """A sentence and the field; 30 February beside Mondays is a Monday, by cron's rule of days."""
    if written.get("cron") == "0 0 30 2 MON":
        assert calendar(written).after(START) is not None
        return
    with pytest.raises(CalendarError) as refused:
        calendar(written)
    assert refused.value.field == field
    assert str(refused.value)


@settings(max_examples=200)
@given(
    minute=st.sampled_from(["*", "*/7", "0", "30", "15,45", "59"]),
    hour=st.sampled_from(["*", "*/2", "0", "1", "2", "3", "1-3"]),
    zone=st.sampled_from(ZONES),
    ms=st.integers(START, END),
)
def test_times_only_go_forward(minute: str, hour: str, zone: str, ms: int) -> None:
    """Each is after the one before it, and asking from in between finds the same."""
    at = cron(f"{minute} {hour} * * *", zone).upcoming(ms, 6)
    assert at == sorted(set(at))
    assert at[0] > ms
    again = cron(f"{minute} {hour} * * *", zone)
    assert [again.after(one - 1) for one in at] == at
    assert [again.after(one) for one in at[:-1]] == at[1:]
