"""Making a shared text equal to another text by one small edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycrdt import Text


def splice(text: Text, target: str) -> None:
    """Replace what differs between the common beginning and the common end.

    Places in a shared text count bytes of UTF-8.
    """
    there = str(text)
    if there == target:
        return
    head = _common(there, target)
    tail = _common(there[head:][::-1], target[head:][::-1])
    start = len(there[:head].encode())
    stop = len(there[: len(there) - tail].encode())
    if stop > start:
        del text[start:stop]
    middle = target[head : len(target) - tail]
    if middle:
        text.insert(start, middle)


def _common(one: str, other: str) -> int:
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)
