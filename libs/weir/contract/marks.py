"""Marks: the place of one event or line in a stream, as one number.

A mark is the stream sequence of a message << 16 | a place in it, so marks sort
as the stream does, and a reader that kept one goes on behind it without a gap
or a repeat. On the wire it is a decimal string. It stays below 2**53 for the
first 137 billion messages.
"""

from __future__ import annotations

_BITS = 16
LAST_PLACE = (1 << _BITS) - 1


def mark(sequence: int, place: int) -> int:
    """The mark of a place; what lies beyond the last place of a message shares its mark."""
    return sequence << _BITS | min(place, LAST_PLACE)


def sequence_of(value: int) -> int:
    """The stream sequence of the message a mark lies in."""
    return value >> _BITS
