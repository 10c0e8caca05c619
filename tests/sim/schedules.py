"""A world of schedules: two schedulers that die, freeze and lose answers, while years pass.

The same world is played quickly, with the schedulers' own patience, and slowly,
with every pause of theirs that many times longer, so that years cost as little
as minutes. It is judged by what was stored: what the owners of schedules
decided, and which runs began and ended when.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

from tests.deciding import decider
from tests.sim.faults import Faults, FaultyLog, FrozenLive
from tests.sim.processes import Process, task_factory
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.contract import ids, subjects, times
from weir.contract.codec import decode, encode
from weir.contract.ends import ENDS
from weir.contract.messages import (
    FiresAsked,
    Message,
    RegistryRecord,
    ScheduleEvent,
    ScheduleMessage,
    ScheduleSaved,
    WorkflowPublished,
    WorkflowSaved,
)
from weir.ports.log import Append
from weir.runtime.decider import (
    children,
    limits,
    membership,
    schedule_records,
    scheduled_runs,
    scheduler,
    schedules,
    wakes,
)
from weir.runtime.decider.schedule_records import ScheduleRecords, Scheduling
from weir.runtime.decider.scheduler import Scheduler

TENANT = "default"
SHARDS = 4
WORKFLOW = "wf_timed"
_PAUSES: tuple[tuple[Any, str], ...] = (
    *((membership, name) for name in ("BEAT_S", "SILENT_S", "HELLO_S", "PATIENCE_S")),
    *((scheduler, name) for name in ("BEAT_S", "RETRY_S", "RETRY_MAX_S")),
    *((scheduled_runs, name) for name in ("LOOK_S", "RETRY_S")),
    *((children, "ASK_S"), (schedules, "RETRY_S"), (wakes, "LONGEST_S"), (limits, "LOOK_S")),
    (schedule_records, "AGAIN_S"),
)


class Told(NamedTuple):
    """An event of a schedule's owner, as it was stored."""

    seq: int
    at_ms: int
    kind: Message


@dataclass
class Lived:
    """A run, from its start fact to its end."""

    began: int
    began_ms: int
    starts: int = 1
    ended: int = 0
    ended_ms: int = 0
    status: str = ""
    trigger: dict[str, Any] = field(default_factory=dict)


@contextmanager
def slowly(times_longer: float) -> Iterator[None]:
    """Everybody's patience is that many times longer."""
    with ExitStack() as stack:
        for module, name in _PAUSES:
            longer = getattr(module, name) * times_longer
            stack.enter_context(patch.object(module, name, longer))
        yield


