"""Functions on numbers, and conversions between kinds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, cast

from weir.core.expressions.budget import Meter
from weir.core.expressions.errors import DomainError, Fault, OperandError
from weir.core.expressions.functions.table import function
from weir.core.expressions.macros import check_order
from weir.core.expressions.operators import add
from weir.core.expressions.values import (
    INT_LIMIT,
    NUMBERS,
    Timestamp,
    kind,
    sequence,
    text_of,
    utf8,
    want,
)

GROUP = "Numbers"
KINDS = "Kinds"
MAX_DIGITS = 400
_PLACES = 18
_DIGITS = Context(prec=MAX_DIGITS)

_INT = re.compile(r"[+-]?[0-9]+", re.ASCII)
_DOUBLE = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)


def _number(value: Any, who: str) -> Any:
    if type(value) in NUMBERS:
        return value
    raise Fault(OperandError, f"{who} takes a number, not {kind(value)}")


def _whole(value: float, who: str) -> int:
    if not -INT_LIMIT <= value < INT_LIMIT:
        raise Fault(DomainError, f"the result of {who} does not fit an int of 64 bits")
    return int(value)


@function("floor", "floor(x)", GROUP, ("floor(2.7)", 2), ("floor(-2.1)", -3))
def floor(meter: Meter, x: Any) -> int:
    """The next whole number below, an int."""
    del meter
    return _whole(math.floor(_number(x, "floor()")), "floor()")


@function("ceil", "ceil(x)", GROUP, ("ceil(2.1)", 3))
def ceil(meter: Meter, x: Any) -> int:
    """The next whole number above, an int."""
    del meter
    return _whole(math.ceil(_number(x, "ceil()")), "ceil()")


@function(
    "round",
    "round(x), round(x, digits)",
    GROUP,
    ("round(2.5)", 3),
    ("round(-2.5)", -3),
    ("round(2.345, 2)", 2.35),
    ("round(1250, -2)", 1300),
)
def round_(meter: Meter, x: Any, digits: Any = 0) -> int | float:
    """The nearest int, or number with so many decimal digits; halves go away from zero."""
    del meter
    number, places = _number(x, "round()"), want(digits, int, "round()")
    if abs(places) > _PLACES:
        raise Fault(DomainError, "round() takes from -18 to 18 digits")
    if type(number) is int and places >= 0:
        return int(number) if places == 0 else float(number)
    unit = Decimal(1).scaleb(-places)
    rounded = Decimal(repr(number)).quantize(unit, ROUND_HALF_UP, _DIGITS)
    return float(rounded) if places > 0 else _whole(int(rounded), "round()")


@function("abs", "abs(x)", GROUP, ("abs(-2.5)", 2.5))
def abs_(meter: Meter, x: Any) -> int | float:
    """The distance from zero."""
    del meter
    number = abs(_number(x, "abs()"))
    return _whole(number, "abs()") if type(number) is int else float(number)


@function(
    "min",
    "min(a, b, …), list.min()",
    GROUP,
    ("min(3, 2.5)", 2.5),
    ("[3, 1, 2].min()", 1),
    result="part",
)
def min_(meter: Meter, first: Any, *others: Any) -> Any:
    """The least of the values or of a list's elements."""
    return min(_candidates(meter, first, others, "min()"))


@function(
    "max",
    "max(a, b, …), list.max()",
    GROUP,
    ("max(3, 2.5)", 3),
    ("input.lines.map(l, l.qty).max()", 2),
    result="part",
)
def max_(meter: Meter, first: Any, *others: Any) -> Any:
    """The greatest of the values or of a list's elements."""
    return max(_candidates(meter, first, others, "max()"))


def _candidates(meter: Meter, first: Any, others: tuple[Any, ...], who: str) -> list[Any]:
    found = [first, *others] if others else sequence(first, who)
    if not found:
        raise Fault(DomainError, f"{who} of an empty list", "Ask size(list) > 0 first.")
    check_order(meter, found)
    return found


