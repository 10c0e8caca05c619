"""A platform on a real NATS server, and tasks as an owner of runs would write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.waiting import eventually
from weir import settings
from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.tasks import JetStreamTasks
from weir.adapters.memory.secrets import MemorySecrets
from weir.adapters.objects.files import FileBlobs
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects, times
from weir.contract.messages import Envelope, Event, Message, TaskScheduled
from weir.ports.log import Append
from weir.runtime.platform import Platform

TENANT = "acme"


class World:
    """What the tests of this folder share."""

    def __init__(self, link: Link, directory: Path, **given: Any) -> None:
        self.link = link
        self.platform = Platform(
            settings=settings.load(blob_dir=directory, **given),
            clock=SystemClock(),
            runs=JetStreamLog(link, subjects.RUNS),
            registry=JetStreamLog(link, subjects.REGISTRY),
            collab=JetStreamLog(link, subjects.COLLAB),
            identity=JetStreamLog(link, subjects.IDENTITY),
            accounts=JetStreamLog(link, subjects.ACCOUNTS),
            notes=JetStreamLog(link, subjects.NOTES),
            audit=JetStreamLog(link, subjects.AUDIT),
            logs=JetStreamLog(link, subjects.LOGS),
            rates=JetStreamLog(link, subjects.RATES),
            deliveries=JetStreamLog(link, subjects.DELIVERIES),
            bus=JetStreamLog(link, subjects.BUS),
            cursors=JetStreamLog(link, subjects.CURSORS),
            approvals=JetStreamLog(link, subjects.APPROVALS),
            tasks=JetStreamTasks(link),
            live=JetStreamLive(link),
            blobs=FileBlobs(directory),
            secrets=MemorySecrets(),
            views=None,
        )

    async def schedule(
        self, node_type: str, config: Any, *, run: str = "run_a", queue: str = "default"
    ) -> None:
        """Append the first attempt of step `a`."""
        now = self.platform.clock.now_ms()
        task = TaskScheduled(
            node_type=node_type,
            queue=queue,
            config=config,
            timeout_ms=60_000.0,
            deadline_at=times.from_ms(now + 60_000),
            idempotency_key=f"{run}/a",
        )
        envelope = Envelope(
            id=f"{run}/1.1",
            tenant=TENANT,
            run_id=run,
            workflow_id="wf_a",
            version="ver_a",
            at=times.from_ms(now),
            events=[Event.of(task, step="a", attempt=1)],
        )
        subject = subjects.run_key(TENANT, run).task(queue)
        await self.platform.runs.append(Append(subject, codec.encode(envelope)))

    async def result(self, run: str = "run_a") -> Message:
        """The result of the first attempt of step `a`, once it is there."""
        subject = subjects.run_key(TENANT, run).fact(subjects.result_fact("a", 1))

        async def there() -> bool:
            return await self.platform.runs.last(subject) is not None

        await eventually(there)
        stored = await self.platform.runs.last(subject)
        assert stored is not None
        kind = codec.decode(stored.data).events[0].kind
        assert kind is not None
        return kind

    async def all_acknowledged(self, queue: str = "default") -> None:
        """Wait until the queue holds nothing, delivered or not."""

        async def empty() -> bool:
            info = await call(self.link, f"CONSUMER.INFO.{subjects.RUNS}.queue_{queue}")
            return not info["num_pending"] and not info["num_ack_pending"]

        await eventually(empty)
