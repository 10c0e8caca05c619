"""Publishers of tenants at NATS: let in by an API key that may `events:publish`.

The key's id is the user, and the rest of it the password. They may publish on
`bus.<tenant>.>` and hear the answers to that, nothing else. A key that was
revoked, has ended, or whose tenant or owner is gone has its connections ended
within some seconds.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from weir.contract import ids, subjects
from weir.contract.errors import WeirError
from weir.ports.clock import Clock
from weir.ports.door import Door, Inside, Knock, Welcome
from weir.ports.log import Log
from weir.runtime.access import Permission, Principal
from weir.runtime.authn import Authenticator
from weir.runtime.background import Background

LOOK_S = 5.0
_log = structlog.get_logger()


class Publishers:
    """Keeps the door of the bus."""

    def __init__(self, door: Door | None, identity: Log, clock: Clock) -> None:
        self._door = door
        self._authenticator = Authenticator(identity, clock)

    async def start(self, background: Background) -> None:
        """Let in, and look after who is inside."""
        if self._door is not None:
            await self._door.keep(self.admit)
            background.spawn(self._look_after(self._door), "look after publishers")

    async def admit(self, knock: Knock) -> Welcome | None:
        """Who this is, if they may publish; UnavailableError."""
        with suppress(WeirError):
            principal = await self._authenticator.identify(f"weir_{knock.user}_{knock.password}")
            if principal is not None and principal.id == knock.user and _may(principal):
                return Welcome(principal.id, (subjects.event(principal.tenant, ">"),))
        return None

    async def _look_after(self, door: Door) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            with suppress(WeirError):
                for one in await door.inside():
                    if ids.is_id(one.name, "key") and not await self._still(one):
                        _log.info("a publisher is sent away", key=one.name)
                        await door.send_away(one)

    async def _still(self, one: Inside) -> bool:
        standing = self._authenticator.standing
        key = await standing.created(one.name)
        if key is None:
            return False
        principal = await standing.key(key)
        tenant = await standing.tenant(key.tenant)
        return principal is not None and tenant.active and _may(principal)


def _may(principal: Principal) -> bool:
    return principal.may(Permission.EVENTS_PUBLISH)
