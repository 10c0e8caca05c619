"""The other end of the workflow's notification: answers POST /notifications and prints what came.

By itself: `python examples/deployment/receiver.py`, which prints its address.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


async def notification(request: web.Request) -> web.Response:
    """Take one; the idempotency key tells a repetition from a second notification."""
    told = await request.json()
    mark = "!" if told["urgent"] else " "
    print(f"  receiver {mark} {told['channel']}: {told['text']}", flush=True)
    return web.json_response({"received": True, "key": request.headers["Idempotency-Key"]})


def listening() -> socket.socket:
    """A free port on this machine, taken."""
    return socket.create_server(("127.0.0.1", 0))


def address_of(taken: socket.socket) -> str:
    """Host and port."""
    host, port = taken.getsockname()
    return f"{host}:{port}"


@asynccontextmanager
async def receiving(taken: socket.socket) -> AsyncIterator[None]:
    """Answer on this socket."""
    app = web.Application()
    app.router.add_post("/notifications", notification)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.SockSite(runner, taken).start()
        yield
    finally:
        await runner.cleanup()


async def main() -> None:
    """Receive until interrupted."""
    with listening() as taken:
        print(f"http://{address_of(taken)}", flush=True)
        async with receiving(taken):
            await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
