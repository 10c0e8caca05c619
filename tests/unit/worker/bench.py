"""A worker on memory adapters with a queue whose deliveries the test makes itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Self

from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.secrets import MemorySecrets
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects, times
from weir.contract.messages import (
    CredentialSaved,
    Envelope,
    Event,
    LogBatch,
    LogLine,
    RegistryRecord,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
)
from weir.ports.log import Append, Stored
from weir.ports.secrets import Place
from weir.ports.tasks import Delivery
from weir.runtime.policy import Guard
from weir.runtime.records import Records
from weir.runtime.worker import Worker
from weir.runtime.worker_attempt import Runner
from weir.runtime.worker_context import Host
from weir.runtime.worker_credentials import Credentials
from weir.runtime.worker_evaluation import LocalEvaluator
from weir.runtime.worker_handling import Limits
from weir.runtime.worker_http import OutboundHttp
from weir.runtime.worker_logs import StepLogs

TENANT = "acme"
RUN = "run_a"

Run = Callable[[Any, Any], Awaitable[Any]]


class FakeNode:
    """A node type whose work is a function of the test."""

    def __init__(self, run: Run, secret_fields: Sequence[str] = ()) -> None:
        self.type = "fake"
        self.secret_fields = frozenset(secret_fields)
        self.runs = 0
        self._run = run

    async def execute(self, config: Any, ctx: Any) -> Any:
        """Count, and do what the test says."""
        self.runs += 1
        return await self._run(config, ctx)

    async def close(self) -> None:
        """Nothing is held."""


class FakeDelivery:
    """Remembers what the worker said about it."""

    def __init__(self, message: Stored, delivered: int) -> None:
        self.message = message
        self.delivered = delivered
        self.said: list[str] = []
        self.ended = asyncio.Event()
        self.beaten = asyncio.Event()

    async def ack(self) -> None:
        """Done."""
        self.said.append("ack")
        self.ended.set()

    async def nak(self, delay_s: float = 0) -> None:
        """Given back."""
        self.said.append(f"nak {delay_s:g}")
        self.ended.set()

    async def in_progress(self) -> None:
        """Still working."""
        self.said.append("progress")
        self.beaten.set()


class FakeTasks:
    """A queue that delivers what the test puts in."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[Delivery | None] = asyncio.Queue()

    async def work(self, queue: str, *, capacity: int, patience_s: float = 30.0) -> FakeTasks:
        """This one."""
        return self

    async def __aiter__(self) -> AsyncIterator[Delivery]:
        while (delivery := await self.inbox.get()) is not None:
            yield delivery

    async def close(self) -> None:
        """Nothing is held."""
        self.inbox.put_nowait(None)


