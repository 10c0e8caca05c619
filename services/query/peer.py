"""One browser at the other end of a socket: sending with bounds, closing with a reason.

What is sent waits until the peer has taken the frames before it, so nothing
piles up here; a peer that takes nothing for ten seconds is let go with 1013
and comes back with the last `seq` it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import WSCloseCode, web

from services.query.frames import Watched, frame
from weir.contract.errors import WeirError
from weir.ports.clock import Clock

PATIENCE_S = 10.0
_FAREWELL_S = 0.2
ABORT_S = 5.0
_AT_ONCE = 100


class GoneError(Exception):
    """The peer is not there any more, or too slow."""


class Peer:
    """Sends frames over a socket, one sender at a time."""

    def __init__(
        self, socket: web.WebSocketResponse, request: web.BaseRequest, clock: Clock
    ) -> None:
        self.socket = socket
        self._transport = request.transport
        self._clock = clock
        self._turn = asyncio.Lock()

    async def tell(self, name: str, data: Any, *, run_id: str | None = None, seq: int = 0) -> None:
        """Send a frame about the connection itself."""
        shown = frame(name, run_id, data, seq=seq, at_ms=self._clock.now_ms())
        await self.show([Watched(seq, shown)])

    async def refuse(self, error: WeirError, run_id: str | None = None, **more: Any) -> None:
        """Send an error frame."""
        told = {"code": error.code, "message": error.message, **more}
        await self.tell("error", told, run_id=run_id)

    async def show(self, watched: Sequence[Watched]) -> None:
        """Send what was watched, letting other senders in between; GoneError if nobody takes it."""
        for start in range(0, len(watched), _AT_ONCE):
            async with self._turn:
                for one in watched[start : start + _AT_ONCE]:
                    await self._send(orjson.dumps(one.frame).decode())

    async def leave(self, code: WSCloseCode, reason: bytes) -> None:
        """Close from our side; a peer that does not answer is cut off."""
        if self._transport is not None:
            # Until then what was sent before may still reach a slow peer.
            asyncio.get_running_loop().call_later(ABORT_S, self._transport.abort)
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self.socket.close(code=code, message=reason, drain=False)
        except TimeoutError:
            return

    async def _send(self, text: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.socket.send_str(text)
        except TimeoutError:
            await self.leave(WSCloseCode.TRY_AGAIN_LATER, b"too slow")
            raise GoneError from None
        except (ConnectionError, RuntimeError):
            raise GoneError from None
