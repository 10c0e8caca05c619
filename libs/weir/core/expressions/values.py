"""The values of expressions: JSON's, and bytes, timestamps and durations beside them.

JSON does not tell int and double apart, CEL does. So a number that is read
from data is an int if it is integral and at most 2^53 (`exact`), a number that
was computed keeps its kind. A result goes back to JSON by `leave`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from weir.core.expressions.budget import SLOT, Meter
from weir.core.expressions.errors import DomainError, Fault, OperandError

INT_LIMIT = 2**63
EXACT = 2.0**53
MAX_NESTING = 100

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all times here are UTC
MIN_TIME_MS = -62_135_596_800_000  # year 1
MAX_TIME_MS = 253_402_300_799_999  # year 9999


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """A moment, in milliseconds since 1970 UTC."""

    ms: int

    def __str__(self) -> str:
        at = _EPOCH + timedelta(milliseconds=self.ms)
        return at.isoformat(timespec="milliseconds") + "Z"


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time in milliseconds; may be negative."""

    ms: int

    def __str__(self) -> str:
        sign = "-" if self.ms < 0 else ""
        seconds, ms = divmod(abs(self.ms), 1000)
        fraction = f".{ms:03d}".rstrip("0") if ms else ""
        return f"{sign}{seconds}{fraction}s"


NUMBERS = frozenset({int, float})
SCALARS = frozenset({int, float, str, bool, type(None), bytes, Timestamp, Duration})
_SINGLE = frozenset({int, str, bool, type(None)})
_JSON = _SINGLE | {dict, list}
_KINDS = {
    type(None): "null",
    bool: "a bool",
    int: "an int",
    float: "a double",
    str: "a string",
    bytes: "bytes",
    Timestamp: "a timestamp",
    Duration: "a duration",
}
KIND_NAMES = frozenset(
    {*("int", "double", "string", "bool", "list", "map", "bytes"), "timestamp", "duration"}
)


def kind(value: Any) -> str:
    """What the value is, in words; never the value itself."""
    known = _KINDS.get(type(value))
    if known:
        return known
    return "a list" if isinstance(value, list | tuple) else "a map"


def exact(value: Any) -> Any:
    """A value as it stands in data; an integral double becomes an int."""
    if type(value) is float and value.is_integer() and -EXACT <= value <= EXACT:
        return int(value)
    return value


def numbers(meter: Meter, value: Any) -> Any:
    """The same for the elements of a list."""
    if type(value) is list and float in map(type, value):
        meter.work(len(value) >> 2)
        return [exact(item) for item in value]
    return value


def moment_at(ms: int) -> Timestamp:
    """Fault if the years do not reach that far."""
    if not MIN_TIME_MS <= ms <= MAX_TIME_MS:
        raise Fault(DomainError, "the time lies outside the years 1 to 9999")
    return Timestamp(ms)


