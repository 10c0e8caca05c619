"""Task: one statement on a PostgreSQL database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import asyncpg
import orjson
from pydantic import Field

from weir.core.spec import RetryPolicy
from weir.nodes.base import Duration, Node, NodeContext, NodeModel, Retryable, Terminal
from weir.nodes.postgres import Connection, Pools, bind, jsonable

SIZE_LIMIT = 16 * 1024 * 1024
BATCH = 500

# SQLSTATE classes and codes after which the same statement can succeed.
_PASSING = ("08", "40", "53", "57P", "55P03", "57014", "25P03")


class Config(NodeModel):
    """The statement, its values, and what it may do."""

    connection: Connection = Field(
        description="A credential with `dsn`, or `host`, `user`, `password` and `database`."
    )
    query: str = Field(
        min_length=1,
        description="One statement; values stand as $1, $2, … and come from `parameters`.",
        json_schema_extra={"x-ui": {"widget": "sql", "literal": True}},
    )
    parameters: list[Any] = Field(
        default_factory=list, max_length=1000, description="The values of $1, $2, …, in order."
    )
    mode: Literal["read", "write"] = Field(
        "read", description="read: the database refuses any change."
    )
    max_rows: int = Field(1000, ge=1, le=100_000, description="More rows fail the step.")
    timeout: Duration = Field(
        "30s", validate_default=True, description="After it the database stops the statement."
    )


class PostgresQuery(Node[Config]):
    """Runs one statement with bound parameters and gives the rows.

    The output is `rows`, a list of objects by column name, and `count`, their
    number, or that of the rows changed if the statement gives none. `numeric`
    comes as text, so that no digit is lost; cast it to `float8` to calculate. A
    write is made at least once: where twice would hurt, insert `run.id` with a
    unique key and `on conflict do nothing`.
    """

    type = "postgres_query"
    title = "PostgreSQL query"
    category = "data"
    icon = "database"
    retry = RetryPolicy(max_attempts=4)
    timeout_ms = 60_000
    effect = "write"
    secret_fields = frozenset({"connection"})

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - always the same
        """The rows and their number."""
        return {
            "type": "object",
            "properties": {
                "rows": {"type": "array", "items": {"type": "object"}},
                "count": {"type": "integer"},
            },
            "additionalProperties": False,
        }

    def __init__(self) -> None:
        self._pools = Pools()

    async def run(self, config: Config, ctx: NodeContext) -> dict[str, Any]:
        """Borrow a connection, run in one transaction, read within the limits."""
        try:
            async with self._pools.borrow(config.connection, ctx) as connection:
                output = await _transact(connection, config)
        except asyncpg.PostgresError as error:
            raise _judged(error) from error
        except (asyncpg.InterfaceError, ValueError, TypeError) as error:
            raise _unfit(error) from error
        except (OSError, TimeoutError) as error:
            raise _unreachable(error) from error
        ctx.log.info("done", count=output["count"])
        return output

    async def close(self) -> None:
        """Close every pool."""
        await self._pools.close()


async def _transact(
    connection: asyncpg.pool.PoolConnectionProxy[Any], config: Config
) -> dict[str, Any]:
    try:
        async with connection.transaction(readonly=config.mode == "read"):
            await connection.execute(f"set local statement_timeout = {int(config.timeout)}")
            return await _read(connection, config)
    except asyncpg.InterfaceError as error:
        if not _is_lost(connection):
            raise
        # When the connection breaks, ending the transaction fails too and hides why.
        hidden = error.__context__
        if isinstance(hidden, asyncpg.PostgresError):
            raise _judged(hidden) from error
        raise _unreachable(hidden or error) from error


async def _read(
    connection: asyncpg.pool.PoolConnectionProxy[Any], config: Config
) -> dict[str, Any]:
    statement = await connection.prepare(config.query)
    names = [column.name for column in statement.get_attributes()]
    if doubled := [name for name, times in Counter(names).items() if times > 1]:
        raise ValueError(f"several columns are named {', '.join(doubled)}: give each an alias")
    values = bind(statement.get_parameters(), config.parameters)
    if not names:
        await statement.fetch(*values)
        changed = (statement.get_statusmsg() or "").rpartition(" ")[2]
        return {"rows": [], "count": int(changed) if changed.isdecimal() else 0}
    cursor = await statement.cursor(*values)
    rows: list[Any] = []
    size = 0
    while batch := await cursor.fetch(BATCH):
        found = [jsonable(record) for record in batch]
        rows += found
        size += len(orjson.dumps(found))
        if len(rows) > config.max_rows or size > SIZE_LIMIT:
            raise Terminal(
                f"the result has more than {config.max_rows} rows or {SIZE_LIMIT >> 20} MB; "
                "nothing was changed: narrow the query, or raise max_rows",
                code="RESULT_TOO_LARGE",
            )
    return {"rows": rows, "count": len(rows)}


def _is_lost(connection: asyncpg.pool.PoolConnectionProxy[Any]) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has dropped it already
        return True


def _unfit(error: Exception) -> Terminal:
    return Terminal(f"the statement and its parameters do not fit: {error}", code="CONFIG_INVALID")


def _unreachable(error: BaseException) -> Retryable:
    return Retryable(
        f"the database cannot be reached: {error or type(error).__name__}",
        code="POSTGRES_UNREACHABLE",
    )


def _judged(error: asyncpg.PostgresError) -> Retryable | Terminal:
    state = getattr(error, "sqlstate", None) or "XX000"
    kind = Retryable if state.startswith(_PASSING) else Terminal
    details = {
        name: value
        for name in ("detail", "hint", "table_name", "column_name", "constraint_name", "position")
        if (value := getattr(error, name, None))
    }
    return kind(str(error), code=f"SQLSTATE_{state}", details=details or None)
