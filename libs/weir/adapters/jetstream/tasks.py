"""The queues port on JetStream: one durable consumer per queue, explicitly acknowledged.

The consumer itself sets no limit on unacknowledged tasks. Each worker asks for
no more than it has room for, so what is out is the sum of the capacities of
the workers that live: a limit at the consumer would have to be kept equal to
that sum, and hung tasks would use it up for everybody (log-protocol P12).
Deliveries are not limited in number either: giving up is a fact that the
executor writes (P16).
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress

from weir.adapters.jetstream.api import SOON_S, call
from weir.adapters.jetstream.counting import count
from weir.adapters.jetstream.delivered import position, stored
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.pull import Pull, Reader
from weir.adapters.jetstream.refusals import ApiError
from weir.contract import subjects
from weir.contract.errors import RefusedError, UnavailableError
from weir.ports.log import Stored
from weir.ports.tasks import Delivery, Standing

_QUEUE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PAUSE_S = 0.05
_MAX_PAUSE_S = 1.0
_SECOND = 1_000_000_000
_NO_CONSUMER = 10014


class JetStreamTasks:
    """The queues, seen through one connection."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def work(self, queue: str, *, capacity: int, patience_s: float = 30.0) -> JetStreamWorker:
        """Take tasks of a queue; the queue's patience is that of whoever came last."""
        if _QUEUE.fullmatch(queue) is None:
            raise RefusedError(f"{queue!r} is no queue: letters, digits, - and _, at most 64")
        worker = JetStreamWorker(self._link, queue, capacity, patience_s)
        await worker.begin()
        self._link.watch_silence(worker.silent)
        return worker

    async def standing(self, queue: str, seq: int) -> Standing:
        """What the queue's consumer has ahead of a task, by a reading that is only counted."""
        if _QUEUE.fullmatch(queue) is None:
            raise RefusedError(f"{queue!r} is no queue: letters, digits, - and _, at most 64")
        try:
            info = await call(self._link, f"CONSUMER.INFO.{subjects.RUNS}.queue_{queue}")
        except ApiError as error:
            if error.err_code != _NO_CONSUMER:
                raise
            # Nobody has ever worked on it: all tasks there are wait.
            total = await self._count(queue, 1)
            return Standing(total - await self._count(queue, seq) + 1, 0)
        workers = int(info["num_waiting"]) or int(info["num_ack_pending"] > 0)
        if seq <= int(info["delivered"]["stream_seq"]):
            return Standing(None, workers)
        ahead = int(info["num_pending"]) - await self._count(queue, seq)
        return Standing(max(0, ahead) + 1, workers)

    async def _count(self, queue: str, start: int) -> int:
        """How many tasks of a queue are stored from a sequence on."""
        return await count(self._link, subjects.RUNS, subjects.queue_filter(queue), start)


