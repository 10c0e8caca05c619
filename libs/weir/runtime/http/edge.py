"""The way every request takes: identify, authorise, run the handler in bounded time, answer.

Whatever a handler raises becomes an answer in the one form of refusals. A
stranger learns nothing of a stack trace; the log has it under the request's id.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import NamedTuple, Protocol

from aiohttp import hdrs, web
from multidict import CIMultiDict

from weir.contract.errors import (
    AnswerTimeoutError,
    ForbiddenError,
    TenantForbiddenError,
    UnauthorizedError,
    WeirError,
)
from weir.ports.clock import Clock
from weir.runtime import telemetry
from weir.runtime.access import Permission, Principal
from weir.runtime.http import problems
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import Route

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_BEARER = re.compile(r"(?i:bearer) +([!-~]{1,200})")

_HEADERS = CIMultiDict(
    {
        "Server": "weir",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
    }
)


class Identifies(Protocol):
    """Finds the principal of a token; `weir.runtime.authn.Authenticator` does."""

    async def principal(self, token: str) -> Principal | None:
        """Who holds the token, None if nobody does."""
        ...


class Answered(NamedTuple):
    """What the access log and the metrics learn of a request; no route, empty `pattern`."""

    method: str
    pattern: str
    path: str
    status: int
    seconds: float
    request_id: str
    principal: Principal | None
    code: str
    error: BaseException | None


Observe = Callable[[Answered], None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a route is bound by unless it says otherwise: bytes of a body, seconds of an answer."""

    body: int = 1024 * 1024
    answer_s: float = 30.0


