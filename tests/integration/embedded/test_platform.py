"""The whole platform as processes: all in one, and each service by itself."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.places import directory_for
from weir.runtime.servers.child import command_line
from weir.runtime.servers.datadir import DataDir, Running
from weir.runtime.servers.nats_users import seed_file

SERVICES = ("registry", "trigger", "executor", "query", "scheduler")
Launch = Callable[..., "Process"]


class Process:
    """A process of the platform. What it logs goes to a file, what it tells people is read."""

    def __init__(self, module: str, log: Path, settings: dict[str, str]) -> None:
        self.log = log
        environment = {**os.environ, "WEIR_HTTP_PORT": "0", **settings}
        with log.open("w") as errors:
            self.popen = subprocess.Popen(  # noqa: S603 - our own
                [sys.executable, "-m", module],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
            )
        assert self.popen.stdout is not None
        self.out = self.popen.stdout
        self.told: list[str] = []

    def tells(self, pattern: str) -> str:
        """The group of the next line that matches."""
        for line in self.out:
            self.told.append(line)
            if match := re.search(pattern, line):
                return match[1]
        raise AssertionError(f"it ended without {pattern}: {self.told} {self.log.read_text()}")

    def url(self) -> str:
        """Its address, once it answers."""
        return self.tells(r"answers at (\S+)")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end."""
        self.popen.send_signal(number)
        return self.popen.wait(20)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that an unprivileged Postgres can reach too."""
    path = directory_for("weir-data-")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def launch(data_dir: Path, tmp_path: Path) -> Iterator[Launch]:
    """Starts processes on the data directory; those that still run are ended after the test."""
    launched: list[Process] = []

    def start(module: str, **settings: str) -> Process:
        log = tmp_path / f"{len(launched)}.log"
        launched.append(Process(module, log, {"WEIR_DATA_DIR": str(data_dir), **settings}))
        return launched[-1]

    yield start
    for process in reversed(launched):
        process.end()
        process.out.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client."""
    async with aiohttp.ClientSession() as session:
        yield session


async def ready(http: aiohttp.ClientSession, url: str) -> dict[str, bool]:
    """The checks of a process, once all hold."""
    while True:
        async with http.get(f"{url}/ready") as answer:
            if answer.status == 200:
                checks: dict[str, bool] = (await answer.json())["checks"]
                return checks
        await asyncio.sleep(0.02)


WORKFLOW = {
    "schema": "weir/v1",
    "name": "through all hands",
    "nodes": [
        {"id": "by_hand", "type": "manual"},
        {"id": "pause", "type": "delay", "config": {"duration": "100ms"}},
        {
            "id": "call",
            "type": "http_request",
            "config": {
                "method": "GET",
                "url": "http://127.0.0.1:65533/",
            },  # refused: that is enough
            "on_error": "continue",
        },
        {"id": "sum", "type": "set", "config": {"values": {"total": "{{ 40 + 2 }}"}}},
    ],
    "edges": [
        {"source": "by_hand", "target": "pause"},
        {"source": "pause", "target": "call"},
        {"source": "call", "target": "sum"},
    ],
}


async def pass_a_run_through(http: aiohttp.ClientSession, urls: dict[str, str]) -> None:
    """Make a workflow, publish it, run it, and find the run in the list."""
    workflows = "/api/v1/workflows"
    async with http.post(urls["registry"] + workflows, json=WORKFLOW) as answer:
        assert answer.status == 201
        workflow = (await answer.json())["id"]
    async with http.post(f"{urls['registry']}{workflows}/{workflow}/versions", json={}) as answer:
        assert answer.status == 201
    start = f"{urls['trigger']}{workflows}/{workflow}/runs?wait=20s"
    async with http.post(start, json={"input": {}}) as answer:
        run = await answer.json()
        assert (run["status"], run["output"]) == ("succeeded", {"sum": {"total": 42}})
        after = answer.headers["Weir-Sequence"]
    listed = f"{urls['query']}/api/v1/runs?min_sequence={after}&status=succeeded"
    async with asyncio.timeout(20):
        found: list[str] = []
        while run["run_id"] not in found:
            async with http.get(listed) as answer:
                found = [item["id"] for item in (await answer.json())["items"]]


