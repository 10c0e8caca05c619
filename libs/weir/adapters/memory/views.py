"""The views in memory: the same answers as Postgres gives, from dictionaries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar

import orjson

from weir.adapters.memory import analytics, deliveries
from weir.adapters.memory.letters import wanted
from weir.contract import ids
from weir.contract.errors import ConflictError
from weir.ports.analytics import (
    FigureQuery,
    Figures,
    LastRun,
    QueueFigures,
    WorkflowFigures,
)
from weir.ports.deliveries import DeliveryQuery, DeliveryRow
from weir.ports.letters import DeadRow, HandledRow, Letter, LetterQuery
from weir.ports.views import (
    AttemptRow,
    Batch,
    LogQuery,
    LogRow,
    Name,
    Origin,
    Position,
    RunQuery,
    RunRow,
    RunSummary,
    StepRow,
    WorkflowRow,
    level_of,
    sort_key,
)

_WAITED_FOR = frozenset({"pending", "queued", "retrying", "waiting"})
Run = tuple[str, str]  # tenant, run id
Begun = tuple[str, int]  # tenant, where the run begins
Row = TypeVar("Row", RunRow, StepRow, AttemptRow, WorkflowRow, DeadRow, HandledRow)


class _Tables:
    """What is stored; per run where reads are per run."""

    def __init__(self) -> None:
        self.positions: dict[Name, Position] = {}
        self.runs: dict[Run, RunRow] = {}
        self.archived: dict[Run, int] = {}
        self.steps: dict[Begun, dict[int, StepRow]] = {}
        self.attempts: dict[Begun, dict[tuple[str, int], AttemptRow]] = {}
        self.logs: dict[Run, dict[int, LogRow]] = {}
        self.workflows: dict[tuple[str, str], WorkflowRow] = {}
        self.dead: dict[tuple[str, str], DeadRow] = {}
        self.handled: dict[tuple[str, str], HandledRow] = {}
        self.deliveries: dict[tuple[str, str], DeliveryRow] = {}
        self.writing: dict[Name, asyncio.Lock] = {}

    def of_tenants(self) -> dict[str, dict[Any, Any]]:
        """All that begin their keys with a tenant."""
        return {
            name: table
            for name, table in vars(self).items()
            if name not in {"positions", "writing"}
        }

    def name(self, batch: Batch) -> None:
        """Store the rows that have a name in their tenant."""
        named: tuple[tuple[dict[Any, Any], Sequence[Any]], ...] = (
            (self.workflows, batch.workflows),
            (self.dead, batch.dead),
            (self.handled, batch.handled),
        )
        for table, rows in named:
            for row in rows:
                _put(table, row[:2], row)
        for row in batch.deliveries:
            self.deliveries.setdefault(row[:2], row)

    def clear(self, name: Name) -> None:
        """Empty one projection."""
        self.positions.pop(name, None)
        tables: dict[Name, tuple[dict[Any, Any], ...]] = {
            "runs": (self.runs, self.archived, self.steps, self.attempts),
            "logs": (self.logs,),
            "workflows": (self.workflows,),
            "letters": (self.handled,),
            "deliveries": (self.deliveries,),
        }
        for table in tables[name]:
            table.clear()
        if name in {"runs", "letters"}:  # each has letters of its own in one table
            for key, row in list(self.dead.items()):
                if (row.reason == "event") == (name == "letters"):
                    del self.dead[key]


class MemoryProjecting:
    """The writer of one projection."""

    def __init__(self, tables: _Tables, name: Name, lock: asyncio.Lock) -> None:
        self.position = tables.positions.get(name)
        self._tables = tables
        self._name: Name = name
        self._lock: asyncio.Lock | None = lock

    async def apply(self, batch: Batch) -> None:
        """Store rows and position."""
        tables, old = self._tables, self._tables.positions.get(self._name)
        new = batch.position
        if old is not None and (old.stream != new.stream or old.sequence > new.sequence):
            raise ConflictError(f"the projection {self._name} stands at {old.sequence}")
        for run in batch.runs:
            self._apply_run(run)
        for step in batch.steps:
            _put(tables.steps.setdefault(step[:2], {}), step.place, step)
        for attempt in batch.attempts:
            _put(tables.attempts.setdefault(attempt[:2], {}), attempt[2:4], attempt)
        for done in batch.archived:
            known = tables.runs.get(done[:2])
            if known is not None and known.ended_ms is not None and known.seq <= done.through:
                tables.archived.setdefault(done[:2], done.through)
        for line in batch.logs:
            tables.logs.setdefault(line[:2], {}).setdefault(line.id, line)
        tables.name(batch)
        tables.positions[self._name] = self.position = new

    def _apply_run(self, run: RunRow) -> None:
        tables, key = self._tables, run[:2]
        known = tables.runs.get(key)
        if known is None or known.first_seq < run.first_seq:
            tables.archived.pop(key, None)
        else:
            # What the start fixed was written with the first row.
            run = run._replace(**{field: getattr(known, field) for field in _FIXED})
        _put(tables.runs, key, run)

    async def reset(self) -> None:
        """Drop the projection."""
        self._tables.clear(self._name)
        self.position = None

    async def close(self) -> None:
        """Let another write."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None


