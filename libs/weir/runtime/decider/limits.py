"""The limits of one shard, under one lease: folded, decided, told to the runs.

A limit is an aggregate like a run. Facts are anybody's; its owner's messages are
fenced and say which facts they have seen; what they decide is told to the runs
until their logs have it. No slot is lost with a process: the answers are in
the limit's log and told again by the next owner, and the owner looks now and
then whether each run that was answered still goes on. A limit of which nothing
is left is removed from the log.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog

from weir.contract import ids, subjects, times
from weir.contract.codec import encode
from weir.contract.errors import ConflictError, OutcomeUnknownError, WeirError
from weir.contract.messages import (
    CancelRequested,
    Envelope,
    Event,
    HolderRecalled,
    LimitEvent,
    LimitMessage,
    LimitStood,
    Message,
    SlotAnswered,
    SlotGranted,
    SlotRefused,
    SlotReturned,
)
from weir.contract.subjects import LimitKey
from weir.core.limits import LimitState, decide, evolve, restore, take
from weir.ports.log import Append, Stored
from weir.runtime import metrics
from weir.runtime.decider.courier import RETRY_S, Courier
from weir.runtime.decider.ended import ended_as
from weir.runtime.decider.fence import DoubtError, FencedError
from weir.runtime.decider.lease import Lease
from weir.runtime.decider.turn import Decider

logger = structlog.get_logger(__name__)

LOOK_S = 5.0  # how often runs that were answered are looked for
LOOK_MAX_MS = 300_000  # and how seldom each of them, at last
LOOKS = 100  # at once
KEEP = 200  # messages after which the state is written down whole
IDLE_S = 30.0  # a limit of which nothing is left is removed after this


class _Fact(NamedTuple):
    seq: int
    at_ms: int
    kind: Message | None


@dataclass(slots=True)
class _Limit:
    """A limit in its owner's memory."""

    key: LimitKey
    state: LimitState = field(default_factory=LimitState)
    pending: list[_Fact] = field(default_factory=list)
    tentative: LimitState | None = None
    last_seq: int = 0
    last_event: int = 0  # the owner's last message
    since: int = 0  # messages since it was written down whole
    idle: bool = False

    def feed(self, message: Stored, envelope: LimitMessage) -> None:
        """Fold one message, in the one order: facts that were seen, then what was decided."""
        self.last_seq = max(self.last_seq, message.seq)
        self.since += 1
        kinds = [event.kind for event in envelope.events]
        if not envelope.turn:
            if message.seq > self.state.seen and kinds:
                self.pending.append(_Fact(message.seq, message.at_ms, kinds[0]))
                self.tentative = None
        elif isinstance(kinds[0], LimitStood):
            self.adopt(restore(kinds[0].state))
            self.since = 0
        elif envelope.turn > self.state.turn:
            self.last_event = message.seq
            seen, at_ms = int(envelope.seen or 0), times.to_ms(envelope.at)
            state = self._counted(seen)
            for kind in kinds:
                state = evolve(state, kind, at_ms)
            self.adopt(state._replace(seen=seen, turn=envelope.turn))

    def now(self) -> LimitState:
        """The state with all facts that have come."""
        if self.tentative is None:
            self.tentative = self._counted(self.seen)
        return self.tentative

    @property
    def seen(self) -> int:
        """The last fact there is."""
        return self.pending[-1].seq if self.pending else self.state.seen

    def adopt(self, state: LimitState) -> None:
        """This is the state now; the facts that it has seen are no longer pending."""
        self.state = state
        self.pending = [fact for fact in self.pending if fact.seq > state.seen]
        self.tentative = None

    def _counted(self, seen: int) -> LimitState:
        state = self.state
        for fact in self.pending:
            if fact.seq <= seen:
                state = evolve(state, fact.kind, fact.at_ms)
        return state


class _Turn(NamedTuple):
    """What is appended of a limit, and the state once it is stored."""

    limit: _Limit
    state: LimitState
    events: tuple[LimitEvent, ...]


