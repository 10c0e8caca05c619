"""The whole embedded platform on a NATS server and a Postgres of the test's, in this process.

It is put together by the same code as `weir up`: wiring, `services.embedded.build`,
`run_services`. When it closes, every run it has had is made again from log and
archive and compared with what its owner held and with what the views show.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from typing import Any

import aiohttp
import orjson

from services.embedded.service import build
from services.scheduler.service import SchedulerService
from tests.fault.outside import Outside
from tests.figures import Count
from tests.http_house import Answer
from tests.nats_server import NatsServer
from tests.places import directory_for
from tests.replayed import Owners, compare, histories, live_differences, shown_as_logged
from tests.waiting import PATIENCE_S, within
from weir import settings as configuration
from weir.contract import subjects
from weir.contract.errors import ViewsBehindError
from weir.contract.subjects import RunKey, parse_run
from weir.core.runlog import RunLog
from weir.core.state import ENDED
from weir.ports.log import Stored
from weir.runtime.archive import Archive
from weir.runtime.authn import Authenticator
from weir.runtime.graphs import Graphs
from weir.runtime.platform import Platform
from weir.runtime.records import Versions
from weir.runtime.service import Service, run_services
from weir.wiring import connect

API = "/api/v1"
ROLES = ("admin", "editor", "operator", "viewer")
TENANT = "acme"
OTHER = "other"
_LOOKS = 100


class House:
    """A running platform. `keys` holds a token per `<tenant> <role>`; `key="editor"` is acme's."""

    def __init__(self, platform: Platform, url: str, outside: Outside) -> None:
        self.platform = platform
        self.url = url
        self.outside = outside
        self.services: list[Service] = []
        self.owners = Owners()
        self.keys: dict[str, str] = {}
        self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def hand_out_keys(self) -> None:
        """A key for each role of two tenants."""
        issuer = Authenticator(self.platform.identity, self.platform.clock)
        for tenant in (TENANT, OTHER):
            for role in ROLES:
                _, token = await issuer.issue(tenant=tenant, name=role, role=role, by="test")
                self.keys[f"{tenant} {role}"] = token

    def headers(self, key: str | None) -> dict[str, str]:
        """What a request as this role carries; None is nobody."""
        if key is None:
            return {}
        named = key if " " in key else f"{TENANT} {key}"
        return {"Authorization": f"Bearer {self.keys.get(named, key)}"}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        key: str | None = "admin",
        headers: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> Answer:
        """One request; a path that begins with neither /api nor /hooks is under the API's.

        Where the views are behind it is made again, as clients are told to.
        """
        whole = path if path.startswith(("/api", "/hooks", "/health", "/ready")) else API + path
        sent = {**self.headers(key), **(headers or {})}
        until = time.monotonic() + PATIENCE_S
        while True:
            async with self.http.request(method, self.url + whole, headers=sent, **rest) as told:
                answer = await Answer.of(told)
            behind = answer.status == 503 and whole.startswith(API)
            if not behind or answer.code != ViewsBehindError.code or time.monotonic() > until:
                return answer

    async def publish(self, definition: Mapping[str, Any], key: str = "admin") -> dict[str, Any]:
        """A new workflow with this definition: what publishing answered."""
        made = await self.ask("POST", "/workflows", json=definition, key=key)
        assert made.status == 201, made.body
        told = await self.ask("POST", f"/workflows/{made.body['id']}/versions", key=key)
        assert told.status == 201, told.body
        answer: dict[str, Any] = told.body
        return answer

    async def run(
        self,
        workflow: str,
        given: Any = None,
        *,
        key: str = "admin",
        wait: str = "20s",
        **body: Any,
    ) -> dict[str, Any]:
        """Start a run and wait for its end at most so long."""
        path = f"/workflows/{workflow}/runs" + (f"?wait={wait}" if wait else "")
        answer = await self.ask("POST", path, key=key, json={"input": given or {}, **body})
        assert answer.status in {200, 202}, answer.body
        told: dict[str, Any] = answer.body
        return told

    async def last(self) -> int:
        """The sequence of the last message that the views are made from."""
        told = (await histories(self.platform.runs)).values()
        every = (message for messages in told for message in messages)
        return max((m.seq for m in every if parse_run(m.subject)[1] in subjects.FOLDED), default=0)

    async def history(self, run_id: str, tenant: str = TENANT) -> list[Stored]:
        """A run's messages in the log."""
        key = self.key(run_id, tenant)
        return [m async for batch in self.platform.runs.read(key.everything) for m in batch]

    def key(self, run_id: str, tenant: str = TENANT) -> RunKey:
        """Where a run lies."""
        return subjects.run_key(tenant, run_id, self.platform.settings.shards)

    # -- judging --

    async def judge(self, count: Count) -> None:
        """Every run: its owner's states, its log, its archive and what is shown are one."""
        archive = Archive(self.platform.blobs)
        compared = await compare(self.owners, self.platform.runs, self.platform.registry, archive)
        compared.must_hold()
        live = await self._in_memory()
        shown, last = 0, await self.last()
        assert (await self.ask("GET", f"/runs?min_sequence={last}")).status == 200
        for tenant in (TENANT, OTHER):
            shown += await shown_as_logged(self.url, self.keys[f"{tenant} admin"], last)
        assert shown >= compared.runs, "a run that had an owner is not listed"
        count("runs made again from their logs, equal to their owners' states", compared.runs)
        count("states of owners after a turn, equal to the fold of the log", compared.turns)
        count("runs made again from their archives", compared.archives)
        count("runs in owners' memory, equal to the fold of the log", live)
        count("runs shown as replay-state --check makes them", shown)

    async def _in_memory(self) -> int:
        """How many runs owners hold in memory; all must be as their logs tell, once at rest."""
        graphs = Graphs(Versions(self.platform.registry))
        wrong: list[str] = []
        for _ in range(_LOOKS):
            logs = await histories(self.platform.runs)
            held = self._held()
            for _, log in held:
                if log.state is not None:
                    await graphs.get(log.state.start.tenant, log.state.start.version)
            wrong = live_differences(held, logs, graphs.of)
            if not wrong:
                return len(held)
            await asyncio.sleep(0.05)
        raise AssertionError("; ".join(wrong[:3]))

    def in_memory(self) -> list[tuple[RunKey, RunLog]]:
        """The runs that owners hold and that go on."""
        return self._held()

    def _held(self) -> list[tuple[RunKey, RunLog]]:
        (service,) = [one for one in self.services if isinstance(one, SchedulerService)]
        shards = service._scheduler._shards.values()
        runs = [run for shard in shards if shard.turns for run in shard.turns.memory.runs.values()]
        return [
            (run.key, run.log)
            for run in runs
            if run.log.state is not None and run.log.state.status not in ENDED
        ]


