"""The query service while its database is gone, or stands still, and afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from services.query.service import Query, build
from tests.http_house import House, memory_platform
from tests.scribe import Scribe
from tests.tcp_proxy import Proxy, proxied
from tests.waiting import eventually, within
from weir.adapters.memory.broker import Broker
from weir.adapters.postgres import connection, views
from weir.adapters.postgres.migrate import migrate
from weir.adapters.postgres.views import PostgresViews
from weir.adapters.system import SystemClock
from weir.contract.errors import UnavailableError
from weir.runtime.http.app import application
from weir.runtime.http.server import Server


@pytest.fixture(scope="module")
def prepare_database() -> Any:
    """Every test's database has the schema."""
    return migrate


class Site(House):
    """The query service with its readiness, behind a proxy to its database."""

    def __init__(self, proxy: Proxy, store: PostgresViews) -> None:
        platform = replace(memory_platform(Broker(SystemClock()).connect()), views=store)
        self.query: Query = build(platform)
        super().__init__(platform, [self.query])
        self.proxy = proxy
        self.scribe = Scribe(platform.runs, "1", tenant="acme")

    async def ready(self) -> tuple[int, list[str]]:
        """The status of `/ready` and what is missing."""
        app = application(self.platform, (), self.query.health)
        server = Server(app, "127.0.0.1", 0, stop_s=0.1)
        await server.start()
        try:
            async with self._session.get(f"{server.url}/ready") as answer:
                checks = (await answer.json())["checks"]
                return answer.status, [name for name, good in checks.items() if not good]
        finally:
            await server.stop()

    async def lists(self) -> bool:
        """Whether the run is in the list."""
        answer = await self.ask("GET", "/api/v1/runs")
        return answer.status == 200 and len(answer.body["items"]) == 1

    async def is_ready(self) -> bool:
        """Whether nothing is missing."""
        return await self.ready() == (200, [])

    async def is_unready(self) -> bool:
        """Whether the database is missing, and nothing else."""
        return await self.ready() == (503, ["database"])


@asynccontextmanager
async def site_on(dsn: str) -> AsyncIterator[Site]:
    """A site with a run in its list."""
    parts = urlsplit(dsn)
    async with proxied(parts.port or 5432) as proxy:
        place = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{proxy.port}"
        store = await PostgresViews.connect(urlunsplit(parts._replace(netloc=place)))
        async with Site(proxy, store) as site:
            await site.scribe.simple()
            await eventually(site.lists)
            await eventually(site.is_ready)
            yield site
            proxy.let_through()
        await within(store.close())


@pytest.fixture
async def site(postgres_dsn: str) -> AsyncIterator[Site]:
    """The service at work."""
    async with site_on(postgres_dsn) as site:
        yield site


READS = ("", "/{run_id}", "/{run_id}/steps", "/{run_id}/logs")


async def all_refused(site: Site) -> None:
    """Twenty requests at once, more than there are connections, are all refused in one way."""
    paths = [f"/api/v1/runs{rest.format(run_id=site.scribe.run_id)}" for rest in READS] * 5
    answers = await asyncio.gather(*(site.ask("GET", path) for path in paths))
    assert {(answer.status, answer.code) for answer in answers} == {(503, "UNAVAILABLE")}
    assert all(answer.headers["Retry-After"] for answer in answers)


async def test_a_database_that_stands_still_is_told_at_once(site: Site) -> None:
    """Requests get 503 UNAVAILABLE in the time of a first word, readiness names the database."""
    site.proxy.hold(requests=True, answers=True)
    # A tenth of what an answer may take: whoever asks is refused by us and not by his patience.
    await within(all_refused(site), 2 * connection.FIRST_WORD_S + 1)
    await eventually(site.is_unready)
    site.proxy.let_through()
    await eventually(site.is_ready)
    await eventually(site.lists)


async def test_a_database_that_is_gone_is_told_and_found_again(site: Site) -> None:
    """Nobody listens: the same refusal; when somebody does again, all is as before."""
    await site.proxy.close()
    await within(all_refused(site))
    await eventually(site.is_unready)
    await site.proxy.start()
    await eventually(site.is_ready)
    await eventually(site.lists)


async def test_what_was_written_meanwhile_shows_afterwards(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A projection whose writes were swallowed begins again by itself."""
    monkeypatch.setattr("weir.adapters.postgres.projecting._WRITE_TIMEOUT_S", 0.5)
    site.proxy.hold(requests=True, answers=True)
    other = Scribe(site.platform.runs, "2", tenant="acme")
    await other.simple()
    await eventually(site.is_unready)
    site.proxy.cut()  # what was held is lost
    site.proxy.let_through()

    async def both() -> bool:
        answer = await site.ask("GET", "/api/v1/runs")
        return answer.status == 200 and len(answer.body["items"]) == 2

    await eventually(both)


async def test_a_reading_that_is_cut_off_ends_in_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the middle of an answer, a database holds nobody longer than a query may take."""
    monkeypatch.setattr(views, "QUERY_TIMEOUT_S", -0.5)
    store = site.platform.views
    assert isinstance(store, PostgresViews)

    async def reading() -> None:
        async with store._of("acme") as held:
            site.proxy.hold(requests=True, answers=True)
            await held.fetch("select 1")

    with pytest.raises(UnavailableError):
        await within(reading(), 5)
