"""The rows of approvals in Postgres; a reading is bound to its tenant by row level security."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from weir.adapters.postgres.connection import (
    FIRST_WORD_S,
    QUERY_TIMEOUT_S,
    cut_off,
    pool,
    unavailable,
)
from weir.adapters.postgres.migrate import migrate
from weir.ports.inbox import InboxQuery, InboxReader, InboxRow

CONNECTIONS = 4

_FIELDS = ", ".join(InboxRow._fields)
_VALUES = ", ".join(f"${number}" for number in range(1, len(InboxRow._fields) + 1))
_CHANGED = ", ".join(f"{name} = excluded.{name}" for name in InboxRow._fields[2:])
_STORE = (
    f"insert into weir.approvals ({_FIELDS}) values ({_VALUES}) "  # noqa: S608 - names of ours
    f"on conflict (tenant, approval_id) do update set {_CHANGED} "
    "where approvals.revision < excluded.revision"
)
# Of several processes the slower one does not take the place back.
_MOVE = "update weir.approvals_place set seq = $1 where seq < $1"


class PostgresInbox:
    """See `ports.inbox.Inbox`."""

    def __init__(self, dsn: str, query: asyncpg.Pool, projector: asyncpg.Pool) -> None:
        self._dsn = dsn
        self._migrated = False
        self._query = query
        self._projector = projector

    @classmethod
    async def connect(cls, dsn: str) -> PostgresInbox:
        """Rows whose database may be away by now: nothing is connected before it is needed."""
        query = await pool(dsn, "weir_query", CONNECTIONS, at_once=False)
        return cls(dsn, query, await pool(dsn, "weir_projector", 1, at_once=False))

    async def close(self) -> None:
        """Close both pools."""
        with unavailable():
            await self._query.close()
            await self._projector.close()

    async def place(self) -> int:
        """How far it has come; the first question of all brings the schema up to date."""
        if not self._migrated:
            await migrate(self._dsn, patience_s=0)
            self._migrated = True
        async with self._connection(self._projector) as connection:
            return int(await connection.fetchval("select seq from weir.approvals_place"))

    async def store(self, rows: Sequence[InboxRow], place: int) -> None:
        """Put rows in their place and move on, together."""
        async with self._connection(self._projector) as connection, connection.transaction():
            if rows:
                await connection.executemany(_STORE, rows)
            await connection.execute(_MOVE, place)

    async def find(self, tenant: str, reader: InboxReader, query: InboxQuery) -> list[InboxRow]:
        """The newest first."""
        where, values = _where(tenant, reader, query)
        if query.after is not None:
            values += query.after
            where += f" and (asked_ms, approval_id) < (${len(values) - 1}::bigint, ${len(values)})"
        values.append(query.limit)
        sql = (
            f"select {_FIELDS} from weir.approvals where {where} "  # noqa: S608 - values are apart
            f"order by asked_ms desc, approval_id desc limit ${len(values)}"
        )
        found = await self._asked(tenant, sql, values)
        return [_row(one) for one in found]

    async def counts(
        self, tenant: str, reader: InboxReader, query: InboxQuery, since_ms: int
    ) -> dict[str, int]:
        """How many by status."""
        where, values = _where(tenant, reader, query)
        values += [since_ms, list(reader.names), reader.id]
        since, names, who = (f"${len(values) - back}" for back in (2, 1, 0))
        sql = (
            "select status, count(*), count(*) filter (where status = 'open' and "  # noqa: S608
            f"names && {names}::text[] and not {who} = any(excluded)) from weir.approvals where "
            f"{where} and (ended_ms is null or ended_ms >= {since}::bigint) group by status"
        )
        found = await self._asked(tenant, sql, values)
        mine = sum(row[2] for row in found)
        return {**{row[0]: row[1] for row in found}, "mine": mine}

    async def erase(self, tenant: str) -> int:
        """Remove a tenant's."""
        async with self._connection(self._projector) as connection:
            done = await connection.execute("delete from weir.approvals where tenant = $1", tenant)
        return int(done.rpartition(" ")[2])

    async def _asked(self, tenant: str, sql: str, values: Sequence[Any]) -> list[Any]:
        async with self._connection(self._query) as connection, connection.transaction():
            await connection.execute("select set_config('weir.tenant', $1, true)", tenant)
            return list(await connection.fetch(sql, *values))

    @asynccontextmanager
    async def _connection(self, pool: asyncpg.Pool) -> AsyncIterator[Any]:
        with unavailable():
            async with pool.acquire(timeout=FIRST_WORD_S) as connection:
                with cut_off(connection, QUERY_TIMEOUT_S + 1):
                    yield connection


def _where(tenant: str, reader: InboxReader, query: InboxQuery) -> tuple[str, list[Any]]:
    values: list[Any] = [tenant]

    def put(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    parts = ["tenant = $1"]
    if query.statuses:
        parts.append(f"status = any({put(list(query.statuses))}::text[])")
    parts += [
        f"{name} = {put(given)}"
        for name in ("kind", "workflow_id", "run_id")
        if (given := getattr(query, name))
    ]
    if query.text:
        parts.append(f"strpos(lower(title), {put(query.text.lower())}) > 0")
    if query.voted:
        parts.append(f"{put(reader.id)} = any(voted)")
    asked = ""
    if query.mine or reader.projects is not None:
        asked = f"names && {put(list(reader.names))}::text[]"
    if query.mine:
        parts.append(f"{asked} and not {put(reader.id)} = any(excluded)")
    elif reader.projects is not None:
        parts.append(f"(project = any({put(list(reader.projects))}::text[]) or {asked})")
    return " and ".join(parts), values


def _row(found: Sequence[Any]) -> InboxRow:
    row = InboxRow(*found)
    return row._replace(
        names=tuple(row.names), excluded=tuple(row.excluded), voted=tuple(row.voted)
    )
