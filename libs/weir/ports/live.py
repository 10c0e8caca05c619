"""What may be lost: live views, notices, membership beats, questions to an owner (log-protocol P20)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

Handler = Callable[[str, bytes], None]


class Listening(Protocol):
    """A subscription."""

    async def close(self) -> None: ...


class Live(Protocol):
    """Core subjects. Messages of the run log appear as `live.<shard>.<tenant>.<run>.ev` once stored."""

    async def publish(self, subject: str, data: bytes) -> None:
        """Tell whoever listens now."""
        ...

    async def listen(self, subject: str, handler: Handler) -> Listening:
        """Call `handler(subject, data)` for each message; it must not block."""
        ...

    def on_reconnect(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Called after the connection was lost and is back: what was live may have holes."""
        ...
