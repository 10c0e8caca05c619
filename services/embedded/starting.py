"""The whole platform in one process: its servers are started, then its services.

The services (service.py) are loaded while the servers start:
either takes about a second, and whoever waits for a start waits for the longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, nullcontext
from typing import Any

from weir.process import spare_the_collector
from weir.runtime.background import Background
from weir.runtime.lifetime import stopped_by_signals
from weir.runtime.servers.supervisor import embedded_servers
from weir.settings import Settings

Started = Callable[[str, str | None], Awaitable[None]]
"""Called with the address and the API key of commands on this machine, once all answers."""


Serve = Callable[[Settings, Background, asyncio.Event, Started | None], Coroutine[Any, Any, None]]


async def main(settings: Settings, *, started: Started | None = None) -> None:
    """Run until a signal. Raises what ended it otherwise."""
    stop = asyncio.Event()
    servers = Background()
    async with AsyncExitStack() as stack:
        stack.enter_context(stopped_by_signals(stop))
        loading = asyncio.create_task(asyncio.to_thread(_services))
        placed = await stack.enter_async_context(
            nullcontext(settings) if settings.memory else embedded_servers(settings, servers)
        )
        serve = await loading
        spare_the_collector()
        await serve(placed, servers, stop, started)


def _services() -> Serve:
    from services.embedded.service import serve  # noqa: PLC0415

    return serve
