"""The schedules of one shard, under one lease: folded, decided, their runs begun.

A schedule is an aggregate like a run, or a limit: facts are anybody's, its
owner's messages are fenced and say which facts they have seen. What it is
stands in the registry; the owner takes each newer record over into the
schedule's log before it goes by it, so that the log alone says what was
decided by what. A time is answered there before anything begins, and what
begins has an id that follows from the time: however many owners die, it is
answered once and begins one run. A schedule that was deleted is removed from
the log.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from weir.contract import subjects, times
from weir.contract.codec import encode
from weir.contract.errors import ConflictError, OutcomeUnknownError, WeirError
from weir.contract.messages import (
    Message,
    RunsReplaced,
    ScheduleDeleted,
    ScheduledRunEnded,
    ScheduledRunRefused,
    ScheduleEvent,
    ScheduleMessage,
    ScheduleStood,
    TimeFired,
    TimesSkipped,
)
from weir.contract.subjects import ScheduleKey
from weir.core.schedules import wire
from weir.core.schedules.past import Past
from weir.core.schedules.schedule import Fired
from weir.core.schedules.standing import Record, Standing, decide, evolve, restore, take
from weir.ports.log import Append, Stored
from weir.runtime import metrics
from weir.runtime.decider.courier import RETRY_S, Courier
from weir.runtime.decider.fence import DoubtError, FencedError
from weir.runtime.decider.lease import Lease
from weir.runtime.decider.schedule_records import Scheduling
from weir.runtime.decider.scheduled_runs import ScheduledRuns
from weir.runtime.decider.turn import Decider
from weir.runtime.decider.wakes import Wakes
from weir.runtime.schedules import read_past

logger = structlog.get_logger(__name__)

KEEP = 100  # messages after which the state is written down whole
IDLE_S = 30.0  # a schedule that was deleted is removed after this


class _Fact(NamedTuple):
    seq: int
    kind: Message | None


@dataclass(slots=True)
class _Held:
    """A schedule in its owner's memory."""

    key: ScheduleKey
    standing: Standing = field(default_factory=Standing)
    record: Record | None = None  # the newest of the registry
    refused: list[ScheduledRunRefused] = field(default_factory=list)  # to be recorded
    pending: list[_Fact] = field(default_factory=list)
    last_seq: int = 0
    last_event: int = 0  # the owner's last message
    since: int = 0  # messages since it was written down whole
    wake_at: int = 0
    idle: bool = False

    def feed(self, message: Stored, envelope: ScheduleMessage) -> None:
        """Fold one message, in the one order: facts that were seen, then what was decided."""
        self.last_seq = max(self.last_seq, message.seq)
        self.since += 1
        kinds = [event.kind for event in envelope.events]
        if not envelope.turn:
            if message.seq > self.standing.seen:
                self.pending.append(_Fact(message.seq, kinds[0]))
        elif isinstance(kinds[0], ScheduleStood):
            self.last_event = max(self.last_event, message.seq)
            self.adopt(restore(kinds[0].state))
            self.since = 0
        elif envelope.turn > self.standing.turn:
            self.last_event = message.seq
            seen = int(envelope.seen or 0)
            standing = self._counted(seen)
            for kind in kinds:
                standing = evolve(standing, kind)
            self.adopt(standing._replace(seen=seen, turn=envelope.turn))

    def now(self) -> Standing:
        """It with all facts that have come."""
        return self._counted(self.seen)

    @property
    def seen(self) -> int:
        """The last fact there is."""
        return self.pending[-1].seq if self.pending else self.standing.seen

    @property
    def is_left(self) -> bool:
        """Whether there is anything of it that must be remembered, or will be."""
        told = self.record is not None and self.record.revision > self.standing.revision
        return told or self.standing.is_left or bool(self.refused)

    def adopt(self, standing: Standing) -> None:
        """This is how it stands now; facts that were seen are no longer pending."""
        self.standing = standing
        self.pending = [fact for fact in self.pending if fact.seq > standing.seen]

    def _counted(self, seen: int) -> Standing:
        standing = self.standing
        for fact in self.pending:
            if fact.seq <= seen:
                standing = evolve(standing, fact.kind)
        return standing


class _Turn(NamedTuple):
    """What is appended of a schedule, and how it stands once that is stored."""

    held: _Held
    standing: Standing
    events: tuple[ScheduleEvent, ...]


