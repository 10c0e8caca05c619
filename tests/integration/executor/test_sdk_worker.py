"""A worker process of the SDK against a server that knows its user."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.executor.world import TENANT, World
from tests.places import directory_for
from tests.waiting import eventually, within
from weir import settings
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.streams import ensure_streams
from weir.contract import subjects
from weir.contract.messages import LogBatch, TaskFailed, TaskSucceeded
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats import NatsServer
from weir.runtime.servers.nats_users import inbox

ROOT = Path(__file__).resolve().parents[3]


class Workers:
    """Starts worker processes, and ends those that still run."""

    def __init__(self, server: NatsServer, directory: Path) -> None:
        self.marks = directory / "marks"
        self._server = server
        self._directory = directory
        self._processes: list[asyncio.subprocess.Process] = []

    async def start(self, name: str) -> asyncio.subprocess.Process:
        """A process of `python -m weir.sdk`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "weir.sdk",
            "tests.integration.executor.marks:worker",
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "MARKS": str(self.marks),
                "WEIR_NATS_URL": self._server.url,
                "WEIR_NATS_SEED_FILE": str(self._server.seed_file("worker")),
                "WEIR_WORKER_NAME": name,
                "WEIR_DATA_DIR": str(self._directory),
            },
        )
        self._processes.append(process)
        return process

    async def stop(self) -> None:
        """Kill what is left."""
        for process in self._processes:
            if process.returncode is None:
                process.kill()
            await process.wait()

    def lines(self) -> list[str]:
        """What was marked."""
        return self.marks.read_text().splitlines() if self.marks.exists() else []

    async def marked(self, count: int) -> None:
        """Wait for so many lines."""

        async def there() -> bool:
            return len(self.lines()) >= count

        await eventually(there)


@pytest.fixture
async def directory() -> AsyncIterator[Path]:
    """Short, as sockets want it."""
    path = directory_for("weir-sdk-")
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def server(directory: Path) -> AsyncIterator[NatsServer]:
    """A server with one user per service."""
    server = NatsServer(DataDir(directory), settings.load(data_dir=directory))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def world(server: NatsServer, directory: Path) -> AsyncIterator[World]:
    """The owner's side."""
    seed = server.seed_file("embedded").read_text().strip()
    link = await connect(server.url, nkey_seed=seed, inbox=inbox("embedded"))
    await ensure_streams(link)
    yield World(link, directory / "blobs")
    await link.close()


@pytest.fixture
async def workers(server: NatsServer, directory: Path) -> AsyncIterator[Workers]:
    """None yet."""
    workers = Workers(server, directory)
    yield workers
    await workers.stop()


def _mark(name: str, **more: Any) -> dict[str, Any]:
    return {"task": "mark", "input": {"name": name, **more}}


async def test_a_function_is_a_step(world: World, workers: Workers) -> None:
    """With the credential `worker` alone it takes tasks, writes results and lines, and ends."""
    process = await workers.start("one")
    await world.schedule("task", _mark("a"), queue="marks")
    result = await world.result()
    assert isinstance(result, TaskSucceeded), result
    assert result.output == {"name": "a"}
    assert result.worker == "one"
    assert workers.lines() == ["begin a run_a/a", "end a run_a/a"]
    process.send_signal(signal.SIGTERM)
    assert await within(process.wait()) == 0
    (stored,) = [
        message
        async for batch in world.platform.logs.read(subjects.logs(TENANT, "run_a"))
        for message in batch
    ]
    assert LogBatch.model_validate_json(stored.data).lines[0].message == "marked"


async def test_an_input_of_another_shape_fails_the_step(world: World, workers: Workers) -> None:
    """The worker's own types are the judge."""
    await workers.start("one")
    await world.schedule("task", {"task": "mark", "input": {"nam": 1}}, queue="marks")
    result = await world.result()
    assert isinstance(result, TaskFailed)
    assert result.error is not None
    assert result.error.code == "TASK_INPUT_INVALID"
    assert workers.lines() == []


async def test_a_killed_workers_step_is_done_by_another(
    world: World, workers: Workers, directory: Path
) -> None:
    """F2: what was not committed is done again under the same key; what was, is not."""
    stop_sign = directory / "stop"
    stop_sign.touch()
    first = await workers.start("first")
    await world.schedule("task", _mark("done"), queue="marks", run="run_done")
    await world.result("run_done")
    await world.schedule("task", _mark("held", stop_sign=str(stop_sign)), queue="marks")
    await workers.marked(3)
    first.kill()
    await first.wait()
    stop_sign.unlink()
    await workers.start("second")
    result = await world.result()
    assert isinstance(result, TaskSucceeded)
    assert result.worker == "second"
    assert workers.lines() == [
        "begin done run_done/a",
        "end done run_done/a",
        "begin held run_a/a",
        "begin held run_a/a",
        "end held run_a/a",
    ]
