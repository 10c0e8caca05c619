"""How much of something a tenant may have, and how many runs it may start in a day.

What there is is counted where it is kept; what is made at the same moment in two
processes can go beyond by as many as they are. Runs of a day are counted by all
processes together, in blocks that one record gives out (weir.core.rates), so
never more are started than the quota; a process that ends takes the rest of
its block with it. Days are those of UTC by the broker's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic

from weir.contract import subjects
from weir.contract.errors import RecordUnreadableError, WeirError
from weir.contract.identity_errors import QuotaExceededError
from weir.contract.messages import IdentityRecord
from weir.core.rates import DAY_MS
from weir.ports.clock import Clock
from weir.runtime import metrics
from weir.runtime.records import Records
from weir.runtime.shared_rates import SharedRates

RUNS_PER_DAY = "runs_per_day"
FRESH_S = 1.0
SHARE = 64
BLOCK = 1_000
TENANTS = 10_000

_ENDLESS = 1 << 60


class Quotas:
    """The quotas of tenants. `standard` are the installation's; what it does not name is free."""

    def __init__(self, tenants: Records[IdentityRecord], standard: Mapping[str, int]) -> None:
        self._tenants = tenants
        self._standard = dict(standard)

    async def of(self, tenant: str) -> dict[str, int]:
        """By name; what is not in it is free."""
        try:
            entry = await self._tenants.get(subjects.tenant(tenant))
        except RecordUnreadableError:
            entry = None
        saved = entry.record.tenant_saved if entry else None
        own = {name: int(count) for name, count in (saved.quotas if saved else {}).items()}
        return {**self._standard, **own}

    async def room(self, tenant: str, name: str, used: int, more: int = 1) -> None:
        """QuotaExceededError if the tenant has so many that these are too many."""
        quota = (await self.of(tenant)).get(name)
        if quota is not None and more > 0 and used + more > quota:
            raise exceeded(name, quota, used)


class _Day:
    """What one process holds of a tenant's day."""

    __slots__ = ("lock", "permits", "quota", "until", "used")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.quota: int | None = None
        self.permits = self.used = 0
        self.until = 0.0


class DailyRuns:
    """Counts the starts of runs."""

    def __init__(self, shared: SharedRates, quotas: Quotas, clock: Clock) -> None:
        self._shared = shared
        self._quotas = quotas
        self._clock = clock
        self._days: dict[str, _Day] = {}

    def take(self, tenant: str) -> bool:
        """Whether one more may start, as far as this process knows; if not, `count` asks."""
        day = self._days.get(tenant)
        if day is None or day.permits <= 0 or monotonic() >= day.until:
            return False
        day.permits -= 1
        return True

    def back(self, tenant: str) -> None:
        """One that was counted did not start."""
        day = self._days.get(tenant)
        if day is not None:
            day.permits += 1

    async def count(self, tenant: str) -> None:
        """Count one more; QuotaExceededError if the day's quota is used up.

        While the broker cannot be asked nobody is refused for it.
        """
        if self.take(tenant):
            return
        day = self._days.get(tenant)
        if day is None:
            if len(self._days) >= TENANTS:
                self._days.clear()
            day = self._days.setdefault(tenant, _Day())
        async with day.lock:
            if self.take(tenant):
                return
            try:
                await self._draw(tenant, day)
            except WeirError:
                return
        if not self.take(tenant):
            metrics.LIMITED.labels(RUNS_PER_DAY).inc()
            raise exceeded(RUNS_PER_DAY, day.quota or 0, day.used)

    async def _draw(self, tenant: str, day: _Day) -> None:
        began = monotonic()
        day.quota = (await self._quotas.of(tenant)).get(RUNS_PER_DAY)
        if day.quota is None:
            day.permits, day.until = _ENDLESS, began + FRESH_S
            return
        rest = max(0, day.quota - day.used)
        asked = max(1, min(day.quota // SHARE, rest // SHARE, BLOCK))
        drawn = await self._shared.count(subjects.rate(tenant, RUNS_PER_DAY), day.quota, asked)
        day.permits, day.used = drawn.permits, drawn.used
        left_ms = drawn.day_ms + DAY_MS - self._clock.now_ms()
        day.until = began + max(FRESH_S, left_ms / 1000)


def exceeded(name: str, quota: int, used: int) -> QuotaExceededError:
    """The refusal of what goes beyond."""
    return QuotaExceededError(
        f"The tenant may have {quota} of {name!r} and has {used}: remove what is not needed, or "
        "ask whoever runs this Weir for more.",
        details={"quota": name, "limit": quota, "used": used},
    )