class Schedules:
    """The schedules of one shard."""

    def __init__(
        self, shard: int, decider: Decider, shared: Scheduling, lease: Lease, courier: Courier
    ) -> None:
        self._shard = shard
        self._on = decider
        self._records = shared.records
        self._lease = lease
        self._runs = ScheduledRuns(decider, shared, lease, courier, self._refuse)
        self._held: dict[str, _Held] = {}
        self._dirty: dict[str, _Held] = {}
        self._some = asyncio.Event()
        self._wakes: Wakes[ScheduleKey] = Wakes(lease.time, self._ring, self._is_of_use)

    # -- reading --

    def feed(self, message: Stored) -> None:
        """One message of a schedule, of the past or just come."""
        key, _, _ = subjects.parse_schedule(message.subject)
        self._lease.time.seen(message.at_ms)
        try:
            envelope = ScheduleMessage.model_validate_json(message.data)
            if not envelope.events:
                return
            held = self._held.get(key.schedule_id)
            if held is None:
                held = self._held[key.schedule_id] = _Held(key)
            held.feed(message, envelope)
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("message not understood", subject=message.subject, error=str(error))
            return
        for event in envelope.events:
            if isinstance(event.kind, ScheduledRunEnded):
                self._runs.forget(event.kind.run_id)
        self._touch(held)

    def open(self) -> None:
        """The shard is read: decide, and begin what may not have begun."""
        for held in self._held.values():
            state, saved = held.now().state, held.standing.saved
            for fired in state.running:
                self._runs.found(held.key, saved, fired)
            for run_id in state.ending:
                self._runs.end(held.key, run_id, terminate=state.terminate)
        self._lease.aside(self._work())
        self._lease.aside(self._runs.look())

    def close(self) -> None:
        """The lease has ended."""
        self._wakes.stop()
        self._records.leave(self._shard, self._took)

    def forget(self, tenant: str) -> None:
        """Nothing of a deleted tenant is left in the log."""
        for schedule_id in [one for one, held in self._held.items() if held.key.tenant == tenant]:
            del self._held[schedule_id]
            self._dirty.pop(schedule_id, None)

    def _took(self, key: ScheduleKey, record: Record) -> None:
        """A record of the registry, new or known."""
        held = self._held.get(key.schedule_id)
        if held is None:
            if isinstance(record.kind, ScheduleDeleted):
                return
            held = self._held[key.schedule_id] = _Held(key)
        if held.record is None or record.revision > held.record.revision:
            held.record = record
            self._lease.time.seen(record.at_ms)
            self._touch(held)

    def _refuse(self, key: ScheduleKey, refused: ScheduledRunRefused) -> None:
        held = self._held.get(key.schedule_id)
        if held is not None:
            held.refused.append(refused)
            self._touch(held)

    def _touch(self, held: _Held) -> None:
        self._dirty[held.key.schedule_id] = held
        self._some.set()

    def _ring(self, key: ScheduleKey) -> None:
        held = self._held.get(key.schedule_id)
        if held is not None:
            held.wake_at = 0
            self._touch(held)

    def _is_of_use(self, due_ms: int, key: ScheduleKey) -> bool:
        held = self._held.get(key.schedule_id)
        return held is not None and held.wake_at == due_ms

    # -- deciding --

    async def _work(self) -> None:
        """One after the other: what is decided, what is written down whole, what is removed."""
        await self._records.loaded.wait()
        self._records.join(self._shard, self._took)
        while True:
            await self._some.wait()
            self._some.clear()
            dirty, self._dirty = list(self._dirty.values()), {}
            await self._decide(dirty)
            for held in dirty:
                if held.since >= KEEP and held.standing.is_left:
                    await self._write_down(held)
                elif not held.idle and not held.is_left:
                    held.idle = True
                    self._lease.aside(self._forget_later(held, held.last_seq))

    async def _decide(self, dirty: Sequence[_Held]) -> None:
        now = self._lease.time.now_ms()
        gone = self._on.deletions
        turns: list[_Turn] = []
        for held in dirty:
            if gone is not None and gone.has(held.key.tenant):
                continue
            standing, refused = held.now(), list(held.refused)
            for kind in refused:
                standing = evolve(standing, kind)
            verdict = decide(standing, held.record, now)
            self._alarm(held, verdict.wake_at)
            events = (*map(ScheduleEvent.of, refused), *verdict.events)
            if events:
                del held.refused[: len(refused)]
                told = verdict.standing._replace(seen=held.seen, turn=held.standing.turn + 1)
                turns.append(_Turn(held, told, events))
        if not turns:
            return
        appends = [self._append(one, one.held.key.events, now) for one in turns]
        results = await self._on.log.append_all(appends)
        for one, result in zip(turns, results, strict=True):
            if isinstance(result, int):
                self._settle(one, result, now)
            else:
                one.held.refused[:0] = [
                    event.kind
                    for event in one.events
                    if isinstance(event.kind, ScheduledRunRefused)
                ]
                self._failed(one.held, result)

    def _alarm(self, held: _Held, due_ms: int | None) -> None:
        if due_ms is not None and due_ms != held.wake_at:
            held.wake_at = due_ms
            self._wakes.add(due_ms, held.key)

    def _append(self, turn: _Turn, subject: str, now: int) -> Append:
        key, fence = turn.held.key, self._lease.fence
        message = ScheduleMessage(
            id=f"{key.schedule_id}/{turn.standing.turn}",
            tenant=key.tenant,
            schedule_id=key.schedule_id,
            at=times.from_ms(now),
            seen=str(turn.standing.seen),
            turn=turn.standing.turn,
            events=turn.events,
        )
        return Append(
            subject,
            encode(message),
            expect=fence.seq,
            expect_on=fence.subject,
            rollup=subject == key.snapshot,
        )

    def _settle(self, turn: _Turn, seq: int, now: int) -> None:
        """It is stored: afterwards runs begin, and others end."""
        held, plan = turn.held, turn.standing.schedule
        held.last_seq = held.last_event = max(held.last_seq, seq)
        held.since += 1
        held.adopt(turn.standing)
        for event in turn.events:
            match event.kind:
                case TimeFired():
                    fired = wire.read(event.kind)
                    if isinstance(fired, Fired) and turn.standing.saved is not None:
                        metrics.SCHEDULE_TIMES.labels("fired").inc()
                        if plan is not None and not fired.time.request:
                            late_ms = now - plan.due(fired.time.nominal_ms)
                            metrics.SCHEDULE_LATE_SECONDS.observe(late_ms / 1000)
                        self._runs.begin(held.key, turn.standing.saved, fired)
                case TimesSkipped(why=why, times=count):
                    metrics.SCHEDULE_TIMES.labels(why).inc(count)
                case RunsReplaced(terminate=terminate):
                    for run_id in turn.standing.state.ending:
                        self._runs.end(held.key, run_id, terminate=terminate)
                case ScheduledRunRefused():
                    metrics.SCHEDULE_TIMES.labels("refused").inc()
        self._touch(held)  # what has come meanwhile, and what follows from this

    def _failed(self, held: _Held, error: Exception) -> None:
        if isinstance(error, ConflictError):
            self._lease.fail(FencedError(str(error)))
        elif isinstance(error, OutcomeUnknownError):
            self._lease.fail(DoubtError(str(error)))
        else:  # surely not stored
            self._lease.aside(self._again(held))

    async def _again(self, held: _Held) -> None:
        await asyncio.sleep(RETRY_S)
        self._touch(held)

    async def _write_down(self, held: _Held) -> None:
        """The whole state, and what became of the last times, in the place of what led to it."""
        standing = held.now()._replace(seen=held.seen, turn=held.standing.turn + 1)
        now = self._lease.time.now_ms()
        try:
            past = await self._past(held, standing.seen)
            stood = ScheduleStood(state=take(standing), past=past.rows())
            turn = _Turn(held, standing, (ScheduleEvent.of(stood),))
            seq = await self._on.log.append(self._append(turn, held.key.snapshot, now))
        except WeirError as error:
            self._failed(held, error)
            return
        before = held.last_event
        held.last_seq = held.last_event = max(held.last_seq, seq)
        held.adopt(standing)
        held.since = 0
        with contextlib.suppress(WeirError):  # what stays is only read in vain
            await self._on.log.purge(held.key.facts, below=standing.seen + 1)
            await self._on.log.purge(held.key.events, below=before + 1)

    async def _past(self, held: _Held, seen: int) -> Past:
        return await read_past(self._on.log, held.key, facts_upto=seen)

    async def _forget_later(self, held: _Held, seen: int) -> None:
        await asyncio.sleep(IDLE_S)
        held.idle = False
        if held.last_seq != seen or held.is_left:
            self._touch(held)
            return
        with contextlib.suppress(WeirError):
            await self._on.log.purge(held.key.everything, below=seen + 1)
        if held.last_seq == seen and not held.is_left:
            self._held.pop(held.key.schedule_id, None)
