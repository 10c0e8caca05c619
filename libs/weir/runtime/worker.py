"""The worker loop: takes tasks from queues, runs them, stores their results.

Promises: a task is acknowledged only after its result is in the log; one that
comes again is looked up there first and not run if its result is there or the
task is gone (log-protocol P5); one that keeps coming back is failed without
being run (P16); a node that does not end is given up at its time limit; at the
end running tasks get a grace and the rest goes back to the queue at once. What
a worker holds is bounded by its capacity.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from weir.contract import codec, subjects, times
from weir.contract.errors import WeirError
from weir.contract.messages import Envelope, Event, TaskFailed, TaskSucceeded
from weir.ports.clock import Clock
from weir.ports.live import Listening, Live
from weir.ports.log import Append, Log
from weir.ports.node_context import NotHere, Retryable, Terminal
from weir.ports.tasks import Delivery, Tasks
from weir.ports.tasks import Worker as Taking
from weir.runtime import metrics
from weir.runtime.background import Background
from weir.runtime.worker_attempt import Attempt, Runner, read
from weir.runtime.worker_context import AttemptContext
from weir.runtime.worker_results import Results

PATIENCE_S = 8.0  # a dead worker's tasks go to others within ten seconds
MAX_DELIVERIES = 5
HUNG_S = 2.0  # what a cancelled node has for its own end
ELSEWHERE_S = 2.0  # pause before another worker gets what this one cannot do
CANCELLED_KEPT = 10_000

_log = structlog.get_logger()

Ending = Literal["", "time", "cancelled", "draining"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a worker takes on, and how often it tries a task that keeps coming back."""

    capacity: int = 64  # per queue
    max_deliveries: int = MAX_DELIVERIES
    patience_s: float = PATIENCE_S


@dataclass(slots=True, eq=False)
class _Running:
    """A task between its delivery and its acknowledgement."""

    attempt: Attempt
    key: subjects.RunKey
    queue: str
    deliveries: list[Delivery]  # the newest last
    ctx: AttemptContext
    task: asyncio.Task[None]
    since: float
    started_at: str
    in_node: bool = False
    ending: Ending = ""
    given_up: bool = False


class _GiveBack(Exception):  # noqa: N818 - no error: the task goes to another worker
    def __init__(self, delay_s: float) -> None:
        super().__init__()
        self.delay_s = delay_s


