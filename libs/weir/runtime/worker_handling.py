"""One task from its delivery to its acknowledgement.

A task is acknowledged only after its result is in the log. One that comes again
is looked up there first, and not run if its result is there or the task is gone
(log-protocol P5); one that keeps coming back is failed without being run (P16);
a node that does not end is given up at its time limit. Whatever cannot be
brought to an end here goes back to the queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from weir.contract import codec, subjects, times
from weir.contract.errors import WeirError
from weir.contract.messages import TaskDeferred, TaskFailed, TaskSucceeded
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.ports.node_context import NotHere, Retryable, Terminal
from weir.ports.tasks import Delivery
from weir.runtime import metrics
from weir.runtime.background import Background
from weir.runtime.worker_attempt import Attempt, Runner
from weir.runtime.worker_context import AttemptContext
from weir.runtime.worker_integrations import Deferred
from weir.runtime.worker_results import Results

PATIENCE_S = 8.0  # a dead worker's tasks go to others within ten seconds
MAX_DELIVERIES = 5
FRESH_S = 1.0  # what the log said longer ago than that says nothing
LOOKS = 5  # at a broker that is always slower than that
HUNG_S = 2.0  # what a cancelled node has for its own end
ELSEWHERE_S = 2.0  # pause before another worker gets what this one cannot do
TIMEOUT_MS = 60_000.0

_log = structlog.get_logger()

Outcome = TaskSucceeded | TaskFailed | TaskDeferred
_SAID = {TaskSucceeded: "succeeded", TaskFailed: "failed", TaskDeferred: "deferred"}
Ending = Literal["", "time", "cancelled", "draining"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a worker takes on, and how often it tries a task that keeps coming back."""

    capacity: int = 64  # per queue
    max_deliveries: int = MAX_DELIVERIES
    patience_s: float = PATIENCE_S


@dataclass(slots=True, eq=False, kw_only=True)
class Running:
    """A task between its delivery and its acknowledgement."""

    attempt: Attempt
    run: subjects.RunKey
    queue: str
    deliveries: list[Delivery]  # the newest last
    ctx: AttemptContext
    task: asyncio.Task[None]
    since: float
    started_at: str
    in_node: bool = False
    ending: Ending = ""
    given_up: bool = False

    @property
    def result_subject(self) -> str:
        """Where the attempt's outcome lies."""
        event = self.attempt.event
        return self.run.fact(subjects.result_fact(event.step, event.attempt))

    @property
    def names(self) -> dict[str, str | int]:
        """For log lines."""
        run_id, step, attempt = self.attempt.key
        return {"run_id": run_id, "step": step, "attempt": attempt, "queue": self.queue}


class _GiveBack(Exception):  # noqa: N818 - no error: the task goes to another worker
    def __init__(self, delay_s: float) -> None:
        super().__init__()
        self.delay_s = delay_s


