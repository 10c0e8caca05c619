"""The PostgreSQL node against a real server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.postgres_server import dsn_of
from tests.unit.nodes.fake_context import FakeContext
from tests.waiting import PATIENCE_S
from weir.nodes import postgres
from weir.nodes.builtin import postgres_query
from weir.nodes.builtin.postgres_query import PostgresQuery
from weir.ports.node_context import NodeError
from weir.runtime.servers.postgres import PostgresServer
from weir.runtime.worker_guard import parse_allowed
from weir.runtime.worker_http import OutboundHttp

TABLE = """
create table orders (
    id bigint primary key, name text not null, price numeric(10, 2), paid boolean,
    made timestamptz, day date, tags text[], more jsonb, raw bytea, key uuid, ratio float8
)
"""


async def _prepare(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(TABLE)
    await connection.close()


@pytest.fixture(scope="module")
def prepare_database() -> Any:
    """The table of these tests."""
    return _prepare


@pytest.fixture
async def node() -> AsyncIterator[PostgresQuery]:
    """The node, closed at the end."""
    node = PostgresQuery()
    yield node
    await node.close()


class Database:
    """Runs the node on the test's database."""

    def __init__(self, node: PostgresQuery, dsn: str) -> None:
        self.node = node
        self.dsn = dsn

    async def run(self, query: str, *parameters: Any, **config: Any) -> Any:
        """The output."""
        whole = {"connection": {"dsn": self.dsn}, "query": query, "parameters": list(parameters)}
        return await self.node.execute({**whole, **config}, FakeContext())

    async def fails(self, query: str, *parameters: Any, **config: Any) -> NodeError:
        """The error."""
        with pytest.raises(NodeError) as failed:
            await self.run(query, *parameters, **config)
        return failed.value


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


@pytest.fixture
async def database(
    node: PostgresQuery, postgres_server: PostgresServer, postgres_template: str
) -> Database:
    """The node on the module's database, with an empty table."""
    dsn = dsn_of(postgres_server, postgres_template)
    connection = await asyncpg.connect(dsn)
    await connection.execute("truncate orders")
    await connection.close()
    return Database(node, dsn)


async def test_rows_come_as_json(database: Database) -> None:
    """Every common type has a JSON form: exact numbers as text, times in UTC, bytes in base64."""
    output = await database.run(
        "insert into orders values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) returning *",
        7.0,
        "Ä",
        "19.90",
        True,
        "2026-01-31T10:00:00+01:00",
        "2026-01-31",
        ["a", "b"],
        {"deep": [1, None]},
        "AAEC",
        "123e4567-e89b-12d3-a456-426614174000",
        0.5,
        mode="write",
    )
    assert output == {
        "count": 1,
        "rows": [
            {
                "id": 7,
                "name": "Ä",
                "price": "19.90",
                "paid": True,
                "made": "2026-01-31T09:00:00Z",
                "day": "2026-01-31",
                "tags": ["a", "b"],
                "more": {"deep": [1, None]},
                "raw": "AAEC",
                "key": "123e4567-e89b-12d3-a456-426614174000",
                "ratio": 0.5,
            }
        ],
    }


async def test_values_are_bound_and_never_part_of_the_statement(database: Database) -> None:
    """What looks like SQL in a value is a value."""
    bad = "x'; drop table orders; --"
    output = await database.run("select $1::text as said", bad)
    assert output["rows"] == [{"said": bad}]
    assert (await database.run("select count(*) from orders"))["rows"] == [{"count": 0}]


