"""Effects in the world outside, counted by idempotency key."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from typing import Any, NamedTuple

from aiohttp import web

_GOOD = 300


class Effect(NamedTuple):
    """One call that had its effect."""

    key: str
    at_ms: int


class Effects:
    """A receiver that does what each call tells it: wait, fail so often, answer this status."""

    def __init__(self) -> None:
        self.done: list[Effect] = []
        self._calls: dict[str, int] = defaultdict(int)
        self._came: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def until(self, key: str) -> None:
        """Until a call with this key has had its effect."""
        await self._came[key].wait()

    async def take(self, request: web.Request) -> web.Response:
        """POST /effects."""
        body: dict[str, Any] = await request.json()
        key = request.headers["Idempotency-Key"]
        self._calls[key] += 1
        status = int(body.get("status", 200))
        if self._calls[key] <= body.get("failures", 0):
            status = 503
        if status < _GOOD:
            self.done.append(Effect(key, time.time_ns() // 1_000_000))
            self._came[key].set()
        await asyncio.sleep(body.get("ms", 0) / 1000)
        return web.json_response({"v": body["v"]}, status=status)
