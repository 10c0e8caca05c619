"""What is recorded of a run: immutable values, persistent where they grow with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from immutables import Map

from weir.contract.messages import (
    CancelRequested,
    Error,
    PauseRequested,
    ResumeRequested,
    RunCallback,
    RunOrder,
    RunParent,
    RunPaused,
)
from weir.core.frontier import Arrival, Fifo, Frontier, Heap
from weir.core.graph import Graph

ENDED = frozenset({"succeeded", "failed", "cancelled"})
STEP_ENDED = frozenset({"succeeded", "failed", "caught", "skipped", "cancelled", "compensated"})
CONTAINERS = frozenset({"for_each", "while", "try", "scope", "race"})
LOOPS = frozenset({"for_each", "while"})
OUTPUT_STEP = "$output"  # evaluates a run's output on an executor; no node can have this id


class Blob(NamedTuple):
    """A value that lies in the object store; shown as `{"$blob": …}`."""

    key: str
    size: int
    media_type: str

    def show(self) -> dict[str, Any]:
        """Its JSON form."""
        return {"$blob": self._asdict()}


class Failure(NamedTuple):
    """A failed attempt that waits for the owner's verdict."""

    error: Error
    retryable: bool
    retry_after_ms: float | None


class Answer(NamedTuple):
    """What came for a step that waited for something from outside."""

    verdict: str  # of a signal: received; of a run: how it ended; of a person: the decision
    value: Any = None
    error: Error | None = None


class Step(NamedTuple):
    """One execution place. Times are ms since 1970, 0 when it has not happened."""

    status: str
    attempt: int = 0  # the last one dispatched
    output: Any = None
    port: str = ""
    error: Error | None = None
    queue: str = ""
    node_type: str = ""
    scheduled_ms: int = 0
    started_ms: int = 0
    ended_ms: int = 0
    wake_ms: int = 0  # deadline of the attempt, or when the timer is due
    timer: str = ""  # the timer it waits for
    fired: bool = False
    failure: Failure | None = None
    waits: str = ""  # signal:<name> | child:<run id> | ask
    answer: Answer | None = None
    deferred: int = 0  # attempts that were never begun, because what they call took no work


class Scope(NamedTuple):
    """The inside of a container: one iteration, or the sections of a try one after the other."""

    section: str = "body"
    members: tuple[str, ...] = ()  # paths of its steps, as they were first seen
    ended: int = 0  # how many of this section's steps have
    error: Error | None = None  # the first one that nothing inside has handled
    live: bool = True  # False: nothing begins in it any more


class Block(NamedTuple):
    """A container that was entered. Of a loop, an iteration's steps are dropped as it ends."""

    kind: str
    total: int = 0  # iterations there are as far as is known
    concurrency: int = 1
    next: int = 0  # index of the iteration that begins next
    open: int = 0
    done: int = 0
    rounds: Map[int, bool] = Map()  # iterations whose steps are kept; True: it has ended
    results: Map[int, Any] = Map()
    items: Any = None
    chained: bool = False
    acc: Any = None
    error: Error | None = None  # what catch or finally deals with
    output: Any = None  # of a try: what its body or catch yielded


class Undo(NamedTuple):
    """A scope whose steps are being undone."""

    error: Error | None
    undone: int = 0
    failed: tuple[Error, ...] = ()
    over: bool = False


class Signal(NamedTuple):
    """One that came before anybody waited for it."""

    signal_id: str
    payload: Any


class Gate(NamedTuple):
    """A limit that the run must pass before its first step."""

    kind: str  # order | debounce | concurrency
    limit_id: str
    key: str
    limit: int = 0
    policy: str = ""
    for_ms: float = 0.0
    priority: str = "normal"
    verdict: str = ""  # granted | rejected | replaced; empty while it waits
    by: str = ""


