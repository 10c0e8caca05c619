"""The query service behind a real HTTP server: over memory, and over NATS and Postgres."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from services.query.service import Query, build
from tests.nats_server import empty_streams
from tests.scribe import Scribe
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.tasks import JetStreamTasks
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.secrets import MemorySecrets
from weir.adapters.memory.tasks import MemoryTasks
from weir.adapters.memory.views import MemoryViews
from weir.adapters.objects.files import FileBlobs
from weir.adapters.postgres.migrate import migrate
from weir.adapters.postgres.views import PostgresViews
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.runtime.authn import Authenticator
from weir.runtime.http.app import application
from weir.runtime.http.server import Server
from weir.runtime.platform import Platform
from weir.settings import load


@pytest.fixture(scope="module")
def prepare_database() -> Any:
    """Every test's database has the schema."""
    return migrate


@pytest.fixture(params=["memory", "servers"])
async def platform(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Platform]:
    """The ports of one process."""
    clock, settings = SystemClock(), load(data_dir=tmp_path)
    if request.param == "memory":
        connection = Broker(clock).connect()
        yield Platform(
            settings=settings,
            clock=clock,
            runs=MemoryLog(connection, subjects.RUNS),
            registry=MemoryLog(connection, subjects.REGISTRY),
            collab=MemoryLog(connection, subjects.COLLAB),
            identity=MemoryLog(connection, subjects.IDENTITY),
            accounts=MemoryLog(connection, subjects.ACCOUNTS),
            notes=MemoryLog(connection, subjects.NOTES),
            audit=MemoryLog(connection, subjects.AUDIT),
            logs=MemoryLog(connection, subjects.LOGS),
            rates=MemoryLog(connection, subjects.RATES),
            deliveries=MemoryLog(connection, subjects.DELIVERIES),
            bus=MemoryLog(connection, subjects.BUS),
            cursors=MemoryLog(connection, subjects.CURSORS),
            approvals=MemoryLog(connection, subjects.APPROVALS),
            tasks=MemoryTasks(connection),
            live=MemoryLive(connection),
            blobs=MemoryBlobs(),
            secrets=MemorySecrets(),
            views=MemoryViews(),
        )
        return
    dsn, server = request.getfixturevalue("postgres_dsn"), request.getfixturevalue("nats_server")
    views = await PostgresViews.connect(dsn)
    blobs = FileBlobs(tmp_path / "blobs")
    async with empty_streams(server) as link:
        yield Platform(
            settings=settings,
            clock=clock,
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
            blobs=blobs,
            secrets=MemorySecrets(),
            views=views,
        )
    await views.close()
    await blobs.close()


@dataclass
class Site:
    """A running query service and a client that holds a key of the tenant `acme`."""

    platform: Platform
    service: Query
    client: ClientSession
    authenticator: Authenticator

    def scribe(self, name: str = "1", tenant: str = "acme") -> Scribe:
        """A run to be written into the log."""
        return Scribe(self.platform.runs, name, tenant=tenant)

    async def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        """The JSON answer."""
        async with self.client.get(f"/api/v1{path}", params=query) as response:
            answer = await response.json()
            assert response.status == status, answer
            return answer

    async def refused(self, path: str, status: int, /, **query: Any) -> str:
        """The code of a refusal."""
        return str((await self.get(path, status, **query))["error"]["code"])

    async def token(self, tenant: str) -> dict[str, str]:
        """Headers with a fresh viewer's key."""
        _, token = await self.authenticator.issue(
            tenant=tenant, name="test", role="viewer", by="test"
        )
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def site(platform: Platform) -> AsyncIterator[Site]:
    """The service at work."""
    service = build(platform)
    app = application(platform, service.routes, service.health)
    server = Server(app, "127.0.0.1", 0, stop_s=0.2)
    authenticator = Authenticator(platform.identity, platform.clock)
    await service.start()
    await server.start()
    site = Site(platform, service, ClientSession(base_url=server.url), authenticator)
    site.client.headers.update(await site.token("acme"))
    yield site
    await site.client.close()
    await server.stop()
    await service.stop()
