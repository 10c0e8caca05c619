"""The runs of a shard's schedules: begun, told to end, and looked after until they have ended.

Record, then send (log-protocol P6): a run is begun once its schedule's log
holds that it is to be, under an id that follows from schedule and time, so
beginning it again begins nothing. Its end is told by its own owner. Whatever
of this is lost with a process is made good by the schedule's owner: at
takeover it begins what is not there, and it looks now and then whether each
run still goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from weir.contract import ids, subjects, times
from weir.contract.codec import encode
from weir.contract.errors import ConflictError, WeirError
from weir.contract.identity_errors import QuotaExceededError
from weir.contract.messages import (
    CancelRequested,
    Envelope,
    Error,
    Event,
    RunStarted,
    ScheduledRunEnded,
    ScheduledRunRefused,
    ScheduleEvent,
    ScheduleMessage,
    ScheduleSaved,
)
from weir.contract.subjects import RunKey, ScheduleKey
from weir.core.schedules.schedule import Fired
from weir.ports.clock import Clock
from weir.ports.log import Append
from weir.runtime import metrics
from weir.runtime.decider.courier import RETRY_S, Courier
from weir.runtime.decider.ended import ended_as
from weir.runtime.decider.lease import Lease
from weir.runtime.decider.schedule_records import Scheduling
from weir.runtime.decider.turn import Decider

logger = structlog.get_logger(__name__)

KIND = "schedule"
LOOK_S = 5.0  # how often runs are looked for
LOOK_MAX_MS = 300_000  # and how seldom each of them, at last
LOOKS = 100  # at once
RECENT_MS = 600_000  # ends that a new owner tells again
_SERVERS = 500  # statuses from here on are ours: not stored, or unknown


Refused = Callable[[ScheduleKey, ScheduledRunRefused], None]


class ScheduledRuns:
    """Those of one shard's schedules, under one lease. `refused` hears of runs that cannot be."""

    def __init__(
        self,
        decider: Decider,
        shared: Scheduling,
        lease: Lease,
        courier: Courier,
        refused: Refused,
    ) -> None:
        self._on = decider
        self._shared = shared
        self._lease = lease
        self._courier = courier
        self._refused = refused
        self._beginning: dict[str, bool | None] = {}  # run -> whether it is to end without undoing
        self._looks: dict[str, tuple[ScheduleKey, int, int]] = {}  # (whose, due, pause in ms)

    def begin(self, key: ScheduleKey, saved: ScheduleSaved, fired: Fired) -> None:
        """The schedule's log says that this run is to begin."""
        if fired.run_id not in self._beginning:
            self._beginning[fired.run_id] = None
            self._lease.aside(self._begin(key, saved, fired, anew=True))

    def found(self, key: ScheduleKey, saved: ScheduleSaved | None, fired: Fired) -> None:
        """At takeover: a run that has not ended as far as the schedule's log knows."""
        if fired.run_id in self._beginning:
            return
        self._beginning[fired.run_id] = None
        self._lease.aside(self._begin(key, saved, fired, anew=False))

    def end(self, key: ScheduleKey, run_id: str, *, terminate: bool) -> None:
        """The run is to end, so that another can take its place."""
        if run_id in self._beginning:
            self._beginning[run_id] = terminate
            return
        run = subjects.run_key(key.tenant, run_id, self._on.shards)
        request = ids.derived("req", key.schedule_id, run_id, "terminate" if terminate else "end")
        wish = CancelRequested(
            request_id=request,
            reason="the next time of its schedule has come",
            requested_by=key.schedule_id,
            terminate=terminate,
        )
        append = _fact(run, subjects.cancel_fact(request), request, Event.of(wish), self._at())
        self._courier.tell(append)

    def forget(self, run_id: str) -> None:
        """The schedule's log has the run's end."""
        self._looks.pop(run_id, None)

    async def look(self) -> None:
        """Look whether runs still go on, often at first and seldom later."""
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._lease.time.now_ms()
            due = [run_id for run_id, (_, at, _) in self._looks.items() if at <= now]
            for run_id in due[:LOOKS]:
                if run_id not in self._looks:
                    continue
                key, _, pause = self._looks[run_id]
                pause = min(2 * pause, LOOK_MAX_MS)
                self._looks[run_id] = key, now + pause, pause
                with contextlib.suppress(WeirError, ValueError):
                    status = await self._status(key, run_id)
                    if status:
                        self._tell_end(key, run_id, status)

    # -- how it is done --

    async def _begin(
        self, key: ScheduleKey, saved: ScheduleSaved | None, fired: Fired, *, anew: bool
    ) -> None:
        refusal: Error | None = None
        while True:
            try:
                status = None if anew else await self._status(key, fired.run_id)
                if status is None:
                    refusal = await self._start(key, saved, fired)
            except ConflictError:
                anew = False  # it is there: perhaps it has ended already
            except (WeirError, ValueError) as error:
                logger.info("scheduled run waits", run_id=fired.run_id, reason=str(error))
                await asyncio.sleep(RETRY_S)
            else:
                break
        self._begun(key, fired.run_id, status or "", refusal)

    def _begun(self, key: ScheduleKey, run_id: str, status: str, refusal: Error | None) -> None:
        terminate = self._beginning.pop(run_id, None)
        if refusal is not None:
            self._refused(key, ScheduledRunRefused(run_id=run_id, error=refusal))
        elif status:
            self._tell_end(key, run_id, status)
        else:
            pause = int(LOOK_S * 1000)
            self._looks[run_id] = key, self._lease.time.now_ms() + pause, pause
            if terminate is not None:
                self.end(key, run_id, terminate=terminate)

    async def _start(
        self, key: ScheduleKey, saved: ScheduleSaved | None, fired: Fired
    ) -> Error | None:
        """Store the start; why there cannot be one. ConflictError if it is there."""
        if saved is None:
            return Error(code="SCHEDULE_NOT_FOUND", message="the schedule was deleted meanwhile")
        try:
            await self._on.log.append(await self._start_of(key, saved, fired))
        except ConflictError:
            raise
        except WeirError as error:
            if error.status >= _SERVERS:
                raise
            return Error(code=error.code, message=error.message)
        except Exception as error:
            logger.exception("scheduled run cannot be started", schedule_id=key.schedule_id)
            message = f"the run could not be started ({type(error).__name__})"
            return Error(code="SCHEDULED_RUN_NOT_STARTED", message=message)
        metrics.RUNS_STARTED.labels(KIND).inc()
        return None

    async def _start_of(self, key: ScheduleKey, saved: ScheduleSaved, fired: Fired) -> Append:
        tenant, run_id = key.tenant, fired.run_id
        plan = await self._on.plans.current(tenant, saved.workflow_id)
        node = plan.trigger(saved.trigger_node or None)
        plan.check(saved.input)
        if self._shared.guard is not None:
            await self._shared.guard.start(None, tenant, plan.workflow_id, plan.version, KIND)
        await self._count(tenant, fired)
        now = self._at()
        trigger = {
            "fired_at": now,
            "scheduled_at": times.from_ms(fired.time.nominal_ms),
            "schedule_id": key.schedule_id,
        }
        if fired.time.request:
            trigger["request_id"] = fired.time.request
        told = {"project": plan.project} if plan.project else {}
        started = RunStarted(
            trigger_node=node,
            trigger_kind=KIND,
            trigger=trigger,
            labels=dict(plan.labels),
            env=dict(self._shared.env),
            idempotency_key=f"{trigger['scheduled_at']}/{fired.time.request}",
            started_by=key.schedule_id,
            input=saved.input,
            **told,
        )
        run = subjects.run_key(tenant, run_id, self._on.shards)
        envelope = Envelope(
            id=f"{run_id}/start",
            tenant=tenant,
            run_id=run_id,
            workflow_id=plan.workflow_id,
            version=plan.version,
            at=now,
            cause=key.schedule_id,
            events=(Event.of(started),),
        )
        return Append(run.fact(subjects.start_fact()), encode(envelope), expect=0)

    async def _count(self, tenant: str, fired: Fired) -> None:
        """Count the run to its day; QuotaExceededError."""
        daily = self._shared.daily
        if daily is None:
            return
        try:
            await daily.count(tenant)
        except QuotaExceededError:
            run = subjects.run_key(tenant, fired.run_id, self._on.shards)
            if await self._on.log.last(run.fact(subjects.start_fact())) is None:
                raise

    async def _status(self, key: ScheduleKey, run_id: str) -> str | None:
        return await ended_as(self._on.log, subjects.run_key(key.tenant, run_id, self._on.shards))

    def _tell_end(self, key: ScheduleKey, run_id: str, status: str) -> None:
        self._courier.tell(end_of(key, run_id, status, self._lease.time))

    def _at(self) -> str:
        return times.from_ms(self._lease.time.now_ms())


def told_end(key: RunKey, started_by: str, status: str, shards: int, clock: Clock) -> Append | None:
    """What the schedule of a run that has ended is told; None if no schedule began it."""
    if not ids.is_id(started_by, "sch"):
        return None
    return end_of(subjects.schedule_key(key.tenant, started_by, shards), key.run_id, status, clock)


def end_of(key: ScheduleKey, run_id: str, status: str, clock: Clock) -> Append:
    """The fact that a run of a schedule has ended."""
    message = ScheduleMessage(
        id=clock.new_id("evt"),
        tenant=key.tenant,
        schedule_id=key.schedule_id,
        at=times.from_ms(clock.now_ms()),
        events=(ScheduleEvent.of(ScheduledRunEnded(run_id=run_id, status=status)),),
    )
    return Append(key.fact(subjects.ended_fact(run_id)), encode(message), expect=0)


def _fact(key: RunKey, name: str, id_: str, event: Event, at: str) -> Append:
    envelope = Envelope(id=id_, tenant=key.tenant, run_id=key.run_id, at=at, events=(event,))
    return Append(key.fact(name), encode(envelope), expect=0)
