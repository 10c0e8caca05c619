"""Weir as separate processes or as one, with its servers, for the time of a measurement."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SERVICES = ("registry", "query", "scheduler", "executor", "trigger")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class House:
    """`async with House("separate", "kill-safe")`: a fresh platform on free ports."""

    def __init__(self, mode: str, sync: str) -> None:
        self.mode = mode
        self.sync = sync
        self.data = Path(tempfile.mkdtemp(prefix="weir-bench-"))
        self.ports: dict[str, int] = {}
        self.env = {
            **os.environ,
            "WEIR_DATA_DIR": str(self.data),
            "WEIR_SYNC": sync,
            "WEIR_LOG_LEVEL": "warning",
        }
        self._processes: list[subprocess.Popen[str]] = []

    async def __aenter__(self) -> Self:
        try:
            if self.mode == "embedded":
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

    @property
    def key(self) -> str:
        """The administrator's API key, as the process that made it showed it once."""
        for log in self.data.glob("*.log"):
            shown = re.search(r"weir_key_\S+", log.read_text())
            if shown:
                return shown[0]
        raise LookupError("no process showed an API key")

    def worker(self, target: str) -> None:
        """An SDK worker beside the platform."""
        env = {**self.env, **self._places("worker")}
        self._start([sys.executable, "-m", "weir.sdk", target], env)

    def call(self, service: str, method: str, path: str, body: Any = None) -> Any:
        """A request to a service's API; urllib's HTTPError if it is refused."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[service]}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def memory_mb(self) -> float:
        """Resident memory of all processes of the platform, shared pages counted once each."""
        total = 0
        for process in self._processes:
            for pid in _tree(process.pid):
                with suppress(OSError):
                    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                        if line.startswith("Pss:"):
                            total += int(line.split()[1])
        return total / 1024

    def cpu_seconds(self) -> float:
        """Processor time of all processes of the platform so far."""
        ticks = 0
        for process in self._processes:
            for pid in _tree(process.pid):
                with suppress(OSError):
                    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stored_bytes(self) -> int:
        """What the broker's directory holds."""
        return sum(f.stat().st_size for f in (self.data / "nats").rglob("*") if f.is_file())

    def close(self) -> None:
        """Stop everything and remove the data."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.data, ignore_errors=True)

    async def _embedded(self) -> None:
        port = free_port()
        self.ports = dict.fromkeys(SERVICES, port)
        self._start(
            [sys.executable, "-m", "services.embedded"],
            {**self.env, "WEIR_HTTP_PORT": str(port)},
        )
        await self._ready("embedded", port)

    async def _separate(self) -> None:
        self._servers = self._start([sys.executable, "-m", "weir.runtime.servers"], self.env)
        running = self.data / "platform.json"
        await _until(running.exists, "the servers")
        for service in SERVICES:
            port = self.ports[service] = free_port()
            env = {**self.env, **self._places(service), "WEIR_HTTP_PORT": str(port)}
            self._start([sys.executable, "-m", f"services.{service}"], env)
        for service in SERVICES:
            await self._ready(service, self.ports[service])

    def _places(self, service: str) -> dict[str, str]:
        told = json.loads((self.data / "platform.json").read_text())
        seed = told.get("nats_seed_file") or ""
        places = {"WEIR_NATS_URL": told["nats_url"], "WEIR_POSTGRES_DSN": told["postgres_dsn"]}
        if seed:
            places["WEIR_NATS_SEED_FILE"] = str(Path(seed).parent / f"{service}.seed")
        return places

    def _start(self, command: list[str], env: dict[str, str]) -> subprocess.Popen[str]:
        log = (self.data / f"{len(self._processes)}.log").open("w")
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, text=True)  # noqa: S603
        self._processes.append(process)
        return process

    async def _ready(self, name: str, port: int) -> None:
        await _until(lambda: _answers(port), name)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


async def _until(holds: Any, what: str) -> None:
    for _ in range(600):
        if await asyncio.to_thread(holds):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{what} did not get ready within 30 s")


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(c) for c in (task / "children").read_text().split()]
    return found
