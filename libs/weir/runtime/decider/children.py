"""Runs that steps of a shard's runs have started: begun, cancelled, and their ends told.

Record, then send (log-protocol P6, P18): a child is started once its parent's
log holds that it is to be, under an id that follows from the step, so starting
it again starts nothing. Its end is told to the parent by the child's owner as
it ends. Whatever of this is lost with a process is made good by the parent's
owner: it asks again for each child that is still waited for, at takeover and
every `ASK_S` seconds.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import structlog

from weir.contract import ids, subjects, times
from weir.contract.codec import decode, encode
from weir.contract.errors import ConflictError, UnavailableError, WeirError
from weir.contract.messages import (
    CancelRequested,
    ChildEnded,
    Envelope,
    Error,
    Event,
    RunCancelled,
    RunFailed,
    RunParent,
    RunPurged,
    RunStarted,
    RunSucceeded,
)
from weir.contract.subjects import RunKey
from weir.core.state import Blob, RunState, Step
from weir.core.turn import reference
from weir.core.validation.callees import callee
from weir.ports.log import Append
from weir.runtime.decider.courier import RETRY_S, Courier
from weir.runtime.decider.lease import Lease
from weir.runtime.decider.turn import Decider
from weir.runtime.plans import no_workflow

logger = structlog.get_logger(__name__)

ASK_S = 30.0
DAY_S = 86_400  # how long the place of a start that must not come is kept
AT_ONCE = 32  # children that are asked about at the same time


class Child(NamedTuple):
    """A run that a step waits for."""

    run_id: str
    parent: RunKey
    step: str


class Children:
    """The children of one shard's runs, under one lease."""

    def __init__(self, decider: Decider, courier: Courier, lease: Lease) -> None:
        self._log = decider.log
        self._clock = decider.clock
        self._plans = decider.plans
        self._shards = decider.shards
        self._courier = courier
        self._aside = lease.aside
        self._waited_for: dict[str, Child] = {}
        self._told_to_end: set[str] = set()

    # -- what the owner tells --

    def look(self, key: RunKey, state: RunState) -> None:
        """Begin what the run's log says is to be begun; at takeover, or after a turn with calls."""
        called = [
            (path, step.waits.partition(":")[2])
            for path, step in state.steps.items()
            if step.waits.startswith("child:") and step.answer is None
        ]
        for path, run_id in sorted(called):  # one order in every process: maps go by hashes
            if run_id not in self._waited_for:
                self._waited_for[run_id] = Child(run_id, key, path)
                self._aside(self._begin(self._waited_for[run_id], state.steps[path], state))
        for run_id, path in sorted(state.nest.leaving.items()):
            self.cancel(Child(run_id, key, path), state)

    def cancel(self, child: Child, state: RunState) -> None:
        """Nobody waits for this child any more but the end of its parent."""
        self._waited_for[child.run_id] = child
        if child.run_id not in self._told_to_end:
            self._told_to_end.add(child.run_id)
            self._aside(self._cancel(child, state))

    def came(self, run_id: str) -> None:
        """The parent's log has the child's end."""
        self._waited_for.pop(run_id, None)
        self._told_to_end.discard(run_id)

    def ended(self, key: RunKey, state: RunState) -> None:
        """A run of this shard has ended: tell the step that waits for it."""
        parent = state.start.parent
        if parent is not None:
            parent_key = subjects.run_key(key.tenant, parent.run_id, self._shards)
            self._tell(Child(key.run_id, parent_key, parent.step), _end_of(key, state))

    async def ask(self) -> None:
        """Ask again and again about children whose end may have been told to nobody."""
        while True:
            await asyncio.sleep(ASK_S)
            waiting = list(self._waited_for.values())
            for at in range(0, len(waiting), AT_ONCE):
                part = waiting[at : at + AT_ONCE]
                await asyncio.gather(*(self._ask(child) for child in part))

    # -- how it is done --

    async def _begin(self, child: Child, step: Step, state: RunState) -> None:
        while child.run_id in self._waited_for:
            try:
                append = await self._start_of(child, step, state)
                await self._log.append(append)
            except ConflictError:
                await self._ask(child)  # it exists: perhaps it has ended already
                return
            except UnavailableError:
                await asyncio.sleep(RETRY_S)
            except WeirError as error:
                if error.status >= 500:  # noqa: PLR2004 - of the broker's: not stored, or unknown
                    await asyncio.sleep(RETRY_S)
                    continue
                failed = Error(code=error.code, message=str(error))
                self._tell(child, ChildEnded(status="failed", error=failed))
                return
            except Exception as error:
                logger.exception("child run cannot be started", run_id=child.run_id)
                message = f"the run could not be started ({type(error).__name__})"
                failed = Error(code="CHILD_NOT_STARTED", message=message)
                self._tell(child, ChildEnded(status="failed", error=failed))
                return
            else:
                return

    async def _start_of(self, child: Child, step: Step, state: RunState) -> Append:
        asked, start = step.output, state.start
        tenant, workflow, version = start.tenant, asked["workflow_id"], asked["version"]

        def admit(project: str) -> None:
            # What the definition writes down its publisher might start; the rest is the run's word.
            if start.project not in {"", project} and not _written(state, child.step):
                raise no_workflow(workflow)

        if version:
            plan = await self._plans.get(tenant, workflow, version, admit=admit)
        else:
            plan = await self._plans.current(tenant, workflow, admit=admit)
        node = plan.trigger(None)
        plan.check(asked["input"])
        now = times.from_ms(self._clock.now_ms())
        parent = RunParent(run_id=start.run_id, step=child.step, depth=asked["depth"])
        started = RunStarted(
            trigger_node=node,
            trigger_kind="api",
            input=asked["input"],
            trigger={"fired_at": now},
            labels=dict(plan.labels),
            env=dict(start.env),
            idempotency_key=f"{start.run_id}/{child.step}",
            started_by=start.run_id,
            parent=parent,
            project=plan.project,
        )
        envelope = Envelope(
            id=f"{child.run_id}/start",
            tenant=start.tenant,
            run_id=child.run_id,
            workflow_id=plan.workflow_id,
            version=plan.version,
            at=now,
            cause=f"{start.run_id}/{child.step}",
            trace_parent=start.trace_parent,
            events=(Event.of(started),),
        )
        key = self._key(child)
        return Append(key.fact(subjects.start_fact()), encode(envelope), expect=0)

    def _key(self, child: Child) -> RunKey:
        return subjects.run_key(child.parent.tenant, child.run_id, self._shards)

    async def _ask(self, child: Child) -> None:
        """Read how the child stands, and tell its parent if it has ended."""
        try:
            key = self._key(child)
            last = await self._log.last(key.events)
            found = decode(last.data) if last is not None else None
            if found is None:
                started = await self._log.last(key.fact(subjects.start_fact()))
                found = decode(started.data) if started is not None else None
            told = _told(child, found) if found is not None else None
        except (WeirError, ValueError) as error:
            logger.info("child run asked in vain", run_id=child.run_id, reason=str(error))
            return
        if told is not None:
            self._tell(child, told)
            self._waited_for.pop(child.run_id, None)

    async def _cancel(self, child: Child, state: RunState) -> None:
        if await self._never_begins(child):
            self._tell(child, ChildEnded(status="cancelled"))
            return
        above = child.parent.run_id
        request = ids.derived("req", above, child.run_id)
        asked = state.cancel
        event = CancelRequested(
            request_id=request,
            reason=asked.reason if asked is not None else "the run that waited for it went on",
            requested_by=asked.requested_by if asked is not None else above,
            terminate=asked.terminate if asked is not None else False,
        )
        fact = subjects.cancel_fact(request)
        self._courier.tell(self._fact(self._key(child), fact, Event.of(event)))

    async def _never_begins(self, child: Child) -> bool:
        """Take the place of the child's start, so that no late one counts; False if it is there."""
        kind = RunPurged(status="cancelled", ended_at=times.from_ms(self._clock.now_ms()))
        place = self._fact(self._key(child), subjects.start_fact(), Event.of(kind), ttl_s=DAY_S)
        while True:
            try:
                return await self._is_stored(place)
            except WeirError:
                await asyncio.sleep(RETRY_S)

    def _tell(self, child: Child, end: ChildEnded) -> None:
        end = end.model_copy(update={"run_id": child.run_id})
        event = Event.of(end, step=child.step)
        fact = subjects.child_fact(child.run_id)
        self._courier.tell(self._fact(child.parent, fact, event))

    def _fact(self, key: RunKey, fact: str, event: Event, ttl_s: int | None = None) -> Append:
        """A fact of a run's log, if there is none yet."""
        envelope = Envelope(
            id=self._clock.new_id("evt"),
            tenant=key.tenant,
            run_id=key.run_id,
            at=times.from_ms(self._clock.now_ms()),
            events=(event,),
        )
        return Append(key.fact(fact), encode(envelope), expect=0, ttl_s=ttl_s)

    async def _is_stored(self, append: Append) -> bool:
        """Append; False if another message has the place. One of unknown outcome is recognised."""
        try:
            await self._log.append(append)
        except ConflictError:
            stored = await self._log.last(append.subject)
            return stored is not None and stored.data == append.data
        return True


