"""The views in Postgres.

Reads run in a transaction that names its tenant, as a role that row level
security binds; what concerns all tenants (finding runs in the log, pruning)
runs as the projector's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from weir.adapters.postgres import analytics, deliveries, letters, listing
from weir.adapters.postgres.connection import (
    FIRST_WORD_S,
    QUERY_TIMEOUT_S,
    cut_off,
    pool,
    unavailable,
)
from weir.adapters.postgres.projecting import POSITION, PostgresProjecting
from weir.contract.errors import UnavailableError
from weir.ports.analytics import (
    FigureQuery,
    Figures,
    LastRun,
    QueueFigures,
    WorkflowFigures,
)
from weir.ports.deliveries import DeliveryQuery, DeliveryRow
from weir.ports.letters import Letter, LetterQuery
from weir.ports.views import (
    AttemptRow,
    LogQuery,
    LogRow,
    Name,
    Origin,
    Position,
    RunQuery,
    RunRow,
    RunSummary,
    StepRow,
    level_of,
)

QUERY_CONNECTIONS = 10
PROJECTOR_CONNECTIONS = 2

_DEEPEST = 2**15
_OF_RUN = "where tenant = $1 and run_id = $2"


def _select(row: Any, table: str, prefix: str = "") -> str:
    columns = ", ".join(prefix + column for column in row._fields)
    return f"select {columns} from weir.{table}"  # noqa: S608 - our names


def _without_outputs(sql: str) -> str:
    return sql.replace(" output,", " null as output,")


_RUN = (
    f"{_select(RunRow, 'runs r', 'r.')} left join weir.workflows w "
    "on w.tenant = r.tenant and w.workflow_id = r.workflow_id "
    "where r.tenant = $1 and r.run_id = $2"
).replace(" from ", ", coalesce(w.name, '') from ", 1)
_AT_RUN = "where tenant = $1 and run = $2"
_STEPS = f"{_select(StepRow, 'steps')} {_AT_RUN} and place > $3 and level <= $5 "
_STEP = f"{_select(StepRow, 'steps')} {_AT_RUN} and path = $3"
_NESTED = " and level > 0"  # lets the index of what stands inside serve
_IN_ORDER = "order by place limit $4"
# The characters behind / and [: what stands inside lies in one of two stretches of the index.
_UNDER = (
    "and level > 0 and ((path >= $6::text || '/' and path < $6::text || '0') "
    "or (path >= $6::text || '[' and path < $6::text || '\\')) "
)
_WAITING = (
    f"{_without_outputs(_select(StepRow, 'steps'))} {_AT_RUN} "
    "and status in ('pending', 'queued', 'retrying', 'waiting') "
    "order by coalesce(wake_ms, 0), place limit $3"
)
_WAITING_OF = (
    "select each.* from unnest($2::bigint[]) as wanted (run) cross join lateral "  # noqa: S608
    f"({_WAITING.replace('run = $2', 'run = wanted.run')}) as each"
)
_ATTEMPTS = (
    f"{_select(AttemptRow, 'attempts')} {_AT_RUN} and path = any($3::text[]) order by path, attempt"
)
_LOGS = (
    f"{_select(LogRow, 'log_lines')} {_OF_RUN} and id > $3 "
    "and (cardinality($4::text[]) = 0 or level = any($4::text[])) "
    "and ($5::text is null or path = $5) order by id limit $6"
)
_ORIGINS = (
    f"{_select(Origin, 'runs', 'r.').replace('weir.runs', 'weir.runs r')} "
    "join unnest($1::text[], $2::text[]) as wanted (tenant, run_id) "
    "on r.tenant = wanted.tenant and r.run_id = wanted.run_id"
)
_OPEN = f"{_select(Origin, 'runs')} where ended_ms is null order by first_seq limit $1"
_UNARCHIVED = (
    f"{_select(Origin, 'runs')} where archived is null and ended_ms < $1 "
    "and (ended_ms, run_id) > ($3, $4) order by ended_ms, run_id limit $2"
)
_PRUNE = (
    "delete from weir.log_lines where ctid = any(array("
    "select ctid from weir.log_lines where stored_ms < $1 limit $2))"
)
# Every table that knows tenants, so that none is forgotten when one is added.
_TABLES = (
    "select c.relname from pg_attribute a join pg_class c on c.oid = a.attrelid "
    "where c.relnamespace = 'weir'::regnamespace and c.relkind = 'r' and a.attname = 'tenant' "
    "order by c.relname"
)
_LEFT = "select count(*) from weir.{table} where tenant = $1"
_ERASE = (
    "delete from weir.{table} where ctid = any(array("
    "select ctid from weir.{table} where tenant = $1 limit $2))"
)
_BATCH = 10_000


async def _tables(connection: Any) -> list[str]:
    return [row[0] for row in await connection.fetch(_TABLES)]


class PostgresViews:
    """See `ports.views.Views`."""

    def __init__(self, dsn: str, query: asyncpg.Pool, projector: asyncpg.Pool) -> None:
        self._dsn = dsn
        self._query = query
        self._projector = projector

    @classmethod
    async def connect(cls, dsn: str) -> PostgresViews:
        """Open both pools; the schema must be there (`migrate`). UnavailableError."""
        query = await pool(dsn, "weir_query", QUERY_CONNECTIONS)
        try:
            projector = await pool(dsn, "weir_projector", PROJECTOR_CONNECTIONS)
        except BaseException:
            query.terminate()
            raise
        return cls(dsn, query, projector)

    @classmethod
    async def reading(cls, dsn: str) -> PostgresViews:
        """Views that may be away by now: nothing is connected before it is asked for."""
        query = await pool(dsn, "weir_query", 2, at_once=False)
        return cls(dsn, query, await pool(dsn, "weir_projector", 1, at_once=False))

    async def close(self) -> None:
        """Close both pools."""
        with unavailable():
            await self._query.close()
            await self._projector.close()

    async def project(self, name: Name) -> PostgresProjecting:
        """Wait for the projection's lock and become its writer."""
        return await PostgresProjecting.begin(self._dsn, name)

    async def position(self, name: Name) -> Position | None:
        """How far a projection has come."""
        async with self._connection(self._query) as connection:
            row = await connection.fetchrow(POSITION, name)
        return None if row is None else Position(*row)

    async def answers(self) -> bool:
        """Whether the database answers."""
        try:
            # Not as one of the readers: ten slow questions are no database that is gone.
            async with self._connection(self._projector) as connection:
                with cut_off(connection, FIRST_WORD_S):
                    await connection.execute("select 1")
        except UnavailableError:
            return False
        return True

    async def runs(self, tenant: str, query: RunQuery) -> list[RunSummary]:
        """A page of runs."""
        sql, values = listing.statement(tenant, query)
        async with self._of(tenant) as connection:
            return [RunSummary(*row) for row in await connection.fetch(sql, *values)]

    async def run(self, tenant: str, run_id: str) -> tuple[RunRow, str] | None:
        """A run and the name of its workflow."""
        async with self._of(tenant) as connection:
            row = await connection.fetchrow(_RUN, tenant, run_id)
        if row is None:
            return None
        *values, name = row
        return RunRow(*values), name

    async def steps(  # noqa: PLR0913 - which part of a run
        self,
        tenant: str,
        run: int,
        *,
        after: int = -1,
        limit: int = 10_000,
        under: str = "",
        levels: int | None = None,
        outputs: bool = True,
    ) -> list[StepRow]:
        """The steps of a run."""
        outside = level_of(under) + 1 if under else 0
        deepest = _DEEPEST if levels is None else outside + levels - 1
        sql, values = _STEPS + _IN_ORDER, [tenant, run, after, limit, deepest]
        if under:
            sql, values = _STEPS + _UNDER + _IN_ORDER, [*values, under]
        if not outputs:
            sql = _without_outputs(sql)
        async with self._of(tenant) as connection:
            rows = await connection.fetch(sql, *values)
        return [StepRow(*row) for row in rows]

    async def step(self, tenant: str, run: int, path: str) -> StepRow | None:
        """One step of a run."""
        sql = _STEP + _NESTED if level_of(path) else _STEP
        async with self._of(tenant) as connection:
            row = await connection.fetchrow(sql, tenant, run, path)
        return None if row is None else StepRow(*row)

    async def waiting(self, tenant: str, run: int, limit: int) -> list[StepRow]:
        """The steps a run waits for."""
        async with self._of(tenant) as connection:
            rows = await connection.fetch(_WAITING, tenant, run, limit)
        return [StepRow(*row) for row in rows]

    async def waiting_of(
        self, tenant: str, runs: Sequence[int], limit: int
    ) -> dict[int, list[StepRow]]:
        """The steps several runs wait for."""
        found: dict[int, list[StepRow]] = defaultdict(list)
        async with self._of(tenant) as connection:
            for row in await connection.fetch(_WAITING_OF, tenant, list(runs), limit):
                step = StepRow(*row)
                found[step.run].append(step)
        return dict(found)

    async def attempts(self, tenant: str, run: int, paths: Sequence[str]) -> list[AttemptRow]:
        """The attempts of these steps."""
        async with self._of(tenant) as connection:
            rows = await connection.fetch(_ATTEMPTS, tenant, run, list(paths))
        return [AttemptRow(*row) for row in rows]

    async def logs(self, tenant: str, run_id: str, query: LogQuery) -> list[LogRow]:
        """Lines of a run."""
        values = (query.after, list(query.levels), query.path, query.limit)
        async with self._of(tenant) as connection:
            rows = await connection.fetch(_LOGS, tenant, run_id, *values)
        return [LogRow(*row) for row in rows]

    async def letters(self, tenant: str, query: LetterQuery) -> list[Letter]:
        """A page of dead letters."""
        sql, values = letters.page(tenant, query)
        async with self._of(tenant) as connection:
            return [letters.read(row) for row in await connection.fetch(sql, *values)]

    async def letter(self, tenant: str, letter_id: str) -> Letter | None:
        """One dead letter."""
        async with self._of(tenant) as connection:
            row = await connection.fetchrow(letters.ONE, tenant, letter_id)
        return None if row is None else letters.read(row)

    async def deliveries(self, tenant: str, query: DeliveryQuery) -> list[DeliveryRow]:
        """A page of deliveries."""
        sql, values = deliveries.page(tenant, query)
        async with self._of(tenant) as connection:
            return [deliveries.read(row) for row in await connection.fetch(sql, *values)]

    async def delivery(self, tenant: str, record_id: str) -> DeliveryRow | None:
        """One delivery with a row of its own."""
        async with self._of(tenant) as connection:
            row = await connection.fetchrow(deliveries.ONE, tenant, record_id)
        return None if row is None else DeliveryRow(*row)

    async def count_deliveries(self, tenant: str, query: DeliveryQuery) -> dict[str, int]:
        """How many of each verdict."""
        sql, values = deliveries.counts(tenant, query)
        async with self._of(tenant) as connection:
            return {row[0]: row[1] for row in await connection.fetch(sql, *values)}

    async def figures(self, tenant: str, query: FigureQuery) -> list[Figures]:
        """How runs did."""
        return [
            Figures(*row[:5], *(row[5] or (None,) * 3))
            for row in await self._rows(tenant, *analytics.figures(tenant, query))
        ]

    async def workflow_figures(self, tenant: str, query: FigureQuery) -> list[WorkflowFigures]:
        """How the runs of each workflow did."""
        return [
            WorkflowFigures(row[0], row[1], *row[3:7], *(row[7] or (None,) * 2))
            for row in await self._rows(tenant, *analytics.by_workflow(tenant, query))
        ]

    async def count_open(self, tenant: str, query: FigureQuery) -> dict[str, int]:
        """How many runs go on."""
        rows = await self._rows(tenant, *analytics.open_runs(tenant, query))
        return {row[0]: row[1] for row in rows}

    async def last_runs(
        self, tenant: str, workflows: Sequence[str], projects: Collection[str] | None
    ) -> list[LastRun]:
        """The newest run of each workflow."""
        rows = await self._rows(tenant, *analytics.last_runs(tenant, workflows, projects))
        return [LastRun(*row) for row in rows]

    async def queues(self, tenant: str) -> list[QueueFigures]:
        """What waits in queues."""
        rows = await self._rows(tenant, analytics.QUEUES, [tenant])
        return [QueueFigures(*row) for row in rows]

    async def origins(self, runs: Sequence[tuple[str, str]]) -> list[Origin]:
        """Where these runs lie in the log."""
        tenants, ids = [run[0] for run in runs], [run[1] for run in runs]
        return await self._everywhere(_ORIGINS, tenants, ids)

    async def open_runs(self, limit: int) -> list[Origin]:
        """Runs that have not ended."""
        return await self._everywhere(_OPEN, limit)

    async def unarchived(
        self, ended_before_ms: int, limit: int, *, after: tuple[int, str] = (-1, "")
    ) -> list[Origin]:
        """Ended runs without an archive."""
        return await self._everywhere(_UNARCHIVED, ended_before_ms, limit, *after)

    async def left(self, tenant: str) -> dict[str, int]:
        """Rows of a tenant."""
        async with self._connection(self._projector) as connection:
            return {
                name: await connection.fetchval(_LEFT.format(table=name), tenant)
                for name in await _tables(connection)
            }

    async def erase(self, tenant: str) -> int:
        """Remove the rows of a tenant, so many at once that none of it takes long."""
        removed = 0
        async with self._connection(self._projector) as connection:
            tables = await _tables(connection)
        for name in tables:
            while True:
                async with self._connection(self._projector) as connection:
                    done: str = await connection.execute(_ERASE.format(table=name), tenant, _BATCH)
                count = int(done.rsplit(maxsplit=1)[-1])
                removed += count
                if count < _BATCH:
                    break
        return removed

    async def prune_logs(self, stored_before_ms: int, limit: int) -> int:
        """Remove old lines."""
        async with self._connection(self._projector) as connection:
            done: str = await connection.execute(_PRUNE, stored_before_ms, limit)
        return int(done.rsplit(maxsplit=1)[-1])

    async def prune_deliveries(self, before_ms: int, limit: int) -> int:
        """Remove old deliveries."""
        async with self._connection(self._projector) as connection:
            done: str = await connection.execute(deliveries.PRUNE, before_ms, limit)
        return int(done.rsplit(maxsplit=1)[-1])

    async def _rows(self, tenant: str, sql: str, values: Sequence[Any]) -> list[Any]:
        async with self._of(tenant) as connection:
            found: list[Any] = await connection.fetch(sql, *values)
        return found

    async def _everywhere(self, sql: str, *values: Any) -> list[Origin]:
        async with self._connection(self._projector) as connection:
            return [Origin(*row) for row in await connection.fetch(sql, *values)]

    @asynccontextmanager
    async def _connection(self, pool: asyncpg.Pool) -> AsyncIterator[Any]:
        with unavailable():
            async with pool.acquire(timeout=FIRST_WORD_S) as connection:
                # The server breaks a reading off before; this is for one that stands still.
                with cut_off(connection, QUERY_TIMEOUT_S + 1):
                    yield connection

    @asynccontextmanager
    async def _of(self, tenant: str) -> AsyncIterator[Any]:
        """A connection that sees one tenant until the block ends."""
        async with self._connection(self._query) as connection:
            with cut_off(connection, FIRST_WORD_S) as silence:
                async with connection.transaction():
                    await connection.execute("select set_config('weir.tenant', $1, true)", tenant)
                    silence.cancel()
                    yield connection
