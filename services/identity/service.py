"""Identity: tenants, users, roles, sign-in, API keys, audit.

What all services must know lies in IDENTITY, what proves who somebody is in
ACCOUNTS; both hold full state per subject, and this process may be started any
number of times. Everybody else goes on while it is away.
"""

from __future__ import annotations

from services.identity import routes
from services.identity.accounts_parts import AccountParts
from services.identity.auditing import Auditing
from services.identity.erasing import Erasing
from services.identity.erasing_routes import erasure_routes
from services.identity.erasures import Erasures
from services.identity.exports import Exports
from services.identity.exports_routes import Exporting, export_routes
from services.identity.factors_parts import FactorParts
from services.identity.index import Index
from services.identity.me import Me
from services.identity.people import People
from services.identity.policies import PolicyTexts
from services.identity.policies_routes import policy_routes
from services.identity.publishers import Publishers
from services.identity.roster import Roster
from weir.contract.messages import IdentityRecord
from weir.runtime.background import Background
from weir.runtime.changes import Writer
from weir.runtime.deletions import Deletions
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.policy import Guard
from weir.runtime.records import Records
from weir.runtime.standing import Standing


class Identity:
    """The service."""

    name = "identity"

    def __init__(self, platform: Platform) -> None:
        records = Records(platform.identity, IdentityRecord)
        self.background = Background()
        writer = Writer(records, platform.clock)
        guard = self.guard = Guard(platform.identity, platform.registry, platform.clock)
        policies = PolicyTexts(writer, guard, Standing(records, platform.clock))
        self._auditing = Auditing(platform)
        roster = Roster(writer, platform.identity, Index(platform.identity))
        accounts = self._accounts = AccountParts(platform, writer, self.background)
        factors = self._factors = FactorParts(platform, accounts.sign_in(roster))
        exporting = Exporting(Exports(platform, self._auditing.persons))
        self._erasing = Erasing(platform, self._auditing.persons)
        grace = platform.settings.erasure_grace
        self._deletions = Deletions(platform.identity, platform.clock, grace)
        erasures = Erasures(platform, writer, roster, self._erasing)
        self._publishers = Publishers(platform.door, platform.identity, platform.clock)
        self._people = People(platform, roster, accounts.invitations, accounts.sessions.end_all)
        self.routes: tuple[Route, ...] = (
            *routes.own_routes(Me(records)),
            *accounts.routes(factors.factors, factors.proofs, roster),
            *factors.routes,
            *self._people.routes,
            *policy_routes(policies),
            *self._auditing.routes,
            *export_routes(exporting),
            *erasure_routes(erasures),
        )

    async def start(self) -> None:
        """Read who there is, then follow it."""
        await self._people.start(self.background)
        self._auditing.start(self.background)
        await self._publishers.start(self.background)
        self.background.spawn(self._deletions.run(), "follow deleted tenants")
        self.background.spawn(self._deletions.sweeping(self._erasing.tenant), "erase tenants")
        self.background.spawn(self._erasing.finish(), "finish erasing people")

    async def stop(self) -> None:
        """End the tasks."""
        await self.background.stop()
        await self._factors.close()
        self._accounts.close()

    def health(self) -> dict[str, bool]:
        """What it depends on is the broker alone, which the platform tells."""
        return self._people.health()


def build(platform: Platform) -> Identity:
    """The service for this platform."""
    return Identity(platform)