class Nest(NamedTuple):
    """What only some runs have; a run without any of it shares `NO_NEST`."""

    blocks: Map[str, Block] = Map()  # by the container's path
    scopes: Map[str, Scope] = Map()  # by `each[3]` or `guard`
    undo: Map[int, str] = Map()  # steps that can be undone, in the order in which they ended
    undo_top: int = 0
    undoing: Map[str, Undo] = Map()  # by the container's path, "" for the whole run
    signals: Map[str, tuple[Signal, ...]] = Map()  # by name: came early
    signal_ids: Map[str, bool] = Map()  # all that ever came
    awaiting: Map[str, tuple[str, ...]] = Map()  # by name: steps that wait for it
    vars: Map[str, Any] = Map()
    leaving: Map[str, str] = Map()  # by run id: children nobody waits for, not yet ended
    wish: PauseRequested | ResumeRequested | None = None
    gates: tuple[Gate, ...] = ()
    labels: Map[str, str] = Map()  # set on the way; empty: taken away
    search: Map[str, str] = Map()
    attributed: bool = False  # the attributes of the version were evaluated


NO_NEST = Nest()


class Start(NamedTuple):
    """What a run was started with."""

    tenant: str
    run_id: str
    workflow_id: str
    version: str
    trigger_node: str
    trigger_kind: str
    input: Any
    trigger: Mapping[str, Any]
    labels: Mapping[str, str]
    env: Mapping[str, str]
    idempotency_key: str
    request_hash: str
    started_by: str
    started_ms: int
    trace_parent: str
    parent: RunParent | None = None
    origin: str = ""  # of a fork: the run it comes from
    priority: str = ""  # as its start has it
    callback: RunCallback | None = None  # as its start has it
    project: str = ""  # whose roles count for the run
    order: RunOrder | None = None  # with which other runs it goes on one at a time


class RunState(NamedTuple):
    """A run. `status` changes by owner messages alone."""

    start: Start
    status: str = "queued"
    steps: Map[str, Step] = Map()
    active: int = 0  # steps queued, running or waiting for room
    waiting: int = 0  # steps waiting for a timer
    cancel: CancelRequested | None = None
    doomed: Error | None = None  # a step failed and its policy lets the run fail
    paused: RunPaused | None = None
    error: Error | None = None
    output: Any = None
    ended_ms: int = 0
    archived: str = ""
    archived_key: str = ""
    seen: int = 0
    turn: int = 0
    graph: Graph | None = None
    nest: Nest = NO_NEST
    frontier: Frontier = Frontier()


class Rejected(NamedTuple):
    """Why a fact no longer counts."""

    code: str
    reason: str


class Moving:
    """A run being changed: the fields of `RunState`, with those of its frontier beside them.

    Exists only inside one fold or one decision and is never shared: changing a
    field in place is many times cheaper than replacing a tuple of them.
    """

    __slots__ = (*RunState._fields[:-1], *Frontier._fields)

    start: Start
    status: str
    steps: Map[str, Step]
    active: int
    waiting: int
    cancel: CancelRequested | None
    doomed: Error | None
    paused: RunPaused | None
    error: Error | None
    output: Any
    ended_ms: int
    archived: str
    archived_key: str
    seen: int
    turn: int
    graph: Graph | None
    nest: Nest
    arrivals: Map[str, Arrival]
    agenda: Fifo
    ready: Map[str, Fifo]
    wakes: Heap

    def __init__(self, state: RunState) -> None:
        (
            self.start,
            self.status,
            self.steps,
            self.active,
            self.waiting,
            self.cancel,
            self.doomed,
            self.paused,
            self.error,
            self.output,
            self.ended_ms,
            self.archived,
            self.archived_key,
            self.seen,
            self.turn,
            self.graph,
            self.nest,
            (self.arrivals, self.agenda, self.ready, self.wakes),
        ) = state

    def still(self) -> RunState:
        """The state as it stands now."""
        return RunState(
            self.start,
            self.status,
            self.steps,
            self.active,
            self.waiting,
            self.cancel,
            self.doomed,
            self.paused,
            self.error,
            self.output,
            self.ended_ms,
            self.archived,
            self.archived_key,
            self.seen,
            self.turn,
            self.graph,
            self.nest,
            Frontier(self.arrivals, self.agenda, self.ready, self.wakes),
        )
