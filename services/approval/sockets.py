"""Live updates of the inbox: that an approval one may see has changed; the list is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
from aiohttp import web

from services.approval.lives import Lives
from services.approval.shown import summary
from weir.contract import times
from weir.contract.errors import SocketLimitError
from weir.core.approvals.life import Life
from weir.runtime.access import Permission
from weir.runtime.http.call import Call
from weir.runtime.http.socket import HEARTBEAT_S, accept

SOCKETS = 1_000
WAITING = 1_000

Reads = Callable[[Call, Life], bool]


class Sockets:
    """Tells those who listen. `reads` says whether a caller may see an approval."""

    def __init__(self, lives: Lives, reads: Reads, now_ms: Callable[[], int]) -> None:
        self._reads = reads
        self._now_ms = now_ms
        self._listening: dict[asyncio.Queue[Life], Call] = {}
        lives.on_change.append(self._changed)

    async def live(self, call: Call) -> web.WebSocketResponse:
        """GET /approval-events."""
        call.reach(Permission.RUNS_READ)
        if len(self._listening) >= SOCKETS:
            raise SocketLimitError("Too many listen to approvals here: try again later.")
        socket = await accept(call)
        queue: asyncio.Queue[Life] = asyncio.Queue(WAITING)
        self._listening[queue] = call
        telling = asyncio.create_task(self._tell(socket, queue), name="tell approvals")
        try:
            async for _ in socket:  # nothing is asked here; the peer's leaving is heard
                pass
        finally:
            del self._listening[queue]
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        return socket

    def _changed(self, life: Life) -> None:
        for queue, call in self._listening.items():
            if call.tenant == life.tenant and not queue.full():
                queue.put_nowait(life)

    async def _tell(self, socket: web.WebSocketResponse, queue: asyncio.Queue[Life]) -> None:
        call = self._listening[queue]
        with suppress(ConnectionError, RuntimeError):
            data = {"heartbeat_ms": int(HEARTBEAT_S * 1000)}
            await self._send(socket, "connection:established", 0, data)
            while True:
                life = await queue.get()
                if self._reads(call, life):
                    await self._send(socket, "approval:changed", life.revision, summary(life))

    async def _send(
        self, socket: web.WebSocketResponse, name: str, seq: int, data: dict[str, Any]
    ) -> None:
        at = times.from_ms(self._now_ms())
        frame = {
            "type": name,
            "seq": str(seq),
            "at": at,
            "run_id": data.get("run_id"),
            "step": data.get("step"),
            "data": data,
        }
        await socket.send_str(orjson.dumps(frame).decode())
