"""Sockets of one process in rooms of another: frames handed on over core subjects.

A line is one socket. Its messages are counted on either side, so that one that
got lost ends the line; whoever was on it comes back and is told what they lack.
Lines end with either process, and when the document moves.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from services.collab.entering import Entering, enter
from services.collab.peers import MOVED, Peer, Wire
from services.collab.room import Room
from services.collab.rooms import Rooms
from weir.contract import subjects
from weir.contract.errors import UnavailableError, WeirError
from weir.ports.clock import Clock
from weir.ports.live import Listening, Live
from weir.runtime.background import Background
from weir.runtime.http.socket import FAILED, closing

CHUNK = 256 * 1024
OPENING_S = 4.0
WATCH_S = 0.5
_QUEUED = 64 * 1024 * 1024  # bytes that are not told yet

_log = structlog.get_logger()


@dataclass(slots=True)
class _End:
    """One end of a line: what was counted, and the frame that is not whole yet."""

    process: str
    sent: int = 0
    heard: int = 0
    pieces: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Near:
    """The end at the socket."""

    end: _End
    wire: Wire
    workflow_id: str
    opened: asyncio.Future[None]


@dataclass(slots=True)
class _Far:
    """The end at the room."""

    end: _End
    room: Room | None = None
    peer: Peer | None = None


class _FarWire:
    def __init__(self, lines: Lines, line: str) -> None:
        self._lines = lines
        self._line = line

    def send(self, frame: bytes) -> None:
        self._lines.to_socket(self._line, frame)

    def close(self, code: int, reason: str) -> None:
        self._lines.end_far(self._line, code, reason)


class Lines:
    """All lines of this process, from its sockets and to its rooms."""

    def __init__(self, live: Live, rooms: Rooms, clock: Clock, background: Background) -> None:
        self._live = live
        self._rooms = rooms
        self._clock = clock
        self._background = background
        self._near: dict[str, Near] = {}
        self._far: dict[str, _Far] = {}
        self._outbox: deque[tuple[str, bytes]] = deque()
        self._queued = 0
        self._more = asyncio.Event()
        self._listening: Listening | None = None
        self._me = rooms.membership.name

    async def start(self) -> None:
        """Hear the others."""
        self._listening = await self._live.listen(subjects.draft_line(self._me), self._hear)
        self._live.on_reconnect(self._cut)
        self._background.spawn(self._tell(), "tell lines")
        self._background.spawn(self._watch(), "watch lines")

    async def stop(self) -> None:
        """Hear no more."""
        await self._cut()
        if self._listening is not None:
            await self._listening.close()

    # -- at the socket --

    async def open(self, owner: str, entering: Entering, wire: Wire) -> str:
        """A line to the room of a document; UnavailableError if its process does not answer."""
        line = self._clock.new_id("lin")
        opened = asyncio.get_running_loop().create_future()
        self._near[line] = Near(_End(owner), wire, entering.workflow_id, opened)
        self._say(line, self._near[line].end, "open", entering.told() | {"from": self._me})
        try:
            async with asyncio.timeout(OPENING_S):
                await opened
        except TimeoutError:
            self.end_near(line)
            raise UnavailableError(
                "The process that has this document does not answer: come back."
            ) from None
        return line

    def to_room(self, line: str, frame: bytes) -> None:
        """A frame of the socket."""
        near = self._near.get(line)
        if near is not None:
            self._frame(line, near.end, frame)

    def end_near(self, line: str) -> None:
        """The socket is gone."""
        near = self._near.pop(line, None)
        if near is not None:
            near.opened.cancel()
            self._say(line, near.end, "end", {})

    # -- at the room --

    def to_socket(self, line: str, frame: bytes) -> None:
        """A frame for the socket."""
        far = self._far.get(line)
        if far is not None:
            self._frame(line, far.end, frame)

    def end_far(self, line: str, code: int, reason: str) -> None:
        """The room sends the socket away."""
        far = self._far.pop(line, None)
        if far is None:
            return
        self._say(line, far.end, "close", {"code": code, "reason": reason})
        if far.room is not None and far.peer is not None:
            far.room.leave(far.peer)

    # -- between --

    def _hear(self, subject: str, data: bytes) -> None:
        del subject
        head, _, body = data.partition(b"\n")
        told = orjson.loads(head)
        line, kind = told["l"], told["k"]
        if kind == "open":
            self._far[line] = _Far(_End(told["from"], heard=1))
            self._background.spawn(self._enter(line, told), "open a line")
            return
        near, far = self._near.get(line), self._far.get(line)
        end = near.end if near else far.end if far else None
        if end is None:
            return
        end.heard += 1
        if told["n"] != end.heard:
            self._lost(line)
        elif kind == "d":
            end.pieces.append(body)
            if not told["more"]:
                self._arrived(near, far, b"".join(end.pieces))
                end.pieces.clear()
        elif near is not None:
            self._hear_near(line, near, told)
        elif far is not None and kind == "end":
            self._far.pop(line, None)
            if far.room is not None and far.peer is not None:
                far.room.leave(far.peer)

    def _arrived(self, near: Near | None, far: _Far | None, frame: bytes) -> None:
        if near is not None:
            near.wire.send(frame)
        elif far is not None and far.room is not None and far.peer is not None:
            far.room.take(far.peer, frame)

    def _hear_near(self, line: str, near: Near, told: Mapping[str, Any]) -> None:
        if told["k"] == "close":
            self._near.pop(line, None)
            near.wire.close(told["code"], told["reason"])
        if not near.opened.done():
            near.opened.set_result(None)

    async def _enter(self, line: str, told: Mapping[str, Any]) -> None:
        far = self._far[line]
        try:
            entering = Entering.of(told)
            room = await enter(self._rooms, entering)
        except WeirError as error:
            self.end_far(line, *closing(error))
            return
        except Exception:  # noqa: BLE001 - one document must not end all others
            _log.exception("a line was not opened", workflow=told["workflow_id"])
            self.end_far(line, FAILED, "the document could not be read")
            return
        if line not in self._far:
            return
        far.room, far.peer = room, entering.peer(_FarWire(self, line))
        self._say(line, far.end, "up", {})
        room.join(far.peer)

    def _lost(self, line: str) -> None:
        near = self._near.pop(line, None)
        if near is not None:
            near.wire.close(MOVED, "come back")
            self._say(line, near.end, "end", {})
        self.end_far(line, MOVED, "come back")

    def _frame(self, line: str, end: _End, frame: bytes) -> None:
        pieces = range(0, max(len(frame), 1), CHUNK)
        for at in pieces:
            more = at + CHUNK < len(frame)
            self._say(line, end, "d", {"more": more}, frame[at : at + CHUNK])

    def _say(
        self, line: str, end: _End, kind: str, told: Mapping[str, Any], body: bytes = b""
    ) -> None:
        end.sent += 1
        head = orjson.dumps({"l": line, "n": end.sent, "k": kind, **told})
        data = head + b"\n" + body
        self._outbox.append((subjects.draft_line(end.process), data))
        self._queued += len(data)
        self._more.set()

    async def _tell(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            if self._queued > _QUEUED:
                await self._cut()
            while self._outbox:
                subject, data = self._outbox.popleft()
                self._queued -= len(data)
                with suppress(WeirError):  # a message that is lost shows in the next one's number
                    await self._live.publish(subject, data)

    async def _watch(self) -> None:
        """End lines whose other end is not there, or not the document's any more."""
        while True:
            await asyncio.sleep(WATCH_S)
            for line, near in list(self._near.items()):
                if self._rooms.owner(near.workflow_id) != near.end.process:
                    self._lost(line)
            for line, far in list(self._far.items()):
                if not self._rooms.membership.lives(far.end.process):
                    self.end_far(line, MOVED, "come back")

    async def _cut(self) -> None:
        """End all: what was on its way is lost."""
        for line in [*self._near, *self._far]:
            self._lost(line)
