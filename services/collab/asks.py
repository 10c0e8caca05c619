"""Questions about a document, answered by the process that has it.

`write` has the draft say what the document says; `look` tells what an editor
must know. A document that nobody has open, and that says nothing beyond its
draft, is not opened for that.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from services.collab import protocol
from services.collab.drafting import Drafting
from services.collab.room import Room
from services.collab.rooms import NotOursError, Rooms
from weir.contract import subjects
from weir.contract.errors import UnavailableError, WeirError
from weir.ports.live import Listening, Live
from weir.runtime.background import Background
from weir.runtime.drawing import NOT_OPEN, SYNC_S, Ask, Drawing, Drawn

_log = structlog.get_logger()


class Asks:
    """Answers others, and asks them."""

    def __init__(
        self,
        live: Live,
        rooms: Rooms,
        drafting: Drafting,
        drawing: Drawing,
        background: Background,
    ) -> None:
        self._live = live
        self._rooms = rooms
        self._drafting = drafting
        self._drawing = drawing
        self._background = background
        self._listening: Listening | None = None

    async def start(self) -> None:
        """Answer from now on."""
        self._listening = await self._live.listen(subjects.draft_asked(), self._hear)

    async def stop(self) -> None:
        """Answer no more."""
        if self._listening is not None:
            await self._listening.close()

    async def look(self, tenant: str, workflow_id: str) -> Drawn:
        """What an editor must know of a document; UnavailableError, WorkflowNotFoundError."""
        if self._rooms.owner(workflow_id) == self._rooms.membership.name:
            try:
                return _shown(await self._rooms.open(tenant, workflow_id))
            except NotOursError:
                pass
        found = await self._drawing.look(tenant, workflow_id)
        if found is None:
            raise UnavailableError("The process that has this document does not answer: try again.")
        return found

    def _hear(self, subject: str, data: bytes) -> None:
        del subject
        asked = Ask.read(data)
        if asked is None:
            return
        mine = self._rooms.owner(asked.workflow_id) == self._rooms.membership.name
        if mine or self._rooms.at_hand(asked.tenant, asked.workflow_id):
            self._background.spawn(self._reply(asked), "answer a question")

    async def _reply(self, asked: Ask) -> None:
        try:
            answer = await self._answer(asked)
        except NotOursError:
            return
        except WeirError as error:
            answer = Drawn(error=(error.code, error.message))
        except Exception:  # noqa: BLE001 - one document must not end all others
            _log.exception("a question was not answered", workflow=asked.workflow_id)
            answer = Drawn(error=(UnavailableError.code, "The document could not be read."))
        try:
            await self._live.publish(subjects.draft_answer(asked.reply), answer.told(asked.id))
        except WeirError:
            return  # whoever asked stops waiting by themselves

    async def _answer(self, asked: Ask) -> Drawn:
        room = self._rooms.at_hand(asked.tenant, asked.workflow_id)
        if room is None or room.ended.is_set():
            if asked.kind == "write" and not await self._must_open(asked):
                return NOT_OPEN
            room = await self._rooms.open(asked.tenant, asked.workflow_id)
        if asked.kind == "look":
            return _shown(room)
        synced = asked.state is None or await _covered(room, asked.state)
        if not synced:
            return Drawn(open=True, synced=False, epoch=room.epoch)
        revision, dropped = await self._rooms.write(room)
        touches = {place: [one.by, one.at] for place, one in room.kept.touches.items()}
        return Drawn(
            open=True,
            revision=revision,
            epoch=room.epoch,
            dropped=dropped,
            touches=touches if asked.touches else {},
        )

    async def _must_open(self, asked: Ask) -> bool:
        """Whether the document may say more than the draft, or is needed to tell who drew what."""
        place = asked.tenant, asked.workflow_id
        if asked.touches or asked.state is not None:
            return await self._drafting.exists(*place)
        return await self._drafting.behind(*place, asked.drawn)


def _shown(room: Room) -> Drawn:
    there: dict[str, Any] = {peer.by: dict(peer.user) for peer in room.peers}
    return Drawn(open=True, epoch=room.epoch, peers=list(there.values()))


async def _covered(room: Room, state: bytes) -> bool:
    """Wait until what is stored has everything of a state vector; False if it does not come."""
    if protocol.state_of(state) is None:
        return False
    until = asyncio.get_running_loop().time() + SYNC_S
    while not protocol.covers(room.doc.get_state(), state):
        try:
            async with asyncio.timeout_at(until):
                await room.changed.wait()
        except TimeoutError:
            return False
    return True
