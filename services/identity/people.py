"""Tenants, projects, members, groups, service accounts and keys, put together for the service."""

from __future__ import annotations

from services.identity.belongings import Belongings
from services.identity.groups import Groups
from services.identity.invitations import Invitations
from services.identity.keys import Keys
from services.identity.keys_routes import key_routes
from services.identity.members import EndSessions, Members
from services.identity.names import Names
from services.identity.people_routes import (
    group_routes,
    member_routes,
    project_routes,
    service_account_routes,
)
from services.identity.project_members import ProjectMembers
from services.identity.projects import Projects
from services.identity.roster import Roster
from services.identity.routes import name_routes
from services.identity.service_accounts import ServiceAccounts
from services.identity.tenants import Tenants
from services.identity.tenants_routes import tenant_routes
from services.identity.uses import Uses
from weir.contract.messages import RegistryRecord
from weir.runtime.background import Background
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.records import Records


class People:
    """Their handlers and tasks."""

    def __init__(
        self,
        platform: Platform,
        roster: Roster,
        invitations: Invitations,
        end_sessions: EndSessions,
    ) -> None:
        self._index = roster.index
        self._uses = Uses(roster.writer, platform.identity, platform.live, self._index)
        idempotency = Idempotency(
            Records(platform.registry, RegistryRecord),
            platform.clock,
            platform.settings.idempotency_horizon,
        )
        self.routes: tuple[Route, ...] = (
            *tenant_routes(Tenants(roster, idempotency, invitations)),
            *project_routes(
                Projects(roster, idempotency, Belongings(platform.registry)),
                ProjectMembers(roster),
            ),
            *member_routes(
                Members(roster, idempotency, invitations, end_sessions, platform.settings)
            ),
            *group_routes(Groups(roster, idempotency)),
            *service_account_routes(ServiceAccounts(roster, idempotency)),
            *key_routes(Keys(roster, idempotency)),
            *name_routes(Names(self._index)),
        )

    async def start(self, background: Background) -> None:
        """Read the stream, then follow it."""
        await self._index.load()
        background.spawn(self._index.run(), "follow identity")
        background.spawn(self._uses.run(), "write down when keys were used")

    def health(self) -> dict[str, bool]:
        """Whether lists are complete."""
        return {"index": self._index.loaded}
