"""How much of a rate or of a day's quota is left, without a clock: the times are the broker's.

A block of permits is asked for by a message that says how things stood before
it. How many of them are given follows from that message and from the time at
which the broker stored it, so everybody who reads it finds the same, whatever
their own clocks say.

A rate is bound by GCRA: one number, the time at which all of it is there again.
In any span of time at most `count` permits are given, and one more for each
`window / count` of that span.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from weir.contract.times import duration_ms

DAY_MS = 86_400_000
OFF = "off"

_RATE = re.compile(r"([1-9][0-9]{0,8})/(\S{1,20})")
_SLIGHTLY = 1e-6  # times are doubles: what lacks less than this is there


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in a window of so many ms; both above 0."""

    count: int
    window_ms: float

    @property
    def interval_ms(self) -> float:
        """From one to the next, if they came evenly."""
        return self.window_ms / self.count


def parse_rate(text: str) -> Rate | None:
    """`1000/1m` is a rate, `off` is None; ValueError for anything else."""
    if text == OFF:
        return None
    found = _RATE.fullmatch(text)
    if found is None:
        raise ValueError("a rate is written like 1000/1m, or off for none")
    window_ms = duration_ms(found[2])
    if not 1 <= window_ms <= DAY_MS:
        raise ValueError("a rate's window lasts from 1ms to 1d")
    return Rate(int(found[1]), window_ms)


LIMITS: Mapping[str, Rate | None] = {
    "api": Rate(1000, 60_000),
    "hooks": Rate(5000, 60_000),
    "start": Rate(100, 60_000),
    "credentials": Rate(50, 60_000),
    "address": Rate(300, 60_000),
}
QUOTAS = ("runs_per_day", "workflows", "webhooks", "schedules", "credentials", "members")


def parse_limits(words: Iterable[str]) -> dict[str, Rate | None]:
    """All limits, of which words like `api=2000/1m` say another, and `off` that there is none.

    ValueError names a word that says nothing.
    """
    found = dict(LIMITS)
    for word in words:
        name, _, rate = word.partition("=")
        if word == OFF:
            found = dict.fromkeys(found)
        elif name in found:
            found[name] = parse_rate(rate)
        else:
            raise ValueError(f"{word!r} names none of {', '.join(LIMITS)}: write api=1000/1m")
    return found


def parse_quotas(words: Iterable[str]) -> dict[str, int]:
    """Quotas by name from words like `workflows=500`; ValueError names one that says nothing."""
    found: dict[str, int] = {}
    for word in words:
        name, _, count = word.partition("=")
        if name not in QUOTAS or not re.fullmatch(r"[0-9]{1,12}", count):
            raise ValueError(f"{word!r} is no quota of {', '.join(QUOTAS)}: write workflows=500")
        found[name] = int(count)
    return found


class Paced(NamedTuple):
    """A wish under a rate. `full_at_ms`: when all of it is there again, as it stood before."""

    rate: Rate
    full_at_ms: float
    asked: int

    def given(self, at_ms: float) -> int:
        """How many of them are given."""
        return min(self.asked, left(self.rate, self.full_at_ms, at_ms))

    def full_after_ms(self, at_ms: float) -> float:
        """When all of it is there again after what was given."""
        before = _bounded(self.rate, self.full_at_ms, at_ms)
        return before + self.given(at_ms) * self.rate.interval_ms


class Counted(NamedTuple):
    """A wish under a quota of a day (UTC). `used` of the day that began at `day_ms`, before it."""

    quota: int
    day_ms: int
    used: int
    asked: int

    def given(self, at_ms: float) -> int:
        """How many of them are given."""
        return max(0, min(self.asked, self.quota - self._before(at_ms)))

    def used_after(self, at_ms: float) -> int:
        """How many of that day are used after what was given."""
        return self._before(at_ms) + self.given(at_ms)

    def _before(self, at_ms: float) -> int:
        return self.used if day_of(at_ms) == self.day_ms else 0


def day_of(at_ms: float) -> int:
    """When the day began, in UTC."""
    return int(at_ms) // DAY_MS * DAY_MS


def left(rate: Rate, full_at_ms: float, at_ms: float) -> int:
    """How many permits are there."""
    missing_ms = _bounded(rate, full_at_ms, at_ms) - at_ms
    return max(0, int((rate.window_ms - missing_ms) / rate.interval_ms + _SLIGHTLY))


def next_ms(rate: Rate, full_at_ms: float, at_ms: float) -> float:
    """How long until one permit is there, in ms; 0 if one is."""
    missing_ms = _bounded(rate, full_at_ms, at_ms) - at_ms
    return max(0.0, missing_ms + rate.interval_ms - rate.window_ms)


def _bounded(rate: Rate, full_at_ms: float, at_ms: float) -> float:
    # A rate that was made narrower, or a broker's clock that was set back, holds nobody off for
    # longer than one window.
    return min(max(full_at_ms, at_ms), at_ms + rate.window_ms)
