"""How often somebody may ask: what the edge counts of a request, and refuses when it is too much.

A route counts to one limit of its tenant, which follows from its path once, at
the start. Who is nobody is counted by address.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from weir.contract.errors import WeirError
from weir.contract.identity_errors import RateLimitedError
from weir.runtime import metrics
from weir.runtime.access import Permission
from weir.runtime.http.address import Network, client_address
from weir.runtime.http.limits import Limits
from weir.runtime.http.route import API, Route
from weir.runtime.http.strangers import Strangers

if TYPE_CHECKING:
    from weir.runtime.http.call import Call

ADDRESS = "address"
HOOKS = "hooks"
LIMITS = {
    "api": "Requests to the API that count to no other limit.",
    HOOKS: "Deliveries to webhooks.",
    "start": "Requests that start runs: starts, forks, retries, tests and replays.",
    "credentials": "Requests about credentials.",
}
_STARTS = (
    *("/runs", "/runs:batch", "/fork", "/retry", "/runs:retry", "/dead-letters:retry"),
    *("/test", "/replay", "/deliveries:replay"),
)
# Refusals of what nobody knows.
_STRANGE = frozenset({"UNAUTHORIZED", "WEBHOOK_NOT_FOUND"})


def limit_of(route: Route) -> str:
    """The limit that a route's requests count to; empty: none."""
    path = route.pattern
    if path.startswith("/hooks/"):
        return HOOKS
    if route.permission is Permission.PUBLIC or not path.startswith(API):
        return ""
    if path.startswith(f"{API}/credentials"):
        return "credentials"
    if route.permission is Permission.RUNS_START and path.endswith(_STARTS):
        return "start"
    return "api"


class Gate:
    """Counts requests. `proxies` may say for whom they ask."""

    def __init__(self, limits: Limits, strangers: Strangers, proxies: Sequence[Network]) -> None:
        self._limits = limits
        self._strangers = strangers
        self._proxies = proxies

    def address(self, request: web.BaseRequest) -> str:
        """Where a request comes from."""
        return client_address(request, self._proxies)

    def look(self, call: Call) -> None:
        """RateLimitedError if the address has shown too much that nobody knows."""
        if not self._strangers.any:
            return
        retry_s = self._strangers.retry_s(call.address, _shown(call))
        if retry_s > 0:
            metrics.LIMITED.labels(ADDRESS).inc()
            raise RateLimitedError(
                "Too many keys or webhook addresses that nobody knows came from your address: "
                "wait for as long as Retry-After says.",
                retry_s=max(1, math.ceil(retry_s)),
                details={"limit": ADDRESS},
            )

    async def count(self, call: Call, tenant: str, limit: str) -> None:
        """Count a request of this tenant; RateLimitedError if the limit is used up."""
        found = self._limits.take(tenant, limit)
        if found is None:
            found = await self._limits.ask(tenant, limit)
        call.standing = found
        if not found.retry_s:
            self._strangers.passed(_shown(call))
            return
        metrics.LIMITED.labels(limit).inc()
        raise RateLimitedError(
            f"Your tenant has used up its limit {limit!r} of {found.limit} requests: "
            "wait for as long as Retry-After says.",
            retry_s=found.retry_s,
            details={"limit": limit, "count": int(found.limit)},
        )

    async def refused(self, call: Call, limit: str, error: WeirError) -> WeirError:
        """Count a request that was refused for who asks; what it is to be told."""
        who = call.known_principal
        if who is None and error.code in _STRANGE:
            self._strangers.failed(call.address)
        elif who is not None and limit and call.standing is None:
            try:
                await self.count(call, who.tenant, limit)
            except RateLimitedError as limited:
                return limited
        return error


def _shown(call: Call) -> str:
    return call.request.headers.get(hdrs.AUTHORIZATION) or call.request.path
