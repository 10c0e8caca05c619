"""A closed loop of HTTP requests over kept connections; every answer is checked.

Plain asyncio protocols instead of a client library: on two shared cores the
generator must cost little beside what it measures.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast


class WrongAnswerError(Exception):
    """The engine answered something else than it should."""


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
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class _Connection(asyncio.Protocol):
    """One kept connection: a request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

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
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def request(method: str, path: str, body: Any, headers: dict[str, str]) -> bytes:
    """The bytes of a request."""
    data = json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


async def closed_loop(
    port: int,
    connections: int,
    make: Callable[[int], tuple[bytes, Callable[[int, bytes], None]]],
    *,
    seconds: float,
    warmup: float,
) -> Window:
    """Keep `connections` requests under way; `make(n)` gives request n and its answer's check."""
    window = Window(connections, seconds)
    loop = asyncio.get_running_loop()
    begin = time.perf_counter() + warmup
    end = begin + seconds
    number = 0

    async def worker() -> None:
        nonlocal number
        _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
        try:
            while (sent := time.perf_counter()) < end:
                number += 1
                data, check = make(number)
                status, body = await connection.ask(data)
                now = time.perf_counter()
                check(status, body)
                if begin <= now <= end:
                    window.times.append((now - sent) * 1000)
        finally:
            connection.close()

    await asyncio.gather(*(worker() for _ in range(connections)))
    return window
