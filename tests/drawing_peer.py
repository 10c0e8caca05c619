"""A peer of a document, as an editor is one: pycrdt on a WebSocket, offline when it wants.

What it wrote is acknowledged (`acknowledged`) as docs/reference/draft-document.md
says, so tests know what must never be lost.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

import orjson
from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType
from pycrdt import Doc, Map

from services.collab import protocol
from weir.core.drafts.reading import read
from weir.core.drafts.shape import ROOTS, root

LOCAL = "local"


async def until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - what holds is not ours to signal
            await asyncio.sleep(0.005)


class DrawingPeer:
    """One editor. Use as a context manager; `connect` and `drop` as often as you like."""

    def __init__(self, session: ClientSession, url: str, token: str, **params: str) -> None:
        self._session = session
        self.url = url
        self._token = token
        self.params = {"weir": "1", **params}
        self.doc: Doc[Any] = Doc(client_id=secrets.randbits(31) + 1)
        for name in ROOTS:
            root(self.doc, name)
        self.sent = self.saved = 0
        self.acknowledged = 0  # local edits of which it is known that they are stored
        self.edits = 0
        self.notices: list[dict[str, Any]] = []
        self.states: dict[int, dict[str, Any] | None] = {}
        self.synced = asyncio.Event()
        self.closed: int | None = None
        self.reason = ""
        self._marks: list[tuple[int, int]] = []  # frames sent, edits in them
        self._socket: ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._outbox: list[bytes] = []
        self._quiet = False
        self._watch = self.doc.observe(self._changed)
        self._clock = 0

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()

    @property
    def connected(self) -> bool:
        """Whether frames go out."""
        return self._socket is not None and not self._socket.closed

    async def connect(self) -> bool:
        """Open the socket and say what we have; False if that failed."""
        self.synced.clear()
        self.closed = None
        try:
            self._socket = await self._session.ws_connect(
                self.url,
                params=self.params,
                headers={"Authorization": f"Bearer {self._token}"},
                max_msg_size=0,
            )
        except ClientError:
            self._socket = None
            return False
        self.sent = self.saved = 0
        self._marks.clear()
        self._outbox.clear()
        self._reading = asyncio.create_task(self._read(self._socket))
        await self.send(protocol.asking(self.doc.get_state()))
        return True

    async def come_back(self, until_s: float = 30.0) -> None:
        """Connect until it is synced."""
        async with asyncio.timeout(until_s):
            while True:
                if self.connected or await self.connect():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(3):
                            await self.synced.wait()
                            return
                await self.drop()
                await asyncio.sleep(0.1)

    async def drop(self) -> None:
        """Be offline."""
        if self._socket is not None:
            await self._socket.close()
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        self._socket = self._reading = None

    async def send(self, frame: bytes) -> None:
        """Any frame; it is lost where there is no connection."""
        if self._socket is None or self._socket.closed:
            return
        with suppress(ClientError, ConnectionError, RuntimeError):
            await self._socket.send_bytes(frame)
            if frame[:1] == b"\x00" and frame[1:2] in {b"\x01", b"\x02"}:
                self.sent += 1
                self._marks.append((self.sent, self.edits))

    async def flush(self) -> None:
        """Send what was edited since."""
        while self._outbox:
            await self.send(protocol.changing(self._outbox.pop(0)))

    async def edit(self, change: Any) -> None:
        """Change the document here, and send it if there is a connection."""
        with self.doc.transaction():
            change(self.doc)
        self.edits += 1
        if self.connected:
            await self.flush()
        else:
            self._outbox.clear()  # the next handshake brings it

    async def settled(self) -> None:
        """Wait until all that was sent is stored."""
        await until(lambda: self.synced.is_set() and self.saved == self.sent)

    async def present(self, **state: Any) -> None:
        """Say something of oneself."""
        self._clock += 1
        client = self.doc.client_id
        await self.send(protocol.telling({client: (self._clock, state)}))

    def definition(self) -> dict[str, Any]:
        """What the document says here."""
        return read(self.doc).definition

    def node(self, node_id: str) -> Map[Any]:
        """A node of the document."""
        found: Map[Any] = root(self.doc, "nodes")[node_id]
        return found

    def _changed(self, event: Any) -> None:
        if not self._quiet:
            self._outbox.append(event.update)

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await self._take(message.data)
        self.closed = socket.close_code
        self.synced.clear()

    async def _take(self, data: bytes) -> None:
        if data[0] == protocol.SAVED:
            self.saved = data[1] if len(data) == 2 else _number(data[1:])
            reached = [edits for sent, edits in self._marks if sent <= self.saved]
            self.acknowledged = max(self.acknowledged, *reached) if reached else self.acknowledged
        elif data[0] == protocol.NOTICE:
            self.notices.append(orjson.loads(data[data.index(b"{") :]))
        else:
            match protocol.read(data):
                case protocol.Changed(update):
                    self._quiet = True
                    self.doc.apply_update(update)
                    self._quiet = False
                    if data[1] == protocol.STEP2:
                        self.synced.set()
                case protocol.Asked(state):
                    await self.send(protocol.answering(self.doc.get_update(state)))
                case protocol.Told(states):
                    self.states |= {one.client: one.state for one in states}


def _number(data: bytes) -> int:
    value = 0
    for at, byte in enumerate(data):
        value |= (byte & 127) << (7 * at)
        if byte < 128:
            break
    return value
