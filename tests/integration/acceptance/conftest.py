"""A whole platform per module, on real NATS and Postgres servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.figures import Count
from tests.integration.acceptance.house import House, running
from tests.postgres_server import Aside, administer, dsn_of
from weir.runtime.servers.postgres import PostgresServer


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the module's own."""
    aside: Aside = request.getfixturevalue("aside")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = request.module.__name__.rpartition(".")[2]
    aside.run(administer(server, f"create database {name} owner weir"))
    yield dsn_of(server, name)
    aside.run(administer(server, f"drop database {name} with (force)"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(database: str, count: Count) -> AsyncIterator[House]:
    """The platform. When it closes, all its runs are judged."""
    async with running(database, count) as house:
        yield house
