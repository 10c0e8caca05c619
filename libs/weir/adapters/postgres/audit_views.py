"""The audit's views in Postgres; a reading is bound to its tenant by row level security."""

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
from weir.ports.audit_views import AuditPlace, AuditQuery, AuditRow

CONNECTIONS = 4

_STORE = (
    "insert into weir.audit_entries (tenant, at_ms, entry_id, number, event, actor, resource, "
    "outcome, words, entry) select tenant, at_ms, entry_id, number, event, actor, resource, "
    "outcome, array_to_tsvector(string_to_array(words, ' ')), entry from unnest($1::text[], "
    "$2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], "
    "$9::text[], $10::text[]) as told (tenant, at_ms, entry_id, number, event, actor, resource, "
    "outcome, words, entry) on conflict do nothing"
)
# Of several processes the slower one does not take the place back.
_MOVE = "update weir.audit_place set seq = $1, digest = $2 where seq < $1"


class PostgresAuditViews:
    """See `ports.audit_views.AuditViews`."""

    def __init__(self, dsn: str, query: asyncpg.Pool, projector: asyncpg.Pool) -> None:
        self._dsn = dsn
        self._migrated = False
        self._query = query
        self._projector = projector

    @classmethod
    async def connect(cls, dsn: str) -> PostgresAuditViews:
        """Views whose database may be away by now: nothing is connected before it is needed."""
        query = await pool(dsn, "weir_query", CONNECTIONS, at_once=False)
        return cls(dsn, query, await pool(dsn, "weir_projector", 1, at_once=False))

    async def close(self) -> None:
        """Close both pools."""
        with unavailable():
            await self._query.close()
            await self._projector.close()

    async def place(self) -> AuditPlace:
        """How far it has come; the first question of all brings the schema up to date."""
        if not self._migrated:
            await migrate(self._dsn, patience_s=0)
            self._migrated = True
        async with self._connection(self._projector) as connection:
            row = await connection.fetchrow("select seq, digest from weir.audit_place")
        return AuditPlace(*row)

    async def store(self, rows: Sequence[AuditRow], place: AuditPlace) -> None:
        """Add rows and move on, together."""
        columns = [list(column) for column in zip(*(_stored(row) for row in rows), strict=True)]
        async with self._connection(self._projector) as connection, connection.transaction():
            if columns:
                await connection.execute(_STORE, *columns)
            await connection.execute(_MOVE, *place)

    async def clear(self) -> None:
        """Begin anew."""
        async with self._connection(self._projector) as connection, connection.transaction():
            await connection.execute("truncate weir.audit_entries")
            await connection.execute("update weir.audit_place set seq = 0, digest = ''")

    async def find(self, tenant: str, query: AuditQuery) -> list[tuple[int, str]]:
        """The newest first."""
        sql, values = statement(tenant, query)
        async with self._connection(self._query) as connection, connection.transaction():
            await connection.execute("select set_config('weir.tenant', $1, true)", tenant)
            return [tuple(row) for row in await connection.fetch(sql, *values)]

    @asynccontextmanager
    async def _connection(self, pool: asyncpg.Pool) -> AsyncIterator[Any]:
        with unavailable():
            async with pool.acquire(timeout=FIRST_WORD_S) as connection:
                with cut_off(connection, QUERY_TIMEOUT_S + 1):
                    yield connection


def statement(tenant: str, query: AuditQuery) -> tuple[str, list[Any]]:
    """(SQL, values) of a page."""
    wanted: list[tuple[str, Any]] = [
        ("actor = {}", query.actor or None),
        ("resource = {}", query.resource or None),
        ("outcome = {}", query.outcome or None),
        ("at_ms >= {}", query.from_ms),
        ("at_ms < {}", query.before_ms),
        ("words @@ {}::tsquery", _tsquery(query.words) or None),
    ]
    values: list[Any] = [tenant]
    where = ""
    for condition, value in wanted:
        if value is not None:
            values.append(value)
            where += f" and {condition.format(f'${len(values)}')}"
    if query.event:
        values += [query.event, query.event + "\U0010ffff"]
        where += f" and event >= ${len(values) - 1} and event < ${len(values)}"
    if query.outcome and query.outcome != "allowed":
        where += " and outcome <> 'allowed'"
    if query.after is not None:
        values += query.after
        where += f" and (at_ms, entry_id) < (${len(values) - 1}::bigint, ${len(values)})"
    values.append(query.limit)
    order = f" order by at_ms desc, entry_id desc limit ${len(values)}"
    told = "select number, entry from weir.audit_entries where tenant = $1"
    return told + where + order, values


def _tsquery(words: Sequence[str]) -> str:
    """All of these; words hold neither quotes nor backslashes."""
    return " & ".join(f"'{word[:-1]}':*" if word.endswith("*") else f"'{word}'" for word in words)


def _stored(row: AuditRow) -> tuple[Any, ...]:
    return (*row[:8], " ".join(sorted(set(row.words))), row.entry)
