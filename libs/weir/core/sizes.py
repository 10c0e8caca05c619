"""How large a JSON value is, without writing it all out, and how deep it is nested."""

from __future__ import annotations

from typing import Any

import orjson

from weir.contract.messages import Error

MAX_DEPTH = 128
"""Of any value in a run's log. Readers of JSON give up at 200 levels; the rest is for what a
message wraps round its values, a branch's output in a merge, a run's outputs by step."""

MESSAGE_CHARS = 4_000
DETAILS_BYTES = 16_000

_SHORT = 64


def size_of(value: Any, limit: int) -> int:
    """About the bytes of the value's JSON form; may stop counting soon after `limit`."""
    try:
        return len(orjson.dumps(value))
    except TypeError:  # beyond what it writes: whole numbers of any size, any depth
        return _walked(value, limit)


def _walked(value: Any, limit: int) -> int:
    total = 0
    stack = [value]
    while stack and total <= limit:
        item = stack.pop()
        if isinstance(item, str):
            total += _text(item)
        elif isinstance(item, dict):
            total += 2
            for key, part in item.items():
                total += _text(key) + 2
                stack.append(part)
        elif isinstance(item, list | tuple):
            total += 2 + len(item)
            stack.extend(item)
        elif item is None or isinstance(item, bool):
            total += 5
        else:
            total += len(str(item))
    return total


def _text(text: str) -> int:
    if len(text) < _SHORT and text.isascii() and text.isprintable():
        return len(text) + 2  # but for a quote here and there
    return len(orjson.dumps(text))


def exceeds(value: Any, limit: int) -> bool:
    """Whether the value is larger than `limit` bytes."""
    return size_of(value, limit) > limit


def deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested more than so many levels."""
    here = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        here = [
            child
            for item in here
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not here:
            return False
    return bool(here)


def as_text(value: Any) -> str:
    """A string as it is, all else as its JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def bounded(error: Error) -> Error:
    """The error as it may stand in a log: people read it, nobody keeps data in it."""
    changed: dict[str, Any] = {}
    if len(error.message) > MESSAGE_CHARS:
        changed["message"] = f"{error.message[: MESSAGE_CHARS - 1]}…"
    size = size_of(error.details, DETAILS_BYTES)
    if size > DETAILS_BYTES or deeper(error.details, MAX_DEPTH):
        changed["details"] = {"too_large": f"more than {DETAILS_BYTES} bytes, or nested too deep"}
    return error.model_copy(update=changed) if changed else error
