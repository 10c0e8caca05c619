"""Who asks, and whether they may: what stands before every route that is not public.

`Authorization` counts alone where it came; without it the cookie of a signed-in
browser does, from pages of ours only. What came twice says nothing.
"""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple, Protocol

from aiohttp import hdrs, web
from multidict import istr

from weir.contract.errors import OriginForbiddenError, TenantForbiddenError, UnauthorizedError
from weir.contract.identity_errors import CsrfRefusedError, SecondFactorRequiredError
from weir.runtime.access import Principal
from weir.runtime.http.browser import CSRF_HEADER, SAFE, Browser, csrf_fits
from weir.runtime.http.call import Call, admits, forbidden

_BEARER = re.compile(r"(?i:bearer) +([!-~]{1,2000})")
_TENANT_HEADER = istr("X-Tenant-ID")


class Vouched(NamedTuple):
    """Who asks, as another service of ours has identified them."""

    tenant: str
    principal_id: str
    session: str


# Set on a request that a service relays (relay.py). What comes over HTTP cannot set it.
VOUCHED = web.RequestKey("vouched", Vouched)


class Identifies(Protocol):
    """Finds the principal of a token; `weir.runtime.authn.Authenticator` does."""

    async def identify(self, token: str, tenant: str = "") -> Principal | None:
        """Who holds the token, in this tenant or their own; None if nobody does."""
        ...

    async def vouched(self, tenant: str, principal_id: str, session: str) -> Principal | None:
        """Whom another service of ours has identified, as they stand now."""
        ...

    async def again(self, principal: Principal, token: str) -> Principal | None:
        """The principal as it stands now."""
        ...


class Admission:
    """Identifies callers and compares what they may with what the route asks."""

    def __init__(self, identify: Identifies, browser: Browser) -> None:
        self._identify = identify
        self._browser = browser

    async def admit(self, call: Call) -> None:
        """Put the principal into the call.

        Raises UnauthorizedError, TenantForbiddenError, TenantSuspendedError, CsrfRefusedError,
        OriginForbiddenError, SecondFactorRequiredError, ForbiddenError.
        """
        request = call.request
        identify, vouched = self._identify, request.get(VOUCHED)
        token = "" if vouched else self._token(request)
        if vouched:
            principal = await identify.vouched(*vouched)
        else:
            principal = await self._shown(request, token)
        if principal is None:
            raise UnauthorizedError(
                "No valid API key or access token came with the request: send "
                "Authorization: Bearer …."
            )
        call.admit(
            principal,
            partial(identify.vouched, *vouched)
            if vouched
            else partial(identify.again, principal, token),
        )
        if not admits(call.route, principal):
            if principal.weak:
                raise SecondFactorRequiredError(
                    "The tenant demands a second factor: set one up at /api/v1/auth/factors, or "
                    "sign in with it."
                )
            raise forbidden(principal, call.route.permission)

    async def _shown(self, request: web.BaseRequest, token: str) -> Principal | None:
        tenants = request.headers.getall(_TENANT_HEADER, ())
        if len(tenants) > 1 or (tenants and not tenants[0]):
            raise TenantForbiddenError("X-Tenant-ID names one tenant, once.")
        tenant = tenants[0] if tenants else ""
        return await self._identify.identify(token, tenant) if token else None

    def _token(self, request: web.BaseRequest) -> str:
        """What identifies the caller; empty if nothing does."""
        given = request.headers.getall(hdrs.AUTHORIZATION, None)
        if given is not None:
            found = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
            return found[1] if found else ""
        if hdrs.COOKIE not in request.headers:
            return ""
        token = self._browser.read(request, self._browser.access)
        if token:
            self._own_page(request, token)
        return token

    def _own_page(self, request: web.BaseRequest, token: str) -> None:
        if request.method in SAFE:
            if hdrs.UPGRADE in request.headers and not self._browser.is_own_origin(request):
                raise OriginForbiddenError("A page of another site may not open sockets here.")
            return
        shown = request.headers.getall(CSRF_HEADER, ())
        fits = len(shown) == 1 and csrf_fits(token, shown[0])
        if not fits or not self._browser.is_own_page(request):
            raise CsrfRefusedError(
                "The request came with a cookie and does not show that a page of ours made it: "
                "send the value of the csrf cookie in X-Weir-CSRF, from the address in public_url."
            )