@dataclass(slots=True, kw_only=True)
class Handling:
    """Brings tasks to an end. `cancelled`: runs and `<run>/<step>` known to be."""

    name: str
    runs: Log
    clock: Clock
    runner: Runner
    results: Results
    background: Background
    limits: Limits
    cancelled: Collection[str]
    stuck: int = field(init=False, default=0)  # nodes that ignore their cancellation

    def handle(self, running: Running) -> Coroutine[Any, Any, None]:
        """The whole way; raises nothing but a cancellation from outside."""
        return self._answer(running, self._work(running))

    def interrupt(self, running: Running, why: Ending) -> None:
        """Cancel the node; if that does not end it, go on without it."""
        if not running.in_node or running.ending:
            return
        running.ending = why
        running.ctx.cancelled = True
        running.task.cancel()
        asyncio.get_running_loop().call_later(HUNG_S, self._give_up, running)

    async def _answer(self, running: Running, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except _GiveBack as back:
            await self._give_back(running, back.delay_s)
        except WeirError as error:
            _log.warning("task given back", error=str(error), **running.names)
            await self._give_back(running, ELSEWHERE_S)
        except Exception as error:  # noqa: BLE001 - one task must not end the worker
            _log.error("task given back", exc_info=error, **running.names)
            await self._give_back(running, ELSEWHERE_S)

    async def _work(self, running: Running) -> None:
        delivered = running.deliveries[0].delivered
        if delivered > 1:
            metrics.TASKS_REDELIVERED.labels(running.queue).inc()
            if await self._settled(running):
                await self._ack(running)
                return
        refusal = self._refusal(running, delivered)
        outcome: Outcome
        if refusal is not None:
            outcome = self._failed(running, refusal)
        else:
            outcome = await self._run(running, last=delivered >= self.limits.max_deliveries)
        if not running.given_up:
            await self._finish(running, outcome)

    # -- before the node --

    async def _settled(self, running: Running) -> bool:
        """Whether the log says that nothing is to be done: asked at its leader (P5).

        An answer that took long is asked for again: this process may have stood
        still, and meanwhile the task was done elsewhere, or even purged.
        """
        loop, message = asyncio.get_running_loop(), running.deliveries[0].message
        for _ in range(LOOKS):
            asked = loop.time()
            # The result before the task: a purge removes a task no later than its result, so a
            # result that a purge took away between the two shows as a task that is gone. And the
            # result once more, last of all: another worker may have stored it meanwhile.
            if await self.runs.last(running.result_subject) is not None:
                return True
            own = await self.runs.get(message.seq)
            if own is None or own.subject != message.subject:
                return True
            if await self.runs.last(running.result_subject) is not None:
                return True
            if loop.time() - asked < FRESH_S:
                break
        return False

    def _refusal(self, running: Running, delivered: int) -> Terminal | None:
        """Why the task is failed without being run."""
        if delivered > self.limits.max_deliveries:
            return Terminal(
                f"the task was handed to workers {delivered} times and none came to an end with "
                "it: look at the workers' logs for what kills them, then start the run again",
                code="POISON_TASK",
            )
        if self.cancelled:
            run_id, step, _ = running.attempt.key
            if run_id in self.cancelled or f"{run_id}/{step}" in self.cancelled:
                return _cancelled()
        return None

    def _seconds_left(self, attempt: Attempt) -> float:
        left_ms = attempt.task.timeout_ms or TIMEOUT_MS
        if attempt.task.deadline_at:
            left_ms = min(left_ms, times.to_ms(attempt.task.deadline_at) - self.clock.now_ms())
        return left_ms / 1000

    # -- the node --

    async def _run(self, running: Running, *, last: bool) -> Outcome:
        seconds = self._seconds_left(running.attempt)
        if seconds <= 0:
            late = Retryable(
                f"worker {self.name} got the task after its deadline: is queue {running.queue!r} "
                "overfull, or a clock wrong?",
                code="STEP_TIMEOUT",
            )
            return self._failed(running, late)
        loop = asyncio.get_running_loop()
        began = loop.time()
        timer = loop.call_later(seconds, self.interrupt, running, "time")
        running.in_node = True
        try:
            return await self.runner.run(running.attempt, running.ctx, running.started_at)
        except Deferred as put_off:
            what = put_off.what
            metrics.TASKS_DEFERRED.labels(what.partition(":")[0]).inc()
            until = times.from_ms(put_off.until_ms)
            return TaskDeferred(what=what, reason=put_off.reason, until_at=until, worker=self.name)
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
                self.stuck -= 1
            node_type = running.attempt.task.node_type
            metrics.TASK_SECONDS.labels(node_type).observe(loop.time() - began)

    def _give_up(self, running: Running) -> None:
        if not running.in_node:
            return
        running.given_up = True
        self.stuck += 1
        _log.error("node ignores its cancellation and is left alone", **running.names)
        self.background.spawn(self._without_node(running), "give up a node")

    async def _without_node(self, running: Running) -> None:
        if running.ending == "draining":
            await self._give_back(running, 0)
        else:
            failed = self._failed(running, self._reason(running))
            await self._answer(running, self._finish(running, failed))

    def _reason(self, running: Running) -> Terminal | Retryable:
        if running.ending == "cancelled":
            return _cancelled()
        limit = (running.attempt.task.timeout_ms or TIMEOUT_MS) / 1000
        return Retryable(
            f"the step did not end within {limit:g} s: raise its timeout, or make it do less",
            code="STEP_TIMEOUT",
        )

    # -- after the node --

    def _failed(self, running: Running, error: Exception) -> TaskFailed:
        return self.runner.failed(error, running.ctx, running.started_at)

    async def _finish(self, running: Running, outcome: Outcome) -> None:
        """Store the result, then acknowledge."""
        task, event = running.attempt.envelope, running.attempt.event
        fields = {
            "id": self.clock.new_id("evt"),
            "tenant": task.tenant,
            "run_id": task.run_id,
            "workflow_id": task.workflow_id,
            "version": task.version,
            "at": times.from_ms(self.clock.now_ms()),
            "cause": task.id,
        }
        if trace_parent := running.ctx.trace_parent or task.trace_parent:
            fields["trace_parent"] = trace_parent
        data = codec.encode_fact(fields, event.step, event.attempt, outcome)
        stored = await self.results.put(Append(running.result_subject, data, expect=0))
        said = _SAID[type(outcome)]
        metrics.RESULTS.labels(running.queue, said if stored == "stored" else stored).inc()
        await self._ack(running)

    async def _ack(self, running: Running) -> None:
        for delivery in running.deliveries:
            await delivery.ack()

    async def _give_back(self, running: Running, delay_s: float) -> None:
        for delivery in running.deliveries:
            try:
                await delivery.nak(delay_s)
            except WeirError as error:
                # It comes again by itself when its patience is over.
                _log.warning("task not given back", error=str(error), **running.names)


def _cancelled() -> Terminal:
    return Terminal("the run was cancelled while the step was running", code="RUN_CANCELLED")
