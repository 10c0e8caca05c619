"""What a task's function may ask of its worker, in a coroutine or from a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import orjson

from weir.ports.node_context import Http, NodeBlobs, NodeContext, NodeLog
from weir.runtime.worker_context import plain_json

T = TypeVar("T")

TaskContext = NodeContext
"""For coroutines: `log`, `http`, `blobs`, `idempotency_key`, `stream()`, `cancelled`,
`heartbeat()`."""


class ThreadContext:
    """For ordinary functions, which run in a thread: the same names, safe to use from there.

    `http` and `blobs` are coroutines; `ctx.wait(ctx.blobs.put(…))` runs one and
    gives its result.
    """

    def __init__(self, ctx: NodeContext, loop: asyncio.AbstractEventLoop) -> None:
        self._ctx = ctx
        self._loop = loop
        self.tenant = ctx.tenant
        self.run_id = ctx.run_id
        self.step = ctx.step
        self.attempt = ctx.attempt
        self.idempotency_key = ctx.idempotency_key
        self.log: NodeLog = _ThreadLog(ctx.log, loop)

    @property
    def http(self) -> Http:
        """Calls to the outside, to be given to `wait`."""
        return self._ctx.http

    @property
    def blobs(self) -> NodeBlobs:
        """Large values, to be given to `wait`."""
        return self._ctx.blobs

    @property
    def cancelled(self) -> bool:
        """Whether to stop: nobody waits for the result any more."""
        return self._ctx.cancelled

    def stream(self, value: Any) -> None:
        """Show a piece of text, or a JSON value, to whoever looks at the run now."""
        if not isinstance(value, str):
            value = orjson.loads(plain_json(value))  # as it is now: the function may change it
        self._loop.call_soon_threadsafe(self._ctx.stream, value)

    def heartbeat(self) -> None:
        """Say that work goes on; ends the function once the step is cancelled or its time over."""
        self._ctx.heartbeat()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the worker's loop and wait for its result here."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class _ThreadLog:
    def __init__(self, log: NodeLog, loop: asyncio.AbstractEventLoop) -> None:
        self._log = log
        self._loop = loop

    def debug(self, message: str, **fields: Any) -> None:
        self._write(self._log.debug, message, fields)

    def info(self, message: str, **fields: Any) -> None:
        self._write(self._log.info, message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        self._write(self._log.warning, message, fields)

    def error(self, message: str, **fields: Any) -> None:
        self._write(self._log.error, message, fields)

    def _write(self, level: Callable[..., None], message: str, fields: dict[str, Any]) -> None:
        self._loop.call_soon_threadsafe(lambda: level(message, **fields))
