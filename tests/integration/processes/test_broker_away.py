"""Every service while the broker is away: it says so, refuses, and is back when the broker is."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from services.executor.service import build as build_executor
from services.query.service import build as build_query
from services.registry.service import build as build_registry
from services.scheduler.service import build as build_scheduler
from services.trigger.service import build as build_trigger
from tests.nats_server import NatsServer
from tests.waiting import eventually
from weir import settings
from weir.adapters.keyfile import keys
from weir.runtime.authn import Authenticator
from weir.runtime.service import run_services
from weir.wiring import connect

BUILDS: dict[str, Any] = {
    "scheduler": build_scheduler,  # makes the streams
    "registry": build_registry,
    "executor": build_executor,
    "query": build_query,
    "trigger": build_trigger,
}
ASKED = {
    "registry": ("GET", "/api/v1/workflows"),
    "query": ("GET", "/api/v1/runs"),
    "trigger": ("POST", "/api/v1/workflows/wf_aaaaaaaaaaaaaaaaaaaaaaaaaa/runs"),
}


class Services:
    """All services, each with a connection and a server of its own."""

    def __init__(self, token: str, urls: dict[str, str], session: aiohttp.ClientSession) -> None:
        self.token = token
        self.urls = urls
        self.session = session

    async def checks(self, service: str) -> tuple[int, dict[str, bool]]:
        """What `/ready` says."""
        async with self.session.get(f"{self.urls[service]}/ready") as answer:
            return answer.status, (await answer.json())["checks"]

    async def all_ready(self) -> bool:
        """Whether nothing is missing anywhere."""
        return all([(await self.checks(name))[0] == 200 for name in BUILDS])

    async def all_miss_nats(self) -> bool:
        """Whether every one is unready and names the broker."""
        found = [await self.checks(name) for name in BUILDS]
        return all(status == 503 and not checks["nats"] for status, checks in found)

    async def refusals(self) -> set[tuple[int, str]]:
        """How those that answer requests refuse them."""
        found = set()
        for name, (method, path) in ASKED.items():
            headers = {"Authorization": f"Bearer {self.token}"}
            url = self.urls[name] + path
            async with self.session.request(method, url, json={}, headers=headers) as answer:
                found.add((answer.status, (await answer.json())["error"]["code"]))
        return found


@pytest.fixture
async def services(
    own_nats_server: NatsServer, postgres_dsn: str, tmp_path: Path
) -> AsyncIterator[Services]:
    """Every service by itself, as `python -m services.<name>` runs it."""
    found = settings.load(
        data_dir=tmp_path / "data",
        nats_url=own_nats_server.url,
        postgres_dsn=postgres_dsn,
        http_port=0,
        stop_deadline="500ms",
    )
    stop, urls, running = asyncio.Event(), {}, []
    async with AsyncExitStack() as stack:
        for name, build in BUILDS.items():
            if name == "scheduler":
                found.data_dir.mkdir()
                keys.make(found.keys)
            platform = await stack.enter_async_context(connect(found, name))
            told: asyncio.Future[str] = asyncio.get_running_loop().create_future()

            async def announce(url: str, told: asyncio.Future[str] = told) -> None:
                told.set_result(url)

            work = run_services(platform, [build(platform)], stop=stop, announce=announce)
            running.append(asyncio.create_task(work))
            urls[name] = await told
            if name == "registry":
                issuer = Authenticator(platform.identity, platform.clock)
                _, token = await issuer.issue(tenant="a", name="t", role="admin", by="test")
        session = await stack.enter_async_context(aiohttp.ClientSession())
        made = Services(token, urls, session)
        await eventually(made.all_ready)
        yield made
        stop.set()
        await asyncio.gather(*running)


async def test_every_service_tells_that_the_broker_is_gone_and_back(
    services: Services, own_nats_server: NatsServer
) -> None:
    """Readiness is 503 and names `nats`, requests are 503 UNAVAILABLE, until it is there again."""
    own_nats_server.kill()
    await eventually(services.all_miss_nats)
    assert await services.refusals() == {(503, "UNAVAILABLE")}
    own_nats_server.start()
    await eventually(services.all_ready)


async def test_every_service_tells_that_the_broker_stands_still(
    services: Services, own_nats_server: NatsServer
) -> None:
    """The connection is there and nobody answers: the same, as soon as pings go unanswered."""
    own_nats_server.signal(signal.SIGSTOP)
    assert await services.refusals() == {(503, "UNAVAILABLE")}
    await eventually(services.all_miss_nats)
    own_nats_server.signal(signal.SIGCONT)
    await eventually(services.all_ready)
