"""Who asks, and whether they may: what stands before every route that is not public."""

from __future__ import annotations

import re
from functools import partial
from typing import Protocol

from aiohttp import hdrs

from weir.contract.errors import TenantForbiddenError, UnauthorizedError
from weir.runtime.access import Principal
from weir.runtime.http.call import Call, admits, forbidden

_BEARER = re.compile(r"(?i:bearer) +([!-~]{1,200})")


class Identifies(Protocol):
    """Finds the principal of a token; `weir.runtime.authn.Authenticator` does."""

    async def principal(self, token: str) -> Principal | None:
        """Who holds the token, None if nobody does."""
        ...


class Admission:
    """Identifies callers and compares what they may with what the route asks."""

    def __init__(self, identify: Identifies) -> None:
        self._identify = identify

    async def admit(self, call: Call) -> None:
        """Put the principal into the call.

        Raises UnauthorizedError, TenantForbiddenError, ForbiddenError.
        """
        given = _BEARER.fullmatch(call.request.headers.get(hdrs.AUTHORIZATION, ""))
        again = partial(self._identify.principal, given[1]) if given else None
        principal = await again() if again else None
        if principal is None or again is None:
            raise UnauthorizedError(
                "No valid API key came with the request: send Authorization: Bearer weir_…."
            )
        call.admit(principal, again)
        tenant = call.request.headers.get("X-Tenant-ID")
        if tenant is not None and tenant != principal.tenant:
            raise TenantForbiddenError(
                "The API key does not belong to the tenant in X-Tenant-ID: "
                "leave the header out or use a key of that tenant."
            )
        if not admits(call.route, principal):
            raise forbidden(principal, call.route.permission)
