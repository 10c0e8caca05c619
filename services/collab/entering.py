"""Somebody who wants to join a room, as processes tell each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from services.collab.peers import Peer, Wire
from services.collab.room import PEERS, Room
from services.collab.rooms import NotOursError, Rooms
from weir.contract.collab_errors import EpochChangedError
from weir.contract.errors import OverloadedError, UnavailableError


@dataclass(frozen=True, slots=True)
class Entering:
    """Who, where, and how."""

    tenant: str
    workflow_id: str
    by: str
    name: str
    read_only: bool
    notices: bool
    epoch: str

    def told(self) -> dict[str, Any]:
        """For another process."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """From another process."""
        return cls(**{name: told[name] for name in cls.__slots__})

    def peer(self, wire: Wire) -> Peer:
        """Who they are in the room."""
        user: dict[str, Any] = {"id": self.by, "name": self.name}
        if self.read_only:
            user["read_only"] = True
        return Peer(wire, by=self.by, user=user, read_only=self.read_only, notices=self.notices)


async def enter(rooms: Rooms, entering: Entering) -> Room:
    """The room they want, if they may come in.

    EpochChangedError, OverloadedError, UnavailableError, WorkflowNotFoundError.
    """
    try:
        room = await rooms.open(entering.tenant, entering.workflow_id)
    except NotOursError:
        raise UnavailableError("The document has moved to another process: come back.") from None
    if entering.epoch and entering.epoch != room.epoch:
        raise EpochChangedError(
            "The document began anew: read its epoch, and start with an empty document.",
            details={"epoch": room.epoch},
        )
    if len(room.peers) >= PEERS:
        raise OverloadedError(f"{PEERS} connections are in this document, which is all it takes.")
    return room
