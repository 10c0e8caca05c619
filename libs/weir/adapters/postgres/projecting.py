"""Writing a projection: one connection that holds the projection's lock for as long as it lives.

The lock and the writes share the connection, so a writer that was cut off
cannot write. The server ends a session that is silent for a minute (a stopped
process, a cut network), and with it the lock; a living writer is never silent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from zlib import crc32

import asyncpg
import orjson

from weir.adapters.postgres.connection import cut_off, settings, unavailable
from weir.contract.errors import ConflictError, UnavailableError
from weir.ports.deliveries import DeliveryRow
from weir.ports.letters import DeadRow, HandledRow
from weir.ports.views import (
    NO_LABELS,
    AttemptRow,
    Batch,
    LogRow,
    Name,
    Position,
    RunRow,
    StepRow,
    WorkflowRow,
)

SILENCE_S = 60
_PULSE_S = 10.0
_WRITE_TIMEOUT_S = 30.0
_LOCK_CLASS = 0x56494557  # "VIEW"


@dataclass(frozen=True)
class Table:
    """How rows of a kind are stored; a key that is there takes `changes` that are not older."""

    name: str
    kind: str  # the database's type of a row, with the fields of `row` in their order
    row: Any  # the NamedTuple class
    key: tuple[str, ...]
    changes: str

    @cached_property
    def upsert(self) -> str:
        """The statement; its argument is a list of rows.

        Not one of columns: asyncpg would ask of every single value whether it is a list itself.
        """
        columns = ", ".join(self.row._fields)
        action = (
            f"update set {self.changes} where old.seq <= excluded.seq"
            if self.changes
            else "nothing"
        )
        return (
            f"insert into weir.{self.name} as old ({columns}) "  # noqa: S608 - our names
            f"select {columns} from unnest($1::weir.{self.kind}[]) "
            f"on conflict ({', '.join(self.key)}) do {action}"
        )


def _taken(columns: Iterable[str]) -> str:
    return ", ".join(f"{column} = excluded.{column}" for column in columns)


def _taken_from_another(columns: Iterable[str]) -> str:
    """Columns that a run's start fixed change only when the id begins another run."""
    return ", ".join(
        f"{column} = case when excluded.first_seq > old.first_seq "
        f"then excluded.{column} else old.{column} end"
        for column in columns
    )


def _without(columns: Sequence[str], *others: str) -> list[str]:
    return [column for column in columns if column not in others]


class LabelRow(NamedTuple):
    """A label of a run, or an attribute, to find the run by."""

    tenant: str
    name: str
    value: str
    run: int  # its `first_seq`


# What a run has from its start.
_FIXED = (*RunRow._fields[2:7], *RunRow._fields[8:12], *RunRow._fields[17:21], "project")
RUNS = Table(
    "runs",
    "run_row_2",
    RunRow,
    ("tenant", "run_id"),
    _taken(("status", "output", "error", "ended_ms", "seq", "labels", "search", "waits"))
    + ", "
    + _taken_from_another(_FIXED)
    + ", archived = case when excluded.first_seq > old.first_seq then null else old.archived end",
)
LABELS = Table("labels", "label_row", LabelRow, LabelRow._fields, "")
STEPS = Table(
    "steps",
    "step_row",
    StepRow,
    ("run", "place"),
    _taken(_without(StepRow._fields, "tenant", "run", "place", "path")),
)
ATTEMPTS = Table(
    "attempts",
    "attempt_row",
    AttemptRow,
    ("run", "path", "attempt"),
    _taken(_without(AttemptRow._fields, "tenant", "run", "path", "attempt")),
)
LOGS = Table("log_lines", "log_row", LogRow, ("tenant", "run_id", "id"), "")
WORKFLOWS = Table(
    *("workflows", "workflow_row", WorkflowRow, ("tenant", "workflow_id"), _taken(("name", "seq")))
)
DEAD = Table(
    "dead_letters",
    "dead_row_2",
    DeadRow,
    ("tenant", "letter_id"),
    _taken(_without(DeadRow._fields, "tenant", "letter_id")),
)
HANDLED = Table(
    "letters_handled",
    "handled_row",
    HandledRow,
    ("tenant", "letter_id"),
    _taken(_without(HandledRow._fields, "tenant", "letter_id")),
)
DELIVERIES = Table("webhook_deliveries", "delivery_row", DeliveryRow, ("tenant", "record_id"), "")

ATTRIBUTE = ":"  # before the name of a search attribute; no label's name begins so

_TABLES_OF: dict[Name, tuple[str, ...]] = {
    "runs": ("runs", "labels", "steps", "attempts"),
    "logs": ("log_lines",),
    "workflows": ("workflows",),
    "letters": ("letters_handled",),
    "deliveries": ("webhook_deliveries",),
}
# Two projections have letters in one table.
_LETTERS_OF: dict[Name, str] = {
    "runs": "delete from weir.dead_letters where reason <> 'event'",
    "letters": "delete from weir.dead_letters where reason = 'event'",
}
_ARCHIVE = """
update weir.runs as old set archived = done.through
from unnest($1::weir.archived_row[]) as done
where old.tenant = done.tenant and old.run_id = done.run_id
  and old.ended_ms is not null and old.seq <= done.through and old.archived is null
"""

