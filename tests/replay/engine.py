"""The real engine on memory adapters and virtual time, for one run: what it wrote, and its end.

Nothing here is scripted but the tasks: the definition is validated and frozen,
the start is the trigger's, a scheduler decides, a worker runs tasks. The same
scenario always gives the same messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import BaseModel

from services.trigger.forks import Reading
from services.trigger.intake import Intake
from services.trigger.starts import Start, Starts
from tests.deciding import decider
from tests.sim.virtual_loop import run
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.tasks import MemoryTasks
from weir.contract import codec, subjects, times
from weir.contract.messages import (
    CancelRequested,
    Envelope,
    Event,
    IdentityRecord,
    Message,
    RegistryRecord,
    WorkflowPublished,
    WorkflowSaved,
)
from weir.contract.subjects import RunKey
from weir.core.fork import carry
from weir.core.graph import compile_graph
from weir.core.runlog import RunLog
from weir.core.state import ENDED
from weir.core.validate import validate, version_of
from weir.nodes.registry import catalogue
from weir.ports.log import Append, Stored
from weir.runtime.decider.scheduler import Scheduler
from weir.runtime.plans import Plans
from weir.runtime.policy import Guard
from weir.runtime.quotas import DailyRuns, Quotas
from weir.runtime.records import Records, Versions
from weir.runtime.replay import replay
from weir.runtime.shared_rates import SharedRates
from weir.runtime.worker import Worker
from weir.runtime.worker_attempt import Runner
from weir.runtime.worker_context import Host
from weir.runtime.worker_evaluation import LocalEvaluator
from weir.runtime.worker_logs import StepLogs
from weir.sdk import Retryable, TaskContext, Terminal, task
from weir.sdk.node import Functions

TENANT, WORKFLOW, SHARDS = "golden", "wf_golden", 4
AFTERWARDS_S = 120.0  # late results and timers come in, and change nothing


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run worth keeping. `meanwhile` is what happens to it from outside."""

    name: str
    tells: str
    definition: Mapping[str, Any]
    status: str = "succeeded"
    input: Any = field(default_factory=dict)
    trigger: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # workflows, by id
    meanwhile: Callable[[Engine], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a scenario. `pages`: parts of long lists that the run went over, by blob."""

    version: str
    frozen: dict[str, Any]
    messages: list[Stored]
    pages: dict[str, Any]


class Work(BaseModel):
    """What a task is told to do before it gives `value`."""

    value: Any = None
    seconds: float = 0
    failures: int = 0
    after: float | None = None
    fatal: bool = False
    size: int = 0


@task("work")
async def work(asked: Work, ctx: TaskContext) -> Any:
    """Take a while, fail as often as told, give the value or a text of a size."""
    await asyncio.sleep(asked.seconds)
    if asked.fatal:
        raise Terminal("it can never work", code="FATAL", details={"attempt": ctx.attempt})
    if ctx.attempt <= asked.failures:
        raise Retryable("not yet", code="NOT_YET", after=asked.after)
    return {"text": "x" * asked.size} if asked.size else asked.value


class Engine:
    """A broker, schedulers and a worker in one loop of virtual time."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._clock = LoopClock(scenario.name)
        self._broker = Broker(self._clock)
        outside = self._broker.connect()
        self.log = MemoryLog(outside, subjects.RUNS)
        self._registry = MemoryLog(outside, subjects.REGISTRY)
        self._blobs = MemoryBlobs()
        self._schedulers: list[asyncio.Task[None]] = []
        self.key: RunKey

    async def play(self) -> Played:
        """Everything, from publishing to long after the end."""
        for workflow, definition in self._scenario.others.items():
            await self._publish(workflow, definition)
        version, frozen = await self._publish(WORKFLOW, self._scenario.definition)
        plans = Plans(Records(self._registry, RegistryRecord), Versions(self._registry))
        self._plan = await plans.get(TENANT, WORKFLOW, version)
        self._graph = compile_graph(frozen, version)
        worker = self._worker()
        await worker.start()
        self.start_scheduler()
        await self.start(self._scenario.name)
        if self._scenario.meanwhile is not None:
            await self._scenario.meanwhile(self)
        async with asyncio.timeout(30 * 86_400):
            while (await self.messages_and_state())[1] not in ENDED:  # noqa: ASYNC110
                await asyncio.sleep(1)
        await asyncio.sleep(AFTERWARDS_S)
        messages, status = await self.messages_and_state()
        if status != self._scenario.status:
            raise AssertionError(f"{self._scenario.name} has {status}")
        await worker.stop(0)
        await self.end_schedulers()
        return Played(version, frozen, messages, await self._pages(messages))

    # -- what a scenario may do --

    def start_scheduler(self) -> None:
        """One more owner, that takes over when the others are gone."""
        name = f"scheduler-{len(self._schedulers) + 1}"
        owner = decider(name, self._broker.connect(), self._clock, self._blobs, SHARDS)
        self._schedulers.append(asyncio.create_task(Scheduler(owner, SHARDS).run()))

    async def end_schedulers(self) -> None:
        """Without a word to anybody."""
        for scheduler in self._schedulers:
            scheduler.cancel()
        await asyncio.gather(*self._schedulers, return_exceptions=True)

    def now_ms(self) -> int:
        """The time."""
        return self._clock.now_ms()

    async def start(self, name: str, **more: Any) -> None:
        """A run of the workflow, which is the one to keep from now on."""
        node = self._plan.trigger(None)
        start = Start(
            tenant=TENANT,
            plan=self._plan,
            trigger_node=node,
            trigger_kind=self._plan.triggers.get(node, "api"),
            input=self._scenario.input,
            trigger={"fired_at": times.from_ms(self._clock.now_ms()), **self._scenario.trigger},
            started_by="somebody",
            source=WORKFLOW,
            key=name,
            **more,
        )
        intake = Intake(self.log, atomic_from=None)
        connection = self._broker.connect()
        identity = MemoryLog(connection, subjects.IDENTITY)
        guard = Guard(identity, MemoryLog(connection, subjects.REGISTRY), self._clock)
        quotas = Quotas(Records(identity, IdentityRecord), {})
        rates = SharedRates(MemoryLog(connection, subjects.RATES))
        daily = DailyRuns(rates, quotas, self._clock)
        starts = Starts(guard, self.log, intake, self._blobs, self._clock, {}, SHARDS, daily)
        self.key = starts.key(start)
        await starts.start(start, self.key)

    async def fork(self, step: str) -> None:
        """A run that goes on from a step of this one, and is the one to keep from now on."""
        graph, reading = self._graph, Reading(step)
        messages, _ = await self.messages_and_state()
        end = replay(messages, into=RunLog(lambda _: graph, reading)).tentative
        if end is None or reading.before is None:
            raise AssertionError(f"{step} was not reached")
        taken = carry(reading.parent(self.key, end, reading.before, step).past, graph)
        origin = {"run_id": self.key.run_id, "step": taken.step, "carried": taken.carried}
        await self.start(f"{self.key.run_id} forked", origin=origin)

    async def tell(self, name: str, kind: Message, step: str = "", attempt: int = 0) -> None:
        """A fact from outside."""
        envelope = Envelope(
            id=f"evt_{name}",
            tenant=TENANT,
            run_id=self.key.run_id,
            at=times.from_ms(self._clock.now_ms()),
            events=(Event.of(kind, step=step, attempt=attempt),),  # type: ignore[arg-type]
        )
        await self.log.append(Append(self.key.fact(name), codec.encode(envelope), expect=0))

    async def cancel(self, reason: str, *, terminate: bool = False) -> None:
        """The wish that the run ends."""
        request = "req_end" if terminate else "req_1"
        wish = CancelRequested(
            request_id=request, reason=reason, requested_by="somebody", terminate=terminate
        )
        await self.tell(subjects.cancel_fact(request), wish)

    async def messages_and_state(self) -> tuple[list[Stored], str]:
        """What the log holds of the run, and its status."""
        messages = [m async for batch in self.log.read(self.key.everything) for m in batch]
        state = replay(messages).state
        return messages, "" if state is None else state.status

    # -- inside --

    async def _publish(
        self, workflow: str, definition: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        validated = validate(dict(definition), catalogue())
        if validated.frozen is None:
            raise AssertionError(f"{self._scenario.name}: {validated.errors}")
        frozen, version = validated.frozen, version_of(workflow, validated.frozen)
        for subject, kind in (
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
                    name=frozen["name"],
                    definition={},
                    current_version=version,
                    current_number=1,
                ),
            ),
        ):
            record = RegistryRecord.of(kind, id="rec_1", tenant=TENANT, by="somebody")
            await self._registry.append(Append(subject, codec.encode(record)))
        return version, frozen

    async def _pages(self, messages: Iterable[Stored]) -> dict[str, Any]:
        events = [event for one in messages for event in codec.decode(one.data).events]
        made = [event.task_succeeded.output for event in events if event.task_succeeded]
        lists = [one.get("items") for one in made if isinstance(one, dict)]
        paged = [one["pages"] for one in lists if isinstance(one, dict)]
        keys = [page["blob"]["key"] for pages in paged for page in pages]
        return {key: orjson.loads(await self._blobs.get(key)) for key in keys}

    def _worker(self) -> Worker:
        connection = self._broker.connect()
        host = Host(
            clock=self._clock,
            http=None,  # type: ignore[arg-type]  # no task here calls anybody
            blobs=self._blobs,
            credentials=None,
            logs=StepLogs(MemoryLog(connection, subjects.LOGS)),
        )
        nodes = {"task": Functions([work], threads=1)}
        return Worker(
            name="worker-1",
            queues=["default"],
            runs=MemoryLog(connection, subjects.RUNS),
            tasks=MemoryTasks(connection),
            live=MemoryLive(connection),
            clock=self._clock,
            runner=Runner(host, nodes, LocalEvaluator(), "worker-1"),
        )


async def cancel_soon(engine: Engine) -> None:
    """Somebody cancels the run a moment after its start."""
    await asyncio.sleep(1.2)
    await engine.cancel("no longer wanted")


async def another_owner(engine: Engine) -> None:
    """Its owner dies, and another one comes a second later."""
    await asyncio.sleep(1.5)
    await engine.end_schedulers()
    await asyncio.sleep(1)
    engine.start_scheduler()


def play(scenario: Scenario) -> Played:
    """The scenario, on a loop of its own."""

    async def main() -> Played:
        return await Engine(scenario).play()

    return run(main())
