"""The projections: what lists, searches and dashboards read.

Views follow the log and never lead it: every row can be made again from log
and archive. Promises of every adapter: the rows of a batch and the position
they bring a projection to are stored together or not at all; one process at a
time writes a projection; a row never goes back to an earlier sequence; a read
sees the rows of its own tenant alone. Times are ms since 1970, `Json` is the
text of a JSON value, as it goes out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from weir.ports.analytics import (
    FigureQuery,
    Figures,
    LastRun,
    QueueFigures,
    WorkflowFigures,
)
from weir.ports.deliveries import DeliveryQuery, DeliveryRow
from weir.ports.letters import DeadRow, HandledRow, Letter, LetterQuery

Json = str
NO_LABELS: Json = "{}"
Name = Literal["runs", "logs", "workflows", "letters", "deliveries"]


class Position(NamedTuple):
    """How far a projection has come: the last message it holds, named so that it is known again."""

    stream: str
    sequence: int
    digest: str  # of that message's subject and body
    incarnation: str  # of the broker that stored it


class RunRow(NamedTuple):
    """A run. What a start fixes is stored once: later rows may leave `input` and `trigger` None.

    A row that has them also says its labels and attributes anew.

    A row with a later `first_seq` is another run under an id that was free
    again, and takes the place of the one before.
    """

    tenant: str
    run_id: str
    workflow_id: str
    version: str
    trigger_node: str
    trigger_kind: str
    started_by: str
    labels: Json  # an object of strings
    started_ms: int
    first_seq: int  # where the run begins in the log; no two runs begin at one place
    input: Json | None
    trigger: Json | None
    status: str
    output: Json | None
    error: Json | None
    ended_ms: int | None
    seq: int  # stream sequence of the last message of the run that is in this row
    parent_run_id: str | None = None  # whose step started it; fixed by the start, as what follows
    parent_step: str | None = None
    origin_run_id: str | None = None  # of which it is a fork or a retry
    origin_step: str | None = None
    search: Json = NO_LABELS  # attributes it is found by; may change, as labels may
    waits: str = ""  # limit:<key> | debounce:<key>, before its first step
    project: str = ""  # whose roles count for it; fixed by the start


class StepRow(NamedTuple):
    """A step of a run, or an iteration of a loop, as its last attempt left it.

    `level` counts the containers and iterations around it. Of what has an inside the counts say
    how many iterations there are, or steps in it, how many have ended, and how many failed.
    """

    tenant: str
    run: int  # its run's `first_seq`
    place: int  # 0 for the step the run reached first
    path: str
    status: str
    attempt: int
    node_type: str
    queue: str
    port: str
    output: Json | None
    error: Json | None
    scheduled_ms: int | None
    started_ms: int | None
    ended_ms: int | None
    wake_ms: int | None
    seq: int
    level: int = 0
    waits: str = ""  # signal:<name> | child:<run id> | ask
    total: int | None = None
    done: int | None = None
    failed: int | None = None


class AttemptRow(NamedTuple):
    """One attempt of a step that ran on an executor: a bar of the Gantt chart."""

    tenant: str
    run: int  # its run's `first_seq`
    path: str
    attempt: int
    status: str  # queued, succeeded, failed, cancelled
    worker: str
    error: Json | None
    queued_ms: int
    started_ms: int | None
    ended_ms: int | None
    seq: int


class LogRow(NamedTuple):
    """A line a step wrote. `id` is its mark (`contract.marks`)."""

    tenant: str
    run_id: str
    id: int
    at_ms: int
    stored_ms: int  # the broker's clock: what pruning goes by
    path: str
    attempt: int
    level: str
    message: str
    fields: Json | None
    trace_parent: str


class WorkflowRow(NamedTuple):
    """What a workflow is called."""

    tenant: str
    workflow_id: str
    name: str
    seq: int


class Archived(NamedTuple):
    """That the archive holds an ended run up to a stream sequence."""

    tenant: str
    run_id: str
    through: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows, each key at most once, and the position they bring the projection to."""

    position: Position
    runs: Sequence[RunRow] = ()
    archived: Sequence[Archived] = ()  # applied after `runs`
    steps: Sequence[StepRow] = ()
    attempts: Sequence[AttemptRow] = ()
    logs: Sequence[LogRow] = ()
    workflows: Sequence[WorkflowRow] = ()
    dead: Sequence[DeadRow] = ()
    handled: Sequence[HandledRow] = ()
    deliveries: Sequence[DeliveryRow] = ()


class RunSummary(NamedTuple):
    """A run in a list."""

    run_id: str
    workflow_id: str
    workflow_name: str  # empty if the workflow is not known (yet)
    version: str
    trigger_node: str
    trigger_kind: str
    started_by: str
    labels: Json
    status: str
    error: Json | None
    started_ms: int
    ended_ms: int | None
    first_seq: int = 0
    parent_run_id: str | None = None
    origin_run_id: str | None = None
    search: Json = NO_LABELS
    waits: str = ""
    project: str = ""
    parent_step: str | None = None


class Origin(NamedTuple):
    """Where a run lies in the log."""

    tenant: str
    run_id: str
    first_seq: int
    seq: int
    ended_ms: int | None


SortField = Literal["started_at", "ended_at"]


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs, in which order. Everything that is set must hold.

    `text` is found in the run's id (from its beginning), or in the workflow's
    id or name. Runs that have not ended sort as the latest by `ended_at`.
    """

    projects: Collection[str] | None = None  # None: of all, and of none
    workflow_id: str | None = None
    statuses: Sequence[str] = ()
    triggers: Sequence[str] = ()
    started_from_ms: int | None = None
    started_before_ms: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    search: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    parent_run_id: str | None = None
    origin_run_id: str | None = None
    sort: SortField = "started_at"
    descending: bool = True
    after: tuple[int, str] | None = None  # `sort_key` of the last run of the page before
    limit: int = 50


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines of a run: those with an id beyond `after`. Everything that is set must hold."""

    after: int = 0
    levels: Sequence[str] = ()
    path: str | None = None
    limit: int = 200


