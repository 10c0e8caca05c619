"""The order of one reading (log-protocol P1): what a consumer delivered, without holes.

A broker numbers what it delivers to a consumer from 1. A number that is not
the next one means that a delivery was lost: the reading then starts a new
consumer behind the last message it accepted, and never yields what came after
the hole.
"""

from __future__ import annotations


class Contiguity:
    """Where a reading stands. `position` is the stream sequence of the last accepted message."""

    __slots__ = ("_accepted", "position")

    def __init__(self, after: int) -> None:
        self.position = after
        self._accepted = 0

    def accept(self, consumer_seq: int, stream_seq: int) -> bool:
        """Take the next delivery; False if one before it was lost."""
        if consumer_seq != self._accepted + 1:
            return False
        self._accepted = consumer_seq
        self.position = stream_seq
        return True

    def has_all(self, last_consumer_seq: int) -> bool:
        """Whether everything the consumer says it has sent was accepted."""
        return self._accepted >= last_consumer_seq

    def restart(self) -> int:
        """A new consumer begins; returns the stream sequence it must begin after."""
        self._accepted = 0
        return self.position