@function(
    "sum",
    "list.sum()",
    GROUP,
    ("[1, 2, 3].sum()", 6),
    ("input.lines.map(l, l.qty * 1.5).sum()", 4.5),
    ("[].sum()", 0),
    numbers=True,
)
def sum_(meter: Meter, items: Any) -> int | float:
    """The sum of the numbers; 0 of an empty list."""
    total: Any = 0
    parts = sequence(items, "sum()")
    meter.work(1 + len(parts) // 2)
    for part in parts:
        total = add(meter, total, _number(part, "sum()"))
    return cast("int | float", total)


# -- kinds --


def _charge(meter: Meter, x: Any) -> None:
    meter.work(1 + (len(x) >> 6) if type(x) is str else 1)


@function("type", "type(x)", KINDS, ("type(1)", "int"), ("type(input.tags)", "list"))
def type_(meter: Meter, x: Any) -> str:
    """The kind: null, bool, int, double, string, bytes, list, map, timestamp or duration."""
    del meter
    return kind(x).removeprefix("a ").removeprefix("an ")


@function(
    "int",
    "int(x)",
    KINDS,
    ("int('42')", 42),
    ("int(2.9)", 2),
    ("int(timestamp('1970-01-01T00:01:00Z'))", 60),
)
def int_(meter: Meter, x: Any) -> int:
    """A whole number from a number (cut off), a string, or the seconds of a timestamp."""
    _charge(meter, x)
    match x:
        case bool():
            pass
        case int():
            return x
        case float():
            return _whole(math.trunc(x), "int()")
        case str():
            text = x.strip()
            if len(text) <= MAX_DIGITS and _INT.fullmatch(text):
                return _whole(int(text), "int()")
            raise Fault(DomainError, "the text is no whole number", "Use int(double(…)) for 2.5.")
        case Timestamp(ms):
            return ms // 1000
    raise Fault(OperandError, f"int() cannot take {kind(x)}")


@function("double", "double(x)", KINDS, ("double('2.5')", 2.5), ("double(1) / 2", 0.5))
def double(meter: Meter, x: Any) -> float:
    """A number that divides with all its digits, from a number or a string."""
    _charge(meter, x)
    if type(x) is float:
        return x
    try:
        if type(x) is int:
            return float(x)
        if type(x) is str:
            text = x.strip()
            if len(text) <= MAX_DIGITS and _DOUBLE.fullmatch(text) and math.isfinite(float(text)):
                return float(text)
            raise Fault(DomainError, "the text is no number")
    except OverflowError:
        raise Fault(DomainError, "the number is too large") from None
    raise Fault(OperandError, f"double() cannot take {kind(x)}")


@function(
    "string",
    "string(x)",
    KINDS,
    ("string(2.50)", "2.5"),
    ("string(3.0)", "3"),
    ("string({'b': 1, 'a': null})", '{"a":null,"b":1}'),
)
def string(meter: Meter, x: Any) -> str:
    """A string as it is, bytes read as UTF-8, all else as its JSON."""
    return text_of(meter, x)


@function("bool", "bool(x)", KINDS, ("bool('true')", True), result="bool")
def bool_(meter: Meter, x: Any) -> bool:
    """From a bool or one of the strings true and false."""
    del meter
    if type(x) is bool:
        return x
    if type(x) is str:
        if x in {"true", "True", "TRUE", "t", "1"}:
            return True
        if x in {"false", "False", "FALSE", "f", "0"}:
            return False
        raise Fault(DomainError, "the text is neither true nor false")
    raise Fault(OperandError, f"bool() cannot take {kind(x)}", "Compare it with something.")


@function("bytes", "bytes(x)", KINDS, ("size(bytes('é'))", 2), result="made")
def bytes_(meter: Meter, x: Any) -> bytes:
    """The UTF-8 bytes of a string. A result of bytes becomes base64."""
    if type(x) is bytes:
        return x
    text = want(x, str, "bytes()")
    meter.make(len(text))
    return utf8(text)


@function(
    "size",
    "size(x), x.size()",
    KINDS,
    ("size('weir')", 4),
    ("input.tags.size()", 2),
    ("{'a': 1}.size()", 1),
)
def size(meter: Meter, x: Any) -> int:
    """Characters of a string, bytes, elements of a list, or keys of a map."""
    meter.work(1)
    if isinstance(x, str | bytes | list | tuple | Mapping):
        return len(x)
    raise Fault(OperandError, f"size() cannot take {kind(x)}")