class SlowLog:
    """A log whose appends wait until the test opens the gate, and may fail first."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self.gate = asyncio.Event()
        self.gate.set()
        self.flushes: list[int] = []
        self.flushing = asyncio.Event()
        self.failures: list[Exception | None] = []
        self.stores_despite: bool = False

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """Wait, fail, or store."""
        self.flushes.append(len(appends))
        self.flushing.set()
        await self.gate.wait()
        failure = self.failures.pop(0) if self.failures else None
        if failure is None:
            return await self._log.append_all(appends)
        if self.stores_despite:
            await self._log.append_all(appends)
        return [failure] * len(appends)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


class Bench:
    """One worker and its world."""

    def __init__(self, node: FakeNode | None = None, **limits: Any) -> None:
        self.clock = SystemClock()
        broker = Broker(self.clock)
        connection = broker.connect()
        self.runs = SlowLog(MemoryLog(connection, subjects.RUNS))
        self.logs = SlowLog(MemoryLog(connection, subjects.LOGS))
        self.registry = MemoryLog(connection, subjects.REGISTRY)
        self.identity = MemoryLog(connection, subjects.IDENTITY)
        self.live = MemoryLive(connection)
        self.blobs = MemoryBlobs()
        self.secrets = MemorySecrets()
        self.tasks = FakeTasks()
        self.step_logs = StepLogs(self.logs)
        host = Host(
            clock=self.clock,
            http=OutboundHttp(),
            blobs=self.blobs,
            credentials=Credentials(Records(self.registry, RegistryRecord), self.secrets),
            logs=self.step_logs,
            guard=Guard(self.identity, self.registry, self.clock),
        )
        nodes: Mapping[str, Any] = {} if node is None else {"fake": node}
        self.worker = Worker(
            name="w1",
            queues=["default"],
            runs=self.runs,
            tasks=self.tasks,
            live=self.live,
            clock=self.clock,
            runner=Runner(host, nodes, LocalEvaluator(), "w1"),
            limits=Limits(**limits),
        )

    async def __aenter__(self) -> Self:
        await self.worker.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.runs.gate.set()
        await self.worker.stop(0.2)
        await self.step_logs.close()

    async def deliver(  # noqa: PLR0913 - the parts of a task
        self,
        *,
        run: str = RUN,
        step: str = "a",
        attempt: int = 1,
        node_type: str = "fake",
        config: Any = None,
        scope: Any = None,
        timeout_ms: float = 10_000.0,
        deadline_in_ms: int = 60_000,
        delivered: int = 1,
        trace_parent: str = "",
        output_schema: Any = None,
    ) -> FakeDelivery:
        """Store a task and hand it to the worker."""
        task: dict[str, Any] = {"scope": scope} if scope is not None else {}
        if output_schema is not None:
            task["output_schema"] = output_schema
        envelope = Envelope(
            id=f"{run}/1.1",
            tenant=TENANT,
            run_id=run,
            workflow_id="wf_a",
            version="ver_a",
            trace_parent=trace_parent,
            events=[
                Event.of(
                    TaskScheduled(
                        node_type=node_type,
                        queue="default",
                        config=config if config is not None else {},
                        timeout_ms=timeout_ms,
                        deadline_at=times.from_ms(self.clock.now_ms() + deadline_in_ms),
                        idempotency_key=f"{run}/{step}",
                        **task,
                    ),
                    step=step,
                    attempt=attempt,
                )
            ],
        )
        return await self.deliver_raw(codec.encode(envelope), run=run, delivered=delivered)

    async def deliver_raw(self, data: bytes, *, run: str = RUN, delivered: int = 1) -> FakeDelivery:
        """Hand over any message."""
        subject = subjects.run_key(TENANT, run).task("default")
        seq = await self.runs.append(Append(subject, data))
        return self.again(Stored(seq, subject, data, self.clock.now_ms()), delivered)

    def again(self, message: Stored, delivered: int) -> FakeDelivery:
        """Hand over a message that is stored already."""
        delivery = FakeDelivery(message, delivered)
        self.tasks.inbox.put_nowait(delivery)
        return delivery

    async def done(self, delivery: FakeDelivery) -> list[str]:
        """What was said when the worker was through with it."""
        async with asyncio.timeout(5):
            await delivery.ended.wait()
        return delivery.said

    async def fact(self, step: str = "a", attempt: int = 1, run: str = RUN) -> Envelope | None:
        """The stored result of an attempt."""
        subject = subjects.run_key(TENANT, run).fact(subjects.result_fact(step, attempt))
        stored = await self.runs.last(subject)
        return codec.decode(stored.data) if stored else None

    async def succeeded(self, step: str = "a", run: str = RUN) -> TaskSucceeded:
        """The success of the step's first attempt."""
        fact = await self.fact(step, run=run)
        assert fact is not None
        kind = fact.events[0].kind
        assert isinstance(kind, TaskSucceeded), kind
        return kind

    async def failed(self, step: str = "a", run: str = RUN) -> TaskFailed:
        """The failure of the step's first attempt."""
        fact = await self.fact(step, run=run)
        assert fact is not None
        kind = fact.events[0].kind
        assert isinstance(kind, TaskFailed), kind
        assert kind.error is not None
        return kind

    async def lines(self, run: str = RUN) -> list[LogLine]:
        """The run's stored log lines."""
        await self.step_logs.close()
        return [
            line
            async for batch in self.logs.read(subjects.logs(TENANT, run))
            for message in batch
            for line in LogBatch.model_validate_json(message.data).lines
        ]

    async def save_credential(self, name: str, fields: bytes) -> None:
        """A sealed credential in the registry."""
        credential_id = self.clock.new_id("cred")
        sealed = await self.secrets.seal(fields, Place(TENANT, credential_id, name))
        record = RegistryRecord.of(
            CredentialSaved(
                credential_id=credential_id, name=name, sealed=sealed.data, key_id=sealed.key_id
            ),
            id="evt_1",
            tenant=TENANT,
        )
        await self.registry.append(Append(subjects.credential(TENANT, name), codec.encode(record)))