def utf8(text: str) -> bytes:
    """The bytes of a text; half a surrogate pair has none."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Fault(DomainError, "the text is not valid Unicode") from None


# -- leaving --


def leave(meter: Meter, value: Any) -> Any:
    """A result: a scalar, or something that lies in the data, where it stays untouched."""
    if type(value) in _JSON:
        return value
    return plain(meter, value)


def export(meter: Meter, value: Any) -> Any:
    """A result that was made: JSON of its own."""
    if type(value) in _SINGLE:
        return value
    return exact(value) if type(value) is float else plain(meter, value)


def plain(meter: Meter, value: Any, depth: int = 0) -> Any:
    """A JSON value of its own, charged by its full size: it may share parts many times over."""
    meter.work(1)
    cls = type(value)
    if cls is str:
        meter.make(len(value))
        return value
    if cls is float:
        meter.make(SLOT)
        return exact(value)
    if cls is int or value is None or cls is bool:
        meter.make(SLOT)
        return value
    if depth >= MAX_NESTING:
        raise Fault(DomainError, f"the value is nested more than {MAX_NESTING} deep")
    if isinstance(value, Mapping):
        own = {_key(meter, k): plain(meter, v, depth + 1) for k, v in value.items()}
        if len(own) != len(value):
            raise Fault(DomainError, "two keys of the map are the same in JSON, like 1 and '1'")
        return own
    if isinstance(value, list | tuple):
        meter.make(SLOT)
        return [plain(meter, item, depth + 1) for item in value]
    if cls is bytes:
        meter.make(len(value) * 4 // 3)
        return base64.b64encode(value).decode()
    meter.make(24)
    return str(value)


def _key(meter: Meter, key: Any) -> str:
    text = key if type(key) is str else str(key)
    meter.make(len(text) + SLOT)
    return text


def text_of(meter: Meter, value: Any) -> str:
    """The value as text: a string as it is, all else as its JSON."""
    cls = type(value)
    if cls is str:
        meter.make(len(value))
        return str(value)
    if cls is int and -INT_LIMIT <= value < INT_LIMIT:
        meter.make(20)
        return str(value)
    if cls is Timestamp or cls is Duration:
        meter.make(24)
        return str(value)
    if cls is bytes:
        meter.make(len(value))
        try:
            return str(value, "utf-8")
        except UnicodeDecodeError:
            raise Fault(
                DomainError, "the bytes are no UTF-8 text", "Use base64.encode(…)."
            ) from None
    return to_json(meter, value)


def to_json(meter: Meter, value: Any) -> str:
    """The canonical JSON of a value."""
    before = meter.size
    own = plain(meter, value)
    meter.work((before - meter.size) >> 5)
    try:
        return orjson.dumps(own, option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, ValueError):
        raise Fault(
            DomainError, "the value cannot be written as JSON: it holds a number beyond 64 bits"
        ) from None


# -- equality --


def equal(meter: Meter, a: Any, b: Any) -> bool:
    """CEL's equality: numbers by value, everything else by kind and value."""
    ta, tb = type(a), type(b)
    if ta in SCALARS and tb in SCALARS:
        return (ta is tb or (ta in NUMBERS and tb in NUMBERS)) and bool(a == b)
    return _equal_deep(meter, a, b, 0)


def _equal_deep(meter: Meter, a: Any, b: Any, depth: int) -> bool:
    meter.work(1)
    if depth >= MAX_NESTING:
        raise Fault(DomainError, f"the values are nested more than {MAX_NESTING} deep")
    if isinstance(a, list | tuple):
        return (
            isinstance(b, list | tuple)
            and len(a) == len(b)
            and all(_equal_deep(meter, x, y, depth + 1) for x, y in zip(a, b, strict=True))
        )
    if isinstance(a, Mapping):
        return (
            isinstance(b, Mapping)
            and len(a) == len(b)
            and all(k in b and _equal_deep(meter, v, b[k], depth + 1) for k, v in a.items())
        )
    ta, tb = type(a), type(b)
    return (ta is tb or (ta in NUMBERS and tb in NUMBERS)) and bool(a == b)


def want(value: Any, wanted: type, who: str) -> Any:
    """The value if it is of that kind, else a Fault."""
    if type(value) is wanted:
        return value
    advice = ""
    if wanted is str:
        advice = "Turn it into text with string(…)."
    elif wanted is int:
        advice = "Turn it into a whole number with int(…)."
    raise Fault(OperandError, f"{who} takes {_KINDS[wanted]}, not {kind(value)}", advice)


def sequence(value: Any, who: str) -> list[Any]:
    """The value if it is a list, else a Fault."""
    if type(value) is list:
        return value
    if isinstance(value, tuple):
        return list(value)
    raise Fault(OperandError, f"{who} takes a list, not {kind(value)}")


def truth(value: Any) -> bool:
    """The value if it is a bool, else a Fault: nothing is taken for true by accident."""
    if value is True or value is False:
        return bool(value)
    raise Fault(
        OperandError,
        f"a condition must be true or false, not {kind(value)}",
        "Compare it with something.",
    )
