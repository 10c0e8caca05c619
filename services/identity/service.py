"""Identity: tenants, users, roles, sign-in, API keys, audit.

What all services must know lies in IDENTITY, what proves who somebody is in
ACCOUNTS; both hold full state per subject, and this process may be started any
number of times. Everybody else goes on while it is away.
"""

from __future__ import annotations

from services.identity import routes
from services.identity.me import Me
from weir.contract.messages import IdentityRecord
from weir.runtime.background import Background
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.records import Records


class Identity:
    """The service."""

    name = "identity"

    def __init__(self, platform: Platform) -> None:
        records = Records(platform.identity, IdentityRecord)
        self.background = Background()
        self.routes: tuple[Route, ...] = (*routes.own_routes(Me(records)),)

    async def start(self) -> None:
        """Nothing needs to be read first."""

    async def stop(self) -> None:
        """End the tasks."""
        await self.background.stop()

    def health(self) -> dict[str, bool]:
        """What it depends on is the broker alone, which the platform tells."""
        return {}


def build(platform: Platform) -> Identity:
    """The service for this platform."""
    return Identity(platform)
