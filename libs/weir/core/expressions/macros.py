"""What decides itself which of its parts is evaluated: macros, has(), get(), && and || with errors.

Parts come as functions without arguments, bodies of loops as functions of the
element. A loop is charged before it begins. Where CEL lets an answer absorb
the error of another part (`true || error`), so do we; a spent budget is
never absorbed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from weir.core.expressions.budget import SLOT, Meter
from weir.core.expressions.errors import DomainError, Fault, OperandError, UnresolvedError
from weir.core.expressions.values import kind, sequence, truth

Part = Callable[[], Any]
Body = Callable[[Any], Any]

NATIVE = (KeyError, TypeError, IndexError)  # what reaching into the data in place may raise
ABSORBED = (Fault, *NATIVE)

_DIGITS = 9
_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")


def is_unresolved(error: Exception) -> bool:
    """Whether a reference led to nothing, all other errors apart."""
    return isinstance(error, NATIVE) or (isinstance(error, Fault) and error.kind is UnresolvedError)


def _elements(meter: Meter, over: Any, steps: int, size: int) -> Iterable[Any]:
    if type(over) is list or isinstance(over, Mapping | tuple):
        meter.enter(len(over), steps, size)
        return over
    raise Fault(OperandError, f"a macro goes through a list or a map, not {kind(over)}")


# -- logic --


def any_of(*parts: Part) -> bool:
    """`a || b`: true if one is true, whatever the others do."""
    error: Exception | None = None
    for part in parts:
        try:
            if truth(part()):
                return True
        except ABSORBED as absorbed:
            error = error or absorbed
    if error is not None:
        raise error
    return False


def all_of(*parts: Part) -> bool:
    """`a && b`: false if one is false, whatever the others do."""
    error: Exception | None = None
    for part in parts:
        try:
            if not truth(part()):
                return False
        except ABSORBED as absorbed:
            error = error or absorbed
    if error is not None:
        raise error
    return True


# -- loops --


def exists(meter: Meter, over: Any, steps: int, size: int, body: Body) -> bool:
    """One element is enough."""
    error: Exception | None = None
    for item in _elements(meter, over, steps, size):
        try:
            if truth(body(item)):
                return True
        except ABSORBED as absorbed:
            error = error or absorbed
    if error is not None:
        raise error
    return False


def every(meter: Meter, over: Any, steps: int, size: int, body: Body) -> bool:
    """No element may fail it."""
    error: Exception | None = None
    for item in _elements(meter, over, steps, size):
        try:
            if not truth(body(item)):
                return False
        except ABSORBED as absorbed:
            error = error or absorbed
    if error is not None:
        raise error
    return True


def exists_one(meter: Meter, over: Any, steps: int, size: int, body: Body) -> bool:
    """Exactly one element."""
    return sum(truth(body(item)) for item in _elements(meter, over, steps, size)) == 1


def collect(meter: Meter, over: Any, steps: int, size: int, body: Body) -> list[Any]:
    """`map` with a value for each."""
    return [body(item) for item in _elements(meter, over, steps, size + SLOT)]


def collect_if(  # noqa: PLR0913, PLR0917 - what the compiler emits
    meter: Meter, over: Any, steps: int, size: int, test: Body, body: Body
) -> list[Any]:
    """`map` with a condition."""
    return [body(item) for item in _elements(meter, over, steps, size + SLOT) if truth(test(item))]


def select(meter: Meter, over: Any, steps: int, size: int, body: Body) -> list[Any]:
    """`filter`."""
    return [item for item in _elements(meter, over, steps, size + SLOT) if truth(body(item))]


def sort_by(meter: Meter, over: Any, steps: int, size: int, body: Body) -> list[Any]:
    """`sortBy`: ascending, equal keys in their order."""
    items = sequence(over, "sortBy()")
    keys = [body(item) for item in _elements(meter, items, steps, size + SLOT)]
    check_order(meter, keys)
    order = sorted(range(len(items)), key=keys.__getitem__)
    return [items[place] for place in order]


def check_order(meter: Meter, keys: list[Any]) -> None:
    """Fault unless the keys are all numbers, all strings or all of another kind with an order."""
    kinds = {"a number" if type(key) in {int, float} else kind(key) for key in keys}
    if len(kinds) > 1:
        raise Fault(OperandError, f"{' and '.join(sorted(kinds))} have no order among them")
    if kinds & {"a list", "a map", "null"}:
        raise Fault(OperandError, f"{kinds.pop()} has no order")
    meter.work(len(keys) * max(1, len(keys).bit_length()))


# -- asking --


def has_path(roots: Any, path: tuple[str, ...]) -> bool:
    """Whether a plain path of a root leads to something, null included."""
    value = roots
    try:
        for key in path:
            value = value[key]
    except NATIVE:
        return False
    return True


def has_member(base: Part, key: Any) -> bool:
    """Whether what the base yields has this key."""
    try:
        value = base()
    except ABSORBED as error:
        if is_unresolved(error):
            return False
        raise
    if isinstance(value, Mapping):
        return type(key) in {str, int} and key in value
    if isinstance(value, list | tuple):
        return type(key) is int and 0 <= key < len(value)
    return False


def get(meter: Meter, value: Part, path: Any, fallback: Part) -> Any:
    """What lies at the path, a null included, or the fallback if nothing does."""
    steps: list[Any]
    if type(path) is str:
        meter.work(len(path) >> 2)
        steps = _STEP.findall(path)
    elif type(path) is list:
        steps = path
    else:
        raise Fault(OperandError, f"get() takes a path like 'a.b', not {kind(path)}")
    try:
        found = value()
    except ABSORBED as error:
        if is_unresolved(error):
            return fallback()
        raise
    for step in steps:
        meter.work(1)
        if type(step) is not str and type(step) is not int:
            raise Fault(OperandError, f"a step of a path is a string or an int, not {kind(step)}")
        if isinstance(found, Mapping) and step in found:
            found = found[step]
        elif isinstance(found, list | tuple) and (at := _place(step)) < len(found):
            found = found[at]
        else:
            return fallback()
    return found


def _place(step: Any) -> int:
    """The element a step of a path names, beyond any list if it names none."""
    if type(step) is int and step >= 0:
        return step
    digits = step.strip("[]") if type(step) is str else ""
    if digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS:
        return int(digits)
    return 1 << 62


def build_map(meter: Meter, *parts: Any) -> dict[Any, Any]:
    """`{key: value}`."""
    keys = parts[::2]
    meter.make(2 * SLOT * len(keys))
    for key in keys:
        if type(key) is not str and type(key) is not int:
            raise Fault(OperandError, f"a key of a map is a string or an int, not {kind(key)}")
    made = dict(zip(keys, parts[1::2], strict=True))
    if len(made) != len(keys):
        raise Fault(DomainError, "the map has the same key twice")
    return made