class Edge:
    """Turns routes into aiohttp handlers."""

    def __init__(
        self, identify: Identifies, clock: Clock, observe: Observe, bounds: Bounds, *, traced: bool
    ) -> None:
        self._identify = identify
        self._clock = clock
        self._observe = observe
        self._bounds = bounds
        self._traced = traced

    def handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The aiohttp handler of a route."""
        body_limit = self._bounds.body if route.body_limit is None else route.body_limit
        patience = self._bounds.answer_s if route.timeout_s is None else route.timeout_s

        async def handle(request: web.Request) -> web.StreamResponse:
            began = asyncio.get_running_loop().time()
            call = Call(request, route, self._request_id(request), body_limit)
            refusal: BaseException | None = None
            try:
                await self._admit(call)
                async with asyncio.timeout(patience or None):
                    answer = await self._run(call)
            except WeirError as error:
                refusal = error
                answer = problems.reply(error, call.request_id)
            except TimeoutError as error:
                refusal = error
                answer = problems.reply(_late(patience), call.request_id)
            except web.HTTPException as error:
                refusal = error
                known = problems.from_router(error, request.path, request.method)
                answer = problems.reply(known, call.request_id)
            except Exception as error:  # noqa: BLE001 - whatever a handler raises is answered
                refusal = error
                answer = problems.internal(call.request_id)
            return self._answer(call, answer, refusal, began)

        return handle

    async def unrouted(self, request: web.Request, error: web.HTTPException) -> web.StreamResponse:
        """The answer where no route fits."""
        began = asyncio.get_running_loop().time()
        refusal = problems.from_router(error, request.path, request.method)
        request_id = self._request_id(request)
        reply = problems.reply(refusal, request_id)
        self._observe(
            Answered(
                request.method,
                "",
                request.path,
                reply.status,
                asyncio.get_running_loop().time() - began,
                request_id,
                None,
                refusal.code,
                None,
            )
        )
        return _response(reply, request_id, close=request.can_read_body)

    async def _run(self, call: Call) -> Reply | web.StreamResponse:
        if not self._traced:
            return await call.route.handler(call)
        name = f"{call.request.method} {call.route.pattern}"
        with telemetry.span(name, call.trace_parent, request_id=call.request_id):
            call.trace_parent = telemetry.trace_parent()
            return await call.route.handler(call)

    async def _admit(self, call: Call) -> None:
        wanted = call.route.permission
        if wanted is Permission.PUBLIC:
            return
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
        if not principal.may(wanted):
            raise ForbiddenError(
                f"The role {principal.role!r} does not hold {wanted.value!r}: "
                "ask an administrator for a key of another role.",
                details={"permission": wanted.value, "role": principal.role},
            )

    def _request_id(self, request: web.Request) -> str:
        given = request.headers.get("X-Request-ID", "")
        return given if _REQUEST_ID.fullmatch(given) else self._clock.new_id("req")

    def _answer(
        self,
        call: Call,
        answer: Reply | web.StreamResponse,
        refusal: BaseException | None,
        began: float,
    ) -> web.StreamResponse:
        if isinstance(answer, Reply):
            # What was not read of a body is not worth reading: the connection goes with it.
            unread = call.request.can_read_body and not call.request.content.at_eof()
            try:
                response: web.StreamResponse = _response(answer, call.request_id, close=unread)
            except Exception as error:  # noqa: BLE001 - an answer that is no JSON is our defect
                refusal = error
                internal = problems.internal(call.request_id)
                response = _response(internal, call.request_id, close=unread)
        else:
            response = answer
        code = ""
        if refusal is not None:
            code = refusal.code if isinstance(refusal, WeirError) else WeirError.code
        self._observe(
            Answered(
                call.request.method,
                call.route.pattern,
                call.request.path,
                response.status,
                asyncio.get_running_loop().time() - began,
                call.request_id,
                call.known_principal,
                code,
                refusal,
            )
        )
        return response


def _late(patience: float) -> WeirError:
    return AnswerTimeoutError(
        f"The answer was not ready within {patience:g} s. What was asked for may still happen: "
        "look before you ask again, or send an Idempotency-Key."
    )


def _response(reply: Reply, request_id: str, *, close: bool) -> web.Response:
    headers = _HEADERS.copy()
    headers["X-Request-ID"] = request_id
    if reply.sequence is not None:
        headers["Weir-Sequence"] = str(reply.sequence)
    if reply.revision is not None:
        headers["ETag"] = f'"{reply.revision}"'
    if reply.headers:
        headers.update(reply.headers)
    if reply.status == HTTPStatus.NO_CONTENT:
        response = web.Response(status=204, headers=headers)
    else:
        headers[hdrs.CONTENT_TYPE] = reply.media_type
        response = web.Response(body=reply.content(), status=reply.status, headers=headers)
    if close:
        response.force_close()
    return response


def build_app(  # noqa: PLR0913 - the parts a process is put together from
    routes: Sequence[Route],
    *,
    identify: Identifies,
    clock: Clock,
    observe: Observe,
    bounds: Bounds = Bounds(),
    traced: bool = False,
) -> web.Application:
    """The application that answers these routes; `traced` makes a span of every request.

    ValueError if two routes claim the same method and pattern.
    """
    edge = Edge(identify, clock, observe, bounds, traced=traced)

    @web.middleware
    async def route_errors(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        missing = request.match_info.http_exception
        return await (handler(request) if missing is None else edge.unrouted(request, missing))

    app = web.Application(middlewares=[route_errors])
    taken: set[tuple[str, str]] = set()
    for route in routes:
        if (route.method, route.pattern) in taken:
            raise ValueError(f"{route.method} {route.pattern} is claimed by two routes")
        taken.add((route.method, route.pattern))
        limit = bounds.body if route.body_limit is None else route.body_limit
        handler = edge.handler(route)
        expect = _expect(limit)
        app.router.add_route(route.method, route.pattern, handler, expect_handler=expect)
        if route.method == hdrs.METH_GET:
            app.router.add_route(hdrs.METH_HEAD, route.pattern, handler)
    return app


def _expect(limit: int) -> Callable[[web.Request], Awaitable[web.StreamResponse | None]]:
    """Says "100 Continue" only to who announces a body that would be taken."""

    async def expect(request: web.Request) -> web.StreamResponse | None:
        if (request.content_length or 0) <= limit and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None

    return expect


_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def is_loopback(request: web.Request) -> bool:
    """Whether this machine asks, for itself and not for somebody whose proxy it is."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
