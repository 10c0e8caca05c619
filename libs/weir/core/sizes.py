"""How much a JSON value weighs, without writing it out."""

from __future__ import annotations

from typing import Any


def size_of(value: Any, limit: int) -> int:
    """Roughly the bytes of the value's JSON form; stops counting soon after `limit`."""
    total = 0
    stack = [value]
    while stack and total <= limit:
        item = stack.pop()
        if isinstance(item, str):
            total += len(item) + 2
        elif isinstance(item, dict):
            total += 2
            for key, part in item.items():
                total += len(key) + 4
                stack.append(part)
        elif isinstance(item, list | tuple):
            total += 2 + len(item)
            stack.extend(item)
        else:
            total += 8
    return total


def exceeds(value: Any, limit: int) -> bool:
    """Whether the value is larger than `limit` bytes."""
    return size_of(value, limit) > limit