NOT_ENDED = 2**62


def sort_key(run: RunSummary, sort: SortField) -> tuple[int, str]:
    """Where a run stands in a list of this order."""
    if sort == "started_at":
        return run.started_ms, run.run_id
    return (NOT_ENDED if run.ended_ms is None else run.ended_ms), run.run_id


def level_of(path: str) -> int:
    """How many containers and iterations a step's path names around it."""
    return path.count("/") + path.count("[")


class Projecting(Protocol):
    """The right to write one projection, alone, until closed or the connection is lost."""

    position: Position | None  # None before the first batch

    async def apply(self, batch: Batch) -> None:
        """Store rows and position together; UnavailableError if they surely or perhaps are not."""
        ...

    async def reset(self) -> None:
        """Drop every row and the position of this projection."""
        ...

    async def close(self) -> None:
        """Let another process write."""
        ...


class Views(Protocol):
    """The store of the projections. UnavailableError when it cannot be reached."""

    async def project(self, name: Name) -> Projecting:
        """Wait until no other process writes this projection, and become its writer."""
        ...

    async def position(self, name: Name) -> Position | None:
        """How far a projection has come."""
        ...

    async def answers(self) -> bool:
        """Whether the store answers, told within about two seconds."""
        ...

    async def runs(self, tenant: str, query: RunQuery) -> list[RunSummary]:
        """At most `query.limit` runs."""
        ...

    async def run(self, tenant: str, run_id: str) -> tuple[RunRow, str] | None:
        """A run and the name of its workflow."""
        ...

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
        """The steps of the run that begins at `run`, in the order they were reached.

        Only those with a place beyond `after`; with `under` only what stands in that container or
        iteration, however deep; with `levels` no more than so many levels of it. Without `outputs`
        these are None.
        """
        ...

    async def step(self, tenant: str, run: int, path: str) -> StepRow | None:
        """One step of the run that begins at `run`."""
        ...

    async def waiting(self, tenant: str, run: int, limit: int) -> list[StepRow]:
        """The steps a run waits for, without their outputs, the soonest to wake first.

        A container that goes on waits for what is in it, so it is not among them.
        """
        ...

    async def waiting_of(
        self, tenant: str, runs: Sequence[int], limit: int
    ) -> dict[int, list[StepRow]]:
        """The same of several runs, at most `limit` of each; runs without any are left out."""
        ...

    async def attempts(self, tenant: str, run: int, paths: Sequence[str]) -> list[AttemptRow]:
        """The attempts of these steps of a run, by path and number."""
        ...

    async def logs(self, tenant: str, run_id: str, query: LogQuery) -> list[LogRow]:
        """Lines of a run, in order."""
        ...

    async def letters(self, tenant: str, query: LetterQuery) -> list[Letter]:
        """At most `query.limit` dead letters."""
        ...

    async def letter(self, tenant: str, letter_id: str) -> Letter | None:
        """One of them."""
        ...

    async def deliveries(self, tenant: str, query: DeliveryQuery) -> list[DeliveryRow]:
        """At most `query.limit` deliveries to a webhook, with those that are runs."""
        ...

    async def delivery(self, tenant: str, record_id: str) -> DeliveryRow | None:
        """One that has a row of its own."""
        ...

    async def count_deliveries(self, tenant: str, query: DeliveryQuery) -> dict[str, int]:
        """How many there are of each verdict, counted no further than `deliveries.COUNTED`."""
        ...

    async def prune_deliveries(self, before_ms: int, limit: int) -> int:
        """Remove at most `limit` that arrived before that time; returns how many."""
        ...

    async def figures(self, tenant: str, query: FigureQuery) -> list[Figures]:
        """How runs did in each stretch that has any, in order; and, last, in all of the span."""
        ...

    async def workflow_figures(self, tenant: str, query: FigureQuery) -> list[WorkflowFigures]:
        """How the runs of each workflow did, the one with the most first."""
        ...

    async def count_open(self, tenant: str, query: FigureQuery) -> dict[str, int]:
        """How many runs go on, by status, whenever they started."""
        ...

    async def last_runs(
        self, tenant: str, workflows: Sequence[str], projects: Collection[str] | None
    ) -> list[LastRun]:
        """The newest run of each of these workflows that has any."""
        ...

    async def queues(self, tenant: str) -> list[QueueFigures]:
        """What waits in each queue where something does."""
        ...

    async def origins(self, runs: Sequence[tuple[str, str]]) -> list[Origin]:
        """Where these runs, given as (tenant, run id), lie in the log; without unknown ones."""
        ...

    async def open_runs(self, limit: int) -> list[Origin]:
        """Runs of all tenants that have not ended, the earliest in the log first."""
        ...

    async def unarchived(
        self, ended_before_ms: int, limit: int, *, after: tuple[int, str] = (-1, "")
    ) -> list[Origin]:
        """Ended runs of all tenants that no archive holds yet, by end and id, beyond `after`."""
        ...

    async def left(self, tenant: str) -> dict[str, int]:
        """How many rows of a tenant there are, by table."""
        ...

    async def erase(self, tenant: str) -> int:
        """Remove every row of a tenant, of whatever projection; returns how many."""
        ...

    async def prune_logs(self, stored_before_ms: int, limit: int) -> int:
        """Remove at most `limit` lines stored before that time; returns how many."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