class ScheduleWorld:
    """Everything that one seed makes.

    `scale`: how much slower than by default all is; `faulty`: how often a message has trouble.
    """

    def __init__(self, seed: int, base_ms: int, scale: float = 1.0, faulty: float = 1.0) -> None:
        self.seed = seed
        self.scale = scale
        self.random = Random(seed)
        self.faults = Faults(Random(seed + 1), freeze=0.0)
        for fault in ("lost_request", "lost_ack", "unavailable", "torn", "lost_delivery"):
            setattr(self.faults, fault, getattr(self.faults, fault) * faulty)
        self.clock = LoopClock(seed, base_ms=base_ms)
        self.broker = Broker(self.clock)
        self.broker.lose = lambda _: self.faults.happens("lost_delivery")
        self.outside = self.broker.connect()
        self.log = MemoryLog(self.outside, subjects.RUNS)
        self.registry = MemoryLog(self.outside, subjects.REGISTRY)
        self.processes: dict[str, Process] = {}
        self.broken: list[str] = []
        self.told: dict[str, list[Told]] = defaultdict(list)
        self.runs: dict[str, dict[str, Lived]] = defaultdict(dict)  # by schedule
        self.whose: dict[str, str] = {}
        self.saved: dict[str, ScheduleSaved] = {}
        self.struck: Counter[str] = Counter()
        self.generation = 0

    # -- what there is --

    async def publish(self) -> None:
        """A workflow whose runs take as long as their input says."""
        node = {
            "type_version": 1,
            "ports": ["out"],
            "secret_fields": [],
            "join": "all",
            "retry": {"max_attempts": 1},
            "timeout_ms": 1e12,
            "queue": "default",
            "on_error": "fail",
            "disabled": False,
        }
        frozen: dict[str, Any] = {
            "schema": "weir/frozen/v1",
            "name": "timed",
            "vars": {},
            "output": None,
            "settings": {},
            "nodes": [
                {**node, "id": "start", "type": "schedule", "kind": "trigger", "config": {}},
                {
                    **node,
                    "id": "hold",
                    "type": "delay",
                    "kind": "inline",
                    "config": {"duration": "{{ input.hold }}"},
                },
            ],
            "edges": [{"source": "start", "port": "out", "target": "hold"}],
        }
        version = ids.derived("ver", "timed")
        for subject, kind in (
            (
                subjects.version(TENANT, version),
                WorkflowPublished(workflow_id=WORKFLOW, version=version, number=1, frozen=frozen),
            ),
            (
                subjects.workflow(TENANT, WORKFLOW),
                WorkflowSaved(workflow_id=WORKFLOW, current_version=version, current_number=1),
            ),
        ):
            await self._record(subject, kind)

    async def save(self, name: str, *, hold: str = "0s", **more: Any) -> str:
        """Make a schedule, or change one; its id."""
        schedule_id = ids.derived("sch", name)
        before = self.saved.get(schedule_id)
        fields: dict[str, Any] = {
            "schedule_id": schedule_id,
            "workflow_id": WORKFLOW,
            "name": name,
            "overlap": "skip",
            "catch_up_ms": 3_600_000.0,
            "input": {"hold": hold},
            "effective_at": times.from_ms(self.clock.now_ms()),
        }
        saved = ScheduleSaved(
            **{**fields, **(before.model_dump(exclude_unset=True) if before else {}), **more}
        )
        self.saved[schedule_id] = saved
        await self._record(subjects.schedule(TENANT, schedule_id), saved)
        return schedule_id

    async def pause(self, schedule_id: str, *, paused: bool) -> None:
        """Pause it, or let it go on, which counts from now."""
        at = times.from_ms(self.clock.now_ms())
        more = {"paused": paused} | ({} if paused else {"effective_at": at})
        saved = self.saved[schedule_id] = self.saved[schedule_id].model_copy(update=more)
        await self._record(subjects.schedule(TENANT, schedule_id), saved)

    async def ask(self, schedule_id: str, request: str, **asked: Any) -> None:
        """Somebody's wish; told twice, as by a client that got no answer."""
        kind = FiresAsked(request_id=request, **asked)
        message = ScheduleMessage(
            id=request,
            tenant=TENANT,
            schedule_id=schedule_id,
            at=times.from_ms(self.clock.now_ms()),
            events=(ScheduleEvent.of(kind),),
        )
        key = subjects.schedule_key(TENANT, schedule_id, SHARDS)
        for _ in range(2):
            with contextlib.suppress(Exception):
                fact = key.fact(subjects.fires_fact(request))
                await self.log.append(Append(fact, encode(message), expect=0))

    async def _record(self, subject: str, kind: Any) -> None:
        at = times.from_ms(self.clock.now_ms())
        record = RegistryRecord.of(kind, id="rec", tenant=TENANT, at=at)
        await self.registry.append(Append(subject, encode(record)))

    # -- processes --

    def start_scheduler(self, name: str) -> None:
        """A scheduler process."""
        self.generation += 1
        connection = self.broker.connect()
        log = FaultyLog(MemoryLog(connection, subjects.RUNS), self.faults)
        process = self.processes[name] = Process(name, connection, log)
        process.spawn(self._life(name, connection, log))

    async def _life(self, name: str, connection: Connection, log: FaultyLog) -> None:
        records = ScheduleRecords(MemoryLog(connection, subjects.REGISTRY), SHARDS)
        owner = decider(
            f"{name}.{self.generation}",
            connection,
            LoopClock(self.seed * 1000 + self.generation, base_ms=self.clock.now_ms()),
            MemoryBlobs(),
            SHARDS,
            log=log,
            live=FrozenLive(MemoryLive(connection), log.awake),
            atomic_from=4 if self.seed % 2 else None,
            scheduling=Scheduling(records),
            checkpoint_s=2.0 * self.scale,
            # A checkpoint counts only while no run of it is purged, and here that goes quickly.
            checkpoint_messages=10**9 if self.scale > 1 else 20,
        )
        following = asyncio.create_task(records.run())
        try:
            await Scheduler(owner, SHARDS).run()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - a process must not die by itself
            self.broken.append(f"{name} died: {error!r}")
        finally:
            following.cancel()

    async def chaos(self, every_s: float, longest_s: float) -> None:
        """Each now and then a process dies, or stands still and then goes on."""
        while True:
            await asyncio.sleep(self.random.random() * 2 * every_s)
            name = self.random.choice(("scheduler a", "scheduler b"))
            process = self.processes.get(name)
            if process is None:
                continue
            away = self.random.random() ** 3 * longest_s
            what = self.random.random()
            if what < 0.3:
                self.struck["standstills"] += 1
                process.log.freeze(away)
            elif what < 0.5:
                self.struck["outages"] += 1
                await self._outage(away)
            else:
                self.struck["deaths"] += 1
                await self.processes.pop(name).kill()
                asyncio.get_running_loop().call_later(away, self._back, name)

    async def _outage(self, seconds: float) -> None:
        """Nobody is there."""
        for name in list(self.processes):
            await self.processes.pop(name).kill()
        await asyncio.sleep(seconds)
        for name in ("scheduler a", "scheduler b"):
            self._back(name)

    def _back(self, name: str) -> None:
        if name not in self.processes:
            self.start_scheduler(name)

    async def watch(self) -> None:
        """Keep what was stored of schedules, and when runs began and ended."""
        async for batch in self.log.follow((subjects.EVERY_SCHEDULE_LOG, subjects.EVERY_RUN)):
            for stored in batch:
                if subjects.is_schedule(stored.subject):
                    self._heard(stored)
                else:
                    self._saw(stored)

    def _heard(self, stored: Any) -> None:
        key, kind, _ = subjects.parse_schedule(stored.subject)
        if kind == "ev":
            message = ScheduleMessage.model_validate_json(stored.data)
            at_ms = times.to_ms(message.at)
            if at_ms > stored.at_ms:
                self.broken.append(f"{key.schedule_id}: decided before it was: {message.id}")
            told = self.told[key.schedule_id]
            told += [Told(stored.seq, at_ms, event.kind) for event in message.events if event.kind]

    def _saw(self, stored: Any) -> None:
        key, kind, rest = subjects.parse_run(stored.subject)
        if kind == "in" and rest == subjects.start_fact():
            start = decode(stored.data).events[0].run_started
            if start is None:
                return
            self.whose[key.run_id] = start.started_by
            of = self.runs[start.started_by]
            if key.run_id in of:
                of[key.run_id].starts += 1
            else:
                of[key.run_id] = Lived(stored.seq, stored.at_ms, trigger=start.trigger)
        elif kind == "ev":
            end = decode(stored.data).events[-1].kind
            if isinstance(end, ENDS):
                run = self.runs[self.whose[key.run_id]][key.run_id]
                if run.ended:
                    self.broken.append(f"{key.run_id} ended twice")
                run.ended, run.ended_ms = stored.seq, stored.at_ms
                run.status = type(end).__name__

    async def tidy(self, every_s: float) -> None:
        """What the archive and the owners of runs do: ended runs leave the log, without a trace."""
        while True:
            await asyncio.sleep(every_s)
            below = self.clock.now_ms() - every_s * 1000
            for of in self.runs.values():
                for run_id, run in of.items():
                    if run.ended and not run.trigger.get("gone") and run.began_ms < below:
                        run.trigger["gone"] = True
                        key = subjects.run_key(TENANT, run_id, SHARDS)
                        await self.log.purge(key.everything)

    async def calm(self, seconds: float) -> None:
        """No faults any more, both there, and time to make up for what was missed."""
        self.faults.calm = True
        for process in self.processes.values():
            process.log.awake.set()
        for name in ("scheduler a", "scheduler b"):
            self._back(name)
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Everybody goes."""
        for process in list(self.processes.values()):
            await process.kill()


def prepare() -> None:
    """Tasks of a process die with it."""
    asyncio.get_running_loop().set_task_factory(task_factory)
