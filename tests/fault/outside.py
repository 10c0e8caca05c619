"""The world outside: an HTTP server that marks every call, as only it can know them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiohttp import web

from tests.fault.effects import Effects


class Mark(NamedTuple):
    """One call: the idempotency key it carried, what it was for, and when it came."""

    key: str
    run_id: str
    step: str
    at_ms: int


class Stay(NamedTuple):
    """From when to when a call was under way, as seen here; killed callers change nothing."""

    run_id: str
    came_ms: int
    left_ms: int


class Outside:
    """Counts calls. While `open_door` is clear, calls are marked and answered later.

    While it is `down`, calls are refused with 503 and have no effect.
    """

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.stays: list[Stay] = []  # those that are over
        self.refused: list[Mark] = []
        self.down = False
        self.effects = Effects()
        self.port = 0
        self.delay_s = 0.0  # before an answer
        self.open_door = asyncio.Event()
        self.open_door.set()
        self._came = asyncio.Condition()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Outside]:
        """One that listens."""
        outside = cls()
        app = web.Application()
        app.router.add_post("/marks", outside._mark)
        app.router.add_post("/effects", outside.effects.take)
        app.router.add_get("/large", _large)
        app.router.add_get("/own/{name}", _own)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        outside.port = runner.addresses[0][1]
        try:
            yield outside
        finally:
            outside.open_door.set()
            await runner.cleanup()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def of(self, step: str, runs: set[str]) -> set[str]:
        """The runs, of these, that have called for a step."""
        return {mark.run_id for mark in self.marks if mark.step == step} & runs

    async def until(self, holds: Callable[[], bool], patience_s: float = 60.0) -> None:
        """Until it holds; asked after each call."""
        async with asyncio.timeout(patience_s), self._came:
            await self._came.wait_for(holds)

    async def _mark(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        at_ms = time.time_ns() // 1_000_000
        mark = Mark(request.headers["Idempotency-Key"], body["run"], body["step"], at_ms)
        (self.refused if self.down else self.marks).append(mark)
        async with self._came:
            self._came.notify_all()
        if self.down:
            return web.Response(status=503)
        await self.open_door.wait()
        await asyncio.sleep(self.delay_s)
        self.stays.append(Stay(mark.run_id, at_ms, time.time_ns() // 1_000_000))
        return web.json_response({"marked": body["step"]})


async def _large(request: web.Request) -> web.Response:
    """JSON of about as many bytes as asked for."""
    size = int(request.query["bytes"])
    return web.json_response({"text": "x" * size})


async def _own(request: web.Request) -> web.Response:
    """Only for whoever brings the token of this name."""
    name = request.match_info["name"]
    if request.headers.get("Authorization") != f"Bearer {name}":
        return web.Response(status=401)
    return web.json_response({"name": name})
