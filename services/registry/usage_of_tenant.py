"""What a tenant has of what it may have."""

from __future__ import annotations

from pydantic import BaseModel

from services.registry.index import Index
from weir.contract import subjects
from weir.contract.messages import IdentityRecord
from weir.core.rates import QUOTAS
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.runtime.access import Permission
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import API, Route
from weir.runtime.quotas import RUNS_PER_DAY, Quotas
from weir.runtime.records import read
from weir.runtime.shared_rates import SharedRates


class Quota(BaseModel):
    """One of them: `used`, and the most there may be; no `limit`, and it is free."""

    name: str
    used: int
    limit: int | None


class Usage(BaseModel):
    """All of them. `runs_per_day` are today's (UTC), with what processes have put by for more."""

    items: list[Quota]


class UsageOfTenant:
    """The handler."""

    def __init__(
        self, index: Index, quotas: Quotas, shared: SharedRates, identity: Log, clock: Clock
    ) -> None:
        self._index = index
        self._quotas = quotas
        self._shared = shared
        self._identity = identity
        self._clock = clock

    async def get(self, call: Call) -> Reply:
        """GET /tenants/current/usage."""
        tenant = call.tenant
        day = subjects.rate(tenant, RUNS_PER_DAY)
        used = {
            **self._index.counts(tenant),
            "members": await self._members(tenant),
            RUNS_PER_DAY: await self._shared.used(day, self._clock.now_ms()),
        }
        quotas = await self._quotas.of(tenant)
        items = [{"name": one, "used": used[one], "limit": quotas.get(one)} for one in QUOTAS]
        return Reply({"items": items})

    async def _members(self, tenant: str) -> int:
        there: set[str] = set()
        async for batch in self._identity.read(subjects.member(tenant, "*")):
            for stored in batch:
                saved = read(IdentityRecord, stored).member_saved
                change = there.add if saved is not None else there.discard
                change(stored.subject)
        return len(there)


def usage_routes(usage: UsageOfTenant) -> tuple[Route, ...]:
    """Its route."""
    return (
        Route(
            "GET",
            f"{API}/tenants/current/usage",
            usage.get,
            Permission.WORKFLOWS_READ,
            "What the tenant has of what its quotas allow; of the whole tenant, so for its roles",
            "tenants",
            answer=Usage,
        ),
    )