@pytest.mark.parametrize(
    ("cast", "value", "read"),
    [
        ("int4", 3.0, 3),
        ("int4", "12", 12),
        ("text", 5, "5"),
        ("text", {"a": 1}, '{"a":1}'),
        ("numeric", 0.1, "0.1"),
        ("float8", "0.25", 0.25),
        ("int4[]", [1.0, 2], [1, 2]),
        ("timestamp", "2026-01-01T00:00:00", "2026-01-01T00:00:00"),
        ("time", "10:30:00", "10:30:00"),
        ("jsonb", [1, "a"], [1, "a"]),
        ("text", None, None),
        ("float8", "nan", "nan"),
    ],
)
async def test_json_values_fit_the_parameters_types(
    database: Database, cast: str, value: Any, read: Any
) -> None:
    """Numbers from JSON, which knows one kind of them, and texts become what the query needs."""
    output = await database.run(f"select $1::{cast} as value", value)
    assert output["rows"] == [{"value": read}]


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("select $1::int4", ["many"]),
        ("select $1::int4", [1.5]),
        ("select $1::int4", []),
        ("select 1", [1]),
        ("select $1::int4[]", ["no list"]),
        ("select $1::date", ["31.1.2026"]),
        ("select 1 as a, 2 as a", []),
    ],
)
async def test_parameters_that_do_not_fit_end_the_step(
    database: Database, query: str, parameters: list[Any]
) -> None:
    """CONFIG_INVALID: another attempt would not help."""
    failed = await database.fails(query, *parameters)
    assert failed.error_code == "CONFIG_INVALID", failed.message
    assert not failed.retryable


async def test_reading_changes_nothing(database: Database) -> None:
    """In read mode the database itself refuses a change."""
    failed = await database.fails("insert into orders (id, name) values (1, 'x')")
    assert failed.error_code == "SQLSTATE_25006"
    assert (await database.run("select count(*) from orders"))["rows"] == [{"count": 0}]


async def test_a_refusal_of_the_database_has_its_state_as_code(database: Database) -> None:
    """A violated key ends the step, with what the database knows beside it."""
    insert = "insert into orders (id, name) values (1, 'x')"
    assert (await database.run(insert, mode="write")) == {"rows": [], "count": 1}
    failed = await database.fails(insert, mode="write")
    assert failed.error_code == "SQLSTATE_23505"
    assert not failed.retryable
    assert failed.details["constraint_name"] == "orders_pkey"
    assert (await database.fails("selec 1")).error_code == "SQLSTATE_42601"


async def test_too_many_rows_fail_and_change_nothing(database: Database) -> None:
    """Nothing is cut off quietly; a write that gives too much is rolled back."""
    failed = await database.fails("select generate_series(1, 11)", max_rows=10)
    assert failed.error_code == "RESULT_TOO_LARGE"
    insert = "insert into orders (id, name) select n, 'x' from generate_series(1, 20) n"
    failed = await database.fails(f"{insert} returning id", mode="write", max_rows=10)
    assert failed.error_code == "RESULT_TOO_LARGE"
    assert (await database.run("select count(*) from orders"))["rows"] == [{"count": 0}]
    assert (await database.run("select generate_series(1, 10)", max_rows=10))["count"] == 10


async def test_a_large_result_is_stopped_while_it_is_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size is counted as rows come, not after all are in memory."""
    monkeypatch.setattr("weir.nodes.builtin.postgres_query.SIZE_LIMIT", 100_000)
    query = "select repeat('x', 1000) from generate_series(1, 100000)"
    failed = await database.fails(query, max_rows=100_000)
    assert failed.error_code == "RESULT_TOO_LARGE"


async def test_a_statement_that_takes_too_long_is_stopped_by_the_database(
    database: Database,
) -> None:
    """It may be tried again: load passes."""
    failed = await database.fails("select pg_sleep(30)", timeout="50ms")
    assert failed.error_code == "SQLSTATE_57014"
    assert failed.retryable


async def test_serialization_failures_may_be_tried_again(database: Database) -> None:
    """What another transaction made impossible can succeed the next time."""
    query = "do $$ begin raise exception 'busy' using errcode = '40001'; end $$"
    failed = await database.fails(query, mode="write")
    assert failed.error_code == "SQLSTATE_40001"
    assert failed.retryable


async def test_a_database_that_is_away_may_be_tried_again(
    node: PostgresQuery, unused_port: int
) -> None:
    """POSTGRES_UNREACHABLE, without the password."""
    dsn = f"postgresql://weir:hidden-word@127.0.0.1:{unused_port}/weir"
    failed = await Database(node, dsn).fails("select 1")
    assert failed.error_code == "POSTGRES_UNREACHABLE"
    assert failed.retryable
    assert "hidden-word" not in failed.message


async def test_a_connection_lost_between_two_words_to_the_server_may_be_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the driver says then is that the connection is closed, not that a server was lost."""
    read = postgres_query._read

    async def lost(connection: Any, config: Any) -> Any:
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        other = await asyncpg.connect(database.dsn)
        await other.execute("select pg_terminate_backend($1)", connection.get_server_pid())
        await other.close()
        await asyncio.wait_for(gone.wait(), PATIENCE_S)
        return await read(connection, config)

    monkeypatch.setattr(postgres_query, "_read", lost)
    failed = await database.fails("select 1")
    assert (failed.error_code, failed.retryable) == ("POSTGRES_UNREACHABLE", True)


