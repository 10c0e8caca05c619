"""A TCP proxy that tests put between a client and a server, to lose connections and bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_CHUNK = 65536
_FAREWELL_S = 1.0  # for a server that takes no end, because it stands still


class Proxy:
    """Forwards to a port of this machine. `port` is its own."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._servers: dict[asyncio.StreamWriter, asyncio.StreamReader] = {}
        self._pumps: set[asyncio.Task[None]] = set()
        self._closed = False
        self._to_server = asyncio.Event()
        self._to_client = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.let_through()

    async def start(self) -> None:
        """Listen; after a `close` on the same port again."""
        self._closed = False
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
        """Stop listening, lose what is held, and wait until the server has read what is not.

        What a server has taken in before it hears of the end of its connection is done by then:
        nothing of a test reaches it after this.
        """
        assert self._server is not None
        self._closed = True
        self._server.close()
        for pump in list(self._pumps):
            pump.cancel()
        while self._pumps:
            await asyncio.wait(self._pumps)
        await asyncio.gather(*(self._take_leave(*one) for one in self._servers.items()))
        self._servers.clear()

    async def _take_leave(self, forth: asyncio.StreamWriter, back: asyncio.StreamReader) -> None:
        try:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_FAREWELL_S):
                    forth.write_eof()
                    while await back.read(_CHUNK):
                        pass
        finally:
            forth.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        if self._closed:
            forth.transport.abort()
            writer.transport.abort()
            return
        self._writers |= {writer, forth}
        self._servers[forth] = back
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
            if not (self._closed and sink in self._servers):
                self._servers.pop(sink, None)
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