@asynccontextmanager
async def running(dsn: str, count: Count, **given: Any) -> AsyncIterator[House]:
    """A house on its own NATS server and this database; `given` are settings."""
    directory = directory_for("weir-acceptance-")
    server = NatsServer(directory)
    server.start()
    settings = configuration.load(
        **{
            "data_dir": directory / "data",
            "nats_url": server.url,
            "postgres_dsn": dsn,
            "http_port": 0,
            "outbound_allow": ("127.0.0.0/8",),
            **given,
        }
    )
    try:
        async with AsyncExitStack() as stack:
            outside = await stack.enter_async_context(Outside.open())
            platform = await stack.enter_async_context(connect(settings, "embedded"))
            services, stop = build(platform), asyncio.Event()
            address: asyncio.Future[str] = asyncio.get_running_loop().create_future()

            async def announce(url: str) -> None:
                address.set_result(url)

            serving = asyncio.create_task(
                run_services(platform, services, stop=stop, announce=announce)
            )
            await asyncio.wait([serving, address], return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
            house = House(platform, address.result(), outside)
            house.services = services
            with house.owners.watching():
                try:
                    await house.hand_out_keys()
                    await within(_ready(house))
                    yield house
                    await house.judge(count)
                finally:
                    await house.http.close()
                    stop.set()
                    await serving
    finally:
        server.kill()
        shutil.rmtree(directory)


async def _ready(house: House) -> None:
    while (await house.ask("GET", "/ready", key=None)).status != 200:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def flow(name: str, *nodes: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A definition whose nodes follow each other after a manual start."""
    every = [{"id": "start", "type": "manual"}, *nodes]
    edges = [{"source": one["id"], "target": two["id"]} for one, two in pairwise(every)]
    return {"name": name, "nodes": every, "edges": edges, **rest}


def text_of(value: Any) -> str:
    """Whatever was answered, as text to look through."""
    return (
        value.decode("utf-8", "replace")
        if isinstance(value, bytes)
        else orjson.dumps(value).decode()
    )
