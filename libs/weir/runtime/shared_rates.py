"""Blocks of permits from what all processes share, by compare-and-set in RATES.

A wish is stored on top of the one that was read, or not at all; how many it
gives follows from the time at which the broker stored it. A wish that others
overtook before its time could be read gives nothing: permits are lost then,
never given twice.
"""

from __future__ import annotations

from typing import NamedTuple

import orjson

from weir.contract.errors import ConflictError, UnavailableError
from weir.core.rates import Counted, Paced, Rate, day_of, left
from weir.ports.log import Append, Log, Stored

_TRIES = 20


class Drawn(NamedTuple):
    """What a wish came to, in the broker's time."""

    permits: int
    left: int
    full_at_ms: float
    at_ms: int


class CountedDay(NamedTuple):
    """What a wish under a quota of a day came to."""

    permits: int
    used: int
    day_ms: int


class SharedRates:
    """What is left of each limit, for every process that reads this log."""

    def __init__(self, log: Log) -> None:
        self._log = log
        # The own last wish per subject: where nobody else wrote, it need not be read again.
        self._known: dict[str, Stored] = {}

    async def draw(self, subject: str, rate: Rate, asked: int) -> Drawn:
        """As many permits of a rate as there are, at most so many.

        Raises as `Log.append`; UnavailableError where others were always faster.
        """
        for _ in range(_TRIES):
            made = Paced(rate, _paced(await self._before(subject)), asked)
            stored = await self._store(
                subject, [made.full_at_ms, asked, rate.count, rate.window_ms]
            )
            if stored is None:
                continue
            at_ms, full = stored.at_ms, made.full_after_ms(stored.at_ms)
            return Drawn(made.given(at_ms), left(rate, full, at_ms), full, at_ms)
        raise _busy(subject)

    async def count(self, subject: str, quota: int, asked: int) -> CountedDay:
        """The same under a quota of a day."""
        for _ in range(_TRIES):
            day_ms, used = _counted(await self._before(subject))
            made = Counted(quota, day_ms, used, asked)
            stored = await self._store(subject, [day_ms, used, asked, quota])
            if stored is None:
                continue
            at_ms = stored.at_ms
            return CountedDay(made.given(at_ms), made.used_after(at_ms), day_of(at_ms))
        raise _busy(subject)

    async def used(self, subject: str, now_ms: int) -> int:
        """How many of today's quota were given out."""
        day_ms, used = _counted(await self._log.last(subject))
        return used if day_ms == day_of(now_ms) else 0

    async def _before(self, subject: str) -> Stored | None:
        known = self._known.get(subject)
        if known is None:
            known = await self._log.last(subject)
            if known is not None:
                self._known[subject] = known
        return known

    async def _store(self, subject: str, value: list[float]) -> Stored | None:
        """The wish as it was stored; None if others were faster, or nobody can tell any more."""
        before = self._known.pop(subject, None)
        data = orjson.dumps(value)
        try:
            seq = await self._log.append(Append(subject, data, expect=before.seq if before else 0))
        except ConflictError:
            return None
        stored = await self._log.get(seq)
        if stored is None or (stored.subject, stored.data) != (subject, data):
            return None
        self._known[subject] = stored
        return stored


def _paced(before: Stored | None) -> float:
    """When a limit is full again after its last wish; a wish that cannot be read counts as none."""
    value = _numbers(before)
    if before is None or value is None:
        return 0.0
    full_at_ms, asked, count, window_ms = value
    if count < 1 or window_ms <= 0:
        return 0.0
    rate = Rate(int(count), window_ms)
    return Paced(rate, full_at_ms, int(asked)).full_after_ms(before.at_ms)


def _counted(before: Stored | None) -> tuple[int, int]:
    """The day of the last wish, and how many of it are used."""
    value = _numbers(before)
    if before is None or value is None:
        return 0, 0
    day_ms, used, asked, quota = map(int, value)
    return day_of(before.at_ms), Counted(quota, day_ms, used, asked).used_after(before.at_ms)


def _numbers(before: Stored | None) -> list[float] | None:
    if before is None:
        return None
    try:
        value = orjson.loads(before.data)
    except orjson.JSONDecodeError:
        return None
    four = isinstance(value, list) and len(value) == 4  # noqa: PLR2004 - as `_store` writes them
    return value if four and all(isinstance(one, int | float) for one in value) else None


def _busy(subject: str) -> UnavailableError:
    return UnavailableError(f"others keep writing {subject} at the same time: try again")
