"""The reader's side of a reading: only what is contiguous comes out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from weir.adapters.contiguity import Contiguity
from weir.adapters.memory.broker import Connection
from weir.contract.errors import RolledBackError
from weir.ports.log import Stored

BATCH = 500


class MemoryFollowing:
    """An endless reading of one stream; starts over where it stands when a delivery was lost."""

    def __init__(
        self, connection: Connection, stream: str, filters: Sequence[str], after: int
    ) -> None:
        self._connection = connection
        self._stream = stream
        self._filters = tuple(filters)
        self._order = Contiguity(after)
        self._inbox: deque[tuple[int, Stored]] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._open = True
        self._rolled_back: RolledBackError | None = None
        self._begin()
        connection.enlist(self._end, self._begin_again)

    def __aiter__(self) -> AsyncIterator[Sequence[Stored]]:
        return self

    async def __anext__(self) -> Sequence[Stored]:
        while self._open:
            if self._rolled_back is not None:
                raise self._rolled_back
            batch = self._take()
            if batch:
                return batch
            if not self._inbox:
                self._waiting = asyncio.get_running_loop().create_future()
                await self._waiting
        raise StopAsyncIteration

    async def close(self) -> None:
        """End the reading; who waits for a batch gets the end."""
        self._connection.release(self._end, self._begin_again)
        self._end()

    def _take(self) -> list[Stored]:
        batch: list[Stored] = []
        while self._inbox and len(batch) < BATCH:
            number, message = self._inbox.popleft()
            if not self._order.accept(number, message.seq):
                self._begin_again()
                break
            batch.append(message)
        return batch

    def _begin(self) -> None:
        broker = self._connection.broker
        self._inbox.clear()
        after = self._order.restart()
        last = broker.stream(self._stream).last_seq
        if last < after:
            self._rolled_back = RolledBackError(
                f"{self._stream} ends at {last}, but {after} was already read from it: "
                "messages were lost with the broker's disk; rebuild from the archive"
            )
        self._consumer = broker.consume(self._stream, self._filters, after, self._deliver)
        self._consumer.on_heartbeat = self._heartbeat

    def _begin_again(self) -> None:
        self._stop()
        if self._open:
            self._begin()
            self._wake()

    def _deliver(self, number: int, message: Stored) -> None:
        self._inbox.append((number, message))
        self._wake()

    def _heartbeat(self, sent: int) -> None:
        if not self._inbox and not self._order.has_all(sent):
            self._begin_again()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _stop(self) -> None:
        self._consumer.on_heartbeat = None
        self._connection.broker.drop(self._consumer)

    def _end(self) -> None:
        self._open = False
        self._stop()
        self._inbox.clear()
        self._wake()
