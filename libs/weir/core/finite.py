"""Numbers that JSON does not have: NaN and the infinities.

Our encoders write them as null without a word, so whoever takes a value from
code that is not ours looks for them first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any


def not_finite(value: Any) -> str:
    """Where the value holds such a number and which, like `totals.0 is nan`; empty if nowhere.

    Looks into whatever is encoded as an object or a list.
    """
    if not _somewhere(value):
        return ""
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, float) and not math.isfinite(item):
            return f"{path or 'it'} is {float(item)}"
        inner = [(f"{path}.{name}" if path else str(name), part) for name, part in _parts(item)]
        stack.extend(reversed(inner))
    return ""


def _somewhere(value: Any) -> bool:
    """Whether there is one: values are large and it is rare, so places are not kept here."""
    stack = [value]
    while stack:
        item = stack.pop()
        kind = type(item)
        if kind is str or kind is int or item is None:
            continue
        if kind is dict:
            stack.extend(item.values())
        elif kind is list:
            stack.extend(item)
        elif isinstance(item, float):
            if not math.isfinite(item):
                return True
        else:
            stack.extend(part for _, part in _parts(item))
    return False


def _parts(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    if isinstance(value, list | tuple | set | frozenset):
        return enumerate(value)
    if is_dataclass(value) and not isinstance(value, type):
        return ((field.name, getattr(value, field.name)) for field in fields(value))
    return ()
