"""What a worker does before and after it calls an integration that has a rate or a breaker.

The limit is an aggregate in the log, owned by a scheduler, so all workers
agree and a restart forgets nothing. A worker reads how the integration stands
at most once a second, takes permits in blocks, and tells failures as they come.
A call that cannot be made within a moment is not begun: the task goes back to
its run, which says what it waits for, and no attempt is counted. What is due
when is told in the broker's time, and the worker goes by that as it finds it in
quick answers: its own clock decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog

from weir.contract import subjects, times
from weir.contract.codec import encode
from weir.contract.errors import WeirError
from weir.contract.messages import (
    BreakerPolicy,
    CallsReported,
    IntegrationStood,
    LimitEvent,
    LimitMessage,
    PermitsAsked,
    PermitsGranted,
)
from weir.contract.subjects import LimitKey
from weir.core.gates import limit_id
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.ports.node_context import CREDENTIAL, NodeError
from weir.runtime import metrics
from weir.runtime.broker_time import BrokerTime

FRESH_S = 1.0
HOLD_MS = 2_000  # a permit that comes this soon is waited for with the task in hand
LATE_MS = 1_000  # a permit that is not used so long after its time is lost
QUICK_S = 1.0  # an answer that took longer does not say what time it is
ANSWER_S = 3.0  # an ask for permits that nobody answers
POLL_S = 0.03
ANSWER_POLL_S = 0.1  # how often it is read once failures were told
REPORT_S = 0.1
ANY = "*"

R = TypeVar("R")

_log = structlog.get_logger()


class Deferred(Exception):  # noqa: N818 - no error: the call is made later
    """What the task calls takes no work now."""

    def __init__(self, what: str, reason: str, until_ms: int) -> None:
        super().__init__(reason)
        self.what = what
        self.reason = reason
        self.until_ms = until_ms


def integration_of(config: Mapping[str, Any]) -> str:
    """What a task calls: a host, a named task, or the credential of a connection; empty if none."""
    url, task, connection = config.get("url"), config.get("task"), config.get("connection")
    if isinstance(url, str):
        try:
            return urlsplit(url.strip()).hostname or ""
        except ValueError:
            return ""
    if isinstance(task, str):
        return task
    named = CREDENTIAL.fullmatch(connection) if isinstance(connection, str) else None
    return named["path"].partition(".")[0] if named is not None else ""


@dataclass(slots=True)
class _Block:
    """Permits of a rate that this worker has and has not used."""

    left: int = 0
    next_ms: float = 0.0
    gap_ms: float = 0.0

    def drop(self, before_ms: float) -> None:
        """Those that were due before this are lost."""
        while self.left and self.next_ms < before_ms:
            self.take()

    def take(self) -> None:
        """Use the next one."""
        self.left -= 1
        self.next_ms += self.gap_ms


@dataclass(slots=True)
class _Known:
    """An integration of a tenant as this worker knows it."""

    key: LimitKey
    name: str
    stands: IntegrationStood | None = None
    read_at: float = -FRESH_S
    number: int = 0
    waiting: int = 0
    block: _Block = field(default_factory=_Block)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    failures: int = 0
    successes: int = 0
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    reporting: asyncio.Task[None] | None = None
    doubtful_until: float = 0.0  # failures were told: it may have opened


class Integrations:
    """The integrations that one worker calls."""

    def __init__(self, log: Log, clock: Clock, name: str, shards: int) -> None:
        self._log = log
        self._clock = clock
        self._name = f"{name}.{clock.new_id('wrk')}"
        self._time = BrokerTime(clock)
        self._shards = shards
        self._known: dict[tuple[str, str], _Known] = {}
        self._spread = Random(self._name)  # only keeps calls apart

    async def call(
        self,
        tenant: str,
        limits: Any,
        config: Mapping[str, Any],
        work: Coroutine[Any, Any, R],
    ) -> R:
        """Do the work when what it calls takes it; Deferred if that is not soon."""
        name = integration_of(config) if limits else ""
        bears = limits.get(name) or limits.get(ANY) if name else None
        if not bears:
            return await work
        known = self._of(tenant, name)
        try:
            await self._enter(known, bears)
        except BaseException:
            work.close()
            raise
        if not bears.get("breaker"):
            return await work
        try:
            output = await work
        except Exception as error:
            self._count(known, bears["breaker"], failed=_is_trouble(error))
            raise
        self._count(known, bears["breaker"], failed=False)
        return output

    async def close(self) -> None:
        """Tell what was not told yet."""
        for known in self._known.values():
            if known.reporting is not None:
                known.reporting.cancel()
            if known.failures:
                await self._report(known)

    def _of(self, tenant: str, name: str) -> _Known:
        known = self._known.get((tenant, name))
        if known is None:
            limit = limit_id(tenant, "integration", name)
            key = subjects.limit_key(tenant, limit, self._shards)
            known = self._known[tenant, name] = _Known(key, name)
        return known

    # -- before --

    async def _enter(self, known: _Known, bears: Mapping[str, Any]) -> None:
        stands = await self._stands(known)
        rate = bears.get("rate")
        if bears.get("breaker") and stands is not None and stands.state != "closed":
            await self._probe(known)
        elif rate:
            await self._permit(known, rate)

    async def _stands(self, known: _Known) -> IntegrationStood | None:
        """As it was a second ago at the most: who comes while it is read waits for that."""
        loop = asyncio.get_running_loop()
        fresh_s = ANSWER_POLL_S if loop.time() < known.doubtful_until else FRESH_S
        async with known.reading:
            began = loop.time()
            if began - known.read_at >= fresh_s:
                await self._read(known)
                known.read_at = began
        return known.stands

    async def _read(self, known: _Known) -> int:
        """How it stands now, and since when."""
        stored = await self._log.last(known.key.events)
        if stored is None:
            known.stands = None
            return 0
        said = LimitMessage.model_validate_json(stored.data).events[-1].integration_stood
        if said is not None:
            known.stands = said
        return stored.at_ms

    def _shut(self, known: _Known, until: int) -> Deferred:
        # Spread, so that not everything that waits asks in the same moment.
        due = until + self._spread.randrange(2_000)
        shown = times.from_ms(until)
        return Deferred(f"breaker:{known.name}", f"breaker of {known.name} open until {shown}", due)

    async def _probe(self, known: _Known) -> None:
        """While the breaker is open nothing is let through, while it is half open a few calls."""
        self._while_open(known)
        async with known.asking:
            self._while_open(known)  # those before this one have asked
            block = await self._ask(known, PermitsAsked(wanted=1))
        if block.count:
            return
        due = max(times.to_ms(block.from_at), self._time.now_ms() + 1_000)
        raise self._shut(known, due)

    def _while_open(self, known: _Known) -> None:
        """Deferred if it is known to be open now. Who does not know the time yet has to ask."""
        stands = known.stands
        if stands is not None and stands.until_at and self._time.is_known:
            until = times.to_ms(stands.until_at)
            if self._time.now_ms() < until:
                raise self._shut(known, until)

    async def _permit(self, known: _Known, rate: Mapping[str, Any]) -> None:
        known.waiting += 1
        try:
            async with known.asking:
                known.block.drop(self._time.now_ms() - LATE_MS)
                if not known.block.left:
                    await self._fill(known, rate)
                due = known.block.next_ms
                now = self._time.now_ms()
                if not known.block.left or due - now > HOLD_MS:
                    raise _slow(known, max(int(due), now + 1_000))
                known.block.take()
        finally:
            known.waiting -= 1
        await asyncio.sleep(max(0.0, due - now) / 1000)

    async def _fill(self, known: _Known, rate: Mapping[str, Any]) -> None:
        asked = PermitsAsked(wanted=known.waiting, rate=rate["limit"], per_ms=rate["per_ms"])
        block = await self._ask(known, asked)
        start = times.to_ms(block.from_at)
        if not block.count:
            raise _slow(known, start + self._spread.randrange(1_000))
        known.block = _Block(block.count, start, block.spread_ms / block.count)
        known.block.drop(self._time.now_ms() - LATE_MS)

    async def _ask(self, known: _Known, asked: PermitsAsked) -> PermitsGranted:
        """A block of permits; Deferred if nobody answers in time."""
        known.number += 1
        number = known.number
        named = {"worker": self._name, "number": number, "name": known.name}
        said = LimitEvent.of(asked.model_copy(update=named))
        fact = subjects.permits_fact(self._clock.new_id("evt"))
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self._log.append(Append(known.key.fact(fact), self._message(known, said), expect=0))
        metrics.PERMITS_ASKED.inc()
        deadline = loop.time() + ANSWER_S
        while loop.time() < deadline:
            await asyncio.sleep(POLL_S)
            at_ms = await self._read(known)
            for block in known.stands.blocks if known.stands is not None else ():
                if block.worker != self._name or block.number < number:
                    continue
                if loop.time() - began < QUICK_S:
                    self._time.seen(at_ms)
                if self._time.is_known:
                    return block
        # Whoever does not know the time comes again at once: it took long enough.
        due = self._time.now_ms() + 1_000 if self._time.is_known else 0
        raise Deferred(f"rate:{known.name}", f"the limit of {known.name} has not answered", due)

    # -- after --

    def _count(self, known: _Known, breaker: Mapping[str, Any], *, failed: bool) -> None:
        known.breaker = BreakerPolicy(**breaker)
        known.failures += failed
        known.successes += not failed
        opened = known.stands is not None and known.stands.state != "closed"
        if (known.failures or opened) and known.reporting is None:
            pause = 0.0 if opened else REPORT_S
            known.reporting = asyncio.create_task(self._report_soon(known, pause))

    async def _report_soon(self, known: _Known, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        known.reporting = None
        await self._report(known)

    async def _report(self, known: _Known) -> None:
        if known.failures:
            known.doubtful_until = asyncio.get_running_loop().time() + 2 * FRESH_S
        failures, known.failures = known.failures, 0
        successes, known.successes = known.successes, 0
        said = CallsReported(
            worker=self._name,
            failures=failures,
            successes=successes,
            name=known.name,
            breaker=known.breaker,
        )
        fact = subjects.report_fact(self._clock.new_id("evt"))
        message = self._message(known, LimitEvent.of(said))
        try:
            await self._log.append(Append(known.key.fact(fact), message, expect=0))
        except WeirError as error:
            # Probes that are not told are given up; of failures there will be more.
            _log.info("report of calls lost", integration=known.name, reason=str(error))

    def _message(self, known: _Known, event: LimitEvent) -> bytes:
        return encode(
            LimitMessage(
                id=self._clock.new_id("evt"),
                tenant=known.key.tenant,
                limit_id=known.key.limit_id,
                at=times.from_ms(self._clock.now_ms()),
                events=(event,),
            )
        )


def _slow(known: _Known, due: int) -> Deferred:
    shown = times.from_ms(due)
    return Deferred(f"rate:{known.name}", f"rate of {known.name} is used up until {shown}", due)


def _is_trouble(error: Exception) -> bool:
    """Whether the other side failed: what another attempt may mend, and no answer that says no."""
    return error.retryable if isinstance(error, NodeError) else True
