"""One connection of a caller: what it sends before a request is whole is bound in time and size.

Bodies are bound where they are read; here it is the line and the headers. What
is no request is answered in the form of every refusal, and the connection ends.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from weir.contract.errors import BadRequestError

HEAD_S = 10.0
HEAD_BYTES = 64 * 1024
LINE = 8190
HEADERS = 100
KEEPALIVE_S = 75.0

_TOO_MUCH = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nServer: weir\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


class Connection(RequestHandler):
    """aiohttp's, with an end to heads that never end."""

    __slots__ = ("_head", "_head_size")

    def __init__(self, manager: web.Server, **kwargs: Any) -> None:
        super().__init__(manager, **kwargs)
        self._head: asyncio.TimerHandle | None = None
        self._head_size = 0

    def data_received(self, data: bytes) -> None:
        """Look whether a head has begun and is not whole."""
        super().data_received(data)
        if self._waiter is None or self._waiter.done():
            if self._head is not None:
                self._forget()
            return
        if self._head is None:
            self._head = self._loop.call_later(HEAD_S, self._cut)
        self._head_size += len(data)
        if self._head_size > HEAD_BYTES:
            if self.transport is not None:
                self.transport.write(_TOO_MUCH)
            self._cut()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The timer goes with the connection."""
        self._forget()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP: told without a word of what was sent, which may be a secret."""
        del exc, message
        if request.writer.output_size > 0:
            raise ConnectionError("an answer had begun already")
        error = BadRequestError("This is no HTTP request that can be read: see what sends it.")
        value = {
            "code": error.code,
            "message": error.message,
            "details": {},
            "request_id": "",
        }
        response = web.Response(
            body=orjson.dumps({"error": value}),
            status=status,
            content_type="application/json",
            headers={"Server": "weir", "X-Content-Type-Options": "nosniff"},
        )
        response.force_close()
        return response

    def _cut(self) -> None:
        self._forget()
        self.force_close()

    def _forget(self) -> None:
        if self._head is not None:
            self._head.cancel()
        self._head, self._head_size = None, 0


class Connections(web.Server):
    """Makes them: the protocol of a listening socket."""

    def __call__(self) -> RequestHandler:
        """One more."""
        return Connection(
            self,
            loop=self._loop,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=KEEPALIVE_S,
            lingering_time=1.0,
            max_line_size=LINE,
            max_field_size=LINE,
            max_headers=HEADERS,
        )
