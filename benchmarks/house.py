"""Weir as separate processes or as one, with its servers, for the time of a measurement."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks import processes
from tests.fault.ports import free_port
from tests.places import directory_for
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.log import JetStreamLog
from weir.contract import subjects

SERVICES = ("registry", "query", "scheduler", "executor", "trigger")
SERVERS = "servers"
EMBEDDED = "embedded"
WORKER = "worker"
_READY_S = 60.0
# All that asks is counted, as in the product, and nobody is refused.
LIMITS = ",".join(f"{name}=900000000/1m" for name in ("api", "hooks", "start", "credentials"))
_SERVERS = {"nats-server": "NATS", "postgres": "Postgres"}


@dataclass
class _Program:
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603 - a command of ours
                self.command, env=self.env, stdout=log, stderr=log, text=True
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid


class House:
    """`async with House("separate", "kill-safe")`: a fresh platform on free ports.

    `given` are settings of all its processes.
    """

    def __init__(self, mode: str, sync: str, **given: str) -> None:
        self.mode = mode
        self.sync = sync
        self.data = directory_for("weir-bench-")
        self.ports: dict[str, int] = {}
        self.env = {
            **os.environ,
            "WEIR_DATA_DIR": str(self.data),
            "WEIR_SYNC": sync,
            "WEIR_LOG_LEVEL": "warning",
            "WEIR_LIMITS": LIMITS,
            **{f"WEIR_{name.upper()}": value for name, value in given.items()},
        }
        self._programs: dict[str, _Program] = {}

    async def __aenter__(self) -> Self:
        try:
            if self.mode == EMBEDDED:
                await self._embedded()
            else:
                await self._separate()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- its API --

    @property
    def key(self) -> str:
        """The administrator's API key, as the process that made it showed it once."""
        for program in self._programs.values():
            shown = re.search(r"weir_key_\S+", program.log.read_text())
            if shown:
                return shown[0]
        raise LookupError("no process showed an API key")

    @property
    def authorised(self) -> dict[str, str]:
        """The header that carries it."""
        return {"Authorization": f"Bearer {self.key}"}

    def call(self, service: str, method: str, path: str, body: Any = None) -> Any:
        """A request to a service's API; urllib's HTTPError if it is refused."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[service]}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={**self.authorised, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(asked, timeout=600) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            error.add_note(error.read().decode())
            raise

    async def ask(self, service: str, method: str, path: str, body: Any = None) -> Any:
        """The same, while the loop goes on."""
        return await asyncio.to_thread(self.call, service, method, path, body)

    def publish(self, definition: dict[str, Any]) -> Any:
        """A new workflow with this definition as its current version."""
        made = self.call("registry", "POST", "/workflows", definition)
        return self.call("registry", "POST", f"/workflows/{made['id']}/versions", {})

    async def metrics(self, service: str) -> dict[str, float]:
        """What a service counts, by the name of the series; of embedded services, all."""
        url = f"http://127.0.0.1:{self.ports[service]}/metrics"
        text = (await asyncio.to_thread(_read, url)).splitlines()
        pairs = (line.rpartition(" ") for line in text if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    @asynccontextmanager
    async def log(self) -> AsyncIterator[JetStreamLog]:
        """The log of runs, as an administrator sees it."""
        told = self._told()
        seed = Path(told["nats_seed_file"]).with_name("embedded.seed").read_text().strip()
        link = await connect(
            told["nats_url"], name="bench", nkey_seed=seed, inbox="_INBOX.embedded"
        )
        try:
            yield JetStreamLog(link, subjects.RUNS)
        finally:
            await link.close()

    # -- its processes --

    async def worker(self, target: str = "benchmarks.definitions:worker") -> None:
        """An SDK worker beside the platform, ready on return."""
        env = {**self.env, **self._places(WORKER), "WEIR_LOG_LEVEL": "info"}
        program = self._start(WORKER, [sys.executable, "-m", "weir.sdk", target], env)
        await _until(lambda: "ready" in program.log.read_text(), WORKER)

    def kill(self, *names: str) -> None:
        """SIGKILL to these processes and what they started; of all, if none is named."""
        killed = [self._programs[name] for name in names or self._programs]
        for pid in [pid for program in killed for pid in processes.tree(program.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for program in killed:
            assert program.process is not None
            program.process.wait()

    async def restart(self, *names: str) -> float:
        """Start them again, all at once, and again if one ends, as a supervisor does.

        Returns after how many seconds all were ready.
        """
        began = time.monotonic()
        names = names or tuple(self._programs)
        for name in names:
            self._programs[name].start()

        def ready() -> bool:
            for name in names:
                program = self._programs[name]
                assert program.process is not None
                if program.process.poll() is not None:
                    program.start()
            return all(_answers(self.ports[name]) for name in names if name in self.ports)

        await _until(ready, "everything after the kill")
        return time.monotonic() - began

    @property
    def scheduler(self) -> int:
        """The process that runs are decided in."""
        return self._programs[EMBEDDED if self.mode == EMBEDDED else "scheduler"].pid

    def pids(self) -> dict[str, list[int]]:
        """All processes of the platform, by the program they belong to; the servers apart."""
        found: dict[str, list[int]] = {}
        for name, program in self._programs.items():
            for pid in processes.tree(program.pid):
                found.setdefault(_SERVERS.get(processes.command(pid), name), []).append(pid)
        return found

    def memory_mb(self) -> float:
        """Memory of all processes of the platform."""
        return processes.memory_mb(pid for pids in self.pids().values() for pid in pids)

    def cpu_seconds(self) -> float:
        """Processor time of all processes of the platform so far."""
        return processes.cpu_seconds(pid for pids in self.pids().values() for pid in pids)

    def stored_bytes(self) -> int:
        """What the broker's directory holds."""
        return _bytes(self.data / "nats")

    def view_bytes(self) -> int:
        """What Postgres keeps of its tables, its own log aside."""
        return _bytes(self.data / "postgres", "base")

    def archive_bytes(self) -> int:
        """What the object store holds."""
        return _bytes(self.data / "blobs")

    def words(self) -> dict[str, str]:
        """What each process has written to its log."""
        return {name: program.log.read_text() for name, program in self._programs.items()}

    def close(self) -> None:
        """Stop everything and remove the data."""
        running = [p.process for p in reversed(self._programs.values()) if p.process is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in reversed(running):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.data, ignore_errors=True)

    # -- inside --

    async def _embedded(self) -> None:
        port = free_port()
        self.ports = dict.fromkeys((*SERVICES, EMBEDDED), port)
        env = {**self.env, "WEIR_HTTP_PORT": str(port)}
        self._start(EMBEDDED, [sys.executable, "-m", "services.embedded"], env)
        await self._ready(EMBEDDED)

    async def _separate(self) -> None:
        self._start(SERVERS, [sys.executable, "-m", "weir.runtime.servers"], self.env)
        await _until((self.data / "platform.json").exists, "the servers")
        for service in SERVICES:
            port = self.ports[service] = free_port()
            env = {**self.env, **self._places(service), "WEIR_HTTP_PORT": str(port)}
            self._start(service, [sys.executable, "-m", f"services.{service}"], env)
        for service in SERVICES:
            await self._ready(service)

    def _told(self) -> dict[str, str]:
        return dict(json.loads((self.data / "platform.json").read_text()))

    def _places(self, service: str) -> dict[str, str]:
        told = self._told()
        places = {
            "WEIR_NATS_URL": told["nats_url"],
            "WEIR_POSTGRES_DSN": told["postgres_dsn"],
            "WEIR_BLOB_DIR": str(self.data / "blobs"),
        }
        if seed := told["nats_seed_file"]:
            places["WEIR_NATS_SEED_FILE"] = str(Path(seed).with_name(f"{service}.seed"))
        return places

    def _start(self, name: str, command: list[str], env: Mapping[str, str]) -> _Program:
        program = self._programs[name] = _Program(command, env, self.data / f"{name}.log")
        program.start()
        return program

    async def _ready(self, name: str) -> None:
        await _until(lambda: _answers(self.ports[name]), name)


def _bytes(directory: Path, under: str = "") -> int:
    files = (path for path in directory.rglob("*") if path.is_file())
    return sum(f.stat().st_size for f in files if not under or under in f.parts)


def _answers(port: int) -> bool:
    try:
        _read(f"http://127.0.0.1:{port}/ready")
    except (OSError, urllib.error.URLError):
        return False
    return True


def _read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - a port of ours
        return str(answer.read().decode())


async def _until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _READY_S
    while not await asyncio.to_thread(holds):
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not get ready within {_READY_S:g} s")
        await asyncio.sleep(0.02)
