"""Runs that go on from a place in another one: a retry from what failed, a fork from any step.

The new run's start fact holds what it takes over (`core.fork`): steps that had
ended before that place are not executed again. What will be repeated, and has
an effect outside, is named in the answer; a dry run tells it and starts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson

from services.trigger import models
from services.trigger.api import shown_start, startable, version_asked
from services.trigger.starts import Start, Starts
from services.trigger.wishes import Wishes, no_run
from weir.contract import codec
from weir.contract.errors import (
    ArchiveDamagedError,
    ForkTooLargeError,
    NothingToRetryError,
    StepNotReachedError,
    TooLargeError,
)
from weir.contract.messages import (
    AttributesSet,
    ChildStarted,
    CompensationStarted,
    Message,
    RunStarted,
    StepCompensated,
    StepFailed,
    TaskScheduled,
    WaitStarted,
)
from weir.contract.subjects import RunKey
from weir.core.fork import CARRIED, Past, carry, is_done, stands
from weir.core.graph import Graph
from weir.core.nesting import name_of
from weir.core.runlog import Transition
from weir.core.spec import Catalogue
from weir.core.state import CONTAINERS, ENDED, Blob, Moving, RunState
from weir.runtime.graphs import Graphs
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import API
from weir.runtime.plans import Plan, Plans
from weir.runtime.states import States

_SHOWN = 200


class Reading:
    """What a fork has to know of the past of a run, gathered while it is read."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.before: RunState | None = None  # the state before the step's first event
        self.failed: dict[str, RunState] = {}  # the state before a step failed for good
        self.ran: dict[str, str] = {}  # node type by path of steps that ran outside
        self.whole: RunState | None = None  # the state before the run was undone, or ended
        self._undone: set[str] = set()
        self._took: dict[str, frozenset[str]] = {}
        self._found_by: Mapping[str, str] = {}
        self._last: RunState | None = None

    def __call__(self, run: Moving | RunState, change: Transition) -> None:
        """See `runlog.Watch`."""
        kind, path = change.event.kind, change.event.step
        state = run.still() if isinstance(run, Moving) else run
        self._see(kind, path, state)
        if isinstance(kind, RunStarted):
            self.ran |= {at: step.node_type for at, step in state.steps.items() if step.node_type}
            if self.path in state.steps:
                self.before = state
        elif isinstance(kind, StepFailed) and kind.handling == "fail" and self._last is not None:
            self.failed.setdefault(path, self._last)
        if path == self.path and self.before is None:
            self.before = self._last
        unwinds = isinstance(kind, CompensationStarted) and not path
        if self.whole is None and (unwinds or state.status in ENDED):
            self.whole = self._last
        self._last = state

    def _see(self, kind: Message | None, path: str, state: RunState) -> None:
        """What is to be known of one step after the other."""
        match kind:
            case TaskScheduled():
                self.ran[path] = kind.node_type
            case ChildStarted():
                self.ran[path] = "sub_workflow"
            case WaitStarted() if self._last is not None:
                self._take(path, kind.what.partition(":")[2], self._last, state)
            case StepCompensated() if kind.error is None:
                self._undone.add(path)
            case AttributesSet() if not path:
                self._found_by = kind.search

    def parent(self, key: RunKey, end: RunState, before: RunState, step: str) -> Parent:
        """The run that was read, and a place in it."""
        whole, undone = self.whole or end, self._undone | _being_undone(end)
        past = Past(end, whole, before, step, frozenset(undone), self._took, self._found_by)
        return Parent(key, past, self.ran)

    def _take(self, path: str, name: str, before: RunState, after: RunState) -> None:
        """A step begins to wait; if a signal had come early it is the first of them."""
        early = before.nest.signals.get(name, ())
        if len(early) > len(after.nest.signals.get(name, ())):
            self._took[path] = self._took.get(path, frozenset()) | {early[0].signal_id}


def _being_undone(state: RunState) -> set[str]:
    """Steps that will have been undone soon."""
    places = [place for place, undo in state.nest.undoing.items() if not undo.over]
    return {
        path
        for path in state.nest.undo.values()
        if any(not place or path.startswith((f"{place}/", f"{place}[")) for place in places)
    }


