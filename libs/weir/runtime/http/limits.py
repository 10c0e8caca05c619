"""Rate limits of tenants: a local bucket in front of what all processes share.

A request takes a permit that is at hand, without waiting. The bucket draws new
ones in blocks before it is empty, of a size that lasts for about a second, and
never more than a sixteenth of the limit. Permits that are not used within a
second of their block (two, where the next block came before) are lost.

So in any span of time all processes together let through at most the limit's
count, what the span itself adds, and two seconds' worth of the rate; and each
process can leave at most a block a second unused. A limit that is used up is
asked for again at most every 100 ms.

While the broker cannot be asked, each process goes on by itself, from where
the limit stood when it last saw it, as if it were alone.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from time import monotonic
from typing import NamedTuple

from weir.contract import subjects
from weir.contract.errors import RecordUnreadableError, WeirError
from weir.contract.messages import IdentityRecord
from weir.core.rates import Paced, Rate, left, next_ms
from weir.ports.clock import Clock
from weir.runtime import metrics
from weir.runtime.records import Records
from weir.runtime.shared_rates import Drawn, SharedRates

HOLD_S = 1.0
WAIT_S = 0.5
ALONE_S = 1.0
PAUSE_S = 0.1
SHARE = 16
BUCKETS = 10_000

_ENDLESS = 1 << 60


class Standing(NamedTuple):
    """How a limit stands for a request. `retry_s` 0: it may pass. No `limit`: there is none."""

    limit: str
    remaining: int
    reset: str
    retry_s: int


class _Bucket:
    """What one process holds of one limit of one tenant; times are those of `monotonic`."""

    __slots__ = (
        "alone_until",
        "asking",
        "at_ms",
        "block",
        "closed_until",
        "drawn_at",
        "fresh",
        "full_at_ms",
        "left",
        "limit",
        "low",
        "name",
        "permits",
        "rate",
        "reset",
        "seen_at",
        "tenant",
        "until",
        "waiting",
    )

    def __init__(self, tenant: str, name: str, rate: Rate | None) -> None:
        self.tenant = tenant
        self.name = name
        self.rate = rate
        self.limit = self.reset = ""
        self.permits = self.fresh = self.left = self.low = self.waiting = 0
        self.block = 1
        self.until = self.closed_until = self.alone_until = self.drawn_at = 0.0
        self.full_at_ms = self.at_ms = self.seen_at = 0.0
        self.asking: asyncio.Task[None] | None = None

    def standing(self) -> Standing:
        """For who passes."""
        return Standing(self.limit, self.permits + self.left, self.reset, 0)

    def refusal(self, now: float) -> Standing:
        """For who does not."""
        return Standing(self.limit, 0, self.reset, max(1, math.ceil(self.closed_until - now)))

    def open(self, now: float) -> None:
        """There is no limit; look again in a while."""
        self.rate, self.limit = None, ""
        self.permits, self.low, self.until = _ENDLESS, 0, now + HOLD_S

    def size(self, rate: Rate, now: float) -> int:
        """How many to ask for: as many as lately lasted for half a second to a second."""
        if self.rate is None:
            self.permits, self.block = 0, 1
        if self.permits <= self.low and now - self.drawn_at < HOLD_S / 2:
            self.block *= 2
        elif self.permits > self.block // 2:
            self.block //= 2
        self.block = max(1, min(self.block, rate.count // SHARE))
        self.rate, self.drawn_at = rate, now
        return max(self.block, self.waiting)

    def settle(self, drawn: Drawn, asked: int, began: float) -> None:
        """Put into the bucket what was drawn by a wish of that time."""
        rate, now = self.rate, monotonic()
        if rate is None:  # pragma: no cover - `size` has set it
            return
        self.full_at_ms, self.at_ms, self.seen_at = drawn.full_at_ms, drawn.at_ms, now
        self.limit, self.left = str(rate.count), drawn.left
        self.reset = str(math.ceil(drawn.full_at_ms / 1000))
        if drawn.permits:
            # What is older than the last block has been held for long enough.
            kept = min(self.permits, self.fresh) if now < self.until else 0
            self.permits, self.fresh = kept + drawn.permits, drawn.permits
            self.until = began + HOLD_S
        self.low = self.block // 2
        if drawn.permits < asked:
            wait_ms = next_ms(rate, drawn.full_at_ms, drawn.at_ms)
            self.closed_until = now + max(PAUSE_S, wait_ms / 1000)


class Limits:
    """The limits of all tenants as this process knows them. `standard` is the installation's."""

    def __init__(
        self,
        shared: SharedRates,
        tenants: Records[IdentityRecord],
        clock: Clock,
        standard: Mapping[str, Rate | None],
    ) -> None:
        self._shared = shared
        self._tenants = tenants
        self._clock = clock
        self._standard = dict(standard)
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, tenant: str, name: str) -> Standing | None:
        """How the limit stands for one more request; None where that must be asked for (`ask`)."""
        bucket = self._buckets.get((tenant, name))
        if bucket is None:
            return None
        now = monotonic()
        if bucket.permits > 0 and now < bucket.until:
            bucket.permits -= 1
            if bucket.permits <= bucket.low and bucket.asking is None and now > bucket.closed_until:
                self._draw_soon(bucket)
            return bucket.standing()
        return bucket.refusal(now) if now < bucket.closed_until else None

    async def ask(self, tenant: str, name: str) -> Standing:
        """The same after a look at what all processes share."""
        bucket = self._buckets.get((tenant, name)) or self._new(tenant, name)
        bucket.waiting += 1
        try:
            while True:
                found = self.take(tenant, name)
                if found is not None:
                    return found
                await asyncio.shield(bucket.asking or self._draw_soon(bucket))
        finally:
            bucket.waiting -= 1

    def _new(self, tenant: str, name: str) -> _Bucket:
        if len(self._buckets) >= BUCKETS:
            now = monotonic()
            self._buckets = {
                key: one
                for key, one in self._buckets.items()
                if one.waiting or now < max(one.until, one.closed_until)
            }
        bucket = _Bucket(tenant, name, self._standard.get(name))
        self._buckets[tenant, name] = bucket
        return bucket

    def _draw_soon(self, bucket: _Bucket) -> asyncio.Task[None]:
        task = asyncio.create_task(self._draw(bucket), name=f"draw permits of {bucket.name}")
        bucket.asking = task
        return task

    async def _draw(self, bucket: _Bucket) -> None:
        began = monotonic()
        try:
            if began < bucket.alone_until:
                self._alone(bucket, began)
                return
            async with asyncio.timeout(WAIT_S):
                rate = await self._rate(bucket)
                if rate is None:
                    bucket.open(began)
                    return
                asked = bucket.size(rate, began)
                subject = subjects.rate(bucket.tenant, bucket.name)
                drawn = await self._shared.draw(subject, rate, asked)
            bucket.settle(drawn, asked, began)
        except (WeirError, TimeoutError):
            bucket.alone_until = monotonic() + ALONE_S
            metrics.LIMITS_ALONE.inc()
            self._alone(bucket, monotonic())
        finally:
            bucket.asking = None

    def _alone(self, bucket: _Bucket, now: float) -> None:
        """Give out permits as if no other process did."""
        rate = bucket.rate
        if rate is None:
            bucket.open(now)
            return
        at_ms = bucket.at_ms + (now - bucket.seen_at) * 1000 if bucket.seen_at else 0.0
        at_ms = at_ms or float(self._clock.now_ms())
        asked = bucket.size(rate, now)
        wish = Paced(rate, bucket.full_at_ms, asked)
        full = wish.full_after_ms(at_ms)
        drawn = Drawn(wish.given(at_ms), left(rate, full, at_ms), full, int(at_ms))
        bucket.settle(drawn, asked, now)

    async def _rate(self, bucket: _Bucket) -> Rate | None:
        """What the tenant's record says of the limit, else the installation."""
        try:
            entry = await self._tenants.get(subjects.tenant(bucket.tenant))
        except RecordUnreadableError:
            entry = None
        saved = entry.record.tenant_saved if entry else None
        for own in saved.limits if saved else ():
            if own.name == bucket.name:
                return Rate(own.count, own.window_ms) if own.count and own.window_ms else None
        return self._standard.get(bucket.name)
