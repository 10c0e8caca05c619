"""How much of the bus is kept: as many events of each tenant as they may have; the oldest go.

What a deleted tenant had there goes whole, with the cursors of its subscriptions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.ports.log import Log
from weir.runtime.deletions import some

LOOK_S = 30.0
SLACK = 1.1  # what is over is removed rarely, and then in one go
_log = structlog.get_logger()


class Keeping:
    """Looks at the bus from time to time; `mine` says whether it is this process that does."""

    def __init__(
        self, bus: Log, cursors: Log, identity: Log, most: int, mine: Callable[[], bool]
    ) -> None:
        self._bus = bus
        self._cursors = cursors
        self._identity = identity
        self._most = most
        self._mine = mine

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            if self._mine():
                with suppress(WeirError):
                    await self.look()

    async def look(self) -> None:
        """Remove of each tenant what is over."""
        if await self._bus.count(subjects.event("*", ">")) <= self._most:
            return  # so no tenant alone has more
        async for batch in self._identity.read(subjects.tenant("*")):
            for stored in batch:
                theirs = subjects.event(stored.subject.rpartition(".")[2], ">")
                if await self._bus.count(theirs) > self._most * SLACK:
                    _log.warning("the oldest events of a tenant are removed", subject=theirs)
                    await self._bus.purge(theirs, keep=self._most)

    async def sweep(self, tenant: str) -> bool:
        """One pass over what a deleted tenant had. See `deletions.Sweep`."""
        found = False
        for log, theirs in (
            (self._bus, subjects.event(tenant, ">")),
            (self._cursors, subjects.cursor(tenant, ">")),
        ):
            if await some(log, theirs):
                found = True
                await log.purge(theirs)
        return found
