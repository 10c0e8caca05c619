"""A real Postgres for tests: one server per session (and xdist worker), a database per test.

A test asks for `postgres_dsn`. Its database is a copy of the module's template,
which is empty unless the module overrides the fixture `prepare_database` with a
function that fills it, once for all its tests:

    @pytest.fixture(scope="module")
    def prepare_database():
        return migrate            # async, takes the template's DSN
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from itertools import count
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.places import directory_for
from weir import settings
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.postgres import PostgresServer

T = TypeVar("T")
Prepare = Callable[[str], Awaitable[Any]]

_numbers = count(1)


class Aside:
    """A loop in a thread that lasts for the session.

    Fixtures may be asked for while a test's loop runs, and the kernel ties a
    server to the thread that started it.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of the work, done over there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def aside() -> Iterator[Aside]:
    """Where fixtures of this module do what has to be awaited."""
    thread = Aside()
    yield thread
    thread.close()


@pytest.fixture(scope="session")
def postgres_server(aside: Aside) -> Iterator[PostgresServer]:
    """The session's server, that of an embedded platform; not to be killed."""
    directory = directory_for("weir-postgres-")
    server = PostgresServer(DataDir(directory), settings.load(data_dir=directory))
    aside.run(server.start())
    # Nothing of it has to survive: to make and to drop a database for a test takes a third so.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        aside.run(administer(server, f"alter system set {setting} = off"))
    aside.run(administer(server, "select pg_reload_conf()"))
    yield server
    aside.run(server.stop())
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def prepare_database() -> Prepare:
    """What fills the module's template; nothing unless the module says otherwise."""

    async def nothing(_dsn: str) -> None:
        pass

    return nothing


@pytest.fixture(scope="module")
def postgres_template(
    aside: Aside, postgres_server: PostgresServer, prepare_database: Prepare
) -> Iterator[str]:
    """The name of the module's template database."""
    name = f"template_{next(_numbers)}"

    async def make() -> None:
        await administer(postgres_server, f"create database {name} owner weir")
        await prepare_database(dsn_of(postgres_server, name))

    aside.run(make())
    yield name
    aside.run(administer(postgres_server, f"drop database {name} with (force)"))


@pytest.fixture
def postgres_dsn(
    aside: Aside, postgres_server: PostgresServer, postgres_template: str
) -> Iterator[str]:
    """A database of the test's own; the user owns it and may make roles, but is no superuser."""
    name = f"test_{next(_numbers)}"
    template = f"template {postgres_template} strategy file_copy"
    aside.run(administer(postgres_server, f"create database {name} owner weir {template}"))
    yield dsn_of(postgres_server, name)
    aside.run(administer(postgres_server, f"drop database {name} with (force)"))


def dsn_of(server: PostgresServer, database: str) -> str:
    """The ordinary user's way into a database."""
    return urlunsplit(urlsplit(server.dsn)._replace(path=f"/{database}"))


async def administer(server: PostgresServer, statement: str) -> None:
    """Run a statement as the superuser."""
    connection = await asyncpg.connect(server.superuser_dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
