"""WebSockets: identified like any request, before the upgrade, and only from our own pages.

A browser sends cookies with a socket from any page and asks nobody first; so a
socket whose Origin is another than the address it came to is refused. A socket
lasts no longer than its key or session: it is closed with 4401 within two
seconds after that ended, or may something else than when it was opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from weir.contract.errors import BadRequestError, OriginForbiddenError, WeirError
from weir.runtime.http.call import Call

HEARTBEAT_S = 20.0
FRAME_LIMIT = 64 * 1024
RECHECK_S = 1.0  # and a record is at most a second old: whatever ended is felt within two
KEY_ENDED = 4401  # 4000 to 4999 are for applications; the rest says what a request would get
_KEY = b"UNAUTHORIZED: the API key was revoked or has expired"
_SESSION = b"UNAUTHORIZED: the session is over, or its rights have changed"
_FAREWELL_S = 0.2
_ABORT_S = 5.0
AGAIN, FAILED = 1013, 1011
_FINAL = {401: KEY_ENDED, 403: 4403, 404: 4404, 410: 4410}
_PASSING = frozenset({409, 429, 503})
_guards: set[asyncio.Task[None]] = set()


def closing(error: WeirError) -> tuple[int, str]:
    """The code and the words a socket is closed with, where a request would get this error.

    4400 to 4499 is final to the libraries of browsers; after the others they come back.
    """
    code = _FINAL.get(error.status) or (AGAIN if error.status in _PASSING else FAILED)
    return code, f"{error.code}: {error.message}"


async def turn_away(request: web.BaseRequest, error: WeirError) -> web.WebSocketResponse | None:
    """Upgrade a request only to close it with the reason; None if it asks for no upgrade."""
    socket = web.WebSocketResponse(max_msg_size=FRAME_LIMIT, compress=False)
    if not socket.can_prepare(request).ok:
        return None
    code, reason = closing(error)
    with suppress(TimeoutError, ConnectionError, RuntimeError):
        await socket.prepare(request)
        async with asyncio.timeout(_FAREWELL_S):
            await socket.close(code=code, message=reason.encode()[:120], drain=False)
    return socket


async def accept(
    call: Call, *, origins: Sequence[str] = (), frame_limit: int = FRAME_LIMIT
) -> web.WebSocketResponse:
    """Upgrade the request. The edge has checked the key; `origins` are allowed beside our own.

    Raises OriginForbiddenError, or BadRequestError where no upgrade was asked
    for. Frames over `frame_limit` bytes end the socket; a peer that does not answer pings
    within 10 s is gone; one whose key ended is closed.
    """
    request = call.request
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and origin not in origins and urlsplit(origin).netloc != request.host:
        raise OriginForbiddenError(
            f"A page of {origin[:200]!r} may not open sockets here.",
            details={"origin": origin[:200]},
        )
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=frame_limit, compress=False)
    if not socket.can_prepare(request).ok:
        raise BadRequestError(
            "This is a WebSocket: ask with Upgrade: websocket.", details={"upgrade": "websocket"}
        )
    call.must_have_asked()
    socket.headers["X-Request-ID"] = call.request_id
    await socket.prepare(request)
    guard = asyncio.create_task(_guard(call, socket), name="guard a socket")
    _guards.add(guard)
    guard.add_done_callback(_guards.discard)
    handling = asyncio.current_task()
    if handling is not None:
        handling.add_done_callback(lambda _: guard.cancel())
    return socket


async def _guard(call: Call, socket: web.WebSocketResponse) -> None:
    """Close the socket once its key is no longer one."""
    while not socket.closed:
        await asyncio.sleep(RECHECK_S)
        if not await call.still_admitted():
            transport = call.request.transport
            if transport is not None:
                asyncio.get_running_loop().call_later(_ABORT_S, transport.abort)
            with suppress(TimeoutError, ConnectionError, RuntimeError):
                async with asyncio.timeout(_FAREWELL_S):
                    told = _SESSION if call.principal.session else _KEY
                    await socket.close(code=KEY_ENDED, message=told, drain=False)
            return
