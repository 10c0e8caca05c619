"""Collab: drafts that people draw together, live.

Any number of these processes may run: each document is in one of them at a
time, and the sockets of the others are handed on to it. Everything lies in the
COLLAB log; a process that is killed loses nothing that it acknowledged.
"""

from __future__ import annotations

from services.collab.asks import Asks
from services.collab.drafting import Drafting
from services.collab.erasing import Erasing
from services.collab.lines import Lines
from services.collab.names import Names
from services.collab.peers import MOVED
from services.collab.rooms import SHARDS, Rooms
from services.collab.routes import collab_routes
from services.collab.sockets import Sockets
from services.collab.store import Store
from weir.contract.messages import IdentityRecord, RegistryRecord
from weir.runtime.background import Background
from weir.runtime.decider.membership import Membership
from weir.runtime.deletions import Deletions
from weir.runtime.drawing import Drawing
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.records import Records


class Collab:
    """The service."""

    name = "collab"

    def __init__(self, platform: Platform) -> None:
        clock = platform.clock
        self.background = Background()
        store = Store(platform.collab, clock)
        drafting = Drafting(store, platform.registry, clock)
        self._membership = Membership(platform.live, clock.new_id("col"), SHARDS, "collab")
        self.rooms = Rooms(
            drafting,
            self._membership,
            platform.registry,
            self.background,
            most=platform.settings.collab_rooms,
        )
        self._drawing = Drawing(platform.live, clock)
        self._lines = Lines(platform.live, self.rooms, clock, self.background)
        self._asks = Asks(platform.live, self.rooms, drafting, self._drawing, self.background)
        self._sockets = Sockets(
            self.rooms,
            self._lines,
            self._asks,
            Records(platform.registry, RegistryRecord),
            Names(Records(platform.identity, IdentityRecord)),
        )
        self._erasing = Erasing(platform.collab, self.rooms.drop)
        self._deletions = Deletions(platform.identity, clock, platform.settings.erasure_grace)
        self.routes: tuple[Route, ...] = collab_routes(self._sockets)

    async def start(self) -> None:
        """Join the others, and take the documents that are ours."""
        await self._drawing.start()
        await self._membership.join()
        await self._lines.start()
        await self._asks.start()
        self.background.spawn(self.rooms.run(), "beat")
        self.background.spawn(self.rooms.hand_over(), "hand rooms over")
        self.background.spawn(self.rooms.tend(), "tend rooms")
        self.background.spawn(self.rooms.follow(), "follow workflows")
        self.background.spawn(self._deletions.run(), "follow deleted tenants")
        self.background.spawn(self._deletions.sweeping(self._erasing.sweep), "erase tenants")

    async def stop(self) -> None:
        """Write everything down, say that it is free, end."""
        await self.rooms.close()
        self._sockets.close(MOVED, "stopping")
        await self._asks.stop()
        await self._lines.stop()
        await self._drawing.stop()
        await self.background.stop()

    def health(self) -> dict[str, bool]:
        """It needs nothing but the broker."""
        return {}


def build(platform: Platform) -> Collab:
    """The service for this platform."""
    return Collab(platform)
