"""The tenants somebody is a member of, and which of them a session means.

A request may name a tenant in X-Tenant-ID; a browser's sockets, links and downloads cannot, so a
session itself has one, and goes on in another when its person says so. A session that a tenant's
provider opened stays there.
"""

from __future__ import annotations

from http import HTTPStatus

from services.identity.accounts_models import ChooseTenant
from services.identity.renewal import person_required
from services.identity.sessions import Sessions
from weir.contract import subjects
from weir.contract.errors import ConflictError, TenantForbiddenError, UnavailableError
from weir.contract.messages import IdentityRecord, SessionStarted, TenantSaved
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call, Reply
from weir.runtime.records import Entry

_TRIES = 8


class OwnTenants:
    """The handlers."""

    def __init__(self, identity: Writer[IdentityRecord], sessions: Sessions) -> None:
        self._identity = identity
        self._sessions = sessions

    async def listed(self, call: Call) -> Reply:
        """GET /auth/tenants."""
        _, session = await self._session(call)
        items = [
            {"id": tenant, "name": saved.name or tenant, "current": tenant == session.tenant}
            for tenant, saved in (await self._theirs(call, session)).items()
        ]
        return Reply({"items": sorted(items, key=lambda one: str(one["name"]).casefold())})

    async def choose(self, call: Call) -> Reply:
        """PUT /auth/tenant."""
        asked = await call.model(ChooseTenant)
        for _ in range(_TRIES):
            entry, session = await self._session(call)
            call.audited(resource=session.session_id)
            if asked.tenant not in await self._theirs(call, session):
                raise TenantForbiddenError(
                    "You cannot go on in that tenant: list yours at /api/v1/auth/tenants."
                )
            try:
                await self._sessions.move(entry, session, asked.tenant, call.principal)
            except ConflictError:
                continue  # it ended or moved in this moment: look again
            return Reply(status=HTTPStatus.NO_CONTENT)
        raise UnavailableError("The session keeps changing at the same time: try again.")

    async def _session(self, call: Call) -> tuple[Entry[IdentityRecord], SessionStarted]:
        who = call.principal
        subject = subjects.session(who.id, who.session)
        entry = await self._identity.records.fresh(subject) if who.session else None
        started = entry.record.session_started if entry else None
        if entry is None or started is None:
            raise person_required()
        return entry, started

    async def _theirs(self, call: Call, session: SessionStarted) -> dict[str, TenantSaved]:
        """Tenants in which this session may mean something, by id."""
        every = await self._sessions.tenants(call.principal.id)
        found: dict[str, TenantSaved] = {}
        for tenant in every:
            if session.tenant_only and tenant != session.tenant:
                continue
            entry = await self._identity.records.fresh(subjects.tenant(tenant))
            # The first one needs no record: it is there before anybody changed it.
            saved = entry.record.tenant_saved if entry else TenantSaved(tenant=tenant)
            if saved is not None and saved.status in {"", "active"}:
                found[tenant] = saved
        return found
