"""The worker loop: takes tasks from queues and has as many handled at once as it has room for.

Promises: what a worker holds is bounded by its capacity; a task that takes long
is kept alive in its queue; a cancelled run's tasks are stopped; at the end
running tasks get a grace, and the rest goes back to the queue at once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress

import orjson
import structlog

from weir.contract import subjects, times
from weir.contract.errors import WeirError
from weir.ports.clock import Clock
from weir.ports.live import Listening, Live
from weir.ports.log import Log
from weir.ports.tasks import Delivery, Tasks
from weir.ports.tasks import Worker as Taking
from weir.runtime import metrics
from weir.runtime.background import Background
from weir.runtime.worker_attempt import Attempt, Runner, read
from weir.runtime.worker_handling import ELSEWHERE_S, HUNG_S, Handling, Limits, Running
from weir.runtime.worker_results import Results

CANCELLED_KEPT = 10_000
ANNOUNCE_S = 1.0

_log = structlog.get_logger()


class Worker:
    """Works on queues from `start` to `stop`."""

    def __init__(  # noqa: PLR0913 - the ports of a worker
        self,
        *,
        name: str,
        queues: Sequence[str],
        runs: Log,
        tasks: Tasks,
        live: Live,
        clock: Clock,
        runner: Runner,
        limits: Limits | None = None,
    ) -> None:
        self.background = Background()
        self._name = f"{name}.{clock.new_id('wrk')}"
        self._queues = queues
        self._tasks = tasks
        self._live = live
        self._clock = clock
        self._runner = runner
        self._limits = limits or Limits()
        self._results = Results(runs)
        self._cancelled: OrderedDict[str, None] = OrderedDict()
        self._handling = Handling(
            name=name,
            runs=runs,
            clock=clock,
            runner=runner,
            results=self._results,
            background=self.background,
            limits=self._limits,
            cancelled=self._cancelled,
        )
        self._running: dict[tuple[str, str, int], Running] = {}
        self._handlers: set[asyncio.Task[None]] = set()
        self._taking: list[Taking] = []
        self._notices: Listening | None = None
        self._beating: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Take from every queue."""
        self._notices = await self._live.listen(subjects.cancel_notice("*"), self._on_cancel)
        for queue in self._queues:
            taking = await self._tasks.work(
                queue, capacity=self._limits.capacity, patience_s=self._limits.patience_s
            )
            self._taking.append(taking)
            self.background.spawn(self._take(queue, taking), f"take {queue}")
        self.background.spawn(self._announce(), "announce")

    async def _announce(self) -> None:
        """Tell schedulers again and again how much is taken here."""
        said = orjson.dumps(
            {"id": self._name, "queues": self._queues, "capacity": self._limits.capacity}
        )
        while True:
            with suppress(WeirError):
                await self._live.publish(subjects.beat("executor"), said)
            await asyncio.sleep(ANNOUNCE_S)

    async def stop(self, grace_s: float) -> None:
        """Take no more, let running tasks end within the grace, give back the rest."""
        for taking in self._taking:
            await taking.close()
        if self._handlers:
            await asyncio.wait(set(self._handlers), timeout=grace_s)
        for running in list(self._running.values()):
            self._handling.interrupt(running, "draining")
        if self._handlers:
            await asyncio.wait(set(self._handlers), timeout=HUNG_S * 1.5)
        await self._results.close(HUNG_S)
        for handler in self._handlers:
            handler.cancel()
        if self._beating is not None:
            self._beating.cancel()
        if self._notices is not None:
            await self._notices.close()
        await self.background.stop()

    @property
    def healthy(self) -> bool:
        """False once nodes that ignore their cancellation fill a queue's capacity."""
        return self._handling.stuck < self._limits.capacity

    # -- taking --

    async def _take(self, queue: str, taking: Taking) -> None:
        begin = asyncio.get_running_loop().create_task
        async for delivery in taking:
            self._handlers.add(begin(self._handle(queue, delivery)))

    async def _handle(self, queue: str, delivery: Delivery) -> None:
        handler = asyncio.current_task()
        if handler is None:
            raise RuntimeError("a task is worked on by a task of the event loop")
        try:
            try:
                attempt = read(delivery.message.data)
            except ValueError as error:
                await self._unreadable(delivery, error)
                return
            known = self._running.get(attempt.key)
            if known is not None and not known.given_up:
                # It came again because it looked dead; the execution under way answers for both.
                known.deliveries.append(delivery)
                return
            running = self._enter(queue, attempt, delivery, handler)
            try:
                await self._handling.handle(running)
            finally:
                self._leave(running)
        finally:
            self._handlers.discard(handler)

    def _enter(
        self, queue: str, attempt: Attempt, delivery: Delivery, handler: asyncio.Task[None]
    ) -> Running:
        loop = asyncio.get_running_loop()
        running = Running(
            attempt=attempt,
            run=subjects.parse_run(delivery.message.subject)[0],
            queue=queue,
            deliveries=[delivery],
            ctx=self._runner.context(attempt),
            task=handler,
            since=loop.time(),
            started_at=times.from_ms(self._clock.now_ms()),
        )
        self._running[attempt.key] = running
        metrics.TASKS_RUNNING.labels(queue).inc()
        if self._beating is None:
            self._beating = loop.call_later(self._limits.patience_s / 3, self._beat)
        return running

    def _leave(self, running: Running) -> None:
        if self._running.get(running.attempt.key) is running:
            del self._running[running.attempt.key]
        metrics.TASKS_RUNNING.labels(running.queue).dec()

    async def _unreadable(self, delivery: Delivery, error: ValueError) -> None:
        """A message that this version cannot read: another may, so it is not dropped at once."""
        gone = delivery.delivered > self._limits.max_deliveries
        _log.error(
            "task cannot be read",
            subject=delivery.message.subject,
            seq=delivery.message.seq,
            dropped=gone,
            error=str(error),
        )
        with suppress(WeirError):  # it comes again by itself
            await (delivery.ack() if gone else delivery.nak(ELSEWHERE_S))

    # -- meanwhile --

    def _on_cancel(self, subject: str, data: bytes) -> None:
        """A run was cancelled, or some of its steps were."""
        run_id, steps = subject.rpartition(".")[2], set(data.decode().splitlines())
        for name in [f"{run_id}/{step}" for step in steps] or [run_id]:
            self._cancelled[name] = None
            if len(self._cancelled) > CANCELLED_KEPT:
                self._cancelled.popitem(last=False)
        for running in list(self._running.values()):
            attempt = running.attempt
            if attempt.envelope.run_id == run_id and (not steps or attempt.event.step in steps):
                self._handling.interrupt(running, "cancelled")

    def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        third = self._limits.patience_s / 3
        due = loop.time() - third / 2
        held = [
            running
            for running in self._running.values()
            if running.since <= due and not running.given_up
        ]
        if held:
            self.background.spawn(self._in_progress(held), "heartbeats")
        self._beating = loop.call_later(third, self._beat) if self._running else None

    async def _in_progress(self, held: Sequence[Running]) -> None:
        for running in held:
            try:
                await running.deliveries[-1].in_progress()
            except WeirError as error:
                _log.warning("heartbeat not sent", error=str(error), **running.names)
