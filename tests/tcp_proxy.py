"""A TCP proxy that tests put between a client and a server, to lose connections and bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_CHUNK = 65536


class Proxy:
    """Forwards to a port of this machine. `port` is its own."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._to_server = asyncio.Event()
        self._to_client = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.let_through()

    async def start(self) -> None:
        """Listen; after a `close` on the same port again."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def hold(self, *, requests: bool = False, answers: bool = False) -> None:
        """Keep what comes in one or both directions; a `cut` then loses it."""
        if requests:
            self._to_server.clear()
        if answers:
            self._to_client.clear()

    def let_through(self) -> None:
        """Forward everything."""
        self._to_server.set()
        self._to_client.set()

    def cut(self) -> None:
        """Lose all connections, with what is held; new ones are accepted."""
        for writer in list(self._writers):
            writer.transport.abort()
        for pump in list(self._pumps):
            pump.cancel()

    async def close(self) -> None:
        """Stop listening."""
        assert self._server is not None
        self._server.close()
        self.cut()
        while self._pumps:
            await asyncio.wait(self._pumps)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, forth}
        for source, sink, gate in (
            (reader, forth, self._to_server),
            (back, writer, self._to_client),
        ):
            pump = asyncio.create_task(self._pump(source, sink, gate))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, gate: asyncio.Event
    ) -> None:
        try:
            with suppress(OSError):
                while data := await source.read(_CHUNK):
                    await gate.wait()
                    sink.write(data)
                    await sink.drain()
        finally:
            self._writers.discard(sink)
            sink.transport.abort()


@asynccontextmanager
async def proxied(target: int) -> AsyncIterator[Proxy]:
    """A proxy in front of a port."""
    proxy = Proxy(target)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()
