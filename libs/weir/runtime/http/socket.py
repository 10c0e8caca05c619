"""WebSockets: identified like any request, before the upgrade, and only from our own pages.

A browser sends cookies with a socket from any page and asks nobody first; so a
socket whose Origin is another than the address it came to is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from weir.contract.errors import BadRequestError, OriginForbiddenError
from weir.runtime.http.call import Call

HEARTBEAT_S = 20.0
FRAME_LIMIT = 64 * 1024


async def accept(call: Call, *, origins: Sequence[str] = ()) -> web.WebSocketResponse:
    """Upgrade the request. The edge has checked the key; `origins` are allowed beside our own.

    Raises OriginForbiddenError, or BadRequestError where no upgrade was asked
    for. Frames over 64 kB end the socket; a peer that does not answer pings
    within 10 s is gone.
    """
    request = call.request
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and origin not in origins and urlsplit(origin).netloc != request.host:
        raise OriginForbiddenError(
            f"A page of {origin[:200]!r} may not open sockets here.",
            details={"origin": origin[:200]},
        )
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=FRAME_LIMIT, compress=False)
    if not socket.can_prepare(request).ok:
        raise BadRequestError(
            "This is a WebSocket: ask with Upgrade: websocket.", details={"upgrade": "websocket"}
        )
    socket.headers["X-Request-ID"] = call.request_id
    await socket.prepare(request)
    return socket
