"""What only the real database can show: roles, row level security, migrations, lost sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.postgres_server import PostgresServer, dsn_of
from tests.tcp_proxy import Proxy
from tests.waiting import eventually, within
from weir.adapters.postgres import migrate as migrating
from weir.adapters.postgres import projecting as writing
from weir.adapters.postgres.connection import settings
from weir.adapters.postgres.listing import statement
from weir.adapters.postgres.migrate import Migration, migrate, migrations
from weir.adapters.postgres.projecting import Table
from weir.adapters.postgres.views import PostgresViews
from weir.contract.errors import SchemaMismatchError, UnavailableError
from weir.ports.views import Archived, Batch, Position, RunQuery, RunRow

TABLES = [
    *("runs", "labels", "steps", "attempts", "log_lines", "workflows"),
    *("dead_letters", "letters_handled", "audit_entries", "approvals", "webhook_deliveries"),
]


@pytest.fixture(scope="module")
def prepare_database() -> Any:
    """Every test's database has the schema."""
    return migrate


@pytest.fixture
async def views(postgres_dsn: str) -> AsyncIterator[PostgresViews]:
    """The store."""
    store = await PostgresViews.connect(postgres_dsn)
    yield store
    await store.close()


def at(sequence: int) -> Position:
    """A position of the run log."""
    return Position("RUNS", sequence, "", "first")


def run(tenant: str, run_id: str = "run_a") -> RunRow:
    """A run."""
    return RunRow(
        *(tenant, run_id, "wf_a", "ver_a", "hook", "webhook", "me", "{}", 1, 1),
        *("1", None, "running", None, None, None, 1),
    )


async def write(views: PostgresViews, *rows: RunRow, sequence: int = 1) -> None:
    """Store rows."""
    projecting = await views.project("runs")
    await projecting.apply(Batch(at(sequence), runs=rows))
    await projecting.close()


@asynccontextmanager
async def acting(dsn: str, role: Any) -> AsyncIterator[asyncpg.Connection]:
    """A bare connection as the services make theirs."""
    connection = await asyncpg.connect(dsn, server_settings=settings(role))
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize("table", TABLES)
async def test_without_a_tenant_nothing_is_seen(
    postgres_dsn: str, views: PostgresViews, table: str
) -> None:
    """A statement that forgets its tenant gives no rows, and a wrong tenant gives only its own."""
    await write(views, run("a"), run("b"))
    async with acting(postgres_dsn, "weir_query") as connection:
        rows = await connection.fetch(f"select tenant from weir.{table}")  # noqa: S608
        assert rows == []
        if table == "runs":
            async with connection.transaction():
                await connection.execute("select set_config('weir.tenant', 'a', true)")
                rows = await connection.fetch("select tenant from weir.runs")
                assert [row["tenant"] for row in rows] == ["a"]
            # The setting ended with its transaction.
            assert await connection.fetch("select tenant from weir.runs") == []


@pytest.mark.parametrize("table", TABLES)
async def test_readers_cannot_write(postgres_dsn: str, table: str) -> None:
    """Not in a read-only session, and not when it is made writable either."""
    async with acting(postgres_dsn, "weir_query") as connection:
        await connection.execute("set default_transaction_read_only = off")
        for what in ("delete from", "truncate"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"{what} weir.{table}")


async def test_the_owner_is_bound_too(postgres_dsn: str, views: PostgresViews) -> None:
    """Row level security is forced: the owner of the tables sees no tenant's rows."""
    await write(views, run("a"))
    owner = await asyncpg.connect(postgres_dsn)
    assert await owner.fetch("select * from weir.runs") == []
    await owner.close()


@pytest.mark.parametrize("role", ["weir_query", "weir_projector"])
async def test_no_role_of_ours_goes_round_the_rules(postgres_dsn: str, role: str) -> None:
    """No superuser, no BYPASSRLS, no login; every table of a tenant has its policies."""
    async with acting(postgres_dsn, role) as connection:
        assert await connection.fetchval("select current_user") == role
        facts = await connection.fetchrow(
            "select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = $1", role
        )
        assert list(facts.values()) == [False, False, False]
        rows = await connection.fetch(
            "select relname from pg_class where relnamespace = 'weir'::regnamespace "
            "and relkind = 'r' and relrowsecurity and relforcerowsecurity"
        )
        assert {row["relname"] for row in rows} == set(TABLES)


