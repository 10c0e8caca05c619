"""What the operators of an expression do. Ints and doubles mix; ints are of 64 bits.

The quick paths stand first: most operands are two ints, two strings or two doubles.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Mapping
from typing import Any

from weir.core.expressions.budget import SLOT, Meter
from weir.core.expressions.errors import (
    DomainError,
    Fault,
    MissingError,
    OperandError,
    UnresolvedError,
    suggest,
)
from weir.core.expressions.values import (
    INT_LIMIT,
    NUMBERS,
    Duration,
    Timestamp,
    equal,
    kind,
    moment_at,
)

MAX_REAL = sys.float_info.max
_ORDERED = frozenset({int, float, str, bytes, bool, Timestamp, Duration})


def _whole(value: int) -> int:
    if -INT_LIMIT <= value < INT_LIMIT:
        return value
    raise Fault(DomainError, "the whole number does not fit 64 bits", "Use double(…).")


def _real(operate: Callable[[Any, Any], Any], symbol: str, a: Any, b: Any) -> float:
    """Two numbers of which one is a double."""
    if type(a) not in NUMBERS or type(b) not in NUMBERS:
        raise _refuse(symbol, a, b)
    try:
        value = float(operate(a, b))
    except OverflowError:
        value = math.inf
    if -MAX_REAL <= value <= MAX_REAL:
        return value
    raise Fault(DomainError, "the number is too large")


def _refuse(symbol: str, a: Any, b: Any, advice: str = "") -> Fault:
    return Fault(OperandError, f"{symbol} cannot take {kind(a)} and {kind(b)}", advice)


def add(meter: Meter, a: Any, b: Any) -> Any:
    """`a + b`."""
    ta, tb = type(a), type(b)
    if ta is int and tb is int:
        value = a + b
        return value if -INT_LIMIT <= value < INT_LIMIT else _whole(value)
    if ta is str and tb is str:
        meter.make(len(a) + len(b))
        return a + b
    if ta in NUMBERS and tb in NUMBERS:
        return _real(operator.add, "+", a, b)
    if ta is tb and ta in {list, bytes}:
        meter.make((len(a) + len(b)) * (SLOT if ta is list else 1))
        return a + b
    if tb is Duration and ta in {Timestamp, Duration}:
        return _shift(a, b.ms)
    if ta is Duration and tb is Timestamp:
        return _shift(b, a.ms)
    advice = "Turn the other side into text with string(…)." if str in {ta, tb} else ""
    raise _refuse("+", a, b, advice)


def _shift(value: Timestamp | Duration, ms: int) -> Timestamp | Duration:
    if isinstance(value, Timestamp):
        return moment_at(value.ms + ms)
    return Duration(_whole(value.ms + ms))


def subtract(a: Any, b: Any) -> Any:
    """`a - b`."""
    ta, tb = type(a), type(b)
    if ta is int and tb is int:
        value = a - b
        return value if -INT_LIMIT <= value < INT_LIMIT else _whole(value)
    if ta is Timestamp and tb is Timestamp:
        return Duration(a.ms - b.ms)
    if tb is Duration and ta in {Timestamp, Duration}:
        return _shift(a, -b.ms)
    return _real(operator.sub, "-", a, b)


def multiply(a: Any, b: Any) -> Any:
    """`a * b`."""
    if type(a) is int and type(b) is int:
        value = a * b
        return value if -INT_LIMIT <= value < INT_LIMIT else _whole(value)
    return _real(operator.mul, "*", a, b)


def divide(a: Any, b: Any) -> Any:
    """`a / b`; of two ints the whole part, towards zero."""
    if type(a) is int and type(b) is int:
        if b == 0:
            raise Fault(DomainError, "division by zero")
        value = abs(a) // abs(b)
        return _whole(-value if (a < 0) != (b < 0) else value)
    if b == 0 and type(b) in NUMBERS:
        raise Fault(DomainError, "division by zero")
    return _real(operator.truediv, "/", a, b)


def remainder(a: Any, b: Any) -> Any:
    """`a % b` of two ints, with the sign of `a`."""
    if type(a) is not int or type(b) is not int:
        raise _refuse("%", a, b, "It takes two ints.")
    if b == 0:
        raise Fault(DomainError, "remainder of a division by zero")
    value = abs(a) % abs(b)
    return -value if a < 0 else value


def negative(a: Any) -> Any:
    """`-a`."""
    if type(a) is int:
        return _whole(-a)
    if type(a) is float:
        return -a
    if type(a) is Duration:
        return Duration(-a.ms)
    raise Fault(OperandError, f"- cannot take {kind(a)}")


def less(a: Any, b: Any) -> bool:
    """`a < b`."""
    ta, tb = type(a), type(b)
    if ta in _ORDERED and (ta is tb or (ta in NUMBERS and tb in NUMBERS)):
        return bool(a < b)
    raise _refuse("<", a, b)


def at_most(a: Any, b: Any) -> bool:
    """`a <= b`."""
    ta, tb = type(a), type(b)
    if ta in _ORDERED and (ta is tb or (ta in NUMBERS and tb in NUMBERS)):
        return bool(a <= b)
    raise _refuse("<=", a, b)


def greater(a: Any, b: Any) -> bool:
    """`a > b`."""
    ta, tb = type(a), type(b)
    if ta in _ORDERED and (ta is tb or (ta in NUMBERS and tb in NUMBERS)):
        return bool(a > b)
    raise _refuse(">", a, b)


def at_least(a: Any, b: Any) -> bool:
    """`a >= b`."""
    ta, tb = type(a), type(b)
    if ta in _ORDERED and (ta is tb or (ta in NUMBERS and tb in NUMBERS)):
        return bool(a >= b)
    raise _refuse(">=", a, b)


def differ(meter: Meter, a: Any, b: Any) -> bool:
    """`a != b`."""
    return not equal(meter, a, b)


def within(meter: Meter, item: Any, container: Any) -> bool:
    """`item in container`: an element of a list, a key of a map."""
    if isinstance(container, list | tuple):
        meter.work(len(container))
        if type(item) is str:
            return item in container
        return any(equal(meter, item, other) for other in container)
    if isinstance(container, Mapping):
        return type(item) in {str, int} and item in container
    advice = "Ask a text with contains(…)." if type(container) is str else ""
    raise Fault(OperandError, f"in takes a list or a map, not {kind(container)}", advice)


# -- reaching into values --


def member(base: Any, key: str) -> Any:
    """`base.key` where the base is no plain path of a root."""
    if isinstance(base, Mapping):
        try:
            return base[key]
        except KeyError as error:
            raise absent(base, key, error) from None
    raise unreachable(base, f"the field {key}")


def index(base: Any, key: Any) -> Any:
    """`base[key]`."""
    if isinstance(base, list | tuple):
        if type(key) is not int:
            raise Fault(OperandError, f"a list is indexed by an int, not {kind(key)}")
        if 0 <= key < len(base):
            return base[key]
        raise Fault(
            UnresolvedError,
            f"there is no element {key}: the list has {len(base)}, counted from 0",
        )
    if isinstance(base, Mapping):
        if type(key) not in {str, int}:
            raise Fault(OperandError, f"a map is indexed by a string or an int, not {kind(key)}")
        try:
            return base[key]
        except KeyError as error:
            raise absent(base, key, error) from None
    raise unreachable(base, "an element")


def absent(base: Mapping[Any, Any], key: object, error: Exception | None = None) -> Fault:
    """A key that a map does not have, with the reason if the map gave one."""
    if isinstance(error, MissingError):
        return Fault(UnresolvedError, error.reason)
    if set(base) == {"$blob"}:
        return Fault(UnresolvedError, "the value is kept by reference and cannot be read here")
    return Fault(UnresolvedError, f"there is no {key}", suggest(key, base))


def unreachable(base: Any, what: str) -> Fault:
    """Something asked of a value that has no parts."""
    if base is None:
        return Fault(
            UnresolvedError,
            f"{what} of null was asked for",
            "Ask with has(…) or get(value, 'a.b', fallback).",
        )
    return Fault(UnresolvedError, f"{kind(base)} does not have {what}")
