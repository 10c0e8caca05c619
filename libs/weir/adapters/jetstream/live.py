"""The live port: core subjects of NATS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from weir.adapters.jetstream.link import Link
from weir.ports.live import Handler


class JetStreamLive:
    """Core subjects, seen through one connection. What is told while it is lost goes nowhere."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def publish(self, subject: str, data: bytes) -> None:
        """Tell whoever listens now."""
        self._link.tell(subject, data)

    async def reaches(self, subject: str, data: bytes) -> bool:
        """Tell, and whether anybody listens at all."""
        return await self._link.reaches(subject, data)

    async def listen(
        self, subject: str, handler: Handler, *, group: str = ""
    ) -> JetStreamListening:
        """Call the handler for each message, or for its share of a group's.

        The server hears of it before anything that is sent on this connection
        afterwards, so whoever listens and then starts a run misses nothing of it.
        """

        def receive(told: bytes, _reply: bytes, _header: bytes, data: bytes) -> None:
            handler(told.decode(), data)

        return JetStreamListening(self._link, self._link.listen(subject, receive, group))

    def on_reconnect(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Called after the connection was lost and is back."""
        self._link.on_reconnect(callback)


class JetStreamListening:
    """One subscription."""

    def __init__(self, link: Link, sid: int) -> None:
        self._link = link
        self._sid = sid

    async def close(self) -> None:
        """Hear no more."""
        self._link.unlisten(self._sid)
