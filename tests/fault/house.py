"""The platform as separate processes that a test can kill, pause and start again.

A NATS server, a Postgres and the services run on free ports of the loopback,
each service under its own NATS user as in production. Whoever uses a house
waits for things (a ready process, a message, a row), never for a length of
time. Whatever a test leaves running ends with the house.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from tests.fault.cluster import NODES, Cluster
from tests.fault.outside import Outside
from tests.fault.ports import free_port
from tests.places import directory_for
from weir import settings as configuration
from weir.adapters.jetstream.connect import connect as connect_nats
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.keyfile import keys
from weir.adapters.objects.files import FileBlobs
from weir.client import ApiError, Client
from weir.contract import subjects
from weir.runtime.archive import Archive
from weir.runtime.first_key import TENANT
from weir.runtime.servers.child import Child, Program
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats import NatsServer
from weir.runtime.servers.postgres import PostgresServer

# Process -> service. Schedulers make the streams, so they come first.
SERVICES: Mapping[str, str] = {
    "scheduler-1": "scheduler",
    "scheduler-2": "scheduler",
    "registry": "registry",
    "trigger": "trigger",
    "executor": "executor",
    "query": "query",
}
START_S = 90.0
AWAY_S = 30.0  # a broker whose nodes were killed
NATS, POSTGRES = "nats", "postgres"


class EndedError(AssertionError):
    """A process ended while it was started."""


class Process:
    """One service in a process of its own, always on the same port."""

    def __init__(self, name: str, directory: Path, environment: Mapping[str, str]) -> None:
        port = free_port()
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self.log = directory / f"{name}.log"
        variables = {**environment, "WEIR_HTTP_PORT": str(port), "WEIR_WORKER_NAME": name}
        module = f"services.{SERVICES.get(name, name.rpartition('-')[0])}"
        self.child = Child(
            Program(
                name=name,
                command=[
                    *("env", *(f"{key}={value}" for key, value in variables.items())),
                    *(sys.executable, "-m", module),
                ],
                mark=str(directory),
                pid_file=directory / f"{name}.pid",
                log_file=self.log,
                stop_signal=signal.SIGKILL,
            )
        )

    async def ready(self, http: aiohttp.ClientSession) -> None:
        """Until every check of the process holds."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            code = self.child.exit_code()
            if code is not None:
                raise EndedError(f"{self.name} ended with {code}: {self.child.last_words()}")
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with http.get(f"{self.url}/ready") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{self.name} is not ready: {self.child.last_words()}")


