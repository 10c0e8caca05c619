"""How much the broker keeps, and how much more it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class Room(NamedTuple):
    """One bound of what the broker can keep, in bytes."""

    of: str  # what is bounded: disk, account
    size: int
    free: int

    @property
    def share(self) -> float:
        """What is free of it, from 0 to 1."""
        return max(0.0, self.free / self.size) if self.size else 0.0


class Kept(NamedTuple):
    """What the broker says of itself."""

    streams: Mapping[str, int]  # bytes of each
    rooms: Sequence[Room]  # those it knows of; none where it was given no limit


class Storage(Protocol):
    """Asks the broker."""

    async def look(self) -> Kept:
        """How it is now. Raises UnavailableError."""
        ...
