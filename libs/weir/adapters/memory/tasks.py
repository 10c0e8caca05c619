"""The queues port on the memory broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from weir.adapters.memory.broker import Connection
from weir.adapters.memory.queue import Queue, Taken
from weir.ports.log import Stored
from weir.ports.tasks import Delivery, Standing


class MemoryTasks:
    """The queues, seen through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def work(self, queue: str, *, capacity: int, patience_s: float = 30.0) -> MemoryWorker:
        """Take tasks of a queue; the queue's patience is that of whoever came last."""
        self._connection.check()
        return MemoryWorker(
            self._connection, self._connection.broker.queue(queue, patience_s), capacity
        )

    async def standing(self, queue: str, seq: int) -> Standing:
        """Where a task stands."""
        self._connection.check()
        return self._connection.broker.standing(queue, seq)


class MemoryWorker:
    """A running subscription with room for `capacity` unacknowledged tasks."""

    def __init__(self, connection: Connection, queue: Queue, capacity: int) -> None:
        self.queue = queue
        self._connection = connection
        self._room = capacity
        self._waiting: asyncio.Future[Taken | None] | None = None
        self._open = True
        self._doubtful_upto = self.queue.last_seq
        connection.enlist(self._end, self._interrupted)

    @property
    def linked(self) -> bool:
        """Whether the process that holds the tasks still has its link."""
        return self._connection.open

    def __aiter__(self) -> AsyncIterator[Delivery]:
        return self

    async def __anext__(self) -> Delivery:
        while self._open:
            if self._room > 0:
                self._waiting = self.queue.take()
            else:
                self._waiting = asyncio.get_running_loop().create_future()
            taken = await self._wait(self._waiting)
            if taken is not None:
                self._room -= 1
                message, number = taken
                return MemoryDelivery(self, message, number, message.seq <= self._doubtful_upto)
        raise StopAsyncIteration

    async def close(self) -> None:
        """Take no more; tasks already handed over can still be acknowledged."""
        self._connection.release(self._end, self._interrupted)
        self._end()

    def free(self) -> None:
        """One task less is held."""
        self._room += 1
        if self._room == 1:
            self._wake()

    async def _wait(self, waiting: asyncio.Future[Taken | None]) -> Taken | None:
        try:
            return await waiting
        except asyncio.CancelledError:
            # What arrived in the very moment of the cancellation would wait out its patience.
            if waiting.done() and not waiting.cancelled() and self.linked:
                taken = waiting.result()
                if taken is not None:
                    self.queue.nak(taken[0].seq, taken[1], 0)
            raise

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _end(self) -> None:
        self._open = False
        self._wake()

    def _interrupted(self) -> None:
        """What was handed over comes again when its patience ends, or sooner if acks were lost."""
        self._doubtful_upto = self.queue.last_seq


class MemoryDelivery:
    """One handing-over of a task."""

    def __init__(
        self,
        worker: MemoryWorker,
        message: Stored,
        number: int,
        doubtful: bool,  # noqa: FBT001
    ) -> None:
        self.message = message
        self.delivered = max(number, 2) if doubtful else number
        self._number = number
        self._worker = worker
        self._held = True

    async def ack(self) -> None:
        """Done."""
        if self._let_go():
            self._worker.queue.ack(self.message.seq)

    async def nak(self, delay_s: float = 0) -> None:
        """Give it back."""
        if self._let_go():
            self._worker.queue.nak(self.message.seq, self._number, delay_s)

    async def in_progress(self) -> None:
        """Restart the patience."""
        if self._worker.linked:
            self._worker.queue.in_progress(self.message.seq, self._number)

    def _let_go(self) -> bool:
        if self._held:
            self._held = False
            self._worker.free()
        return self._worker.linked