def _written(state: RunState, step: str) -> bool:
    """Whether the version itself says which workflow the step calls."""
    node = state.graph.node_at(step) if state.graph is not None else None
    return node is not None and callee(node.config) is not None


def _end_of(key: RunKey, state: RunState) -> ChildEnded:
    """How a run that has just ended is told."""
    end = ChildEnded(run_id=key.run_id, status=state.status)
    if state.status == "failed":
        return end.model_copy(update={"error": state.error})
    if isinstance(state.output, Blob):
        return end.model_copy(update={"output_ref": reference(state.output)})
    return end.model_copy(update={"output": state.output})


def _told(child: Child, found: Envelope) -> ChildEnded | None:
    """The same from the last message of its owner, or from its tombstone; None if it goes on."""
    match found.events[-1].kind:
        case RunSucceeded(output=output, output_ref=ref):
            end = ChildEnded(status="succeeded", output=output)
            return end if ref is None else ChildEnded(status="succeeded", output_ref=ref)
        case RunFailed(error=error):
            return ChildEnded(status="failed", error=error)
        case RunCancelled():
            return ChildEnded(status="cancelled")
        case RunPurged(status=status) if status == "cancelled":
            return ChildEnded(status="cancelled")
        case RunPurged(status=status):
            message = f"the run has {status} and was purged before its end was read"
            error = Error(code="CHILD_RESULT_GONE", message=message, step=child.step)
            return ChildEnded(status="failed", error=error)
        case _:
            return None