async def test_a_session_never_keeps_another_tenants_view(views: PostgresViews) -> None:
    """Reads of two tenants over the same connections each see their own."""
    await write(views, run("a"), run("b", "run_b"))

    async def seen(tenant: str) -> list[str]:
        return [found.run_id for found in await views.runs(tenant, RunQuery())]

    tenants = ["a", "b", "c"] * 30
    found = await asyncio.gather(*map(seen, tenants))
    assert found == [["run_a"], ["run_b"], []] * 30


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        *((table.kind, table.row) for table in vars(writing).values() if isinstance(table, Table)),
        ("archived_row", Archived),
    ],
)
async def test_the_type_of_a_row_has_its_fields(postgres_dsn: str, kind: str, row: Any) -> None:
    """Rows are sent as they are: the database must know their fields in the same order."""
    connection = await asyncpg.connect(postgres_dsn)
    fields = await connection.fetch(
        "select attname::text from pg_attribute where attrelid = $1::regclass order by attnum",
        f"weir.{kind}",
    )
    await connection.close()
    assert tuple(field[0] for field in fields) == row._fields


async def test_migrations_are_applied_once(postgres_dsn: str) -> None:
    """Starting again, or many processes at once, changes nothing."""
    assert await migrate(postgres_dsn) == []
    assert await asyncio.gather(*(migrate(postgres_dsn) for _ in range(4))) == [[]] * 4


async def test_processes_that_start_together_migrate_once(
    postgres_server: PostgresServer,
) -> None:
    """On an empty database one of them does it all and the others nothing."""
    admin = await asyncpg.connect(postgres_server.superuser_dsn)
    await admin.execute("create database together owner weir")
    try:
        dsn = dsn_of(postgres_server, "together")
        done = await asyncio.gather(*(migrate(dsn) for _ in range(4)))
        assert sorted(done) == [[], [], [], [each.name for each in migrations()]]
    finally:
        await admin.execute("drop database together with (force)")
        await admin.close()


