"""A worker process: connects, serves the queues of its tasks, ends in order."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from weir import settings as configuration
from weir.contract.errors import SettingsInvalidError
from weir.ports.node_context import Terminal
from weir.runtime import telemetry
from weir.runtime.lifetime import run, stopped_by_signals
from weir.runtime.platform import Platform
from weir.runtime.worker import Worker as Loop
from weir.runtime.worker_attempt import Runner
from weir.runtime.worker_context import Host, Values
from weir.runtime.worker_evaluation import ProcessEvaluator
from weir.runtime.worker_guard import parse_allowed
from weir.runtime.worker_handling import Limits
from weir.runtime.worker_http import OutboundHttp
from weir.runtime.worker_integrations import Integrations
from weir.runtime.worker_logs import StepLogs
from weir.sdk.functions import Task
from weir.sdk.node import Functions
from weir.settings import Settings
from weir.wiring import connect

NAME = "worker"

_log = structlog.get_logger()


class Worker:
    """Serves tasks. `url` and `credentials` may also come from the settings, as `WEIR_NATS_URL`.

    `credentials` is the file with the nkey seed of the NATS user `worker`.
    `capacity` is how many steps of each queue run here at once. `blob_dir` is
    the directory of large values, shared with the platform; without it, inputs
    and outputs over 64 kB are refused.
    """

    def __init__(  # noqa: PLR0913 - what an operator may set
        self,
        url: str = "",
        *,
        tasks: Sequence[Task[..., Any]],
        credentials: str | Path | None = None,
        name: str = "",
        capacity: int = 16,
        blob_dir: str | Path | None = None,
    ) -> None:
        names = [task.name for task in tasks]
        if doubled := {one for one in names if names.count(one) > 1}:
            raise ValueError(f"two functions are the task {', '.join(sorted(doubled))}")
        if not tasks:
            raise ValueError("a worker needs at least one task")
        given = {
            "nats_url": url,
            "nats_seed_file": credentials,
            "worker_name": name,
            "blob_dir": blob_dir,
        }
        self.tasks = tuple(tasks)
        self.queues = tuple(sorted({task.queue for task in tasks}))
        self._given = {key: value for key, value in given.items() if value}
        self._capacity = capacity

    def run(self) -> None:
        """Work until SIGINT or SIGTERM. Raises WeirError for what no waiting mends."""
        settings = configuration.load(**self._given)
        if not settings.nats_url:
            raise SettingsInvalidError(
                "a worker needs the platform's NATS server: Worker(url=…) or WEIR_NATS_URL"
            )
        telemetry.configure(settings, NAME)
        # What was imported is never garbage, and looking through it again and again while tasks
        # come and go is a fifth of what a short one costs.
        gc.freeze()
        try:
            run(self._main(settings))
        finally:
            telemetry.flush()

    async def _main(self, settings: Settings) -> None:
        stop = asyncio.Event()
        with stopped_by_signals(stop):
            async with connect(settings, NAME) as platform:
                await self.serve(platform, stop)

    async def serve(self, platform: Platform, stop: asyncio.Event) -> None:
        """Work on this platform until `stop` is set; raises what ended it otherwise."""
        settings = platform.settings
        blobs: Values = platform.blobs if settings.blob_dir or settings.memory else _NoBlobs()
        functions = Functions(self.tasks, threads=self._capacity * len(self.queues))
        http = OutboundHttp(parse_allowed(settings.outbound_allow))
        logs = StepLogs(platform.logs)
        evaluator = ProcessEvaluator(processes=1)
        host = Host(
            clock=platform.clock,
            http=http,
            blobs=blobs,
            credentials=None,
            logs=logs,
            live=platform.live,
        )
        integrations = Integrations(platform.runs, platform.clock, settings.worker, settings.shards)
        loop = Loop(
            name=settings.worker,
            queues=self.queues,
            runs=platform.runs,
            tasks=platform.tasks,
            live=platform.live,
            clock=platform.clock,
            runner=Runner(
                host, {functions.type: functions}, evaluator, settings.worker, integrations
            ),
            limits=Limits(capacity=self._capacity, max_deliveries=settings.executor_deliveries),
        )
        try:
            await loop.start()
            _log.info("ready", queues=self.queues, tasks=sorted(task.name for task in self.tasks))
            await _until(stop, loop.background.crashed)
        finally:
            await loop.stop(settings.stop_deadline / 1000)
            await integrations.close()
            await logs.close()
            await evaluator.close()
            await http.close()
            await functions.close()


async def _until(stop: asyncio.Event, crashed: asyncio.Future[BaseException]) -> None:
    stopping = asyncio.create_task(stop.wait())
    waited: list[asyncio.Future[Any]] = [stopping, crashed]
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if crashed.done():
        raise crashed.result()


class _NoBlobs:
    """A worker that shares no directory with the platform must not write large values aside."""

    async def put(self, tenant: str, data: bytes) -> str:
        del tenant
        raise Terminal(
            f"a value of {len(data)} bytes is too large for this worker, which shares no object "
            "store with the platform: give it one with Worker(blob_dir=…)",
            code="VALUE_TOO_LARGE",
        )

    async def get(self, key: str) -> bytes:
        del key
        raise Terminal(
            "this worker shares no object store with the platform and cannot read large values: "
            "give it one with Worker(blob_dir=…)",
            code="BLOB_NOT_FOUND",
        )