class House:
    """Everything that runs. `log` is the run log as an administrator sees it."""

    def __init__(self, directory: Path, outside: Outside, given: Mapping[str, str]) -> None:
        self.directory = directory
        self.outside = outside
        self.given = given
        own = configuration.load(data_dir=directory, nats_url="nats://127.0.0.1", **given)
        self.cluster = Cluster(directory) if own.replicas > 1 else None
        self._alone = NatsServer(DataDir(directory), own)
        self.nats: NatsServer | Cluster = self.cluster or self._alone
        self.postgres = PostgresServer(DataDir(directory), own)
        self.processes: dict[str, Process] = {}
        self.blobs = FileBlobs(own.blobs)
        self.archive = Archive(self.blobs)
        self._keys = own.keys
        self.http: aiohttp.ClientSession
        self.key: str
        self.link: Link
        self.log: JetStreamLog

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything; end it with the block."""
        async with AsyncExitStack() as stack:
            self.http = await stack.enter_async_context(
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
            )
            stack.push_async_callback(self.blobs.close)
            if self.cluster:
                await stack.enter_async_context(self.cluster.ways())
            stack.push_async_callback(self._end)
            keys.make(self._keys)
            await self.start(NATS, POSTGRES)
            for name in SERVICES:
                self.add(name)
            await self.start(*SERVICES)
            self.key = self._told(r"^ +(weir_key_\S+)")
            self.link = await connect_nats(
                self.nats.url,
                name="test",
                nkey_seed=self.nats.seed_file("embedded").read_text().strip(),
                inbox="_INBOX.embedded",
            )
            stack.push_async_callback(self.link.close)
            self.log = JetStreamLog(self.link, subjects.RUNS)
            yield

    # -- processes --

    def add(self, name: str, **environment: str) -> Process:
        """One process more, not started; `<service>-<number>` is another of a service."""
        service = SERVICES.get(name, name.rpartition("-")[0])
        process = Process(
            name,
            self.directory,
            {
                "WEIR_DATA_DIR": str(self.directory),
                "WEIR_NATS_URL": self.nats.url,
                "WEIR_NATS_SEED_FILE": str(self.nats.seed_file(service)),
                "WEIR_POSTGRES_DSN": self.postgres.dsn,
                "WEIR_OUTBOUND_ALLOW": f"127.0.0.1:{self.outside.port}",
                "WEIR_LOG_FORMAT": "json",
                **{f"WEIR_{name.upper()}": value for name, value in self.given.items()},
                **environment,
            },
        )
        self.processes[name] = process
        return process

    async def start(self, *names: str) -> None:
        """Start these together, servers before services; returns when all are ready."""
        names = tuple(one for name in names for one in self._each(name))
        await asyncio.gather(*self._servers(names))
        processes = [self.processes[name] for name in names if name in self.processes]
        for process in processes:
            process.child.start()
        await asyncio.gather(*(process.ready(self.http) for process in processes))

    async def kill(self, *names: str) -> None:
        """SIGKILL; returns when they are dead."""
        children = [self._child(one) for name in names for one in self._each(name)]
        for child in children:
            _send(child, signal.SIGKILL)
        await asyncio.gather(*(child.ended() for child in children))

    def pause(self, name: str) -> None:
        """SIGSTOP; it stands still on return."""
        child = self._child(name)
        _send(child, signal.SIGSTOP)
        assert child.pid is not None
        os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        _send(self._child(name), signal.SIGCONT)

    async def ready(self, *names: str) -> None:
        """Until all checks of these processes hold."""
        await asyncio.gather(*(self.processes[name].ready(self.http) for name in names))

    def client(self, name: str) -> Client:
        """The HTTP API of one process, with the first key."""
        return Client(self.http, self.processes[name].url)

    @property
    def authorised(self) -> dict[str, str]:
        """The header that carries the first key."""
        return {"Authorization": f"Bearer {self.key}"}

    # -- use --

    async def ask(
        self, name: str, method: str, path: str, body: Any = None, **query: str | int
    ) -> Any:
        """One request to a process; raises ApiError, PlatformUnreachableError."""
        answer = await self.client(name).ask(
            method, f"/api/v1{path}", query=query, body=body, headers=self.authorised
        )
        return answer.body

    async def read(self, name: str, path: str, **query: str | int) -> Any:
        """What a process tells; asked again while it says that its broker is away."""
        async with asyncio.timeout(AWAY_S):
            while True:
                try:
                    return await self.ask(name, "GET", path, **query)
                except ApiError as error:
                    if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
                        raise
                await asyncio.sleep(0.2)

    async def items(self, name: str, path: str, **query: str | int) -> list[Any]:
        """All items of a list, page by page."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.read(name, path, limit=200, **query, **cursor)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    async def change(self, workflow: str, definition: Mapping[str, Any]) -> Mapping[str, Any]:
        """A new version of this workflow, current from now on; the answer."""
        await self.client("registry").ask(
            "PUT",
            f"/api/v1/workflows/{workflow}",
            body=dict(definition),
            headers={**self.authorised, "If-Match": "*"},
        )
        told: Mapping[str, Any] = await self.ask(
            "registry", "POST", f"/workflows/{workflow}/versions"
        )
        return told

    async def publish(self, definition: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """A new workflow with this definition as its current version: its id, and the answer."""
        made = await self.ask("registry", "POST", "/workflows", dict(definition))
        told = await self.ask("registry", "POST", f"/workflows/{made['id']}/versions")
        return made["id"], told

    async def start_runs(self, workflow: str, inputs: Sequence[Any]) -> list[str]:
        """Start a run for each input, all at once; their ids."""
        revision = await self.ask("registry", "GET", f"/workflows/{workflow}")
        told = await self.ask(
            "trigger",
            "POST",
            f"/workflows/{workflow}/runs:batch",
            {"items": [{"input": one} for one in inputs]},
            min_revision=revision["revision"],
        )
        assert all("run_id" in item for item in told["items"]), told["items"]
        return [item["run_id"] for item in told["items"]]

    async def ended(self, runs: Iterable[str], patience_s: float = 60.0) -> int:
        """Until the log holds the end of all these runs; the sequence of the last."""
        last = 0
        left = {subjects.run_key(TENANT, run_id).events for run_id in runs}
        following = self.log.follow("run.*.*.*.ev")
        try:
            async with asyncio.timeout(patience_s):
                async for batch in following:
                    for message in batch:
                        if message.subject in left and ENDS.search(message.data):
                            left.discard(message.subject)
                            last = message.seq
                    if not left:
                        break
        except TimeoutError:
            raise AssertionError(f"{len(left)} runs have not ended: {sorted(left)[:3]}") from None
        finally:
            await following.close()
        return last

    # -- inside --

    def _each(self, name: str) -> Sequence[str]:
        return NODES if name == NATS and self.cluster else (name,)

    def _servers(self, names: Sequence[str]) -> Iterator[Awaitable[None]]:
        if NATS in names:
            yield self._alone.start()
        if POSTGRES in names:
            yield self.postgres.start()
        if self.cluster and (nodes := [name for name in names if name in NODES]):
            yield self.cluster.start(*nodes)

    def _child(self, name: str) -> Child:
        if name in self.processes:
            return self.processes[name].child
        if self.cluster and name in NODES:
            return self.cluster.nodes[name].child
        child = self.postgres.child if name == POSTGRES else self._alone.child
        assert child is not None
        return child

    def _told(self, pattern: str) -> str:
        found = re.search(pattern, self.processes["registry"].log.read_text(), re.MULTILINE)
        assert found is not None
        return found[1]

    async def _end(self) -> None:
        children = [self._child(name) for name in self.processes]
        for child in children:
            _send(child, signal.SIGCONT)
            await child.stop(patience_s=5)
        for server in (self.nats, self.postgres):
            await server.stop()


ENDS = re.compile(rb'"run_(?:succeeded|failed|cancelled)"')


def _send(child: Child, number: signal.Signals) -> None:
    if child.pid is not None and child.exit_code() is None:
        os.kill(child.pid, number)


@asynccontextmanager
async def house(*, store: Path | None = None, **given: str) -> AsyncIterator[House]:
    """A house that runs; `given` are settings of all its processes.

    `store` is where the NATS server keeps everything, if not beside the rest.
    """
    directory = directory_for("weir-house-")
    if store is not None:
        (directory / "nats").symlink_to(store)
    try:
        async with Outside.open() as outside:
            made = House(directory, outside, given)
            async with made.running():
                yield made
    finally:
        shutil.rmtree(directory, ignore_errors=True)
