"""The routes: the socket of a document, and what an editor must know before it opens one."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import WSMsgType, web

from services.collab.asks import Asks
from services.collab.entering import Entering, enter
from services.collab.lines import Lines
from services.collab.names import Names
from services.collab.pace import Pace
from services.collab.peers import AGAIN, SocketWire
from services.collab.rooms import Rooms
from weir.contract import subjects
from weir.contract.errors import SocketLimitError, UnavailableError, WorkflowNotFoundError
from weir.contract.messages import RegistryRecord
from weir.runtime.access import Permission
from weir.runtime.http import socket
from weir.runtime.http.call import Call, Reply
from weir.runtime.plans import no_workflow
from weir.runtime.records import Records

HARD_LIMIT = 4 * 1024 * 1024  # of a frame: beyond it the connection is cut without a word of ours
SOCKETS = 200  # of one key or person at a time


class Sockets:
    """The handlers."""

    def __init__(
        self,
        rooms: Rooms,
        lines: Lines,
        asks: Asks,
        records: Records[RegistryRecord],
        names: Names,
    ) -> None:
        self._rooms = rooms
        self._lines = lines
        self._asks = asks
        self._records = records
        self._names = names
        self._open: dict[str, set[SocketWire]] = {}

    async def look(self, call: Call) -> Reply:
        """GET /workflows/{workflow_id}/document."""
        workflow, read_only = await self._admit(call)
        found = await self._asks.look(call.tenant, workflow)
        return Reply({"epoch": found.epoch, "read_only": read_only, "peers": found.peers})

    async def edit(self, call: Call) -> web.WebSocketResponse:
        """GET /workflows/{workflow_id}/collab, as a socket."""
        workflow, read_only = await self._admit(call)
        entering = Entering(
            tenant=call.tenant,
            workflow_id=workflow,
            by=call.principal.id,
            name=await self._names.of(call.principal.id),
            read_only=read_only,
            notices=call.query("weir") == "1",
            epoch=call.query("epoch")[:64],
        )
        mine = self._open.setdefault(call.principal.id, set())
        if len(mine) >= SOCKETS:
            raise SocketLimitError(f"{SOCKETS} sockets are open, which is all: close some.")
        owner = self._rooms.owner(workflow)
        here = owner == self._rooms.membership.name
        if here:
            await enter(self._rooms, entering)  # what is wrong is told before the upgrade
        accepted = await socket.accept(call, frame_limit=HARD_LIMIT)
        wire = SocketWire(accepted, call.request)
        mine.add(wire)
        writing = asyncio.create_task(wire.run(), name="write a socket")
        try:
            if here:
                await self._read_here(accepted, entering, wire)
            else:
                await self._read_far(accepted, owner, entering, wire)
        finally:
            mine.discard(wire)
            if not mine:
                self._open.pop(call.principal.id, None)
            wire.close(AGAIN, "")
            with suppress(asyncio.CancelledError):
                await asyncio.wait({writing})
        return accepted

    async def _read_here(
        self, accepted: web.WebSocketResponse, entering: Entering, wire: SocketWire
    ) -> None:
        room = await enter(self._rooms, entering)
        peer = entering.peer(wire)
        room.join(peer)
        pace = Pace()
        try:
            async for message in accepted:
                if message.type is WSMsgType.BINARY:
                    await pace.take(len(message.data))
                    room.take(peer, message.data)
        finally:
            room.leave(peer)

    async def _read_far(
        self, accepted: web.WebSocketResponse, owner: str, entering: Entering, wire: SocketWire
    ) -> None:
        try:
            line = await self._lines.open(owner, entering, wire)
        except UnavailableError:
            wire.close(AGAIN, "come back")
            return
        pace = Pace()
        try:
            async for message in accepted:
                if message.type is WSMsgType.BINARY:
                    await pace.take(len(message.data))
                    self._lines.to_room(line, message.data)
        finally:
            self._lines.end_near(line)

    async def _admit(self, call: Call) -> tuple[str, bool]:
        """The workflow, and whether the caller may only look."""
        workflow = call.id("workflow_id", "wf", WorkflowNotFoundError, "workflow")
        entry = await self._records.get(subjects.workflow(call.tenant, workflow))
        saved = entry.record.workflow_saved if entry is not None else None
        if saved is None:
            call.reach(Permission.WORKFLOWS_READ)
            raise no_workflow(workflow)
        call.require(Permission.WORKFLOWS_READ, saved.project, lambda: no_workflow(workflow))
        return workflow, not call.principal.may(Permission.WORKFLOWS_WRITE, saved.project)

    def close(self, code: int, reason: str) -> None:
        """Close all sockets of this process."""
        for wires in self._open.values():
            for wire in wires:
                wire.close(code, reason)