async def test_one_command_starts_and_stops_everything(
    launch: Launch, data_dir: Path, http: aiohttp.ClientSession
) -> None:
    """The first start shows a key that works; the end leaves no process; the next keeps the key."""
    first = launch("services.embedded")
    key = first.tells(r"^ +(weir_key_\S+)")
    url = first.url()
    assert await ready(http, url)
    running = DataDir(data_dir).running()
    assert isinstance(running, Running)
    assert running.url == url
    with_key = {"Authorization": f"Bearer {key}"}
    for headers, status in (({}, 401), (with_key, 200)):
        async with http.get(f"{url}/api/v1/workflows", headers=headers) as answer:
            assert answer.status == status
    files = (data_dir / "nats" / "nats.pid", data_dir / "postgres.pid")
    servers = [int(file.read_text()) for file in files]
    assert first.end(signal.SIGINT) == 0
    assert not [pid for pid in servers if command_line(pid)]
    again = launch("services.embedded")
    url = again.url()
    async with http.get(f"{url}/api/v1/workflows", headers=with_key) as answer:
        assert answer.status == 200
    assert again.end(signal.SIGTERM) == 0
    assert "weir_key_" not in "".join(again.told)
    private = ("secrets.keys", "admin.key", "postgres.password", "nats/seeds/worker.seed")
    assert {(data_dir / name).stat().st_mode & 0o777 for name in private} == {0o600}


async def test_a_second_platform_is_refused_with_a_sentence(launch: Launch) -> None:
    """No traceback: who holds the directory, and what to do; exit code 1."""
    first = launch("services.embedded")
    first.url()
    second = launch("services.embedded")
    assert second.popen.wait(20) == 1
    told = second.log.read_text()
    assert f"in use by process {first.popen.pid}" in told
    assert "WEIR_DATA_DIR" in told
    assert "Traceback" not in told


async def test_each_service_runs_by_itself(
    launch: Launch, data_dir: Path, http: aiohttp.ClientSession
) -> None:
    """Each with its own NATS user, in any order: a run passes through all, a signal ends each."""
    servers = launch("weir.runtime.servers")
    servers.tells("(POSTGRES_DSN)")
    running = DataDir(data_dir).running()
    assert running is not None
    processes = {
        service: launch(
            f"services.{service}",
            WEIR_NATS_URL=running.nats_url,
            WEIR_NATS_SEED_FILE=str(seed_file(data_dir / "nats" / "seeds", service)),
            WEIR_POSTGRES_DSN=running.postgres_dsn,
            WEIR_HOT_PERIOD="100ms",
        )
        for service in SERVICES
    }
    key = processes["registry"].tells(r"^ +(weir_key_\S+)")
    urls = {service: process.url() for service, process in processes.items()}
    for url in urls.values():
        assert await ready(http, url)
    http.headers["Authorization"] = f"Bearer {key}"
    await pass_a_run_through(http, urls)
    assert [process.end() for process in reversed(processes.values())] == [0] * len(SERVICES)
    for process in processes.values():
        assert "violation" not in process.log.read_text().lower()
    assert servers.end() == 0


async def test_a_wrong_setting_is_told_before_anything_starts(launch: Launch) -> None:
    """Exit code 2 and a sentence."""
    process = launch("services.embedded", WEIR_HTTP_PORT="many")
    assert process.popen.wait(20) == 2
    assert "WEIR_HTTP_PORT (from env)" in process.log.read_text()
    alone = launch("services.scheduler")
    assert alone.popen.wait(20) == 1
    assert "set WEIR_NATS_URL" in alone.log.read_text()
