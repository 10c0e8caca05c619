"""Requests over kept connections: closed loops, open loops, bursts; every answer is checked.

Plain asyncio protocols instead of a client library: on two shared cores the
generator must cost little beside what it measures.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from benchmarks.figures import quantile
from benchmarks.workloads import WrongAnswerError

Check = Callable[[int, bytes], None]
"""Called with status and body of an answer; raises WrongAnswerError."""
Make = Callable[[int], tuple[bytes, Check]]
"""Request number n (from 1), and the check of its answer."""


@dataclass
class Window:
    """What one window measured; times in ms."""

    connections: int
    seconds: float
    times: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.times) / self.seconds

    def quantile(self, share: float) -> float:
        """A latency that this share of the answers stays within."""
        return quantile(self.times, share)


class _Connection(asyncio.Protocol):
    """One kept connection: a request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed by the server"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = bytes(self._buffer[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        self._answer.set_result((int(head[9:12]), body))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and wait for its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        if self._transport.is_closing():
            raise ConnectionResetError("closed by the server")
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def request(method: str, path: str, body: Any, headers: dict[str, str]) -> bytes:
    """The bytes of a request; None is no body."""
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def expect(wanted: int, look: Callable[[Any], None] | None = None) -> Check:
    """A check of the status and, given `look`, of what the body holds as JSON."""

    def check(status: int, body: bytes) -> None:
        if status != wanted:
            raise WrongAnswerError(f"{status} instead of {wanted}: {body[:300]!r}")
        if look is not None:
            look(json.loads(body))

    return check


async def closed_loop(
    port: int, connections: int, make: Make, *, seconds: float, warmup: float
) -> Window:
    """Keep `connections` requests under way; what is answered after the warm-up counts."""
    window = Window(connections, seconds)
    begin = time.perf_counter() + warmup
    end = begin + seconds
    number = 0

    async def worker() -> None:
        nonlocal number
        async with _connected(port) as connection:
            while (sent := time.perf_counter()) < end:
                number += 1
                data, check = make(number)
                check(*await connection.ask(data))
                now = time.perf_counter()
                if begin <= now <= end:
                    window.times.append((now - sent) * 1000)

    await _all(worker, connections)
    return window


async def open_loop(  # noqa: PLR0913 - what a load is
    port: int, connections: int, make: Make, *, rate: float, seconds: float, window: Window
) -> None:
    """Send `rate` requests a second, whether or not those before them have been answered.

    A request that finds no connection free waits for one, and its time runs
    from when it was due: slowness is not hidden by asking less. The connections
    are there before the first is due: opening them is no part of the load.
    """
    async with AsyncExitStack() as opened:
        free = [await opened.enter_async_context(_connected(port)) for _ in range(connections)]
        begin = time.perf_counter()
        number = 0

        async def worker() -> None:
            nonlocal number
            connection = free.pop()
            while (due := begin + number / rate) < begin + seconds:
                number += 1
                data, check = make(number)
                if (early := due - time.perf_counter()) > 0:
                    await asyncio.sleep(early)
                    due = time.perf_counter()  # the loop's clock is coarse
                check(*await connection.ask(data))
                window.times.append((time.perf_counter() - due) * 1000)

        await _all(worker, connections)


async def burst(port: int, connections: int, make: Make, *, count: int) -> Window:
    """So many requests as fast as these connections take them; all are answered on return."""
    window = Window(connections, 0)
    began = time.perf_counter()
    number = 0

    async def worker() -> None:
        nonlocal number
        async with _connected(port) as connection:
            while number < count:
                number += 1
                data, check = make(number)
                sent = time.perf_counter()
                check(*await connection.ask(data))
                window.times.append((time.perf_counter() - sent) * 1000)

    await _all(worker, min(connections, count))
    window.seconds = time.perf_counter() - began
    return window


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[_Connection]:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
    try:
        yield connection
    finally:
        connection.close()


async def _all(worker: Callable[[], Any], count: int) -> None:
    """The first that fails ends them all."""
    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(worker())