async def test_a_database_of_a_newer_version_is_refused(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schema that this code does not know is left alone."""
    monkeypatch.setattr(migrating, "migrations", lambda: migrations()[:-1])
    with pytest.raises(SchemaMismatchError, match="does not know"):
        await migrate(postgres_dsn)


async def test_a_changed_migration_is_refused(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was applied must not be written differently afterwards."""
    changed = [each._replace(sql=each.sql + "\n-- more") for each in migrations()]
    monkeypatch.setattr(migrating, "migrations", lambda: changed)
    with pytest.raises(SchemaMismatchError, match="another text"):
        await migrate(postgres_dsn)


async def test_a_failing_migration_leaves_nothing_half_done(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is a transaction of its own."""
    bad = Migration(9_999, "9999_bad.sql", "create table weir.half (); select 1/0;")
    monkeypatch.setattr(migrating, "migrations", lambda: [*migrations(), bad])
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(postgres_dsn)
    monkeypatch.undo()
    assert await migrate(postgres_dsn) == []
    owner = await asyncpg.connect(postgres_dsn)
    assert await owner.fetchval("select to_regclass('weir.half')") is None
    await owner.close()


async def end_sessions(server: PostgresServer, role: str) -> None:
    """Cut every session that acts as this role."""
    admin = await asyncpg.connect(server.superuser_dsn)
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where application_name = $1 and pid <> pg_backend_pid()",
        role,
    )
    await admin.close()


async def test_a_writer_that_was_cut_off_cannot_write(
    postgres_server: PostgresServer, views: PostgresViews
) -> None:
    """Its lock went with its session; the next writer goes on where it stood."""
    first = await views.project("runs")
    await first.apply(Batch(at(1), runs=[run("a")]))
    waiting = asyncio.create_task(views.project("runs"))
    await eventually(lambda: lock_is_wanted(postgres_server))
    await end_one(postgres_server, first)
    second = await within(waiting)
    with pytest.raises(UnavailableError):
        await first.apply(Batch(at(2), runs=[run("b")]))
    assert second.position == at(1)
    await second.apply(Batch(at(2)))
    await second.close()
    await first.close()


async def lock_is_wanted(server: PostgresServer) -> bool:
    """Whether somebody waits for an advisory lock."""
    admin = await asyncpg.connect(server.superuser_dsn)
    waiting = await admin.fetchval(
        "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    )
    await admin.close()
    return bool(waiting)


async def end_one(server: PostgresServer, projecting: writing.PostgresProjecting) -> None:
    """Cut the session of this writer."""
    pid = projecting._connection.get_server_pid()
    admin = await asyncpg.connect(server.superuser_dsn)
    await admin.execute("select pg_terminate_backend($1)", pid)
    await admin.close()


async def test_a_silent_writer_loses_its_lock(
    views: PostgresViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was stopped lets another one write, once the server has ended its session."""
    monkeypatch.setattr(writing, "SILENCE_S", 1)
    stopped = await views.project("runs")
    stopped._pulse.cancel()
    second = await within(views.project("runs"))
    await second.close()
    with pytest.raises(UnavailableError):
        await stopped.apply(Batch(at(1)))
    await stopped.close()


async def test_a_living_writer_keeps_its_lock(
    views: PostgresViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has nothing to write speaks often enough not to be taken for dead.

    Thirty times in the silence that it would be: a machine that others keep busy may stand still
    for a second.
    """
    monkeypatch.setattr(writing, "SILENCE_S", 3)
    monkeypatch.setattr(writing, "_PULSE_S", 0.1)
    first = await views.project("runs")
    second = asyncio.create_task(views.project("runs"))
    done, _ = await asyncio.wait([second], timeout=3.5)
    assert not done
    await first.apply(Batch(at(1)))
    await first.close()
    await (await within(second)).close()


async def test_reads_survive_a_database_restart(
    postgres_server: PostgresServer, views: PostgresViews
) -> None:
    """Sessions that were cut are UNAVAILABLE at most once each; then reads work again."""
    await write(views, run("a"))
    await end_sessions(postgres_server, "weir_query")
    refused = 0
    while True:
        try:
            assert len(await views.runs("a", RunQuery())) == 1
            break
        except UnavailableError:
            refused += 1
            assert refused < 12


async def test_a_database_that_is_not_there_is_unavailable() -> None:
    """Connecting and migrating say so in our words."""
    nowhere = "postgresql://weir@127.0.0.1:1/weir"
    with pytest.raises(UnavailableError):
        await PostgresViews.connect(nowhere)
    with pytest.raises(UnavailableError):
        await migrate(nowhere, patience_s=0.1)


async def test_a_database_that_starts_is_waited_for(postgres_dsn: str) -> None:
    """First nobody listens, then the server says that it is starting, then it is there."""
    parts = urlsplit(postgres_dsn)
    proxy = Proxy(parts.port or 5432)
    await proxy.start()
    await proxy.close()
    place = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{proxy.port}"
    migrating_there = asyncio.create_task(migrate(urlunsplit(parts._replace(netloc=place))))
    told = asyncio.Event()

    async def starting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(8) == b"\0\0\0\x08\x04\xd2\x16/":  # whether TLS is spoken
            writer.write(b"N")
            await reader.read(8)
        said = b"SFATAL\0C57P03\0Mthe database system is starting up\0\0"
        writer.write(b"E" + (len(said) + 4).to_bytes(4, "big") + said)
        writer.close()
        told.set()

    async with await asyncio.start_server(starting, "127.0.0.1", proxy.port):
        await within(told.wait())
    await proxy.start()
    assert await within(migrating_there) == []
    await proxy.close()


async def test_filters_use_an_index(postgres_dsn: str, views: PostgresViews) -> None:
    """The lists that people look at are read from an index, however many runs there are."""
    rows = [
        run("a", f"run_{n}")._replace(started_ms=n, first_seq=n, labels=f'{{"team": "t{n % 99}"}}')
        for n in range(3_000)
    ]
    await write(views, *rows, sequence=5_000)
    queries = {
        "runs_by_start": RunQuery(after=(1_500, "run_1500")),
        "runs_by_workflow": RunQuery(workflow_id="wf_b"),
        "runs_not_succeeded": RunQuery(statuses=["failed"]),
        "labels_pkey": RunQuery(labels={"team": "ops"}),
    }
    owner = await asyncpg.connect(postgres_dsn)
    await owner.execute("analyze weir.runs, weir.labels")
    await owner.close()
    async with acting(postgres_dsn, "weir_query") as connection, connection.transaction():
        await connection.execute("select set_config('weir.tenant', 'a', true)")
        for index, query in queries.items():
            sql, values = statement("a", query)
            plan = await connection.fetch(f"explain {sql}", *values)
            assert index in "\n".join(row[0] for row in plan), plan
