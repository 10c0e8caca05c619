"""What is told to a run that goes on: signals, pauses, cancels, decisions, other deadlines.

Each is a fact under an id of its own, and recorded is all that is answered
(log-protocol P10): what came of it shows in the run. The same id is the same
fact; with another content it is refused. A run that has ended takes none.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, NamedTuple

from services.trigger import models
from services.trigger.results import Results
from weir.contract import codec, ids, subjects, times
from weir.contract.errors import (
    ConflictError,
    RunEndedError,
    RunNotFoundError,
    RunPurgedError,
    StepNotWaitingError,
)
from weir.contract.messages import (
    CancelRequested,
    DeadlineMoved,
    Envelope,
    Event,
    Message,
    PauseRequested,
    ResumeRequested,
    SignalReceived,
    StepDecided,
)
from weir.contract.subjects import RunKey
from weir.core.run import accept
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.runtime.http.call import Call, Reply, wrong
from weir.runtime.http.idempotency import conflict
from weir.runtime.http.route import API
from weir.runtime.policy import Guard
from weir.runtime.states import States

_NODE = r"[a-z][a-z0-9_]{0,62}"
_PATH = re.compile(rf"{_NODE}(\[[0-9]{{1,10}}\])?(/{_NODE}(\[[0-9]{{1,10}}\])?)*")
_WHO = {"requested_by", "sent_by", "decided_by", "moved_by"}


Kind = (
    SignalReceived
    | PauseRequested
    | ResumeRequested
    | CancelRequested
    | StepDecided
    | DeadlineMoved
)


class Wish(NamedTuple):
    """A fact to be: `name` is the end of its subject.

    `awaited` is a step that must wait for it, though it is told to the run.
    """

    name: str
    kind: Kind
    step: str = ""
    awaited: str = ""


class Wishes:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what telling a run something touches
        self, guard: Guard, runs: Log, results: Results, states: States, clock: Clock, shards: int
    ) -> None:
        self._guard = guard
        self._runs = runs
        self._results = results
        self._states = states
        self._clock = clock
        self._shards = shards

    async def signal(self, call: Call) -> Reply:
        """POST /runs/{run_id}/signals."""
        key = self.key(call)
        asked = await call.model(models.SendSignal)
        signal_id = self._id("sig", key, asked.id or call.idempotency_key())
        kind = SignalReceived(
            signal_id=signal_id,
            name=asked.name,
            payload=asked.payload,
            sent_by=call.principal.id,
        )
        wish = Wish(subjects.signal_fact(signal_id), kind, awaited=asked.step)
        return await self._answer(call, key, wish, signal_id=signal_id)

    async def pause(self, call: Call) -> Reply:
        """POST /runs/{run_id}/pause."""
        key = self.key(call)
        asked = await call.model(models.PauseRun, optional=True)
        return await self._wish(call, key, self.pausing(call, key, asked.reason))

    async def resume(self, call: Call) -> Reply:
        """POST /runs/{run_id}/resume."""
        key = self.key(call)
        await call.model(models.ResumeRun, optional=True)
        return await self._wish(call, key, self.resuming(call, key))

    async def cancel(self, call: Call) -> Reply:
        """POST /runs/{run_id}/cancel."""
        key = self.key(call)
        asked = await call.model(models.CancelRun, optional=True)
        wish = self.cancelling(call, key, asked.reason, terminate=asked.mode == "terminate")
        return await self._wish(call, key, wish)

    async def decide(self, call: Call) -> Reply:
        """POST /runs/{run_id}/steps/{step}/decision."""
        key, step = self.key(call), _step(call)
        asked = await call.model(models.DecideStep)
        request_id = self._id("req", key, call.idempotency_key())
        kind = StepDecided(
            request_id=request_id,
            decision=asked.decision,
            output=asked.output,
            reason=asked.reason,
            decided_by=call.principal.id,
        )
        wish = Wish(subjects.decision_fact(step, request_id), kind, step)
        return await self._wish(call, key, wish)

    async def move(self, call: Call) -> Reply:
        """POST /runs/{run_id}/steps/{step}/deadline."""
        key, step = self.key(call), _step(call)
        asked = await call.model(models.MoveDeadline)
        try:
            due_at = times.from_ms(times.to_ms(asked.due_at))
        except (ValueError, OverflowError):
            raise wrong(
                "due_at", "this is no time", "Write it like 2026-01-31T12:00:00Z."
            ) from None
        request_id = self._id("req", key, call.idempotency_key())
        kind = DeadlineMoved(request_id=request_id, due_at=due_at, moved_by=call.principal.id)
        return await self._wish(call, key, Wish(subjects.deadline_fact(request_id), kind, step))

    # -- wishes that are also made for many runs at once --

    def pausing(self, call: Call, key: RunKey, reason: str) -> Wish:
        """That a run stands still."""
        request_id = self._id("req", key, call.idempotency_key())
        kind = PauseRequested(request_id=request_id, reason=reason, requested_by=call.principal.id)
        return Wish(subjects.pause_fact(request_id), kind)

    def resuming(self, call: Call, key: RunKey) -> Wish:
        """That a run goes on."""
        request_id = self._id("req", key, call.idempotency_key())
        kind = ResumeRequested(request_id=request_id, requested_by=call.principal.id)
        return Wish(subjects.resume_fact(request_id), kind)

    def cancelling(self, call: Call, key: RunKey, reason: str, *, terminate: bool) -> Wish:
        """That a run ends; with `terminate` at once, and nothing is undone."""
        request_id = self._id("req", key, call.idempotency_key())
        given: dict[str, Any] = {"terminate": True} if terminate else {}
        kind = CancelRequested(
            request_id=request_id, reason=reason, requested_by=call.principal.id, **given
        )
        return Wish(subjects.cancel_fact(request_id), kind)

    async def record(self, call: Call, key: RunKey, wish: Wish) -> int | None:
        """Store the fact, once; returns its sequence, None if the run was purged meanwhile.

        RunNotFoundError, RunPurgedError, RunEndedError, StepNotWaitingError, PolicyDeniedError,
        PoliciesUnreadableError, IdempotencyConflictError, OutcomeUnknownError.
        """
        envelope = Envelope(
            id=self._clock.new_id("evt"),
            tenant=key.tenant,
            run_id=key.run_id,
            at=times.from_ms(self._clock.now_ms()),
            trace_parent=call.trace_parent,
            events=(Event.of(wish.kind, **({"step": wish.step} if wish.step else {})),),
        )
        start = await self.living(call, key)
        what = wish.name.partition(".")[0]
        await self._guard.steer(call.principal, start.workflow_id, start.version, what)
        subject = key.fact(wish.name)
        ended = await self._results.look(key)
        if ended is not None or wish.step or wish.awaited:
            known = await self._recorded(subject, wish.kind)
            if known is not None:
                return known
            if ended is not None:
                raise RunEndedError(
                    f"The run {key.run_id} has {ended.status}: nothing can be told to it any more.",
                    details={"run_id": key.run_id, "status": ended.status},
                )
            await self._must_wait(key, wish, envelope.events[0])
        try:
            return await self._runs.append(Append(subject, codec.encode(envelope), expect=0))
        except ConflictError:
            return await self._recorded(subject, wish.kind)

    async def living(self, call: Call, key: RunKey) -> Envelope:
        """The start of a run to which the caller may do this.

        RunNotFoundError, RunPurgedError if the log holds none; ForbiddenError.
        """
        stored = await self._runs.last(key.fact(subjects.start_fact()))
        if stored is None:
            raise no_run(key)
        start = codec.decode(stored.data)
        started, tombstone = start.events[0].run_started, start.events[0].run_purged
        # A tombstone says no more of whose the run was.
        project = started.project if started is not None else ""
        call.require(call.route.permission, project, lambda: no_run(key))
        if tombstone is not None:
            raise RunPurgedError(
                f"The run {key.run_id} ended ({tombstone.status}) and was removed from the log.",
                details={"run_id": key.run_id, "status": tombstone.status},
            )
        return start

    async def goes_on(self, call: Call, key: RunKey) -> bool:
        """Whether the run has not ended; raises as `living`."""
        await self.living(call, key)
        return await self._results.look(key) is None

    def key(self, call: Call) -> RunKey:
        """The run of the path."""
        run_id = call.id("run_id", "run", RunNotFoundError, "run")
        return subjects.run_key(call.tenant, run_id, self._shards)

    async def _must_wait(self, key: RunKey, wish: Wish, event: Event) -> None:
        """StepNotWaitingError if the step waits for nothing of the kind."""
        state = (await self._states.read(key)).tentative
        path, why = wish.step or wish.awaited, ""
        step = state.steps.get(path) if state is not None else None
        if state is None:
            why = "the run is gone"
        elif isinstance(wish.kind, SignalReceived):
            what = f"signal:{wish.kind.name}"
            waits = step is not None and step.status == "waiting" and step.waits == what
            if step is None or not waits or step.answer is not None or step.fired:
                why = f"it does not wait for the signal {wish.kind.name[:80]}"
        elif (refused := accept(state, event)) is not None:
            why = refused.reason
        if why:
            raise StepNotWaitingError(
                f"The step {path[:80]} of {key.run_id} cannot take this: {why}. "
                "Look at `waits_for` of the run.",
                details={"step": path[:80], "status": step.status if step else None},
            )

    async def _recorded(self, subject: str, kind: Message) -> int | None:
        """Where the same wish was recorded before; another one under its id is refused."""
        stored = await self._runs.last(subject)
        if stored is None:
            return None  # never, or the run was purged meanwhile
        before = codec.decode(stored.data).events[0].kind
        if before is None or _content(before) != _content(kind):
            raise conflict()
        return stored.seq

    async def _wish(self, call: Call, key: RunKey, wish: Wish) -> Reply:
        return await self._answer(call, key, wish, request_id=wish.name.rpartition(".")[2])

    async def _answer(self, call: Call, key: RunKey, wish: Wish, **names: str) -> Reply:
        sequence = await self.record(call, key, wish)
        return Reply(
            {"run_id": key.run_id, "recorded": True, **names},
            status=HTTPStatus.ACCEPTED,
            headers={"Location": f"{API}/runs/{key.run_id}"},
            sequence=sequence,
        )

    def _id(self, prefix: str, key: RunKey, given: str | None) -> str:
        """An id that can stand in a subject, always the same for what the caller chose."""
        if given:
            return ids.derived(prefix, key.tenant, key.run_id, given)
        return self._clock.new_id(prefix)


def no_run(key: RunKey) -> RunNotFoundError:
    """What is said of a run that is not there, or not for who asks."""
    return RunNotFoundError(
        f"There is no run {key.run_id}: its start was never stored, or is long gone.",
        details={"run_id": key.run_id},
    )


def _step(call: Call) -> str:
    """The step of the path; one that no run can have is no step that waits."""
    given = call.segment("step")
    if len(given) > 1_000 or not _PATH.fullmatch(given):  # noqa: PLR2004 - a subject holds it
        raise StepNotWaitingError(
            f"{given[:80]!r} is no step of a run: it looks like `notify` or `each[3]/notify`, "
            "with %2F for the stroke.",
            details={"step": given[:80], "status": None},
        )
    return given


def _content(kind: Message) -> tuple[type, bytes]:
    """What was asked for, whoever asked."""
    return type(kind), codec.canonical(kind.model_dump(mode="json", exclude=_WHO))
