"""A whole broker in one process: streams, consumers, queues, schedules and core subjects.

It is what the platform runs on with `--memory` and what the deterministic
simulation runs on: no threads, no wall clock, everything in the order of
insertion, all waiting done by the running loop, so that one seed gives one
history under a loop of virtual time. A `Connection` stands for a process's
link: closing it is that process's death, interrupting it loses what was in
flight.

A message is republished to `live.…` after it was stored, so nothing refused is
ever seen there. Core messages are handed over by the loop, never inside the
publisher's call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from weir.adapters import wire
from weir.adapters.memory.consumer import Consumer
from weir.adapters.memory.matching import matcher
from weir.adapters.memory.queue import Queue
from weir.adapters.memory.stream import MemoryStream
from weir.adapters.streams import STREAMS, StreamSpec
from weir.contract import subjects
from weir.contract.errors import UnavailableError
from weir.ports.clock import Clock
from weir.ports.live import Handler
from weir.ports.log import Append, Schedule, Stored
from weir.ports.tasks import Standing


class Broker:
    """The shared state. `lose`, if set, decides which deliveries to readings get lost."""

    def __init__(self, clock: Clock, specs: Sequence[StreamSpec] = STREAMS) -> None:
        self.clock = clock
        self.starts = 1
        self.lose: Callable[[Stored], bool] | None = None
        self.subscriptions: dict[Subscription, None] = {}
        self._streams = {
            spec.name: MemoryStream(spec, clock, self._stored, self._removed) for spec in specs
        }
        self._connections: dict[Connection, None] = {}
        self._consumers: dict[str, dict[Consumer, None]] = {spec.name: {} for spec in specs}
        self._queues: dict[str, Queue] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def connect(self) -> Connection:
        """A new link to this broker."""
        connection = Connection(self)
        self._connections[connection] = None
        return connection

    def restart(self, *, forget: int = 0) -> None:
        """Come back as a new incarnation.

        The `forget` newest messages of the run log are lost, as in a power cut;
        the queues' newest acknowledgements always are, as in any kill.
        """
        self.starts += 1
        if forget:
            self._streams[subjects.RUNS].roll_back(forget)
        for queue in self._queues.values():
            queue.crash()
        for connection in list(self._connections):
            connection.interrupt()

    def stream(self, name: str) -> MemoryStream:
        """One stream."""
        return self._streams[name]

    def stream_of(self, subject: str) -> MemoryStream:
        """The stream that stores a subject."""
        for stream in self._streams.values():
            if stream.takes(subject):
                return stream
        raise UnavailableError(f"no stream stores {subject}: is the subject spelled right?")

    def queue(self, name: str, patience_s: float) -> Queue:
        """The queue of that name; made at first use, it holds all tasks stored so far."""
        if name not in self._queues:
            stream = self._streams[subjects.RUNS]
            self._queues[name] = Queue(stream, subjects.queue_filter(name), patience_s)
        self._queues[name].patience_s = patience_s
        return self._queues[name]

    def standing(self, name: str, seq: int) -> Standing:
        """Where a task stands in a queue that perhaps nobody has ever worked on."""
        if name in self._queues:
            return self._queues[name].standing(seq)
        tasks = self._streams[subjects.RUNS].matching([subjects.queue_filter(name)], 0, seq)
        return Standing(sum(1 for _ in tasks), 0)

    def consume(
        self,
        stream: str,
        filters: Sequence[str],
        after: int,
        deliver: Callable[[int, Stored], None],
    ) -> Consumer:
        """Deliver what matches after a sequence, numbered from 1, until it is dropped."""
        consumer = Consumer(filters, deliver, self)
        self._consumers[stream][consumer] = None
        source = self._streams[stream]
        for message in source.matching(filters, after, source.last_seq):
            consumer.offer(message)
        return consumer

    def drop(self, consumer: Consumer) -> None:
        """Stop delivering to a consumer."""
        for consumers in self._consumers.values():
            consumers.pop(consumer, None)

    def tell(self, subject: str, data: bytes) -> None:
        """Hand a core message to whoever listens."""
        loop = asyncio.get_running_loop()
        groups: set[str] = set()
        for subscription in self.subscriptions:
            if subscription.matches(subject) and subscription.group not in groups:
                if subscription.group:
                    groups.add(subscription.group)
                loop.call_soon(subscription.receive, subject, data)

    def forget(self, connection: Connection) -> None:
        """A link is gone."""
        self._connections.pop(connection, None)

    def _stored(self, stream: MemoryStream, message: Stored, append: Append) -> None:
        if append.schedule is not None:
            self._arm(stream, append, append.schedule)
        for consumer in self._consumers[stream.spec.name]:
            if consumer.matches(message.subject):
                consumer.offer(message)
        if stream.spec.name == subjects.RUNS:
            for queue in self._queues.values():
                queue.offer(message)
        if stream.spec.live and message.subject.startswith("run."):
            self.tell(f"live.{message.subject[4:]}", message.data)

    def _removed(self, _stream: MemoryStream, message: Stored) -> None:
        if wire.SCHEDULE in message.headers:
            self._timers.pop(message.subject).cancel()
        for queue in self._queues.values():
            queue.forget(message.seq)

    def _arm(self, stream: MemoryStream, append: Append, schedule: Schedule) -> None:
        wait_s = max(0, schedule.at_ms - self.clock.now_ms()) / 1000
        loop = asyncio.get_running_loop()
        self._timers[append.subject] = loop.call_later(wait_s, self._fire, stream, append, schedule)

    def _fire(self, stream: MemoryStream, append: Append, schedule: Schedule) -> None:
        if self.clock.now_ms() < schedule.at_ms:
            self._arm(stream, append, schedule)
            return
        headers = {wire.SCHEDULER: append.subject, wire.SCHEDULE_NEXT: "purge"}
        stream.store(Append(schedule.target, append.data), headers)
        stream.purge(append.subject)


class Subscription:
    """One listener on a core subject."""

    def __init__(self, subject: str, handler: Handler, group: str = "") -> None:
        self.matches = matcher(subject)
        self.group = group
        self._handler = handler
        self.open = True

    def receive(self, subject: str, data: bytes) -> None:
        """Call the handler, unless it has been closed meanwhile."""
        if self.open:
            self._handler(subject, data)


class Connection:
    """A process's link to the broker."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.open = True
        self._closers: dict[Callable[[], None], None] = {}
        self._interrupts: dict[Callable[[], None], None] = {}
        self._callbacks: list[Callable[[], Awaitable[None]]] = []
        self._running: set[asyncio.Future[None]] = set()

    def check(self) -> None:
        """UnavailableError once closed: what a dead process sends arrives nowhere."""
        if not self.open:
            raise UnavailableError("the connection to the broker is closed")

    def enlist(self, close: Callable[[], None], interrupted: Callable[[], None]) -> None:
        """Something that ends with this link, and must know when the link was lost for a moment."""
        self._closers[close] = None
        self._interrupts[interrupted] = None

    def release(self, close: Callable[[], None], interrupted: Callable[[], None]) -> None:
        """It ended by itself."""
        self._closers.pop(close, None)
        self._interrupts.pop(interrupted, None)

    def on_reconnect(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Call this after each interruption."""
        self._callbacks.append(callback)

    def interrupt(self) -> None:
        """Lose the link and have it back: deliveries under way are lost, readings start again."""
        for interrupted in list(self._interrupts):
            interrupted()
        for callback in self._callbacks:
            task = asyncio.ensure_future(callback())
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def close(self) -> None:
        """End the link and all that hangs on it; the tasks it held come again to others."""
        self.open = False
        for close in list(self._closers):
            close()
        self.broker.forget(self)