async def test_a_lost_connection_may_be_tried_again(database: Database) -> None:
    """A server that goes down during a statement loses the attempt, not the step."""
    running = asyncio.create_task(database.fails("select pg_sleep(30)"))
    connection = await asyncpg.connect(database.dsn)
    ended = 0
    while not ended:
        ended = await connection.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where query like 'select pg_sleep%' and state = 'active'"
        )
    await connection.close()
    failed = await running
    assert failed.retryable
    assert failed.error_code in {"SQLSTATE_57P01", "SQLSTATE_08003", "POSTGRES_UNREACHABLE"}


async def test_a_cancelled_step_leaves_no_statement_behind(database: Database) -> None:
    """The database stops working when the step does."""
    running = asyncio.create_task(database.run("select pg_sleep(30)"))
    connection = await asyncpg.connect(database.dsn)
    active = (
        "select count(*) from pg_stat_activity "
        "where query like 'select pg_sleep%' and state = 'active'"
    )
    async with asyncio.timeout(10):
        while not await connection.fetchval(active):
            continue
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        while await connection.fetchval(active):
            continue
    await connection.close()


async def test_pools_are_kept_and_bounded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One per credential, a few connections each; the one unused longest makes room."""
    monkeypatch.setattr(postgres, "POOLS", 2)
    await asyncio.gather(*(database.run("select 1") for _ in range(20)))
    used = "select count(*) from pg_stat_activity where application_name = 'weir'"
    used += " and datname = current_database()"
    assert (await database.run(used))["rows"][0]["count"] <= postgres.CONNECTIONS
    for mode in ("disable", "prefer"):
        other = Database(database.node, f"{database.dsn}?sslmode={mode}")
        await other.run("select 1")
    assert len(database.node._pools._pools) == 2


@pytest.mark.parametrize(
    "connection",
    [
        {"dsn": "mysql://u:p@h/d"},
        {"dsn": "postgresql:///nobody"},
        {"dsn": "postgresql://u:p@h/d?options=-csearch_path%3Dx"},
        {"host": "/var/run/postgresql", "user": "u", "password": "p", "database": "d"},
        {"host": "h", "user": "u", "database": "d"},
    ],
)
async def test_a_connection_names_its_database_whole(node: PostgresQuery, connection: Any) -> None:
    """Nothing of the worker's own environment or sockets fills a gap."""
    with pytest.raises(NodeError) as failed:
        await node.execute({"connection": connection, "query": "select 1"}, FakeContext())
    assert failed.value.error_code == "CONFIG_INVALID"


async def test_a_database_inside_is_reached_only_where_that_is_allowed(
    node: PostgresQuery, database: Database
) -> None:
    """The installation says so; and each tenant has connections of its own."""
    whole = {"connection": {"dsn": database.dsn}, "query": "select 1 as one"}
    async with OutboundHttp() as closed, OutboundHttp(parse_allowed(["127.0.0.0/8"])) as opened:
        with pytest.raises(NodeError) as failed:
            await node.execute(whole, FakeContext(closed))
        assert failed.value.error_code == "ADDRESS_REFUSED"
        assert not failed.value.retryable
        other = FakeContext(opened)
        other.tenant = "other"
        output = await node.execute(whole, other)
    assert output["rows"] == [{"one": 1}]
