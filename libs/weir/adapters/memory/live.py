"""The live port on the memory broker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from weir.adapters.memory.broker import Connection, Subscription
from weir.ports.live import Handler


class MemoryLive:
    """Core subjects, seen through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def publish(self, subject: str, data: bytes) -> None:
        """Tell whoever listens now."""
        self._connection.check()
        self._connection.broker.tell(subject, data)

    async def reaches(self, subject: str, data: bytes) -> bool:
        """Tell, and whether anybody listens at all."""
        await self.publish(subject, data)
        return any(each.matches(subject) for each in self._connection.broker.subscriptions)

    async def listen(self, subject: str, handler: Handler, *, group: str = "") -> MemoryListening:
        """Call the handler for each message, or for its share of a group's."""
        self._connection.check()
        return MemoryListening(self._connection, Subscription(subject, handler, group))

    def on_reconnect(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Called after each interruption of the connection."""
        self._connection.on_reconnect(callback)


class MemoryListening:
    """One subscription."""

    def __init__(self, connection: Connection, subscription: Subscription) -> None:
        self._connection = connection
        self._subscription = subscription
        connection.broker.subscriptions[subscription] = None
        connection.enlist(self._end, self._interrupted)

    async def close(self) -> None:
        """Hear no more."""
        self._connection.release(self._end, self._interrupted)
        self._end()

    def _end(self) -> None:
        self._subscription.open = False
        self._connection.broker.subscriptions.pop(self._subscription, None)

    def _interrupted(self) -> None:
        """The subscription is renewed by itself; what was told meanwhile is lost."""
