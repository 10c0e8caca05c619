"""What somebody writes of a schedule, in a trigger node or to the API, and what a record holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from weir.contract import times
from weir.contract.messages import ScheduleSaved
from weir.core.schedules.calendar import CalendarError, calendar
from weir.core.schedules.schedule import Overlap

POLICIES: tuple[str, ...] = get_args(Overlap)
CATCH_UP_MS = 3_600_000.0
MOST_CATCH_UP_MS = 366 * 86_400_000.0
MOST_JITTER_MS = 86_400_000.0
_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms"))


def fields(written: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record for what was written; CalendarError names what cannot be meant."""
    meant = calendar(written)
    found: dict[str, Any] = {
        "cron": meant.cron,
        "timezone": meant.zone,
        "every_ms": float(meant.every_ms),
        "overlap": _policy(written.get("overlap")),
        "catch_up_ms": _duration(written, "catch_up", CATCH_UP_MS, MOST_CATCH_UP_MS),
        "jitter_ms": _duration(written, "jitter", 0.0, MOST_JITTER_MS),
        "input": {} if written.get("input") is None else written["input"],
    }
    if meant.from_ms:
        found["from_at"] = times.from_ms(meant.from_ms)
    if meant.at_ms:
        found["once_at"] = times.from_ms(meant.at_ms)
    if written.get("until") is not None:
        found["ends_at"] = _moment("until", written["until"])
    return found


def shown(saved: ScheduleSaved) -> dict[str, Any]:
    """The same as it could have been written."""
    return {
        "cron": saved.cron or None,
        "timezone": saved.timezone or "UTC",
        "every": duration(saved.every_ms) if saved.every_ms else None,
        "from": saved.from_at or None,
        "at": saved.once_at or None,
        "until": saved.ends_at or None,
        "overlap": saved.overlap or "skip",
        "catch_up": duration(saved.catch_up_ms),
        "jitter": duration(saved.jitter_ms),
        "input": saved.input,
    }


def same_times(one: ScheduleSaved, other: ScheduleSaved) -> bool:
    """Whether both name the same times."""
    return _times(one) == _times(other)


def duration(ms: float) -> str:
    """Milliseconds as people write them: `1h30m`."""
    left, parts = round(ms), []
    for unit, name in _UNITS:
        count, left = divmod(left, unit)
        parts += [f"{count}{name}"] if count else []
    return "".join(parts) or "0s"


def _times(saved: ScheduleSaved) -> tuple[Any, ...]:
    cron = (saved.cron, saved.timezone or "UTC")
    return (*cron, saved.every_ms, saved.from_at, saved.once_at, saved.ends_at, saved.jitter_ms)


def _policy(given: Any) -> str:
    if given is None:
        return "skip"
    if given not in POLICIES:
        raise CalendarError("overlap", f"{given!r} is no policy: use one of {', '.join(POLICIES)}")
    return str(given)


def _duration(written: Mapping[str, Any], field: str, otherwise: float, most: float) -> float:
    given = written.get(field)
    if given is None:
        return otherwise
    try:
        found = times.duration_ms(given)
    except ValueError as error:
        raise CalendarError(field, str(error)) from None
    if found > most:
        raise CalendarError(field, f"{given!r} is too long: {duration(most)} at most")
    return float(round(found))


def _moment(field: str, given: Any) -> str:
    try:
        return times.from_ms(times.to_ms(given))
    except (TypeError, ValueError, OverflowError):
        message = f"{given!r} is no time: write it like 2026-03-01T09:00:00Z"
        raise CalendarError(field, message) from None
