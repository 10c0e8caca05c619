"""The engine in one process of virtual time: schedulers, executors and a broker that misbehaves.

A world is built from a seed, runs random programs to their end under faults,
and is then judged from the outside: by what the log holds, by what the tasks
did, and by an independent model of what each program must come to.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from contextvars import Context
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any
from unittest.mock import patch

from tests.deciding import decider
from tests.sim.faults import Faults, FaultyLog, FrozenLive
from tests.sim.nested import Tree, workflow
from tests.sim.outside import Outside, Tell, insist, put_back
from tests.sim.processes import Process, task_factory
from tests.sim.programs import Program, nested_program, program, written
from tests.sim.work import Effect, Work
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.tasks import MemoryTasks
from weir.contract import ids, subjects, times
from weir.contract.codec import decode, encode
from weir.contract.errors import ConflictError, WeirError
from weir.contract.messages import (
    Envelope,
    Event,
    RegistryRecord,
    RunArchived,
    RunParent,
    RunStarted,
    WorkflowPublished,
    WorkflowSaved,
)
from weir.core import turn as deciding
from weir.core.runlog import RunLog
from weir.core.state import ENDED
from weir.ports.log import Append, Log, Stored
from weir.ports.views import Position
from weir.runtime.archive import Archive, read_run
from weir.runtime.decider.retention import Retention
from weir.runtime.decider.scheduler import Scheduler
from weir.runtime.decider.window import Room
from weir.runtime.segmenting import Segmenting
from weir.runtime.worker import Worker
from weir.runtime.worker_attempt import Runner
from weir.runtime.worker_context import Host
from weir.runtime.worker_handling import Limits
from weir.runtime.worker_logs import StepLogs

TENANT = "default"
SHARDS = 4
PATIENCE_S = 10.0


@dataclass
class World:
    """Everything that one seed makes."""

    seed: int
    runs: int = 5
    programs: dict[str, Program] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    processes: dict[str, Process] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.faults = Faults(Random(self.seed + 1))
        self.clock = LoopClock(self.seed)
        self.broker = Broker(self.clock)
        self.broker.lose = lambda _: self.faults.happens("lost_delivery")
        self.outside = self.broker.connect()
        self.log = MemoryLog(self.outside, subjects.RUNS)
        self.started: dict[str, int] = {}
        self.repeats: set[asyncio.Task[None]] = set()
        self.starts: dict[str, bytes] = {}
        self.callable: dict[str, Tree] = {}
        self.parents: dict[str, RunParent] = {}
        self.archived: dict[str, list[Stored]] = {}
        self._replayed: dict[str, tuple[int, RunLog]] = {}
        self.blobs = MemoryBlobs()
        self.archive = Archive(self.blobs)
        self.truncated = 0
        # In some worlds owners lose patience with tasks: what comes of a run is then a matter of
        # chance, and only what must hold whatever happens is judged.
        self.loose = self.seed % 4 == 3
        self.purged = 0
        self.kept = 0
        self.generation = 0

    # -- processes --

    def start_scheduler(self, name: str) -> None:
        """A scheduler process."""
        self.generation += 1
        connection = self.broker.connect()
        log = self._link(name, connection)
        owner = decider(
            f"{name}.{self.generation}",
            connection,
            LoopClock(self.seed * 1000 + self.generation),
            self.blobs,
            SHARDS,
            log=log,
            live=FrozenLive(MemoryLive(connection), log.awake),
            atomic_from=4 if self.seed % 2 else None,
            retention=Retention(log, self.clock, hot_ms=3_000, horizon_ms=86_400_000, rest_s=1.0),
            sweep_s=2.0,
            room=Room(3),
            hot_runs=1,
            snapshot_bytes=1,
            checkpoint_messages=10 if self.seed % 4 else 10**9,
            checkpoint_s=0.5,
        )
        process = self.processes[name] = Process(name, connection, log)
        process.spawn(self._guard(name, Scheduler(owner, SHARDS).run()))

    async def start_executor(self, name: str) -> None:
        """An executor process."""
        self.generation += 1
        connection = self.broker.connect()
        log = self._link(name, connection)
        host = Host(
            clock=self.clock,
            http=None,  # type: ignore[arg-type]
            blobs=MemoryBlobs(),
            credentials=None,  # type: ignore[arg-type]
            logs=StepLogs(MemoryLog(connection, subjects.LOGS)),
        )
        worker = Worker(
            name=name,
            queues=["default"],
            runs=log,
            tasks=MemoryTasks(connection),
            live=FrozenLive(MemoryLive(connection), log.awake),
            clock=self.clock,
            runner=self._runner(host, log, name),
            limits=Limits(capacity=8, patience_s=PATIENCE_S),
        )
        process = self.processes[name] = Process(name, connection, log)
        await process.spawn(worker.start())

    def _runner(self, host: Host, _: Log, name: str) -> Runner:
        return Runner(host, {"task": Work(self)}, None, name)  # type: ignore[arg-type, dict-item]

    def _link(self, _: str, connection: Connection) -> FaultyLog:
        return FaultyLog(MemoryLog(connection, subjects.RUNS), self.faults)

    async def _guard(self, name: str, work: Any) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - a process must not die by itself
            self.broken.append(f"{name} died: {error!r}")

    # -- what happens --

    async def play(self) -> None:
        """Start processes and runs, let faults happen, wait for the end of all runs."""
        with patch.object(deciding, "TIME_IN_QUEUE_MS", -57_000 if self.loose else 86_400_000):
            await self._play()

    async def _play(self) -> None:
        asyncio.get_running_loop().set_task_factory(task_factory)
        self.start_scheduler("scheduler a")
        self.start_scheduler("scheduler b")
        await self.start_executor("executor a")
        await self.start_executor("executor b")
        chaos = asyncio.create_task(self._chaos())
        archiving = asyncio.create_task(self._archive())
        segmenting = [asyncio.create_task(self._segment()) for _ in range(2)]
        await self._start_hopeless_run()
        for number in range(self.runs):
            await asyncio.sleep(self.random.random() * 2)
            await self._start_run(number)
        await asyncio.sleep(20 + self.random.random() * 20)
        chaos.cancel()
        await asyncio.gather(chaos, return_exceptions=True)
        self.faults.calm = True
        for process in self.processes.values():
            process.log.awake.set()
        for name in ("scheduler a", "scheduler b", "executor a", "executor b"):
            await self._ensure(name)
        try:
            async with asyncio.timeout(600):
                await self._all_ended()
        except TimeoutError:
            self.broken.append("not every run ended within ten calm minutes")
        await asyncio.sleep(30)
        await self._start_again()
        for task in (archiving, *segmenting):
            task.cancel()
        await asyncio.gather(archiving, *segmenting, return_exceptions=True)
        for process in list(self.processes.values()):
            await process.kill()
        self._replayed.clear()  # judged is what lies there now, from its beginning

    async def _archive(self) -> None:
        """Copy ended runs and confirm it, as the query service does."""
        while True:
            await asyncio.sleep(1)
            await self.meet()
            for run_id in sorted(self.programs.keys() - self.archived.keys()):
                state = (await self.replay(run_id)).state
                if state is None or state.status not in ENDED or not await self._is_told(run_id):
                    continue
                messages = self.archived[run_id] = await self.messages(run_id)
                in_log = [m async for b in self.log.read(_key(run_id).everything) for m in b]
                self.truncated += in_log[1].seq > messages[1].seq
                fact = Event.of(
                    RunArchived(
                        key="simulated",
                        through=str(messages[-1].seq),
                        status=state.status,
                        ended_at=times.from_ms(state.ended_ms),
                    )
                )
                data = encode(self._envelope(run_id, state.start.version, fact))
                archived = _key(run_id).fact(subjects.archived_fact())
                await self.log.append(Append(archived, data, expect=0))

    async def _is_told(self, run_id: str) -> bool:
        """Runs are kept for much longer than it takes to tell their parents, here as well."""
        above = self.parents.get(run_id)
        if above is None or above.run_id in self.archived:
            return True
        fact = _key(above.run_id).fact(subjects.child_fact(run_id))
        return await self.log.last(fact) is not None

    async def _segment(self) -> None:
        """Archive the past of runs that go on; whoever does it dies at any moment."""
        log = FaultyLog(self.log, self.faults)
        archiver = None
        while True:
            await asyncio.sleep(self.random.random())
            archiver = archiver or Segmenting(
                log,
                _Projected(self.log),
                self.archive,
                self.clock,
                segment_bytes=2_000,  # type: ignore[arg-type]
            )
            try:
                async with asyncio.timeout(None if self.faults.calm else self.random.random() / 5):
                    await archiver.sweep()
            except (TimeoutError, WeirError):
                archiver = None

    async def _start_again(self) -> None:
        """Starts are repeated long after the runs were purged: the promise of idempotency."""
        for run_id in self.programs:
            key = subjects.run_key(TENANT, run_id, SHARDS)
            if [m async for b in self.log.read(key.events) for m in b]:
                self.kept += 1
                continue
            self.purged += 1
            start = Append(key.fact(subjects.start_fact()), self.starts[run_id], expect=0)
            try:
                await self.log.append(start)
            except ConflictError:
                continue
            self.broken.append(f"{run_id} could be started again after it was purged")

    async def _start_hopeless_run(self) -> None:
        """A run of a version that nobody has: it must stand still alone."""
        run_id = ids.derived("run", str(self.seed), "hopeless")
        key = subjects.run_key(TENANT, run_id, SHARDS)
        fact = Event.of(RunStarted(trigger_node="start", trigger_kind="manual", input={}))
        envelope = self._envelope(run_id, "ver_unknown", fact)
        await self.log.append(Append(key.fact(subjects.start_fact()), encode(envelope), expect=0))

    def _envelope(self, run_id: str, version: str, event: Event) -> Envelope:
        return Envelope(
            id=f"{run_id}/{type(event.kind).__name__}",
            tenant=TENANT,
            run_id=run_id,
            workflow_id="wf_sim",
            version=version,
            at=times.from_ms(self.clock.now_ms()),
            events=(event,),
        )

    def _make(self, number: int) -> Program:
        if number == 4:
            return nested_program(self.random, calls=2)
        return nested_program(self.random) if number % 2 else program(self.random)

    async def _publish(self, workflow_id: str, version: str, frozen: dict[str, Any]) -> None:
        registry = MemoryLog(self.outside, subjects.REGISTRY)
        published = WorkflowPublished(workflow_id=workflow_id, version=version, frozen=frozen)
        saved = WorkflowSaved(workflow_id=workflow_id, current_version=version, current_number=1)
        for subject, kind in (
            (subjects.version(TENANT, version), published),
            (subjects.workflow(TENANT, workflow_id), saved),
        ):
            record = RegistryRecord.of(kind, id=version, tenant=TENANT)
            await registry.append(Append(subject, encode(record)))

    async def _start_run(self, number: int) -> None:
        made = self._make(number)
        version = ids.derived("ver", str(self.seed), str(number))
        await self._publish("wf_sim", version, made.frozen)
        for workflow_id, called in made.tree.calls() if made.tree is not None else ():
            self.callable[workflow_id] = called
            await self._publish(workflow_id, workflow_id.replace("wf_", "ver_"), workflow(called))
        run_id = ids.derived("run", str(self.seed), str(number))
        key = subjects.run_key(TENANT, run_id, SHARDS)
        fact = Event.of(RunStarted(trigger_node="start", trigger_kind="manual", input=made.input))
        start = self.starts[run_id] = encode(self._envelope(run_id, version, fact))
        self.programs[run_id] = made
        client = FaultyLog(self.log, self.faults)
        while run_id not in self.started:
            try:
                seq = await client.append(Append(key.fact(subjects.start_fact()), start, expect=0))
            except ConflictError:
                stored = await self.log.last(key.fact(subjects.start_fact()))
                seq = stored.seq if stored else 0
            except WeirError:
                continue
            self.started[run_id] = seq
        self.repeats.add(asyncio.create_task(self._repeat_start(key)))
        if made.tree is not None:
            self.repeats.add(asyncio.create_task(self._surround(run_id, version, str(number))))

    async def meet(self) -> None:
        """Runs that were started by runs belong to this world as well, from now on."""
        async for batch in self.log.read("run.*.*.*.in.start"):
            for message in batch:
                envelope = decoded(message.data)
                kind, run_id = envelope.events[0].kind, envelope.run_id
                if not isinstance(kind, RunStarted) or kind.parent is None:
                    continue
                if run_id not in self.programs:
                    self.programs[run_id] = written(self.callable[envelope.workflow_id], kind.input)
                    self.parents[run_id] = kind.parent
                    self.starts[run_id] = message.data
                    around = self._surround(run_id, envelope.version, run_id)
                    self.repeats.add(asyncio.create_task(around, context=Context()))

    async def _surround(self, run_id: str, version: str, number: str) -> None:
        """What comes to a run from outside."""
        tell = self._teller(run_id, version, FaultyLog(self.log, self.faults))
        await Outside(
            Random(f"{self.seed} {number}"),
            tell,
            lambda: self.replay(run_id),
            cancels=self.programs[run_id].cancels,
            is_calm=lambda: self.faults.calm,
            counts=self.kills,
        ).act()

    def _teller(self, run_id: str, version: str, log: Log) -> Tell:
        """Stores facts about a run, however often that has to be tried."""

        async def tell(fact: str, event: Event) -> None:
            data = encode(self._envelope(run_id, version, event))
            append = Append(_key(run_id).fact(fact), data, expect=0)
            await insist(lambda: log.append(append))

        return tell

    async def _repeat_start(self, key: subjects.RunKey) -> None:
        """A client that did not hear the answer asks again, much later."""
        await asyncio.sleep(self.random.random() * 15)
        again = Append(key.fact(subjects.start_fact()), self.starts[key.run_id], expect=0)
        with contextlib.suppress(ConflictError):
            await self.log.append(again)

    async def _chaos(self) -> None:
        """Kill, pause and restart processes; now and then the broker drops every link."""
        random = self.random
        while True:
            await asyncio.sleep(random.random() * 8)
            name = random.choice(list(self.processes))
            what = random.choice(("kill", "kill", "pause", "zombie", "restart"))
            self.kills[f"{what} {name.split()[0]}"] += 1
            if what == "kill":
                await self.processes[name].kill()
                del self.processes[name]
                await asyncio.sleep(random.random() * 6)
                await self._ensure(name)
            elif what in {"pause", "zombie"}:
                self.processes[name].log.freeze(2 + random.random() * 10)
                if what == "zombie":  # it wakes up under a broker that it does not know
                    await asyncio.sleep(random.random() * 4)
                    self.broker.restart()
            else:
                self.broker.restart()

    async def _ensure(self, name: str) -> None:
        if name in self.processes:
            return
        if name.startswith("scheduler"):
            self.start_scheduler(name)
        else:
            await self.start_executor(name)

    async def _all_ended(self) -> None:
        while True:
            await self.meet()
            left = False
            for run_id in sorted(self.programs.keys() - self.archived.keys()):
                state = (await self.replay(run_id)).state
                left = left or state is None or state.status not in ENDED
                if state is not None:
                    tell = self._teller(run_id, state.start.version, self.log)
                    await put_back(state, tell, self.kills)
            if not left:
                return
            await asyncio.sleep(1)

    # -- reading --

    async def messages(self, run_id: str) -> list[Stored]:
        """The run's whole log, with what the archive holds of it."""
        if run_id in self.archived:
            return self.archived[run_id]
        return await read_run(self.log, self.archive, _key(run_id))

    async def replay(self, run_id: str) -> RunLog:
        """The run as its log tells it, without a graph; what was folded once is not read again."""
        through, log = self._replayed.get(run_id) or (0, RunLog())
        lying = [m async for b in self.log.read(_key(run_id).everything) for m in b]
        if through and (not lying or lying[-1].seq <= through):
            return log
        # Only what lies between the start and a sequence is ever taken away.
        is_whole = len(lying) > 1 and lying[1].seq <= through
        for message in lying if is_whole else await self.messages(run_id):
            if message.seq > through and is_folded(message):
                log.feed(message.seq, message.data, decoded(message.data))
        self._replayed[run_id] = (lying[-1].seq if lying else through, log)
        return log

    async def transitions(self, run_id: str) -> list[Event]:
        """What changed the run, in order."""
        log = RunLog()
        events: list[Event] = []
        for message in await self.messages(run_id):
            if is_folded(message):
                changed = log.feed(message.seq, message.data, decoded(message.data))
                events += [transition.event for transition in changed]
        return events


# Messages never change, and what looks at them here looks often.
decoded = lru_cache(maxsize=20_000)(decode)


def is_folded(message: Stored) -> bool:
    """Whether it is part of what a run's state is made of."""
    return subjects.parse_run(message.subject)[1] in subjects.FOLDED


def _key(run_id: str) -> subjects.RunKey:
    return subjects.run_key(TENANT, run_id, SHARDS)


class _Projected:
    """Views that hold everything."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    async def position(self, _: str) -> Position:
        """The end of the log."""
        return Position(subjects.RUNS, await self._log.last_seq(), "", "")