class Parent(NamedTuple):
    """The run that another one comes from, and the place."""

    key: RunKey
    past: Past
    ran: dict[str, str]

    @property
    def state(self) -> RunState:
        """The run as it stands now."""
        return self.past.end

    @property
    def step(self) -> str:
        """Where the other one goes on."""
        return self.past.step


class Wanted(NamedTuple):
    """What the new run is to be like."""

    version: str
    given: bool  # whether it has an input of its own
    input: Any = None
    once: str = ""  # a key of its own, beside what the caller says


class Forks:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a fork touches
        self,
        wishes: Wishes,
        states: States,
        plans: Plans,
        graphs: Graphs,
        starts: Starts,
        catalogue: Catalogue,
    ) -> None:
        self._wishes = wishes
        self._states = states
        self._plans = plans
        self._graphs = graphs
        self._starts = starts
        self._catalogue = catalogue

    async def retry(self, call: Call) -> Reply:
        """POST /runs/{run_id}/retry."""
        asked = await call.model(models.RetryRun, optional=True)
        key = self._wishes.key(call)
        return await self.again(call, key, asked.version, dry_run=asked.dry_run)

    async def again(self, call: Call, key: RunKey, version: str, *, dry_run: bool) -> Reply:
        """A new run that goes on from what failed in this one."""
        parent = await self._failed(call, key)
        return await self._begin(call, parent, Wanted(version, given=False), dry_run=dry_run)

    async def fork(self, call: Call) -> Reply:
        """POST /runs/{run_id}/fork."""
        asked = await call.model(models.ForkRun)
        key = self._wishes.key(call)
        parent = await self._at(call, key, asked.step)
        given = "input" in asked.model_fields_set
        wanted = Wanted(asked.version, given, asked.input)
        return await self._begin(call, parent, wanted, dry_run=asked.dry_run)

    async def resumed(
        self, call: Call, key: RunKey, path: str, version: str, *, once: str
    ) -> Reply:
        """A new run that goes on from a step that failed; the same for the same `once`."""
        state = await self._read(call, key, Reading())
        blamed = state.error.step if state.error is not None else ""
        if path and (path != blamed or state.status != "failed"):
            parent = await self._at(call, key, path)
        else:
            parent = await self._failed(call, key)
        wanted = Wanted(version, given=False, once=once)
        return await self._begin(call, parent, wanted, dry_run=False)

    async def _at(self, call: Call, key: RunKey, path: str) -> Parent:
        """A step of a run, as it was about to be entered."""
        reading = Reading(path)
        state = await self._read(call, key, reading)
        if reading.before is None:
            raise StepNotReachedError(
                f"The run {key.run_id} has not reached the step {path[:80]!r}: take one of "
                f"{API}/runs/{key.run_id}/steps.",
                details={"step": path[:80]},
            )
        return reading.parent(key, state, reading.before, path)

    async def _failed(self, call: Call, key: RunKey) -> Parent:
        """The place where a run failed, or where it was cancelled."""
        reading = Reading()
        state = await self._read(call, key, reading)
        if state.status not in {"failed", "cancelled"}:
            raise NothingToRetryError(
                f"The run {key.run_id} is {state.status}: only what failed or was cancelled is "
                "retried; fork it from a step instead.",
                details={"run_id": key.run_id, "status": state.status},
            )
        named = state.error.step if state.error is not None else ""
        step = named if named in reading.failed else next(iter(reading.failed), "")
        if step:
            return reading.parent(key, state, reading.failed[step], step)
        # No step is to blame: the run was cancelled, or its time was over.
        open_steps = sorted(
            (one.scheduled_ms, path)
            for path, one in state.steps.items()
            if one.status in {"cancelled", "failed"} and "/" not in path
        )
        first = open_steps[0][1] if open_steps else state.start.trigger_node
        if not first:
            raise NothingToRetryError(
                f"The run {key.run_id} ended before it reached a step: start it anew.",
                details={"run_id": key.run_id, "status": state.status},
            )
        return reading.parent(key, state, reading.whole or state, first)

    async def _read(self, call: Call, key: RunKey, reading: Reading) -> RunState:
        try:
            state = (await self._states.read(key, reading)).tentative
        except ArchiveDamagedError:
            if call.reach(call.route.permission) is not None:
                await self._wishes.living(call, key)
            raise
        if state is None:
            await self._wishes.living(call, key)
            raise no_run(key)
        call.require(call.route.permission, state.start.project, lambda: no_run(key))
        return state

    async def _begin(self, call: Call, parent: Parent, wanted: Wanted, *, dry_run: bool) -> Reply:
        plan = await self._plan(call, parent.state, wanted.version)
        graph = await self._graphs.get(call.tenant, plan.version)
        if not stands(graph, parent.step):
            raise StepNotReachedError(
                f"The version {plan.version} has no step {parent.step!r}: fork from "
                "another step, or with the version of the run.",
                details={"step": parent.step, "version": plan.version},
            )
        step, carried = carry(parent.past, graph)
        parent = parent._replace(past=parent.past._replace(step=step))
        repeats = self._repeats(parent, carried, graph)
        start = self._start(call, plan, parent, wanted, carried)
        if wanted.given:
            plan.check(wanted.input)
        told = {
            "origin": {"run_id": parent.key.run_id, "step": parent.step},
            "carried": sum(status in CARRIED for _, status, *_ in carried["steps"]),
            "repeats": repeats[:_SHOWN],
        }
        if dry_run:
            nobody = {"run_id": None, "workflow_id": plan.workflow_id, "version": plan.version}
            said = {"status": "not started", "started_at": None, "duplicate": False}
            return Reply(nobody | said | told)
        try:
            started = await self._starts.start(start, self._starts.key(start))
        except TooLargeError:
            size = len(orjson.dumps(carried))
            raise ForkTooLargeError(
                f"What the new run would take over has {size} bytes, and its first message holds "
                f"{codec.MESSAGE_LIMIT}: fork from an earlier step, or let steps yield less.",
                details={"bytes": size, "limit": codec.MESSAGE_LIMIT},
            ) from None
        return Reply(
            shown_start(started, plan, {}) | told,
            status=HTTPStatus.ACCEPTED,
            headers={"Location": f"{API}/runs/{started.key.run_id}"},
            sequence=started.sequence,
        )

    async def _plan(self, call: Call, state: RunState, version: str) -> Plan:
        workflow = state.start.workflow_id
        admit = startable(call, workflow)
        if version == "current":
            return await self._plans.current(
                call.tenant, workflow, min_revision=call.min_revision, admit=admit
            )
        wanted = state.start.version if version == "original" else version_asked(version)
        return await self._plans.get(call.tenant, workflow, wanted, admit=admit)

    def _repeats(
        self, parent: Parent, carried: dict[str, Any], graph: Graph
    ) -> list[dict[str, str]]:
        """What had an effect outside and is not taken over."""
        kept = {one[0] for one in carried["steps"]}
        return [
            {"step": path, "node_type": node_type}
            for path, node_type in sorted(parent.ran.items())
            if node_type not in CONTAINERS
            and self._writes(node_type)
            and stands(graph, path)
            and name_of(path) not in graph.undoes
            and path not in kept
            and not is_done(path, kept, carried["blocks"])
        ]

    def _writes(self, node_type: str) -> bool:
        spec = self._catalogue.get(node_type)
        # A type that is not known here is a worker's: nobody can tell what it does.
        return spec is None or spec.effect == "write" or node_type == "sub_workflow"

    def _start(
        self, call: Call, plan: Plan, parent: Parent, wanted: Wanted, carried: dict[str, Any]
    ) -> Start:
        start, key = parent.state.start, wanted.once or call.idempotency_key() or ""
        reference = start.input if isinstance(start.input, Blob) and not wanted.given else None
        given = wanted.input if wanted.given else None if reference is not None else start.input
        asked = [parent.step, wanted.version, wanted.given, wanted.input]
        return Start(
            tenant=call.tenant,
            plan=plan,
            trigger_node=plan.trigger(start.trigger_node) if start.trigger_node else "",
            trigger_kind=start.trigger_kind,
            input=given,
            trigger=start.trigger,
            started_by=call.principal.id,
            source=f"fork of {parent.key.run_id}",
            key=key,
            request_hash=codec.digest(codec.canonical(asked)) if key else "",
            labels=start.labels,
            trace_parent=call.trace_parent,
            env=start.env,
            callback=None if start.callback is None else start.callback.model_dump(mode="json"),
            input_ref=None if reference is None else reference._asdict(),
            origin={"run_id": parent.key.run_id, "step": parent.step, "carried": carried},
            project=start.project,
            who=call.principal,
        )
