"""Schedulers and a worker on a broker in memory, in virtual time, for workflows of all kinds."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from pydantic import BaseModel

from tests.deciding import decider
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.tasks import MemoryTasks
from weir.contract import codec, subjects, times
from weir.contract.messages import (
    Envelope,
    Event,
    Message,
    RegistryRecord,
    RunStarted,
    WorkflowPublished,
    WorkflowSaved,
)
from weir.contract.subjects import RunKey
from weir.core.state import ENDED, RunState
from weir.ports.log import Append
from weir.runtime.decider.scheduler import Scheduler
from weir.runtime.decider.turn import Decider
from weir.runtime.replay import replay
from weir.runtime.worker import Worker
from weir.runtime.worker_attempt import Runner
from weir.runtime.worker_context import Host
from weir.runtime.worker_evaluation import LocalEvaluator
from weir.runtime.worker_logs import StepLogs
from weir.sdk import TaskContext, task
from weir.sdk.node import Functions

TENANT = "default"
SHARDS = 4


class Work(BaseModel):
    """What a task is told."""

    value: Any = None
    seconds: float = 0


class House:
    """Everything a run needs; `done` lists what tasks were executed, in order."""

    def __init__(self, **decider: Any) -> None:
        self.more = decider  # what is otherwise than by default
        self.clock = LoopClock("house")
        self.broker = Broker(self.clock)
        outside = self.broker.connect()
        self.log = MemoryLog(outside, subjects.RUNS)
        self.registry = MemoryLog(outside, subjects.REGISTRY)
        self.blobs = MemoryBlobs()
        self.done: list[str] = []
        self._schedulers: list[asyncio.Task[None]] = []
        self._worker: Worker | None = None

    async def __aenter__(self) -> Self:
        self.start_scheduler()
        self._worker = self._make_worker()
        await self._worker.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._worker is not None:
            await self._worker.stop(0)
        await self.kill_schedulers()

    def start_scheduler(self) -> None:
        """One more owner of shards."""
        decider = self.decider(f"scheduler-{len(self._schedulers) + 1}")
        self._schedulers.append(asyncio.create_task(Scheduler(decider, SHARDS).run()))

    def decider(self, name: str) -> Decider:
        """What an owner of shards works with."""
        connection = self.broker.connect()
        return decider(name, connection, self.clock, self.blobs, SHARDS, **self.more)

    async def kill_schedulers(self) -> None:
        """Without a word to anybody."""
        for scheduler in self._schedulers:
            scheduler.cancel()
        await asyncio.gather(*self._schedulers, return_exceptions=True)
        self._schedulers.clear()

    async def publish(self, workflow: str, frozen: dict[str, Any], *, project: str = "") -> None:
        """A workflow with this frozen version as its current one."""
        version = f"ver_{workflow}"
        kinds: list[tuple[str, Message]] = [
            (
                subjects.version(TENANT, version),
                WorkflowPublished(
                    workflow_id=workflow, version=version, number=1, definition={}, frozen=frozen
                ),
            ),
            (
                subjects.workflow(TENANT, workflow),
                WorkflowSaved(
                    workflow_id=workflow,
                    name=workflow,
                    definition={},
                    current_version=version,
                    current_number=1,
                    project=project,
                ),
            ),
        ]
        for subject, kind in kinds:
            record = RegistryRecord.of(kind, id="rec_1", tenant=TENANT, by="somebody")  # type: ignore[arg-type]
            await self.registry.append(Append(subject, codec.encode(record)))

    async def start(
        self, workflow: str, value: Any = None, name: str = "run_first", **more: Any
    ) -> RunKey:
        """A run of it."""
        key = subjects.run_key(TENANT, name, SHARDS)
        started = RunStarted(trigger_node="go", trigger_kind="manual", input=value, **more)
        await self._append(key, subjects.start_fact(), Event.of(started), workflow)
        return key

    async def tell(self, key: RunKey, fact: str, event: Event) -> None:
        """A fact from outside."""
        await self._append(key, fact, event, "")

    async def _append(self, key: RunKey, fact: str, event: Event, workflow: str) -> None:
        envelope = Envelope(
            id=self.clock.new_id("evt"),
            tenant=TENANT,
            run_id=key.run_id,
            workflow_id=workflow,
            version=f"ver_{workflow}" if workflow else "",
            at=times.from_ms(self.clock.now_ms()),
            events=(event,),
        )
        await self.log.append(Append(key.fact(fact), codec.encode(envelope), expect=0))

    async def state(self, key: RunKey) -> RunState | None:
        """The run as its log has it."""
        messages = [m async for batch in self.log.read(key.everything) for m in batch]
        return replay(messages).state

    async def end(self, key: RunKey, within_s: float = 3_600) -> RunState:
        """The run once it has ended."""
        async with asyncio.timeout(within_s):
            while (state := await self.state(key)) is None or state.status not in ENDED:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return state

    def _make_worker(self) -> Worker:
        done = self.done

        @task("work")
        async def work(asked: Work, ctx: TaskContext) -> Any:
            """Take a while and give the value."""
            await asyncio.sleep(asked.seconds)
            done.append(ctx.idempotency_key)
            return asked.value

        connection = self.broker.connect()
        host = Host(
            clock=self.clock,
            http=None,  # type: ignore[arg-type]  # no task here calls anybody
            blobs=self.blobs,
            credentials=None,
            logs=StepLogs(MemoryLog(connection, subjects.LOGS)),
        )
        return Worker(
            name="worker-1",
            queues=["default"],
            runs=MemoryLog(connection, subjects.RUNS),
            tasks=MemoryTasks(connection),
            live=MemoryLive(connection),
            clock=self.clock,
            runner=Runner(host, {"task": Functions([work], threads=1)}, LocalEvaluator(), "w"),
        )
