"""The times a schedule names: cron, interval, once. Nothing here knows what time it is.

Cron has five fields and means the clock on the wall of its zone, with Debian's
rules (cronsim): a time that the change to summer time leaves out fires at the
first moment after it, one that comes twice in autumn fires the first time, and
what runs every so many minutes or hours goes by what really passes. Two times
that fall on one moment are one. An interval counts from 1970 or from its
`from`, so that it means the same moments to everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from weir.contract import times

ALIASES: Mapping[str, str] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
LEAST_MS = 1_000  # between two times of an interval
MOST_CHARS = 200
_FIELDS = 5
_LAST_MS = 253_370_764_800_000  # the year 9999: what lies beyond is never


class CalendarError(ValueError):
    """What was written names no times; `field` says where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Calendar(NamedTuple):
    """Made by `calendar`. One of `cron`, `every_ms`, `at_ms` is set."""

    zone: str = "UTC"
    cron: str = ""
    every_ms: int = 0
    from_ms: int = 0
    at_ms: int = 0

    def after(self, ms: int) -> int | None:
        """The first time after a moment; None if there is none any more."""
        if self.at_ms:
            return self.at_ms if self.at_ms > ms else None
        if self.every_ms:
            if ms < self.from_ms:
                return self.from_ms
            return ms - (ms - self.from_ms) % self.every_ms + self.every_ms
        return _next(self.cron, _zone(self.zone), ms)

    def upcoming(self, ms: int, count: int) -> list[int]:
        """The next so many."""
        found: list[int] = []
        for at in self.since(ms):
            if len(found) == count:
                break
            found.append(at)
        return found

    def since(self, ms: int) -> Iterator[int]:
        """All of them, in order."""
        at = self.after(ms)
        while at is not None:
            yield at
            at = self.after(at)


def calendar(written: Mapping[str, Any]) -> Calendar:
    """What `{"cron", "timezone"}`, `{"every", "from"}` or `{"at"}` means; CalendarError."""
    given = [name for name in ("cron", "every", "at") if written.get(name) is not None]
    if len(given) != 1:
        raise CalendarError("", "say when: one of `cron`, `every` and `at`")
    zone = written.get("timezone") or "UTC"
    if given == ["cron"]:
        return Calendar(zone=_known(zone), cron=_checked(written["cron"], zone))
    if zone != "UTC":
        raise CalendarError("timezone", "only `cron` has a time zone")
    if given == ["at"]:
        return Calendar(at_ms=_time("at", written["at"]))
    try:
        every_ms = round(times.duration_ms(written["every"]))
    except ValueError as error:
        raise CalendarError("every", str(error)) from None
    if every_ms < LEAST_MS:
        raise CalendarError("every", "the shortest interval is 1s")
    start = written.get("from")
    return Calendar(every_ms=every_ms, from_ms=_time("from", start) if start is not None else 0)


def _checked(text: Any, zone: str) -> str:
    if not isinstance(text, str) or len(text) > MOST_CHARS:
        raise CalendarError("cron", "write five fields: minute, hour, day, month, day of the week")
    cron = ALIASES.get(text.strip().lower(), text.strip())
    if len(cron.split()) != _FIELDS:
        known = ", ".join(sorted(ALIASES))
        message = f"write five fields (minute, hour, day, month, day of the week) or one of {known}"
        raise CalendarError("cron", message)
    try:
        if _next(cron, _zone(zone), 0) is None:
            raise CalendarError("cron", f"{text!r} never comes: no such day is in these months")
    except CronSimError as error:
        raise CalendarError("cron", f"{text!r} is not understood: {error}") from None
    return cron


def _known(zone: Any) -> str:
    try:
        if isinstance(zone, str):
            _zone(zone)
            return zone
    except (KeyError, ValueError, OSError):  # unknown, a path, a folder
        pass
    message = f"{zone!r} is no time zone: take a name like Europe/Berlin"
    raise CalendarError("timezone", message)


def _time(field: str, text: Any) -> int:
    try:
        at = times.to_ms(text)
    except (TypeError, ValueError, OverflowError):
        message = f"{text!r} is no time: write it like 2026-03-01T09:00:00Z"
        raise CalendarError(field, message) from None
    if not 0 < at < _LAST_MS:
        raise CalendarError(field, f"{text!r} is out of range: between 1970 and 9999")
    return at


@lru_cache(maxsize=1_000)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _next(cron: str, zone: ZoneInfo, ms: int) -> int | None:
    moment = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)
    try:
        for found in CronSim(cron, moment):
            at = round(found.timestamp() * 1000)
            # In the hour that comes twice it begins again with the first; and two times that
            # summer time left out fall on the same moment.
            if at > ms:
                return at if at < _LAST_MS else None
    except (OverflowError, ValueError):  # beyond the year 9999
        pass
    return None
