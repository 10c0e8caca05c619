"""Which web pages of other origins may call the API, and read what it answers.

The installation names origins, and each tenant may name more for what is its
own. Such a page shows a key or a token itself: cookies never cross origins, so
`Access-Control-Allow-Credentials` is never said, nor any wildcard. Who asks
before it asks (a preflight) tells no tenant, so there the origins of all count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from time import monotonic
from types import MappingProxyType

import structlog
from aiohttp import hdrs

from weir.contract import subjects
from weir.contract.errors import RecordUnreadableError, WeirError
from weir.contract.messages import IdentityRecord
from weir.ports.log import Log, Stored
from weir.runtime.records import read

FRESH_S = 1.0
_LAST_S = 600
_ASKED = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-ID, X-Tenant-ID, traceparent"
)
_TOLD = (
    "ETag, Location, Retry-After, Weir-Sequence, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Reset, X-Request-ID"
)
_VARY: Mapping[str, str] = MappingProxyType({hdrs.VARY: hdrs.ORIGIN})

_log = structlog.get_logger()


class Origins:
    """Knows the origins of the installation and of its tenants; at most a second old."""

    def __init__(self, standard: Iterable[str], identity: Log) -> None:
        self._standard = frozenset(origin.lower() for origin in standard)
        self._identity = identity
        self._of: dict[str, frozenset[str]] = {}
        self._read_upto = 0
        self._read_at = -FRESH_S
        self._reading = asyncio.Lock()

    async def allowed(self, origin: str, tenant: str | None) -> bool:
        """Whether pages of this origin may read answers for the tenant; None: for any."""
        wanted = origin.lower()
        if wanted in self._standard:
            return True
        await self._refresh()
        if tenant is None:
            return any(wanted in origins for origins in self._of.values())
        return wanted in self._of.get(tenant, ())

    async def headers(self, origin: str, tenant: str | None) -> Mapping[str, str]:
        """What an answer to a page of this origin says of it."""
        if not await self.allowed(origin, tenant):
            return _VARY
        return {
            hdrs.VARY: hdrs.ORIGIN,
            hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin,
            hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: _TOLD,
            # Else a page of another site could not read what it may.
            "Cross-Origin-Resource-Policy": "cross-origin",
        }

    async def _refresh(self) -> None:
        if monotonic() - self._read_at < FRESH_S:
            return
        async with self._reading:
            if monotonic() - self._read_at < FRESH_S:
                return
            self._read_at = monotonic()
            try:
                every = self._identity.read(subjects.tenant("*"), after=self._read_upto)
                async for batch in every:
                    for stored in batch:
                        self._see(stored)
            except WeirError as error:
                _log.warning("origins of tenants cannot be read", problem=str(error))

    def _see(self, stored: Stored) -> None:
        self._read_upto = stored.seq
        tenant = stored.subject.rpartition(".")[2]
        try:
            saved = read(IdentityRecord, stored).tenant_saved
        except RecordUnreadableError:
            saved = None
        if saved is not None and saved.origins:
            self._of[tenant] = frozenset(origin.lower() for origin in saved.origins)
        else:
            self._of.pop(tenant, None)


def preflight(methods: Iterable[str], origin: str) -> dict[str, str]:
    """The headers that answer a page which asks before it asks."""
    return {
        hdrs.VARY: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin,
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: ", ".join(sorted(methods)),
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: _ASKED,
        hdrs.ACCESS_CONTROL_MAX_AGE: str(_LAST_S),
    }
