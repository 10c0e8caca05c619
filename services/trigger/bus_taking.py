"""Dealing with events that were read: starting runs, putting down what can start none.

What passes (no broker, too many starts, the day's quota) is waited for here,
so that the caller can count on everything being stored once this returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from services.trigger.bus_cursor import Counts
from services.trigger.bus_events import Read, Subscription, TooStrangeError, start_of
from services.trigger.bus_letters import RefusedEvents
from services.trigger.starts import Start, Started, Starts
from weir.contract import subjects, times
from weir.contract.codec import encode
from weir.contract.errors import ConflictError, InputInvalidError, TooLargeError, WeirError
from weir.contract.identity_errors import PolicyDeniedError
from weir.contract.messages import LimitEvent, LimitMessage, RunOrder, SlotAsked
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.runtime.access import Principal
from weir.runtime.metrics import EVENT_DELAY, EVENTS
from weir.runtime.plans import Plan

AT_ONCE = 64
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 10.0
TRIES = 3  # of what should not happen at all
_log = structlog.get_logger()

T = TypeVar("T")


_FINAL = (InputInvalidError, PolicyDeniedError, TooLargeError, TooStrangeError)


class Taking:
    """Deals with events."""

    def __init__(
        self, starts: Starts, letters: RefusedEvents, runs: Log, clock: Clock, shards: int
    ) -> None:
        self._starts = starts
        self._letters = letters
        self._runs = runs
        self._clock = clock
        self._shards = shards
        self._room = asyncio.Semaphore(AT_ONCE * 4)

    async def each(self, of: Subscription, plan: Plan, many: Sequence[Read]) -> Counts:
        """A run for each; those with the same ordering key one after the other."""
        lanes: dict[str, list[Read]] = {}
        for one in many:
            lane = one.order.limit_id if one.order is not None else str(one.stored.seq)
            lanes.setdefault(lane, []).append(one)
        if len(lanes) == 1:
            (lane_,) = lanes.values()
            return await self._lane(of, plan, lane_)
        counts = Counts()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._lane(of, plan, lane)) for lane in lanes.values()]
        for task in tasks:
            counts = counts.plus(task.result())
        return counts

    async def together(
        self, of: Subscription, plan: Plan, start: Start, many: Sequence[Read]
    ) -> Counts:
        """One run for all of them; if it can never be, each is put down."""
        refused: WeirError | None = None
        try:
            plan.check(start.input)
            await self._started(start)
        except _FINAL as error:
            refused = error
        if refused is None:
            for one in many:
                self._told(one, "started")
            return Counts(events=len(many), started=len(many))
        for one in many:
            await self._refuse(of, plan, one, refused)
        return Counts(events=len(many), refused=len(many))

    async def again(self, of: Subscription, plan: Plan, one: Read, who: Principal) -> Started:
        """Once more, for who asked; raises what stands against it."""
        if one.refused is not None:
            raise one.refused
        start = start_of(of, plan, one)._replace(who=who)
        plan.check(start.input)
        started = await self._starts.start(start, self._starts.key(start))
        if one.order is not None:
            await self._ask(started, one.order)
        return started

    async def _lane(self, of: Subscription, plan: Plan, many: Sequence[Read]) -> Counts:
        counts = Counts()
        for one in many:
            async with self._room:
                counts = counts.plus(await self._one(of, plan, one))
        return counts

    async def _one(self, of: Subscription, plan: Plan, one: Read) -> Counts:
        if one.dropped:
            self._told(one, "dropped")
            return Counts(events=1, dropped=1)
        refused = one.refused
        if refused is None:
            try:
                started = await self._started(start_of(of, plan, one))
            except _FINAL as error:
                refused = error
            else:
                if one.order is not None:
                    await _patiently(lambda: self._ask(started, one.order))
                self._told(one, "duplicate" if started.duplicate else "started")
                return Counts(events=1, started=int(not started.duplicate))
        await self._refuse(of, plan, one, refused)
        return Counts(events=1, refused=1)

    async def _started(self, start: Start) -> Started:
        key = self._starts.key(start)
        return await _patiently(lambda: self._starts.start(start, key))

    async def _refuse(self, of: Subscription, plan: Plan, one: Read, why: WeirError) -> None:
        await _patiently(lambda: self._letters.put(of, plan, one, why))
        self._told(one, "refused")

    async def _ask(self, started: Started, order: RunOrder | None) -> None:
        """Stand in the queue of the key before the next event of it is looked at."""
        if order is None or started.purged:
            return
        key = started.key
        if started.duplicate:
            answer = key.fact(subjects.slot_fact(order.limit_id))
            if await self._runs.last(answer) is not None:
                return  # it stood there, and had its turn
        limit = subjects.limit_key(key.tenant, order.limit_id, self._shards)
        append = Append(
            limit.fact(subjects.ask_fact(key.run_id)), self._message(key, order), expect=0
        )
        try:
            await self._runs.append(append)
        except ConflictError:
            return  # its run's owner was faster

    def _message(self, key: RunKey, order: RunOrder) -> bytes:
        ask = SlotAsked(
            run_id=key.run_id,
            limit=1,
            policy="queue",
            priority="normal",
            for_ms=0.0,
            key=order.key,
        )
        return encode(
            LimitMessage(
                id=self._clock.new_id("evt"),
                tenant=key.tenant,
                limit_id=order.limit_id,
                at=times.from_ms(self._clock.now_ms()),
                events=(LimitEvent.of(ask),),
            )
        )

    def _told(self, one: Read, outcome: str) -> None:
        EVENTS.labels(outcome).inc()
        if outcome == "started":
            EVENT_DELAY.observe(max(0, self._clock.now_ms() - one.stored.at_ms) / 1000)


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Until it is done; raises what no patience helps against."""
    pause_s, tries = FIRST_PAUSE_S, 0
    while True:
        try:
            return await work()
        except _FINAL:
            raise
        except WeirError as error:
            _log.warning("an event waits to be dealt with", why=error.message)
        except Exception as error:
            tries += 1
            if tries >= TRIES:
                _log.exception("an event cannot be dealt with")
                raise TooStrangeError(
                    f"The event cannot be dealt with ({type(error).__name__}): that is a defect of "
                    "Weir; its log says more."
                ) from error
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
