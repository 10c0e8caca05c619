"""The life of a process of ours: its loop, the signals that end it, the crash of what it runs.

Knows no service and no HTTP, so that what only starts servers loads neither.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog

from weir.runtime.background import Background

_log = structlog.get_logger()


@contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGINT and SIGTERM set the event; the second one ends the process at once."""
    loop = asyncio.get_running_loop()

    def asked(number: signal.Signals) -> None:
        if stop.is_set():
            _log.warning("second signal: ending at once", signal=number.name)
            raise SystemExit(128 + number)
        _log.info("stopping", signal=number.name)
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, asked, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a process's main on uvloop where there is one."""
    factory = None
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415 - not on every system

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)


async def unless_crashed(
    work: Coroutine[Any, Any, Any] | Awaitable[Any],
    backgrounds: Sequence[Background],
    stop: asyncio.Event,
) -> None:
    """Await the work, but no longer than until a crash (raised) or the wish to stop."""
    doing = asyncio.ensure_future(work)
    stopping = asyncio.create_task(stop.wait())
    crashes = [background.crashed for background in backgrounds]
    try:
        await asyncio.wait([doing, stopping, *crashes], return_when=asyncio.FIRST_COMPLETED)
        for crash in crashes:
            if crash.done():
                raise crash.result()
        if doing.done():
            doing.result()
    finally:
        for task in (doing, stopping):
            task.cancel()
        await asyncio.gather(doing, stopping, return_exceptions=True)
