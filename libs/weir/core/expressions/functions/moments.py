"""Functions on time. A timestamp counts milliseconds; leaving an expression it is RFC 3339 text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from weir.contract import times
from weir.core.expressions.budget import Meter
from weir.core.expressions.errors import DomainError, Fault, OperandError
from weir.core.expressions.functions.table import function
from weir.core.expressions.values import Duration, Timestamp, kind, moment_at, want

GROUP = "Time"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_TOKENS = re.compile(r"YYYY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|Z|\[[^\]]*\]")
_MONTHS = [
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_LEVELS = {"second": 0, "minute": 1, "hour": 2, "day": 3, "week": 3, "month": 4, "year": 5}
_FINER = (("microsecond", 0), ("second", 0), ("minute", 0), ("hour", 0), ("day", 1), ("month", 1))
_NOON = 12
_LONGEST = 100


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """The zone of a name or an offset; ValueError if there is none."""
    found = _OFFSET.fullmatch(name)
    if found:
        shift = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-shift if found[1] == "-" else shift)
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(name) from None


def _local(meter: Meter, moment: Any, zone_name: Any, who: str) -> datetime:
    if type(moment) is str:
        moment = _read(moment)
    if type(moment) is not Timestamp:
        raise Fault(
            OperandError, f"{who} takes a timestamp, not {kind(moment)}", "Use timestamp(…)."
        )
    name = want(zone_name, str, who)
    if name != "UTC":
        meter.work(20)  # a zone may have to be looked for
    try:
        return (_EPOCH + timedelta(milliseconds=moment.ms)).astimezone(zone(name))
    except ValueError:
        raise Fault(
            DomainError, "there is no such time zone", "Use UTC, +02:00 or Europe/Berlin."
        ) from None
    except OverflowError:
        raise Fault(DomainError, "the time lies outside the years 1 to 9999") from None


def _read(text: str) -> Timestamp:
    if len(text) > _LONGEST:
        raise Fault(DomainError, "the text is too long for a time")
    try:
        return moment_at(times.to_ms(text.strip()))
    except (ValueError, OverflowError):
        raise Fault(
            DomainError, "the text is no time", "Write it like 2026-03-01T12:00:00Z, with its zone."
        ) from None


@function("now", "now()", GROUP, ("now()", "2026-03-01T12:30:45.678Z"), result="made")
def now(meter: Meter) -> Timestamp:
    """The time of the evaluation; the same for all expressions of a node."""
    return moment_at(meter.now_ms)


@function(
    "timestamp",
    "timestamp(x)",
    GROUP,
    ("timestamp('2026-03-01T13:00:00+01:00')", "2026-03-01T12:00:00.000Z"),
    ("timestamp(0)", "1970-01-01T00:00:00.000Z"),
    ("now() - timestamp(trigger.fired_at) < duration('1h')", True),
    result="made",
)
def timestamp(meter: Meter, x: Any) -> Timestamp:
    """A moment from RFC 3339 text or seconds since 1970; can be compared and subtracted."""
    meter.work(1)
    if type(x) is Timestamp:
        return x
    if type(x) is int:
        return moment_at(x * 1000)
    return _read(want(x, str, "timestamp()"))


@function(
    "fromMillis",
    "fromMillis(ms)",
    GROUP,
    ("fromMillis(1500)", "1970-01-01T00:00:01.500Z"),
    result="made",
)
def from_millis(meter: Meter, ms: Any) -> Timestamp:
    """A moment from milliseconds since 1970."""
    del meter
    return moment_at(want(ms, int, "fromMillis()"))


@function(
    "toMillis",
    "toMillis(x)",
    GROUP,
    ("toMillis(duration('1.5s'))", 1500),
    ("toMillis(timestamp('1970-01-01T00:00:01Z'))", 1000),
)
def to_millis(meter: Meter, x: Any) -> int:
    """Milliseconds since 1970 of a timestamp, or of a duration all its milliseconds."""
    del meter
    if isinstance(x, Timestamp | Duration):
        return x.ms
    raise Fault(OperandError, f"toMillis() takes a timestamp or duration, not {kind(x)}")


@function(
    "duration",
    "duration(text)",
    GROUP,
    ("timestamp('2026-03-01T12:00:00Z') + duration('1h30m')", "2026-03-01T13:30:00.000Z"),
    ("duration('-90s')", "-90s"),
    ("duration('2d') > duration('47h')", True),
    result="made",
)
def duration(meter: Meter, x: Any) -> Duration:
    """A length of time from text like 500ms, 90s, 1h30m, 2d; as a result it is in seconds."""
    meter.work(1)
    if type(x) is Duration:
        return x
    text = want(x, str, "duration()")
    if len(text) > _LONGEST:
        raise Fault(DomainError, "the text is too long for a duration")
    text = text.strip()
    sign = -1 if text.startswith("-") else 1
    try:
        return Duration(sign * round(times.duration_ms(text.removeprefix("-"))))
    except (ValueError, OverflowError):
        raise Fault(
            DomainError, "the text is no duration", "Write it like 500ms, 90s, 1h30m or 2d."
        ) from None


@function(
    "format",
    "moment.format(pattern), moment.format(pattern, zone)",
    GROUP,
    ("now().format('YYYY-MM-DD HH:mm')", "2026-03-01 12:30"),
    ("now().format('ddd D MMM, h:mm A', 'Europe/Berlin')", "Sun 1 Mar, 1:30 PM"),
    (
        "timestamp('2026-03-01T12:00:00Z').format('[on] DD.MM.YYYY Z', '+02:00')",
        "on 01.03.2026 +02:00",
    ),
)
def format_(meter: Meter, moment: Any, pattern: Any, zone_name: Any = "UTC") -> str:
    """A timestamp as text.

    YYYY; MMMM MMM MM M; DD D; dddd ddd; HH H; hh h with A for AM or PM; mm m;
    ss s; SSS; Z for the offset; [text] stays as it is.
    """
    local = _local(meter, moment, zone_name, "format()")
    text = want(pattern, str, "format()")
    if len(text) > _LONGEST:
        raise Fault(DomainError, f"format() takes a pattern of at most {_LONGEST} characters")
    meter.work(1 + (len(text) >> 2))
    meter.make(10 * len(text))
    return _TOKENS.sub(lambda token: _part(local, token[0]), text)


def _part(at: datetime, token: str) -> str:
    match token:
        case "YYYY":
            return f"{at.year:04d}"
        case "MMMM":
            return _MONTHS[at.month - 1]
        case "MMM":
            return _MONTHS[at.month - 1][:3]
        case "dddd":
            return _DAYS[at.weekday()]
        case "ddd":
            return _DAYS[at.weekday()][:3]
        case "SSS":
            return f"{at.microsecond // 1000:03d}"
        case "A":
            return "AM" if at.hour < _NOON else "PM"
        case "Z":
            return _offset(at)
    if token.startswith("["):
        return token[1:-1]
    number = {
        "M": at.month,
        "D": at.day,
        "H": at.hour,
        "h": at.hour % 12 or 12,
        "m": at.minute,
        "s": at.second,
    }[token[0]]
    return f"{number:0{len(token)}d}"


def _offset(at: datetime) -> str:
    minutes = round((at.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


@function(
    "startOf",
    "moment.startOf(unit), moment.startOf(unit, zone)",
    GROUP,
    ("now().startOf('day')", "2026-03-01T00:00:00.000Z"),
    ("now().startOf('month', 'Europe/Berlin')", "2026-02-28T23:00:00.000Z"),
    result="made",
)
def start_of(meter: Meter, moment: Any, unit: Any, zone_name: Any = "UTC") -> Timestamp:
    """The beginning of the second, minute, hour, day, week (Monday), month or year it lies in."""
    meter.work(4)
    local = _local(meter, moment, zone_name, "startOf()")
    wanted = want(unit, str, "startOf()")
    if wanted not in _LEVELS:
        raise Fault(DomainError, "startOf() knows no such unit", f"There is: {', '.join(_LEVELS)}.")
    fields: dict[str, Any] = dict(_FINER[: 1 + _LEVELS[wanted]])
    begun = local.replace(**fields)
    if wanted == "week":
        begun -= timedelta(days=begun.weekday())
    return moment_at(round(begun.timestamp() * 1000))


def _getter(name: str, doc: str, expected: int, read: Any) -> None:
    who = f"{name}()"

    def part(meter: Meter, moment: Any, zone_name: Any = "UTC") -> int:
        meter.work(1)
        return int(read(_local(meter, moment, zone_name, who)))

    part.__doc__ = doc
    function(name, f"moment.{who}, moment.{name}(zone)", GROUP, (f"now().{who}", expected))(part)


_getter("getFullYear", "The year.", 2026, lambda at: at.year)
_getter("getMonth", "The month, from 0 as CEL counts.", 2, lambda at: at.month - 1)
_getter("getDate", "The day of the month, from 1.", 1, lambda at: at.day)
_getter("getDayOfWeek", "The day of the week, Sunday is 0.", 0, lambda at: at.isoweekday() % 7)
_getter("getDayOfYear", "The day of the year, from 0.", 59, lambda at: at.timetuple().tm_yday - 1)
_getter("getHours", "The hour of the day.", 12, lambda at: at.hour)
_getter("getMinutes", "The minute of the hour.", 30, lambda at: at.minute)
_getter("getSeconds", "The second of the minute.", 45, lambda at: at.second)
_getter("getMilliseconds", "The millisecond of the second.", 678, lambda at: at.microsecond // 1000)
