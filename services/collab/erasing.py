"""Removing the documents of a deleted tenant."""

from __future__ import annotations

from services.collab.rooms import Rooms
from weir.contract import subjects
from weir.ports.log import Log
from weir.runtime.deletions import some


class Erasing:
    """See `deletions.Sweep`."""

    def __init__(self, log: Log, rooms: Rooms) -> None:
        self._log = log
        self._rooms = rooms

    async def sweep(self, tenant: str) -> bool:
        """One pass."""
        await self._rooms.drop(tenant)
        theirs = subjects.drafts_of(tenant)
        found = await some(self._log, theirs)
        if found:
            await self._log.purge(theirs)
        return found
