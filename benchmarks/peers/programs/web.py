"""A small ASGI application for peers that are libraries: the way in that their runs are started by.

`POST /call/<part>` answers with the outcome, `POST /send/<part>` as soon as the
start is durable. Plain ASGI: a framework would cost more than some of the engines.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Start = Callable[[Any], Awaitable[Any]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


def application(
    calls: Mapping[str, Start], sends: Mapping[str, Start], launch: Callable[[], Awaitable[None]]
) -> Application:
    """What to do for each part, and what to do before the first."""
    routes = {f"/call/{part}": start for part, start in calls.items()}
    routes |= {f"/send/{part}": start for part, start in sends.items()}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await launch()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["path"] == "/ready":
            await _answer(send, 200, True)
            return
        start = routes.get(scope["path"])
        if start is None:
            await _answer(send, 404, scope["path"])
            return
        body, more = b"", True
        while more:
            part = await receive()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        try:
            await _answer(send, 200, await start(json.loads(body)))
        except Exception as error:  # noqa: BLE001 - the asker must hear of any
            await _answer(send, 500, repr(error))

    return app


async def _answer(send: Any, status: int, content: Any) -> None:
    body = json.dumps(content).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
