"""The platform's HTTP API for programs of our own: the command line, examples, tests.

An answer that refuses is an `ApiError` with the server's stable code; a platform
that cannot be reached is a `PlatformUnreachableError`. Nothing is sent twice
here: whoever may repeat a request gives it an `Idempotency-Key`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from weir.contract.errors import InvalidJsonError, PlatformUnreachableError, WeirError
from weir.core.finite import not_finite

API = "/api/v1"
PAGE = 200
TIMEOUT_S = 30.0
CONNECT_S = 5.0
FRAME_LIMIT = 16 * 1024 * 1024  # an output travels whole in a frame
_HEARTBEAT_S = 20.0

Query = Mapping[str, str | int]
Frames = AsyncGenerator[dict[str, Any], None]


class ApiError(WeirError):
    """What the platform refused, in its own words."""

    def __init__(
        self, status: int, code: str, message: str, details: Any = None, request_id: str = ""
    ) -> None:
        super().__init__(message, details=details)
        self.status = status  # type: ignore[misc]  # the server's, not the class's
        self.code = code  # type: ignore[misc]
        self.request_id = request_id

    def shown(self) -> dict[str, Any]:
        """The refusal as the server would say it."""
        return {
            "code": self.code,
            "message": self.message,
            "details": self.details or {},
            "request_id": self.request_id,
        }


class SocketLostError(Exception):
    """The socket ended before what it showed did."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: JSON, or bytes where the media type is another."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Client:
    """One platform, seen with one API key."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self.url = url

    async def ask(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Answer:
        """One request; `path` begins with /. A `body` of bytes goes out as it is, else as JSON.

        Raises ApiError for every status from 400 on, PlatformUnreachableError, and
        InvalidJsonError where the body holds a number that JSON does not have.
        """
        sent = dict(headers or {})
        data = body
        if body is not None and not isinstance(body, bytes):
            if place := not_finite(body):
                raise InvalidJsonError(f"In what was to be sent {place}: JSON has no such number.")
            data = orjson.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=CONNECT_S)
        try:
            async with self._session.request(
                method, self.url + path, params=query, data=data, headers=sent, timeout=timeout
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error
        if response.status >= 400:  # noqa: PLR2004 - HTTP's line between good and bad
            raise _refusal(response.status, content)
        told = response.content_type == "application/json"
        return Answer(response.status, response.headers, orjson.loads(content) if told else content)

    async def get(self, path: str, query: Query | None = None) -> Any:
        """The body of a GET under /api/v1."""
        return (await self.ask("GET", API + path, query=query)).body

    async def post(self, path: str, body: Any = None, query: Query | None = None) -> Any:
        """The body of a POST under /api/v1."""
        return (await self.ask("POST", API + path, body=body, query=query)).body

    async def items(self, path: str, query: Query | None = None) -> AsyncIterator[dict[str, Any]]:
        """All items of a list, page by page."""
        asked = {"limit": PAGE, **(query or {})}
        while True:
            page = await self.get(path, asked)
            for item in page["items"]:
                yield item
            if page["next_cursor"] is None:
                return
            asked["cursor"] = page["next_cursor"]

    async def stream(self, path: str, query: Query | None = None) -> AsyncIterator[bytes]:
        """The body of a GET under /api/v1 in the parts in which it comes, however long it is."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=TIMEOUT_S)
        try:
            async with self._session.get(
                self.url + API + path, params=query, timeout=timeout
            ) as response:
                if response.status >= 400:  # noqa: PLR2004 - HTTP's line between good and bad
                    raise _refusal(response.status, await response.read())
                async for part in response.content.iter_any():
                    yield part
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error

    async def frames(self, run_id: str, after: str = "0") -> Frames:
        """What happens to a run from behind the frame `after` on, until it has ended.

        Ends with the frame `connection:completed`; SocketLostError if that does
        not come.
        """
        async with self._socket(f"{API}/ws") as socket:
            asked = {"type": "subscribe", "run_id": run_id, "after": after}
            await socket.send_str(orjson.dumps(asked).decode())
            async for frame in _read(socket):
                yield frame
                if frame["type"] == "connection:completed":
                    return

    async def lines(self, run_id: str, query: Query | None = None) -> Frames:
        """What the steps of a run log, behind the line `after` of the query, for ever."""
        async with self._socket(f"{API}/runs/{quote(run_id)}/logs", query) as socket:
            async for frame in _read(socket):
                yield frame

    @asynccontextmanager
    async def _socket(
        self, path: str, query: Query | None = None
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        try:
            async with self._session.ws_connect(
                self.url + path,
                params=query,
                heartbeat=_HEARTBEAT_S,
                max_msg_size=FRAME_LIMIT,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
            ) as socket:
                yield socket
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SocketLostError(str(error) or type(error).__name__) from error

    def _unreachable(self, error: Exception) -> PlatformUnreachableError:
        why = str(error) or type(error).__name__
        return PlatformUnreachableError(
            f"{self.url} does not answer ({why}): is the platform running (`weir up`), and is "
            "this its address?"
        )


@asynccontextmanager
async def connect(url: str, api_key: str = "") -> AsyncIterator[Client]:
    """A client of the platform at this address; it connects with its first request."""
    headers = {"User-Agent": "weir-client"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    async with aiohttp.ClientSession(headers=headers) as session:
        yield Client(session, url.rstrip("/"))


async def _read(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[dict[str, Any]]:
    async for message in socket:
        if message.type is not aiohttp.WSMsgType.TEXT:
            break
        frame: dict[str, Any] = orjson.loads(message.data)
        if frame["type"] == "error":
            # A request tells the same refusal better, with its status.
            raise SocketLostError(str(frame["data"]["message"]))
        yield frame
    raise SocketLostError(f"the server closed the socket (code {socket.close_code})")


def _refusal(status: int, content: bytes) -> ApiError:
    try:
        body = orjson.loads(content)
    except ValueError:
        body = None
    told = body.get("error") if isinstance(body, dict) else None
    if not isinstance(told, dict):
        said = content[:200].decode("utf-8", "replace").strip() or "nothing"
        return ApiError(
            status, f"HTTP_{status}", f"the answer has the status {status} and says {said}", body
        )
    return ApiError(
        status,
        str(told.get("code")),
        str(told.get("message")),
        told.get("details"),
        str(told.get("request_id", "")),
    )
