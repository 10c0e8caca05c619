"""A connection as its room sees it, and the sending end of a socket.

Telling a peer something never waits and never fails: what cannot be sent soon
enough closes the connection, and who comes back gets what they lack.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

from aiohttp import web

from weir.runtime import metrics

QUEUED_BYTES = 8 * 1024 * 1024
QUEUED_FRAMES = 10_000
PATIENCE_S = 10.0
_FAREWELL_S = 0.5
_ABORT_S = 5.0

MOVED, AGAIN = 1012, 1013
GONE, OTHER_EPOCH, TOO_LARGE, REFUSED = 4404, 4410, 4413, 4422


class Wire(Protocol):
    """Where frames for a peer go."""

    def send(self, frame: bytes) -> None:
        """Send soon, or give the peer up."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End the connection, after what was sent before."""
        ...


class Peer:
    """Somebody in a room. `acknowledged` counts their frames with changes that are stored."""

    def __init__(
        self, wire: Wire, *, by: str, user: Mapping[str, Any], read_only: bool, notices: bool
    ) -> None:
        self.wire = wire
        self.by = by
        self.user = user
        self.read_only = read_only
        self.notices = notices
        self.acknowledged = 0

    def send(self, frame: bytes) -> None:
        """Tell them a frame."""
        metrics.COLLAB_BYTES.labels("out").inc(len(frame))
        self.wire.send(frame)

    def close(self, code: int, reason: str) -> None:
        """Send them away."""
        self.wire.close(code, reason)


class SocketWire:
    """Frames to a WebSocket. `run` it beside the reading of the socket."""

    def __init__(self, socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
        self._socket = socket
        self._request = request
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._more = asyncio.Event()
        self._end: tuple[int, str] | None = None
        self.ended = asyncio.Event()

    def send(self, frame: bytes) -> None:
        """Queue a frame; a peer that takes too little is let go."""
        if self._end is not None:
            return
        self._queue.append(frame)
        self._bytes += len(frame)
        if self._bytes > QUEUED_BYTES or len(self._queue) > QUEUED_FRAMES:
            self._queue.clear()
            self.close(AGAIN, "too slow")
        self._more.set()

    def close(self, code: int, reason: str) -> None:
        """End after what is queued."""
        if self._end is None:
            self._end = code, reason
            self._more.set()

    async def run(self) -> None:
        """Send until the end; never raises."""
        try:
            while self._queue or self._end is None:
                await self._more.wait()
                self._more.clear()
                while self._queue:
                    frame = self._queue.popleft()
                    self._bytes -= len(frame)
                    async with asyncio.timeout(PATIENCE_S):
                        await self._socket.send_bytes(frame)
        except TimeoutError:
            metrics.COLLAB_TURNED_AWAY.labels("slow").inc()
            self._end = AGAIN, "too slow"
        except (ConnectionError, RuntimeError):
            pass  # gone
        finally:
            self.ended.set()
        await self._leave(*(self._end or (AGAIN, "")))

    async def _leave(self, code: int, reason: str) -> None:
        transport = self._request.transport
        if transport is not None:
            # Until then what was sent before may still reach a slow peer.
            asyncio.get_running_loop().call_later(_ABORT_S, transport.abort)
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self._socket.close(code=code, message=reason.encode()[:120], drain=False)
        except (TimeoutError, ConnectionError, RuntimeError):
            return
