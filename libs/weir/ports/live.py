"""What may be lost (log-protocol P20): live views, notices, beats, questions to an owner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

Handler = Callable[[str, bytes], None]


class Listening(Protocol):
    """A subscription."""

    async def close(self) -> None:
        """Hear no more."""
        ...


class Live(Protocol):
    """Core subjects; stored messages of the run log appear as `live.<shard>.<tenant>.<run>.ev`."""

    async def publish(self, subject: str, data: bytes) -> None:
        """Tell whoever listens now."""
        ...

    async def reaches(self, subject: str, data: bytes) -> bool:
        """Tell, and whether anybody listens at all; True also where that cannot be known."""
        ...

    async def listen(self, subject: str, handler: Handler, *, group: str = "") -> Listening:
        """Call `handler(subject, data)` for each message; it must not block.

        Of those who listen as one group, one gets each message.
        """
        ...

    def on_reconnect(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Called after the connection was lost and is back: what was live may have holes."""
        ...