class JetStreamWorker:
    """A running subscription with room for `capacity` unacknowledged tasks."""

    def __init__(self, link: Link, queue: str, capacity: int, patience_s: float) -> None:
        self.link = link
        self._queue = queue
        self._capacity = capacity
        self._patience_s = patience_s
        self._held = 0
        self._doubtful_upto = 0
        self._asking: asyncio.Future[None] | None = None
        self._buffer: deque[JetStreamDelivery] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._error: UnavailableError | None = None
        self._open = True
        self._pull: Pull | None = None
        self._beginning: asyncio.Future[None] | None = None

    def __aiter__(self) -> AsyncIterator[Delivery]:
        return self

    async def __anext__(self) -> Delivery:
        while self._open:
            if self._buffer:
                return self._buffer.popleft()
            if self._error is not None:
                raise self._error
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        raise StopAsyncIteration

    async def begin(self) -> None:
        """Make the queue's consumer, or find it, and start pulling."""
        consumer = f"queue_{self._queue}"
        config = {
            "durable_name": consumer,
            "ack_policy": "explicit",
            "ack_wait": int(self._patience_s * _SECOND),
            "deliver_policy": "all",
            "filter_subject": subjects.queue_filter(self._queue),
            "max_deliver": -1,
            "max_ack_pending": -1,
        }
        name = f"CONSUMER.CREATE.{subjects.RUNS}.{consumer}.{config['filter_subject']}"
        request = {"stream_name": subjects.RUNS, "config": config}
        await call(self.link, name, request, timeout_s=SOON_S)
        # A consumer that lost state with its server lost its pulls too, so this
        # begins anew, and may be given once more what was acknowledged before.
        await self._doubt()
        reader = Reader(self._room, self._take, _ignore, self._again)
        self._pull = Pull(self.link, subjects.RUNS, consumer, self._capacity, reader)

    async def _doubt(self) -> None:
        """Whatever is stored by now may have been handed over before."""
        self._doubtful_upto = sys.maxsize
        info = await call(self.link, f"STREAM.INFO.{subjects.RUNS}", timeout_s=SOON_S)
        self._doubtful_upto = int(info["state"]["last_seq"])

    def silent(self) -> None:
        """We, or the network, stood still: what comes now may long be with another worker."""
        self._doubtful_upto = sys.maxsize
        if self._pull is not None:
            self._asking = asyncio.ensure_future(self._ask())

    async def _ask(self) -> None:
        # The answer comes behind what is old. If none comes, the connection is lost, and all of
        # this begins anew with the next one.
        with suppress(UnavailableError):
            await self._doubt()

    async def close(self) -> None:
        """Take no more; what was not handed on goes back, what was can still be acknowledged."""
        self._open = False
        self.link.unwatch_silence(self.silent)
        for asking in (self._beginning, self._asking):
            if asking is not None:
                asking.cancel()
        pull, self._pull = self._pull, None
        if pull is not None:
            await pull.finish()
        for delivery in list(self._buffer):
            await delivery.nak()
        self._buffer.clear()
        self._wake()

    def free(self) -> None:
        """One task less is held."""
        self._held -= 1
        if self._pull is not None:
            self._pull.refill()

    def _room(self) -> int:
        return self._capacity - self._held

    def _take(self, reply: bytes, subject: bytes, header: bytes, data: bytes) -> None:
        where = position(reply)
        message = stored(where, subject, header, data)
        least = 2 if message.seq <= self._doubtful_upto else 1
        delivered = max(where.delivered, least)
        self._held += 1
        self._buffer.append(JetStreamDelivery(self, message, delivered, reply.decode()))
        self._wake()

    def _again(self, _why: str) -> None:
        self._pull = None
        if self._open:
            self._beginning = asyncio.ensure_future(self._begin_again())

    async def _begin_again(self) -> None:
        pause_s = _PAUSE_S
        while self._open:
            try:
                await self.begin()
            except UnavailableError as missing:
                if self.link.is_closed:
                    self._error = missing
                    self._wake()
                    return
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _MAX_PAUSE_S)
            else:
                return

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class JetStreamDelivery:
    """One handing-over of a task."""

    __slots__ = ("_held", "_reply", "_worker", "delivered", "message")

    def __init__(
        self, worker: JetStreamWorker, message: Stored, delivered: int, reply: str
    ) -> None:
        self.message = message
        self.delivered = delivered
        self._worker = worker
        self._reply = reply
        self._held = True

    async def ack(self) -> None:
        """Done; if the broker does not hear of it, the task comes again."""
        self._end(b"+ACK")

    async def nak(self, delay_s: float = 0) -> None:
        """Give it back."""
        self._end(b'-NAK {"delay": %d}' % int(delay_s * _SECOND) if delay_s > 0 else b"-NAK")

    async def in_progress(self) -> None:
        """Restart the patience."""
        self._worker.link.tell(self._reply, b"+WPI")

    def _end(self, word: bytes) -> None:
        self._worker.link.tell(self._reply, word)
        if self._held:
            self._held = False
            self._worker.free()


def _ignore(_last: int) -> None:
    """A task whose delivery was lost comes again when its patience ends."""