_FIXED = (*RunRow._fields[2:7], *RunRow._fields[8:12], *RunRow._fields[17:21], "project")


def _put(table: dict[Any, Row], key: Any, row: Row) -> None:
    old = table.get(key)
    if old is None or old.seq <= row.seq:
        table[key] = row


class MemoryViews:
    """See `ports.views.Views`."""

    def __init__(self) -> None:
        self._tables = _Tables()

    async def close(self) -> None:
        """Nothing is held."""

    async def project(self, name: Name) -> MemoryProjecting:
        """Wait for the projection's lock and become its writer."""
        lock = self._tables.writing.setdefault(name, asyncio.Lock())
        await lock.acquire()
        return MemoryProjecting(self._tables, name, lock)

    async def answers(self) -> bool:
        """Always."""
        return True

    async def position(self, name: Name) -> Position | None:
        """How far a projection has come."""
        return self._tables.positions.get(name)

    async def runs(self, tenant: str, query: RunQuery) -> list[RunSummary]:
        """A page of runs."""
        summaries = (
            self._summary(run)
            for run in self._tables.runs.values()
            if run.tenant == tenant and self._matches(run, query)
        )
        found = sorted(
            summaries, key=lambda run: sort_key(run, query.sort), reverse=query.descending
        )
        if query.after is not None:
            after = query.after
            beyond: Callable[[tuple[int, str]], bool] = (
                (lambda key: key < after) if query.descending else (lambda key: key > after)
            )
            found = [run for run in found if beyond(sort_key(run, query.sort))]
        return found[: query.limit]

    async def run(self, tenant: str, run_id: str) -> tuple[RunRow, str] | None:
        """A run and the name of its workflow."""
        run = self._tables.runs.get((tenant, run_id))
        return None if run is None else (run, self._name_of(run))

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
        inside = (f"{under}/", f"{under}[")
        deepest = None if levels is None else levels - 1 + (level_of(under) + 1 if under else 0)
        steps = (
            step
            for step in self._steps(tenant, run)
            if step.place > after
            and (not under or step.path.startswith(inside))
            and (deepest is None or step.level <= deepest)
        )
        found = sorted(steps, key=lambda s: s.place)[:limit]
        return found if outputs else [step._replace(output=None) for step in found]

    async def step(self, tenant: str, run: int, path: str) -> StepRow | None:
        """One step of a run."""
        return next((one for one in self._steps(tenant, run) if one.path == path), None)

    async def waiting(self, tenant: str, run: int, limit: int) -> list[StepRow]:
        """The steps a run waits for."""
        steps = (s for s in self._steps(tenant, run) if s.status in _WAITED_FOR)
        found = sorted(steps, key=lambda s: (s.wake_ms or 0, s.place))
        return [step._replace(output=None) for step in found[:limit]]

    async def waiting_of(
        self, tenant: str, runs: Sequence[int], limit: int
    ) -> dict[int, list[StepRow]]:
        """The steps several runs wait for."""
        found = {run: await self.waiting(tenant, run, limit) for run in runs}
        return {run: steps for run, steps in found.items() if steps}

    async def attempts(self, tenant: str, run: int, paths: Sequence[str]) -> list[AttemptRow]:
        """The attempts of these steps."""
        attempts = self._tables.attempts.get((tenant, run), {})
        return [attempts[key] for key in sorted(attempts) if key[0] in paths]

    async def logs(self, tenant: str, run_id: str, query: LogQuery) -> list[LogRow]:
        """Lines of a run."""
        lines = self._tables.logs.get((tenant, run_id), {})
        found = [
            lines[key]
            for key in sorted(lines)
            if key > query.after
            and (not query.levels or lines[key].level in query.levels)
            and query.path in (None, lines[key].path)
        ]
        return found[: query.limit]

    async def letters(self, tenant: str, query: LetterQuery) -> list[Letter]:
        """A page of dead letters."""
        every = (await self.letter(*key) for key in self._tables.dead if key[0] == tenant)
        found = [letter async for letter in every if letter is not None and wanted(letter, query)]
        found.sort(key=lambda letter: (letter.dead.last_ms, letter.dead.letter_id), reverse=True)
        return found[: query.limit]

    async def letter(self, tenant: str, letter_id: str) -> Letter | None:
        """One dead letter."""
        dead = self._tables.dead.get((tenant, letter_id))
        if dead is None:
            return None
        handled = self._tables.handled.get((tenant, letter_id))
        if handled is not None and handled.through < dead.failed_seq:
            handled = None
        workflow = self._tables.workflows.get((dead.tenant, dead.workflow_id))
        return Letter(dead, "" if workflow is None else workflow.name, handled)

    async def deliveries(self, tenant: str, query: DeliveryQuery) -> list[DeliveryRow]:
        """A page of deliveries."""
        return deliveries.page(*self._delivered(tenant), query)

    async def delivery(self, tenant: str, record_id: str) -> DeliveryRow | None:
        """One delivery with a row of its own."""
        return self._tables.deliveries.get((tenant, record_id))

    async def count_deliveries(self, tenant: str, query: DeliveryQuery) -> dict[str, int]:
        """How many of each verdict."""
        return deliveries.counts(*self._delivered(tenant), query)

    async def prune_deliveries(self, before_ms: int, limit: int) -> int:
        """Remove old deliveries."""
        rows = self._tables.deliveries
        old = [key for key, row in rows.items() if row.at_ms < before_ms][:limit]
        for key in old:
            del rows[key]
        return len(old)

    async def figures(self, tenant: str, query: FigureQuery) -> list[Figures]:
        """How runs did."""
        return analytics.figures(self._runs_of(tenant), query)

    async def workflow_figures(self, tenant: str, query: FigureQuery) -> list[WorkflowFigures]:
        """How the runs of each workflow did."""
        return analytics.by_workflow(self._runs_of(tenant), query, self._name_of)

    async def count_open(self, tenant: str, query: FigureQuery) -> dict[str, int]:
        """How many runs go on."""
        return analytics.open_runs(self._runs_of(tenant), query)

    async def last_runs(
        self, tenant: str, workflows: Sequence[str], projects: Collection[str] | None
    ) -> list[LastRun]:
        """The newest run of each workflow."""
        every = self._runs_of(tenant)
        return analytics.last_runs(
            [run for run in every if projects is None or run.project in projects], workflows
        )

    async def queues(self, tenant: str) -> list[QueueFigures]:
        """What waits in queues."""
        of_tenant = (steps for key, steps in self._tables.steps.items() if key[0] == tenant)
        return analytics.queues(step for steps in of_tenant for step in steps.values())

    async def origins(self, runs: Sequence[tuple[str, str]]) -> list[Origin]:
        """Where these runs lie in the log."""
        return [_origin(self._tables.runs[run]) for run in runs if run in self._tables.runs]

    async def open_runs(self, limit: int) -> list[Origin]:
        """Runs that have not ended."""
        found = [run for run in self._tables.runs.values() if run.ended_ms is None]
        return [_origin(run) for run in sorted(found, key=lambda run: run.first_seq)[:limit]]

    async def unarchived(
        self, ended_before_ms: int, limit: int, *, after: tuple[int, str] = (-1, "")
    ) -> list[Origin]:
        """Ended runs without an archive."""
        found = [
            ((run.ended_ms, run.run_id), run)
            for run in self._tables.runs.values()
            if run.ended_ms is not None
            and run.ended_ms < ended_before_ms
            and (run.ended_ms, run.run_id) > after
            and run[:2] not in self._tables.archived
        ]
        return [_origin(run) for _, run in sorted(found)[:limit]]

    async def left(self, tenant: str) -> dict[str, int]:
        """Rows of a tenant."""
        return {
            name: sum(_rows(rows) for key, rows in table.items() if key[0] == tenant)
            for name, table in self._tables.of_tenants().items()
        }

    async def erase(self, tenant: str) -> int:
        """Remove the rows of a tenant."""
        removed = 0
        for table in self._tables.of_tenants().values():
            for key in [key for key in table if key[0] == tenant]:
                removed += _rows(table.pop(key))
        return removed

    async def prune_logs(self, stored_before_ms: int, limit: int) -> int:
        """Remove old lines."""
        removed = 0
        for lines in self._tables.logs.values():
            for key in [key for key, line in lines.items() if line.stored_ms < stored_before_ms]:
                if removed == limit:
                    return removed
                del lines[key]
                removed += 1
        return removed

    def _delivered(self, tenant: str) -> tuple[Iterable[DeliveryRow], Iterable[RunRow]]:
        return (
            [row for row in self._tables.deliveries.values() if row.tenant == tenant],
            self._runs_of(tenant),
        )

    def _runs_of(self, tenant: str) -> list[RunRow]:
        return [run for run in self._tables.runs.values() if run.tenant == tenant]

    def _steps(self, tenant: str, run: int) -> Iterable[StepRow]:
        return self._tables.steps.get((tenant, run), {}).values()

    def _name_of(self, run: RunRow) -> str:
        workflow = self._tables.workflows.get((run.tenant, run.workflow_id))
        return "" if workflow is None else workflow.name

    def _summary(self, run: RunRow) -> RunSummary:
        return RunSummary(
            run.run_id,
            run.workflow_id,
            self._name_of(run),
            run.version,
            run.trigger_node,
            run.trigger_kind,
            run.started_by,
            run.labels,
            run.status,
            run.error,
            run.started_ms,
            run.ended_ms,
            run.first_seq,
            run.parent_run_id,
            run.origin_run_id,
            run.search,
            run.waits,
            run.project,
            run.parent_step,
        )

    def _matches(self, run: RunRow, query: RunQuery) -> bool:
        if query.projects is not None and run.project not in query.projects:
            return False
        for column in ("workflow_id", "parent_run_id", "origin_run_id"):
            if getattr(query, column) not in (None, getattr(run, column)):
                return False
        if query.statuses and run.status not in query.statuses:
            return False
        if query.triggers and run.trigger_kind not in query.triggers:
            return False
        if query.started_from_ms is not None and run.started_ms < query.started_from_ms:
            return False
        if query.started_before_ms is not None and run.started_ms >= query.started_before_ms:
            return False
        if query.labels and not query.labels.items() <= orjson.loads(run.labels).items():
            return False
        if query.search and not query.search.items() <= orjson.loads(run.search).items():
            return False
        return not query.text or self._has_text(run, query.text)

    def _has_text(self, run: RunRow, text: str) -> bool:
        if ids.is_id(text, "run"):
            return run.run_id == text
        return (
            run.run_id.startswith(text)
            or run.workflow_id == text
            or text.lower() in self._name_of(run).lower()
        )


def _origin(run: RunRow) -> Origin:
    return Origin(run.tenant, run.run_id, run.first_seq, run.seq, run.ended_ms)


def _rows(kept: Any) -> int:
    """How many rows lie under one key."""
    return len(kept) if isinstance(kept, dict) else 1