@dataclass(slots=True, kw_only=True)
class Worker:
    """Works on queues from `start` to `stop`."""

    name: str
    queues: Sequence[str]
    runs: Log
    tasks: Tasks
    live: Live
    clock: Clock
    runner: Runner
    limits: Limits = field(default_factory=Limits)
    background: Background = field(default_factory=Background)
    _results: Results = field(init=False)
    _running: dict[tuple[str, str, int], _Running] = field(init=False, default_factory=dict)
    _handlers: set[asyncio.Task[None]] = field(init=False, default_factory=set)
    _cancelled: OrderedDict[str, None] = field(init=False, default_factory=OrderedDict)
    _taking: list[Taking] = field(init=False, default_factory=list)
    _notices: Listening | None = field(init=False, default=None)
    _beating: asyncio.TimerHandle | None = field(init=False, default=None)
    _stuck: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._results = Results(self.runs)

    async def start(self) -> None:
        """Take from every queue."""
        self._notices = await self.live.listen(subjects.cancel_notice("*"), self._on_cancel)
        for queue in self.queues:
            taking = await self.tasks.work(
                queue, capacity=self.limits.capacity, patience_s=self.limits.patience_s
            )
            self._taking.append(taking)
            self.background.spawn(self._take(queue, taking), f"take {queue}")

    async def stop(self, grace_s: float) -> None:
        """Take no more, let running tasks end within the grace, give back the rest."""
        for taking in self._taking:
            await taking.close()
        if self._handlers:
            await asyncio.wait(set(self._handlers), timeout=grace_s)
        for running in list(self._running.values()):
            self._interrupt(running, "draining")
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
        return self._stuck < self.limits.capacity

    # -- taking --

    async def _take(self, queue: str, taking: Taking) -> None:
        async for delivery in taking:
            handler = asyncio.create_task(self._handle(queue, delivery))
            self._handlers.add(handler)
            handler.add_done_callback(self._handlers.discard)

    async def _handle(self, queue: str, delivery: Delivery) -> None:
        try:
            attempt = read(delivery.message.data)
        except ValueError as error:
            await self._unreadable(delivery, error)
            return
        known = self._running.get(attempt.key)
        if known is not None:
            # It came again because it looked dead; the execution under way answers for both.
            known.deliveries.append(delivery)
            return
        running = self._enter(queue, attempt, delivery)
        try:
            await self._answer(running, self._work(running))
        finally:
            self._leave(running)

    async def _answer(self, running: _Running, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; if it cannot be brought to an end here, give the task back."""
        try:
            await work
        except _GiveBack as back:
            await self._give_back(running, back.delay_s)
        except WeirError as error:
            _log.warning("task given back", error=str(error), **_names(running))
            await self._give_back(running, ELSEWHERE_S)
        except Exception as error:  # noqa: BLE001 - one task must not end the worker
            _log.error("task given back", exc_info=error, **_names(running))
            await self._give_back(running, ELSEWHERE_S)

    def _enter(self, queue: str, attempt: Attempt, delivery: Delivery) -> _Running:
        key, _, _ = subjects.parse_run(delivery.message.subject)
        handler = asyncio.current_task()
        if handler is None:
            raise RuntimeError("a task is worked on by a task of the event loop")
        loop = asyncio.get_running_loop()
        running = _Running(
            attempt=attempt,
            key=key,
            queue=queue,
            deliveries=[delivery],
            ctx=self.runner.context(attempt),
            task=handler,
            since=loop.time(),
            started_at=times.from_ms(self.clock.now_ms()),
        )
        self._running[attempt.key] = running
        metrics.TASKS_RUNNING.labels(queue).inc()
        if self._beating is None:
            self._beating = loop.call_later(self.limits.patience_s / 3, self._beat)
        return running

    def _leave(self, running: _Running) -> None:
        if self._running.get(running.attempt.key) is running:
            del self._running[running.attempt.key]
            metrics.TASKS_RUNNING.labels(running.queue).dec()

    # -- working --

    async def _work(self, running: _Running) -> None:
        delivered = running.deliveries[0].delivered
        if delivered > 1:
            metrics.TASKS_REDELIVERED.labels(running.queue).inc()
            if await self._settled(running):
                await self._ack(running)
                return
        refusal = self._refusal(running, delivered)
        outcome: TaskSucceeded | TaskFailed
        if refusal is not None:
            outcome = self._failed(running, refusal)
        else:
            outcome = await self._run(running, last=delivered >= self.limits.max_deliveries)
        if not running.given_up:
            await self._finish(running, outcome)

    async def _settled(self, running: _Running) -> bool:
        """Whether the log says that nothing is to be done: asked at its leader (P5)."""
        # The result before the task: a purge removes a task no later than its result, so a result
        # that a purge took away between the two shows as a task that is gone. And the result once
        # more, last of all: another worker may have stored it meanwhile.
        subject = self._result_subject(running)
        message = running.deliveries[0].message
        if await self.runs.last(subject) is not None:
            return True
        own = await self.runs.get(message.seq)
        if own is None or own.subject != message.subject:
            return True
        return await self.runs.last(subject) is not None

    def _refusal(self, running: _Running, delivered: int) -> Terminal | Retryable | None:
        """Why the task is failed without being run."""
        if delivered > self.limits.max_deliveries:
            return Terminal(
                f"the task was handed to workers {delivered} times and none came to an end with "
                "it: look at the workers' logs for what kills them, then retry the run",
                code="POISON_TASK",
            )
        if running.attempt.envelope.run_id in self._cancelled:
            return _cancelled()
        if self._seconds_left(running.attempt) <= 0:
            return Retryable(
                f"worker {self.name} got the task after its deadline: is the queue overfull, or "
                "a clock wrong?",
                code="STEP_TIMEOUT",
            )
        return None

    def _seconds_left(self, attempt: Attempt) -> float:
        left_ms = attempt.task.timeout_ms or 60_000.0
        if attempt.task.deadline_at:
            left_ms = min(left_ms, times.to_ms(attempt.task.deadline_at) - self.clock.now_ms())
        return left_ms / 1000

    async def _run(self, running: _Running, *, last: bool) -> TaskSucceeded | TaskFailed:
        loop = asyncio.get_running_loop()
        began = loop.time()
        seconds = self._seconds_left(running.attempt)
        timer = loop.call_later(seconds, self._interrupt, running, "time")
        running.in_node = True
        try:
            return await self.runner.run(running.attempt, running.ctx, running.started_at)
        except NotHere as error:
            if not last:
                raise _GiveBack(ELSEWHERE_S) from None
            return self._failed(running, error)
        except asyncio.CancelledError:
            if not running.ending:
                raise
            running.task.uncancel()
            if running.ending == "draining":
                raise _GiveBack(0) from None
            return self._failed(running, self._reason(running))
        finally:
            running.in_node = False
            timer.cancel()
            if running.given_up:
                self._stuck -= 1
            node_type = running.attempt.task.node_type
            metrics.TASK_SECONDS.labels(node_type).observe(loop.time() - began)

    def _interrupt(self, running: _Running, why: Ending) -> None:
        """Cancel the node; if that does not end it, go on without it."""
        if not running.in_node or running.ending:
            return
        running.ending = why
        running.ctx.cancelled = True
        running.task.cancel()
        asyncio.get_running_loop().call_later(HUNG_S, self._give_up, running)

    def _give_up(self, running: _Running) -> None:
        if not running.in_node:
            return
        running.given_up = True
        self._stuck += 1
        _log.error("node ignores its cancellation and is left alone", **_names(running))
        self.background.spawn(self._without_node(running), "give up a node")

    async def _without_node(self, running: _Running) -> None:
        if running.ending == "draining":
            await self._give_back(running, 0)
        else:
            failed = self._failed(running, self._reason(running))
            await self._answer(running, self._finish(running, failed))
        self._leave(running)

    def _reason(self, running: _Running) -> Terminal | Retryable:
        if running.ending == "cancelled":
            return _cancelled()
        limit = running.attempt.task.timeout_ms / 1000
        return Retryable(
            f"the step did not end within {limit:g} s: raise its timeout, or make it do less",
            code="STEP_TIMEOUT",
        )

    # -- what came of it --

    def _failed(self, running: _Running, error: Exception) -> TaskFailed:
        return self.runner.failed(error, running.ctx, running.started_at)

    async def _finish(self, running: _Running, outcome: TaskSucceeded | TaskFailed) -> None:
        """Store the result, then acknowledge."""
        task = running.attempt.envelope
        event = running.attempt.event
        envelope = Envelope(
            id=self.clock.new_id("evt"),
            tenant=task.tenant,
            run_id=task.run_id,
            workflow_id=task.workflow_id,
            version=task.version,
            at=times.from_ms(self.clock.now_ms()),
            cause=task.id,
            trace_parent=running.ctx.trace_parent or task.trace_parent,
            events=[Event.of(outcome, step=event.step, attempt=event.attempt)],
        )
        append = Append(self._result_subject(running), codec.encode(envelope), expect=0)
        stored = await self._results.put(append)
        said = "succeeded" if isinstance(outcome, TaskSucceeded) else "failed"
        metrics.RESULTS.labels(running.queue, said if stored == "stored" else stored).inc()
        await self._ack(running)

    def _result_subject(self, running: _Running) -> str:
        event = running.attempt.event
        return running.key.fact(subjects.result_fact(event.step, event.attempt))

    async def _ack(self, running: _Running) -> None:
        for delivery in running.deliveries:
            await delivery.ack()

    async def _give_back(self, running: _Running, delay_s: float) -> None:
        for delivery in running.deliveries:
            try:
                await delivery.nak(delay_s)
            except WeirError as error:
                # It comes again by itself when its patience is over.
                _log.warning("task not given back", error=str(error), **_names(running))

    async def _unreadable(self, delivery: Delivery, error: ValueError) -> None:
        """A message that this version cannot read: another may, so it is not dropped at once."""
        gone = delivery.delivered > self.limits.max_deliveries
        _log.error(
            "task cannot be read",
            subject=delivery.message.subject,
            seq=delivery.message.seq,
            dropped=gone,
            error=str(error),
        )
        await (delivery.ack() if gone else delivery.nak(ELSEWHERE_S))

    # -- meanwhile --

    def _on_cancel(self, subject: str, _: bytes) -> None:
        run_id = subject.rpartition(".")[2]
        self._cancelled[run_id] = None
        if len(self._cancelled) > CANCELLED_KEPT:
            self._cancelled.popitem(last=False)
        for running in list(self._running.values()):
            if running.attempt.envelope.run_id == run_id:
                self._interrupt(running, "cancelled")

    def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        third = self.limits.patience_s / 3
        due = loop.time() - third / 2
        held = [running for running in self._running.values() if running.since <= due]
        if held:
            self.background.spawn(self._in_progress(held), "heartbeats")
        self._beating = loop.call_later(third, self._beat) if self._running else None

    async def _in_progress(self, held: Sequence[_Running]) -> None:
        for running in held:
            try:
                await running.deliveries[-1].in_progress()
            except WeirError as error:
                _log.warning("heartbeat not sent", error=str(error), **_names(running))


def _cancelled() -> Terminal:
    return Terminal("the run was cancelled while the step was running", code="RUN_CANCELLED")


def _names(running: _Running) -> dict[str, str | int]:
    run_id, step, attempt = running.attempt.key
    return {"run_id": run_id, "step": step, "attempt": attempt, "queue": running.queue}