_MOVE = """
insert into weir.projections as old (name, stream, sequence, digest, incarnation)
values ($1, $2, $3, $4, $5)
on conflict (name) do update set stream = excluded.stream, sequence = excluded.sequence,
  digest = excluded.digest, incarnation = excluded.incarnation, updated_at = now()
where old.stream = excluded.stream and old.sequence <= excluded.sequence
"""

Row = tuple[Any, ...]

POSITION = "select stream, sequence, digest, incarnation from weir.projections where name = $1"


class PostgresProjecting:
    """The writer of one projection; see `ports.views.Projecting`."""

    def __init__(self, connection: asyncpg.Connection, name: Name) -> None:
        self.position: Position | None = None
        self._connection = connection
        self._name = name
        self._turn = asyncio.Lock()
        self._pulse = asyncio.create_task(self._keep_speaking(), name=f"projecting {name}")

    @classmethod
    async def begin(cls, dsn: str, name: Name) -> PostgresProjecting:
        """Connect, wait for the lock, read the position."""
        options = settings("weir_projector") | {"idle_session_timeout": f"{SILENCE_S}s"}
        with unavailable():
            connection = await asyncpg.connect(dsn, timeout=5, server_settings=options)
            try:
                lock = crc32(name.encode()) & 0x7FFFFFFF
                await connection.execute("select pg_advisory_lock($1, $2)", _LOCK_CLASS, lock)
                row = await connection.fetchrow(POSITION, name)
            except BaseException:
                connection.terminate()
                raise
        projecting = cls(connection, name)
        projecting.position = Position(*row) if row is not None else None
        return projecting

    async def apply(self, batch: Batch) -> None:
        """Store rows and position in one transaction."""
        try:
            await self._store(_statements(batch), batch.position)
        except asyncpg.DataError:
            # Postgres holds no NUL character: such a value must not stop everybody's rows.
            clean = ((sql, list(map(_clean, rows))) for sql, rows in _statements(batch))
            await self._store(clean, batch.position)
        self.position = batch.position

    async def reset(self) -> None:
        """Empty the projection's tables and forget its position."""
        names = ", ".join(f"weir.{table}" for table in _TABLES_OF[self._name])
        async with self._turn:
            with unavailable(), cut_off(self._connection, _WRITE_TIMEOUT_S):
                async with self._connection.transaction():
                    await self._connection.execute(f"truncate {names}")
                    if letters := _LETTERS_OF.get(self._name):
                        await self._connection.execute(letters)
                    await self._connection.execute(
                        "delete from weir.projections where name = $1", self._name
                    )
        self.position = None

    async def close(self) -> None:
        """End the session, and with it the lock."""
        self._pulse.cancel()
        with suppress(asyncio.CancelledError):
            await self._pulse
        with suppress(UnavailableError), unavailable():
            await self._connection.close(timeout=5)

    async def _store(
        self, statements: Iterable[tuple[str, Sequence[Row]]], position: Position
    ) -> None:
        async with self._turn:
            with unavailable(), cut_off(self._connection, _WRITE_TIMEOUT_S):
                async with self._connection.transaction():
                    for sql, rows in statements:
                        if rows:
                            await self._connection.execute(sql, rows)
                    moved = await self._connection.execute(_MOVE, self._name, *position)
                    if moved != "INSERT 0 1":
                        raise ConflictError(
                            f"the projection {self._name} stands beyond {position.sequence}: "
                            "read its position again"
                        )

    async def _keep_speaking(self) -> None:
        while True:
            await asyncio.sleep(_PULSE_S)
            async with self._turn:
                # A lost session shows at the next apply; there is nobody to tell here.
                with suppress(UnavailableError), unavailable():
                    await self._connection.execute("select 1", timeout=_PULSE_S)


def _statements(batch: Batch) -> Iterator[tuple[str, Sequence[Row]]]:
    yield RUNS.upsert, batch.runs
    yield LABELS.upsert, list(_labels(batch.runs))
    yield STEPS.upsert, batch.steps
    yield ATTEMPTS.upsert, batch.attempts
    yield _ARCHIVE, batch.archived
    yield LOGS.upsert, batch.logs
    yield WORKFLOWS.upsert, batch.workflows
    yield DEAD.upsert, batch.dead
    yield HANDLED.upsert, batch.handled
    yield DELIVERIES.upsert, batch.deliveries


def _labels(runs: Iterable[RunRow]) -> Iterator[LabelRow]:
    for run in runs:
        if run.input is None:
            continue
        for mark, named in (("", run.labels), (ATTRIBUTE, run.search)):
            if named != NO_LABELS:
                for name, value in orjson.loads(named).items():
                    yield LabelRow(run.tenant, mark + name, value, run.first_seq)


def _clean(row: Row) -> Row:
    """Without NUL, as a character or as an escape in JSON."""
    return tuple(
        value.replace("\x00", "\ufffd").replace("\\u0000", "\\ufffd")
        if isinstance(value, str)
        else value
        for value in row
    )
