"""Times and durations as formats.md writes them.

Inside the engine a time is an int of milliseconds since 1970 UTC; on the wire
it is RFC 3339 with milliseconds and `Z`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_UNIT_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_SHORT = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_ISO = re.compile(
    r"P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?"
)
MAX_DURATION_MS = 3_660 * 86_400_000


@lru_cache(maxsize=1024)  # every message is folded at its time, most of them more than once
def to_ms(text: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 time; ValueError if it is none."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone: end it with Z or an offset")
    return round(at.timestamp() * 1000)


def from_ms(ms: int) -> str:
    """The wire form."""
    seconds, millis = divmod(ms, 1000)
    return f"{_second(seconds)}.{millis:03d}Z"


@lru_cache(maxsize=1024)  # the same second is written many times, and formatting it is dear
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]  # strftime pads no year


def duration_ms(text: object) -> float:
    """Milliseconds of `"90s"`, `"1h30m"`, `"PT1M"` or a plain number of seconds.

    ValueError names what a duration looks like, for whatever else is given,
    and refuses negative ones and those beyond ten years.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise ValueError("a duration is written like 500ms, 90s, 1h30m or 2d")  # noqa: TRY004
    total = float(text) * 1000 if isinstance(text, int | float) else _parse(text.strip())
    if not 0 <= total <= MAX_DURATION_MS:
        raise ValueError(f"{text!r} is out of range: a duration is between 0 and 3660d")
    return total


def _parse(text: str) -> float:
    total, end = 0.0, 0
    for part in _SHORT.finditer(text):
        if part.start() != end:
            break
        total += float(part[1]) * _UNIT_MS[part[2]]
        end = part.end()
    if text and end == len(text):
        return total
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()) and not text.endswith("T"):
        return sum(float(value) * _UNIT_MS[unit] for unit, value in iso.groupdict("0").items())
    raise ValueError(f"{text!r} is no duration: write it like 500ms, 90s, 1h30m or 2d")
