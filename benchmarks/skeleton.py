"""The bare skeleton of W1: what the design costs without the engine.

Two processes: one takes the request and appends the start fact on its unique
subject, one evaluates three compiled expressions and appends the end; the
stored end comes back by republish and is the answer. No validation, no
authentication, no state, no projection, no telemetry.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import uvloop
from aiohttp import web

from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.contract import subjects
from weir.core.expressions import INLINE_BUDGET, Scope, compile_template
from weir.ports.log import Append

SHARDS = 8
ATOMIC_FROM = 16


class Requests:
    """The half of a trigger that faces HTTP: POST / → a start fact → the answer is the end."""

    def __init__(self, store: Callable[[list[tuple[str, bytes]]], Awaitable[Any]]) -> None:
        self._store = store  # subjects and bodies of start facts
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._numbers = itertools.count()
        self._queue: list[tuple[str, bytes]] = []
        self._flushing: asyncio.Task[None] | None = None

    def ended(self, subject: str, data: bytes) -> None:
        """A run has come to this."""
        future = self._waiting.pop(subject.split(".")[3], None)
        if future is not None and not future.done():
            future.set_result(data)

    async def serve(self, port: int) -> None:
        """Answer until the process is stopped."""
        app = web.Application()
        app.router.add_post("/", self._handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        run = f"s{next(self._numbers)}"
        future = self._waiting[run] = asyncio.get_running_loop().create_future()
        shard = subjects.shard_of(run, SHARDS)
        self._queue.append((f"run.{shard}.bare.{run}.in.start", body))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return web.Response(body=await future, content_type="application/json")

    async def _flush(self) -> None:
        while self._queue:
            batch = self._queue[:]
            self._queue.clear()
            await self._store(batch)
        self._flushing = None


async def trigger(url: str, port: int) -> None:
    """POST / → start fact → wait for the end → answer."""
    link = await connect(url, name="skeleton-trigger")
    log, live = JetStreamLog(link, subjects.RUNS), JetStreamLive(link)
    requests = Requests(
        lambda facts: log.append_all([Append(subject, body, expect=0) for subject, body in facts])
    )
    await live.listen("live.*.bare.*.ev", requests.ended)
    await requests.serve(port)


def decider() -> Callable[[bytes], dict[str, Any]]:
    """What becomes of a request: three compiled expressions."""
    total = compile_template("{{ input.qty * input.price }}", path="")
    big = compile_template("{{ steps.t >= 500 }}", path="")
    net = compile_template("{{ steps.t - floor(steps.t / 10) }}", path="")

    def decide(data: bytes) -> dict[str, Any]:
        given = orjson.loads(data)
        roots: dict[str, Any] = {"input": given, "steps": {}}
        scope = Scope(roots=roots, now_ms=0, seed="")
        roots["steps"]["t"] = amount = total.evaluate(scope, INLINE_BUDGET)
        if big.evaluate(scope, INLINE_BUDGET):
            return {"id": given["id"], "tier": "big", "net": net.evaluate(scope, INLINE_BUDGET)}
        return {"id": given["id"], "tier": "small", "net": amount}

    return decide


async def scheduler(url: str, atomic: bool) -> None:  # noqa: FBT001
    """Start fact → three expressions → one append."""
    link = await connect(url, name="skeleton-scheduler")
    log = JetStreamLog(link, subjects.RUNS)
    decide = decider()
    async for batch in log.follow("run.*.bare.*.in.>", after=await log.last_seq()):
        appends = [
            Append(message.subject.replace(".in.start", ".ev"), orjson.dumps(decide(message.data)))
            for message in batch
        ]
        if atomic and len(appends) >= ATOMIC_FROM:
            await log.append_atomic(appends)
        else:
            await log.append_all(appends)


if __name__ == "__main__":
    role, url, extra = sys.argv[1:4]
    uvloop.run(trigger(url, int(extra)) if role == "trigger" else scheduler(url, extra == "atomic"))