class Limits:
    """The limits of one shard."""

    def __init__(self, decider: Decider, lease: Lease, courier: Courier) -> None:
        self._on = decider
        self._lease = lease
        self._courier = courier
        self._limits: dict[str, _Limit] = {}
        self._dirty: dict[str, _Limit] = {}
        self._looks: dict[tuple[str, str], tuple[int, int]] = {}  # (due, pause) in ms
        self._some = asyncio.Event()

    # -- reading --

    def feed(self, message: Stored) -> None:
        """One message of a limit, of the past or just come."""
        key, _, _ = subjects.parse_limit(message.subject)
        try:
            envelope = LimitMessage.model_validate_json(message.data)
            if not envelope.events:
                return
            limit = self._limits.get(key.limit_id)
            if limit is None:
                limit = self._limits[key.limit_id] = _Limit(key)
            limit.feed(message, envelope)
        except (ValueError, KeyError) as error:
            logger.warning("message not understood", subject=message.subject, error=str(error))
            return
        self._touch(limit)

    def open(self) -> None:
        """The shard is read: decide, and tell again what may not have been told."""
        for limit in self._limits.values():
            for run_id, entry in limit.state.entries.items():
                if entry.verdict:
                    self._looks[limit.key.limit_id, run_id] = 0, int(LOOK_S * 1000)
                    self._tell(limit, run_id, entry.verdict, entry.by)
                if entry.recalled:
                    self._recall(limit, run_id, entry.recalled)
        self._lease.aside(self._work())
        self._lease.aside(self._look())

    def _touch(self, limit: _Limit) -> None:
        self._dirty[limit.key.limit_id] = limit
        self._some.set()

    # -- deciding --

    async def _work(self) -> None:
        """One after the other: what is decided, what is written down whole, what is removed."""
        while True:
            await self._some.wait()
            self._some.clear()
            dirty, self._dirty = list(self._dirty.values()), {}
            await self._decide(dirty)
            for limit in dirty:
                if limit.since >= KEEP:
                    await self._write_down(limit)
                elif not limit.idle and not limit.now().entries:
                    limit.idle = True
                    self._later(IDLE_S, self._forget, limit, limit.last_seq)

    async def _decide(self, limits: Sequence[_Limit]) -> None:
        now = self._lease.time.now_ms()
        turns: list[_Turn] = []
        for limit in limits:
            verdict = decide(limit.now(), now)
            if verdict.wake_at is not None:
                self._later((verdict.wake_at - now) / 1000, self._touch, limit)
            if verdict.again:
                self._touch(limit)
            if verdict.events:
                state = verdict.state._replace(seen=limit.seen, turn=limit.state.turn + 1)
                turns.append(_Turn(limit, state, verdict.events))
        if not turns:
            return
        appends = [self._append(one, one.limit.key.events, now) for one in turns]
        results = await self._on.log.append_all(appends)
        for one, result in zip(turns, results, strict=True):
            self._settle(one, result)

    def _append(self, turn: _Turn, subject: str, now: int) -> Append:
        key, fence = turn.limit.key, self._lease.fence
        message = LimitMessage(
            id=f"{key.limit_id}/{turn.state.turn}",
            tenant=key.tenant,
            limit_id=key.limit_id,
            at=times.from_ms(now),
            seen=str(turn.state.seen),
            turn=turn.state.turn,
            events=turn.events,
        )
        return Append(
            subject,
            encode(message),
            expect=fence.seq,
            expect_on=fence.subject,
            rollup=subject == key.snapshot,
        )

    def _settle(self, turn: _Turn, result: int | Exception) -> None:
        """What came of an append; afterwards the runs are told."""
        limit = turn.limit
        if not isinstance(result, int):
            self._refused(limit, result)
            return
        limit.last_seq = limit.last_event = max(limit.last_seq, result)
        limit.since += 1
        limit.adopt(turn.state)
        for event in turn.events:
            match event.kind:
                case SlotGranted(run_id=run_id):
                    self._answer(limit, run_id, "granted", "")
                case SlotRefused(run_id=run_id, verdict=verdict, by=by):
                    self._answer(limit, run_id, verdict, by)
                case HolderRecalled(run_id=run_id, by=by):
                    self._recall(limit, run_id, by)
        if limit.pending:
            self._touch(limit)

    def _refused(self, limit: _Limit, error: Exception) -> None:
        if isinstance(error, ConflictError):
            self._lease.fail(FencedError(str(error)))
        elif isinstance(error, OutcomeUnknownError):
            self._lease.fail(DoubtError(str(error)))
        else:  # surely not stored
            self._later(RETRY_S, self._touch, limit)

    async def _write_down(self, limit: _Limit) -> None:
        """The whole state in the place of what led to it."""
        state = limit.now()._replace(seen=limit.seen, turn=limit.state.turn + 1)
        turn = _Turn(limit, state, (LimitEvent.of(LimitStood(state=take(state))),))
        now = self._lease.time.now_ms()
        try:
            await self._on.log.append(self._append(turn, limit.key.snapshot, now))
        except WeirError as error:
            self._refused(limit, error)
            return
        limit.adopt(state)
        limit.since = 0
        with contextlib.suppress(WeirError):  # what stays is only read in vain
            await self._on.log.purge(limit.key.facts, below=state.seen + 1)
            await self._on.log.purge(limit.key.events, below=limit.last_event)

    def _forget(self, limit: _Limit, seen: int) -> None:
        limit.idle = False
        left = limit.now().is_left(self._lease.time.now_ms())
        if limit.last_seq == seen and not left:
            self._lease.aside(self._remove(limit, seen))
        else:
            self._touch(limit)

    async def _remove(self, limit: _Limit, seen: int) -> None:
        """Up to here nothing is left of the limit: whatever led to that can go."""
        with contextlib.suppress(WeirError):
            await self._on.log.purge(limit.key.everything, below=seen + 1)
        if limit.last_seq == seen:
            self._limits.pop(limit.key.limit_id, None)

    def _later(self, pause_s: float, work: Callable[..., None], *args: Any) -> None:
        async def wait() -> None:
            await asyncio.sleep(max(0.0, pause_s))
            work(*args)

        self._lease.aside(wait())

    # -- telling --

    def _answer(self, limit: _Limit, run_id: str, verdict: str, by: str) -> None:
        metrics.LIMIT_ANSWERS.labels(verdict).inc()
        now = self._lease.time.now_ms()
        self._looks[limit.key.limit_id, run_id] = now + int(LOOK_S * 1000), int(LOOK_S * 1000)
        self._tell(limit, run_id, verdict, by)

    def _tell(self, limit: _Limit, run_id: str, verdict: str, by: str) -> None:
        key = subjects.run_key(limit.key.tenant, run_id, self._on.shards)
        gate = "debounce" if limit.state.entries[run_id].for_ms else "concurrency"
        answer = SlotAnswered(limit_id=limit.key.limit_id, gate=gate, verdict=verdict, by=by)
        fact = key.fact(subjects.slot_fact(limit.key.limit_id))
        self._fact(key, fact, f"{limit.key.limit_id}/{run_id}", Event.of(answer))

    def _recall(self, limit: _Limit, run_id: str, by: str) -> None:
        """Ask a holder to end, as anybody may."""
        key = subjects.run_key(limit.key.tenant, run_id, self._on.shards)
        request = ids.derived("req", limit.key.limit_id, run_id)
        wish = CancelRequested(
            request_id=request,
            reason=f"a later start took its place: {by}",
            requested_by=limit.key.limit_id,
        )
        self._fact(key, key.fact(subjects.cancel_fact(request)), request, Event.of(wish))

    def _fact(self, key: subjects.RunKey, subject: str, name: str, event: Event) -> None:
        envelope = Envelope(
            id=name,
            tenant=key.tenant,
            run_id=key.run_id,
            at=times.from_ms(self._lease.time.now_ms()),
            events=(event,),
        )
        self._courier.tell(Append(subject, encode(envelope), expect=0))

    # -- looking --

    async def _look(self) -> None:
        """Look whether runs that were answered still go on, often at first and seldom later."""
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._lease.time.now_ms()
            due = [place for place, (at, _) in self._looks.items() if at <= now]
            for place in due[:LOOKS]:
                limit = self._limits.get(place[0])
                if limit is None or place[1] not in limit.now().entries:
                    del self._looks[place]
                    continue
                pause = min(2 * self._looks[place][1], LOOK_MAX_MS)
                self._looks[place] = now + pause, pause
                with contextlib.suppress(WeirError, ValueError):
                    run = subjects.run_key(limit.key.tenant, place[1], self._on.shards)
                    if await ended_as(self._on.log, run) != "":
                        self._return(limit, place[1])

    def _return(self, limit: _Limit, run_id: str) -> None:
        metrics.LIMIT_RETURNS_FOUND.inc()
        back = LimitMessage(
            id=self._lease.time.new_id("evt"),
            tenant=limit.key.tenant,
            limit_id=limit.key.limit_id,
            at=times.from_ms(self._lease.time.now_ms()),
            events=(LimitEvent.of(SlotReturned(run_id=run_id)),),
        )
        self._courier.tell(Append(limit.key.fact(subjects.return_fact(run_id)), encode(back)))
