"""The way every request takes: identify, authorise, run the handler in bounded time, answer.

Whatever a handler raises becomes an answer in the one form of refusals. A
stranger learns nothing of a stack trace; the log has it under the request's id.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import NamedTuple

from aiohttp import hdrs, web
from multidict import istr

from weir.contract.errors import AnswerTimeoutError, OriginForbiddenError, WeirError
from weir.ports.clock import Clock
from weir.runtime import telemetry
from weir.runtime.access import Permission, Principal
from weir.runtime.http import problems, socket
from weir.runtime.http.admission import Admission
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.cors import Origins, preflight
from weir.runtime.http.gate import Gate, limit_of
from weir.runtime.http.headers import api_headers, tell
from weir.runtime.http.limits import Standing
from weir.runtime.http.patience import Patience
from weir.runtime.http.route import Route
from weir.runtime.http.witness import Witness

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

_NO_CONTENT = HTTPStatus.NO_CONTENT.value
_REQUEST_ID_HEADER = istr("X-Request-ID")
_SEQUENCE_HEADER = istr("Weir-Sequence")


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


Answer = Callable[[web.BaseRequest, Mapping[str, str]], Awaitable[web.StreamResponse]]
"""Answers a request whose path said this."""


class Edge:
    """Turns routes into handlers of requests."""

    def __init__(  # noqa: PLR0913, PLR0917 - what stands before, beside and behind every handler
        self,
        admission: Admission,
        clock: Clock,
        observe: Observe,
        witness: Witness,
        gate: Gate,
        origins: Origins,
        bounds: Bounds,
        *,
        traced: bool,
        https: bool,
    ) -> None:
        self._admission = admission
        self._clock = clock
        self._observe = observe
        self._witness = witness
        self._gate = gate
        self._origins = origins
        self._headers = api_headers(https=https)
        self._bounds = bounds
        self._traced = traced

    def handler(self, route: Route) -> Answer:
        """The handler of a route."""
        body_limit = self._bounds.body if route.body_limit is None else route.body_limit
        patience = self._bounds.answer_s if route.timeout_s is None else route.timeout_s
        run = _traced if self._traced else route.handler
        guarded = route.permission is not Permission.PUBLIC
        limit = limit_of(route)
        gate, headers = self._gate, self._headers

        async def handle(
            request: web.BaseRequest, segments: Mapping[str, str]
        ) -> web.StreamResponse:
            began = monotonic()
            call = Call(
                request, route, segments, self._request_id(request), body_limit, gate, headers
            )
            refusal: BaseException | None = None
            try:
                if limit:
                    gate.look(call)
                if guarded:
                    await self._enter(call, limit)
                with Patience(patience):
                    answer = await run(call)
                call.must_have_asked()
            except WeirError as error:
                refusal = await gate.refused(call, limit, error)
                answer = await _refused(call, refusal)
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
            if refusal is not None or route.audit:
                await self._witness.saw(call, answer, refusal)
            response = self._answer(call, answer, refusal, began)
            if hdrs.ORIGIN in request.headers:
                await self._tell_page(call, response)
            return response

        return handle

    async def unrouted(
        self, request: web.BaseRequest, error: web.HTTPException
    ) -> web.StreamResponse:
        """The answer where no route fits, among them to a page that asks before it asks."""
        began = monotonic()
        request_id = self._request_id(request)
        refusal: WeirError | None = None
        try:
            reply = await self._preflight(request, error)
        except WeirError as refused:
            refusal, reply = refused, problems.reply(refused, request_id)
        self._observe(
            Answered(
                request.method,
                "",
                request.path,
                reply.status,
                monotonic() - began,
                request_id,
                None,
                refusal.code if refusal else "",
                None,
            )
        )
        return self._response(reply, request_id, None, close=request.can_read_body)

    async def _preflight(self, request: web.BaseRequest, error: web.HTTPException) -> Reply:
        """The answer to a page that may ask; raises why it may not, or why nobody may."""
        origin = request.headers.get(hdrs.ORIGIN)
        asked = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_METHOD)
        if (
            request.method != hdrs.METH_OPTIONS
            or not isinstance(error, web.HTTPMethodNotAllowed)
            or origin is None
            or asked is None
        ):
            raise problems.from_router(error, request.path, request.method)
        if not await self._origins.allowed(origin, None):
            raise OriginForbiddenError(
                f"Pages of {origin[:200]!r} may not call this: add the origin to the tenant, or "
                "to the setting origins.",
                details={"origin": origin[:200]},
            )
        return Reply(status=_NO_CONTENT, headers=preflight(error.allowed_methods, origin))

    async def _enter(self, call: Call, limit: str) -> None:
        await self._admission.admit(call)
        if limit:
            await self._gate.count(call, call.tenant, limit)

    async def _tell_page(self, call: Call, response: web.StreamResponse) -> None:
        """Say whether a page of another origin may read the answer."""
        if response.prepared:
            return
        who = call.known_principal
        origin = call.request.headers[hdrs.ORIGIN]
        told = await self._origins.headers(origin, who.tenant if who else None)
        response.headers.update(told)

    def _request_id(self, request: web.BaseRequest) -> str:
        given = request.headers.get(_REQUEST_ID_HEADER)
        if given is not None and _REQUEST_ID.fullmatch(given):
            return given
        return self._clock.new_id("req")

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
                response: web.StreamResponse = self._response(
                    answer, call.request_id, call.standing, close=unread
                )
            except Exception as error:  # noqa: BLE001 - an answer that is no JSON is our defect
                refusal = error
                internal = problems.internal(call.request_id)
                response = self._response(internal, call.request_id, call.standing, close=unread)
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
                monotonic() - began,
                call.request_id,
                call.known_principal,
                code,
                refusal,
            )
        )
        return response

    def _response(
        self, reply: Reply, request_id: str, standing: Standing | None, *, close: bool
    ) -> web.Response:
        empty = reply.status == _NO_CONTENT
        body = None if empty else reply.content()
        response = web.Response(body=body, status=reply.status, headers=self._headers)
        headers = response.headers
        tell(headers, request_id, standing)
        if reply.sequence is not None:
            headers[_SEQUENCE_HEADER] = str(reply.sequence)
        if reply.revision is not None:
            headers[hdrs.ETAG] = f'"{reply.revision}"'
        if reply.headers:
            headers.update(reply.headers)
        if not empty:
            headers[hdrs.CONTENT_TYPE] = reply.media_type
        if close:
            response.force_close()
        return response


async def _refused(call: Call, error: WeirError) -> Reply | web.StreamResponse:
    turned_away = await socket.turn_away(call.request, error) if call.route.closes else None
    return turned_away or problems.reply(error, call.request_id)


async def _traced(call: Call) -> Reply | web.StreamResponse:
    name = f"{call.request.method} {call.route.pattern}"
    with telemetry.span(name, call.trace_parent, request_id=call.request_id):
        call.trace_parent = telemetry.trace_parent()
        return await call.route.handler(call)


def _late(patience: float) -> WeirError:
    return AnswerTimeoutError(
        f"The answer was not ready within {patience:g} s. What was asked for may still happen: "
        "look before you ask again, or send an Idempotency-Key."
    )
