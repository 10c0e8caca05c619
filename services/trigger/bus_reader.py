"""One subscription, read in the order of the bus by one process at a time.

Promises: each event is dealt with before the cursor passes it, and only then;
what stops it for a while (a broker or a quota) stops the cursor, nothing is
passed over. Where two processes read for a moment, as at a takeover, both find
the same runs, since ids follow from the events. With an ordering key each run
and its place in the queue of its key are stored before the next event of that
key is looked at, so whoever reads, the queue has the order of the bus.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog

from services.trigger.bus_cursor import Counts, Cursor, MovedError, Place
from services.trigger.bus_events import Read, Subscription, batch_of, read
from services.trigger.bus_taking import Taking
from weir.contract import subjects
from weir.contract.errors import (
    RolledBackError,
    UnavailableError,
    WeirError,
    WorkflowNotFoundError,
    WorkflowNotPublishedError,
)
from weir.ports.clock import Clock
from weir.ports.log import Following, Log, Stored
from weir.runtime.plans import Plan, Plans
from weir.runtime.subscriptions import Batch, Subscribed

PART = 256  # events that are dealt with together, and then passed by the cursor
WRITE_S = 0.25
AGAIN_S = 0.5
LONGEST_S = 10.0
BATCH_BYTES = 4 * 1024 * 1024
LOOKED_AT = 2_000  # events of one batch, those among them that the filter leaves out
_log = structlog.get_logger()


class _ChangedError(Exception):
    """Another version counts, and it listens to something else."""


class Reader:
    """Reads one subscription; `run` it until it is cancelled, then `close` it.

    What its workflow listens to is as of the workflow's `revision` or later: of a version that
    another followed there might come no event to look again at.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a reading touches
        self,
        of: Subscription,
        revision: int,
        plans: Plans,
        taking: Taking,
        bus: Log,
        cursors: Log,
        clock: Clock,
        env: Mapping[str, str],
    ) -> None:
        self.of = of
        self._revision = revision
        self._plans = plans
        self._taking = taking
        self._bus = bus
        self._clock = clock
        self._env = env
        self.cursor = Cursor(cursors, bus, clock, of)
        self.filter = ""

    async def run(self) -> None:
        """Read, for ever; what goes wrong is waited for."""
        pause_s = AGAIN_S
        while True:
            try:
                await self._read()
            except _ChangedError:
                pause_s = AGAIN_S
            except (WorkflowNotFoundError, WorkflowNotPublishedError):
                await asyncio.Event().wait()  # whoever publishes has another reader made
            except MovedError:
                await asyncio.sleep(AGAIN_S)
            except RolledBackError:
                # The bus lost its end with the power: what comes now counts from there.
                await self.cursor_to_end()
            except WeirError as error:
                _log.warning("events are not read now", subscription=self.of.id, why=error.message)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_S)
            except Exception:  # noqa: BLE001 - told, and the other subscriptions go on
                _log.exception("events are not read now", subscription=self.of.id)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_S)
            else:
                pause_s = AGAIN_S

    def now_ms(self) -> int:
        """The time in ms."""
        return self._clock.now_ms()

    async def close(self) -> None:
        """Write down how far it has come."""
        with suppress(WeirError):
            await self.cursor.write()

    async def cursor_to_end(self) -> None:
        """Begin behind what there is."""
        with suppress(WeirError):
            place = self.cursor.place
            self.cursor.move(Place(await self._bus.last_seq(), 0, place.counts))
            await self.cursor.write()

    async def _read(self) -> None:
        plan, subscribed = await self._plan()
        place = await self.cursor.find()
        self.filter = subjects.event(self.of.tenant, subscribed.pattern)
        if place.batch:
            await self._again(plan, place)
        following = self._bus.follow(self.filter, after=self.cursor.place.after)
        reading = (
            self._one_by_one(following, subscribed)
            if subscribed.batch is None
            else self._in_batches(following, subscribed, subscribed.batch)
        )
        both = [asyncio.create_task(reading), asyncio.create_task(self._write())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            ends = await asyncio.gather(*both, return_exceptions=True)
            await following.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _plan(self) -> tuple[Plan, Subscribed]:
        saved = self.of.saved
        plan = await self._plans.current(
            self.of.tenant, saved.workflow_id, min_revision=self._revision
        )
        subscribed = plan.subscriptions.get(saved.node)
        if subscribed is None:
            raise WorkflowNotPublishedError("The current version has no such trigger.")
        return plan, subscribed

    async def _same(self, subscribed: Subscribed) -> Plan:
        """The current version's plan; _ChangedError if it listens to something else."""
        plan, now = await self._plan()
        if (now.pattern, now.batch) != (subscribed.pattern, subscribed.batch):
            raise _ChangedError
        return plan

    async def _write(self) -> None:
        """Write the cursor down while it moves; MovedError if another process has done so."""
        while True:
            await self.cursor.moves()
            await asyncio.sleep(WRITE_S)
            if not self.cursor.place.batch:
                with suppress(UnavailableError):  # written down a moment later
                    await self.cursor.write()

    # -- a run for each --

    async def _one_by_one(self, following: Following, subscribed: Subscribed) -> None:
        async for found in following:
            for first in range(0, len(found), PART):
                part = found[first : first + PART]
                plan = await self._same(subscribed)
                counts = await self._taking.each(self.of, plan, self._look(plan, part))
                self._passed(part, counts)
            if len(found) >= PART:
                await self.cursor.write()

    def _look(self, plan: Plan, part: Sequence[Stored]) -> list[Read]:
        now_ms = self._clock.now_ms()
        return [read(self.of, plan, stored, self._env, now_ms) for stored in part]

    def _passed(self, part: Sequence[Stored], counts: Counts) -> None:
        last = part[-1]
        self.cursor.move(self.cursor.place.at(last.seq, counts, last.seq, last.at_ms))

    # -- a run for many --

    async def _in_batches(self, following: Following, subscribed: Subscribed, batch: Batch) -> None:
        left: list[Stored] = []
        while True:
            if not left:
                left = list(await anext(aiter(following)))
            plan = await self._same(subscribed)
            many, left = await self._collect(following, plan, batch, left)
            self.cursor.intend(many[-1].stored.seq)
            await self.cursor.write()
            await self._start(plan, many)

    async def _collect(
        self, following: Following, plan: Plan, batch: Batch, left: list[Stored]
    ) -> tuple[list[Read], list[Stored]]:
        """What makes one run, and what came beyond it."""
        many: list[Read] = []
        loop = asyncio.get_running_loop()
        waited = max(0, min(self._clock.now_ms() - left[0].at_ms, batch.wait_ms))
        until = loop.time() + (batch.wait_ms - waited) / 1000
        count = size = 0
        while True:
            for at, stored in enumerate(left):
                one = read(self.of, plan, stored, self._env, self._clock.now_ms())
                many.append(one)
                count += one.starts
                size += len(stored.data) + 1_000
                if count >= batch.size or size >= BATCH_BYTES or len(many) >= LOOKED_AT:
                    return many, left[at + 1 :]
            try:
                async with asyncio.timeout_at(until):
                    left = list(await anext(aiter(following)))
            except TimeoutError:
                return many, []

    async def _again(self, plan: Plan, place: Place) -> None:
        """Finish the batch that was under way."""
        found = [
            stored
            async for part in self._bus.read(self.filter, after=place.after, upto=place.batch)
            for stored in part
        ]
        if found:
            await self._start(plan, self._look(plan, found))
        else:
            self.cursor.move(place.at(place.batch, Counts()))

    async def _start(self, plan: Plan, many: Sequence[Read]) -> None:
        after = self.cursor.place.after
        starting = [one for one in many if one.starts]
        others = [one for one in many if not one.starts]
        counts = await self._taking.each(self.of, plan, others)
        if starting:
            start = batch_of(self.of, plan, after, starting)
            counts = counts.plus(await self._taking.together(self.of, plan, start, starting))
        self._passed([one.stored for one in many], counts)
