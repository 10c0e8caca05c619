"""Having a tenant or a person erased, and how much is left of them.

The record that says so is stored first, and all services refuse from then on;
what follows goes on by itself, whoever dies meanwhile.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from services.identity.erasing import Erasing
from services.identity.erasing_models import Confirm
from services.identity.roster import Put, Roster
from weir.contract import ids, subjects
from weir.contract.identity_errors import (
    MemberNotFoundError,
    PersonRequiredError,
    TenantNotFoundError,
)
from weir.contract.messages import IdentityRecord, MemberRemoved, TenantDeleted
from weir.ports.log import Log
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call, Reply, wrong
from weir.runtime.platform import Platform

_NOBODY_S = "-"


class Erasures:
    """The handlers."""

    def __init__(
        self, platform: Platform, writer: Writer[IdentityRecord], roster: Roster, erasing: Erasing
    ) -> None:
        self._platform = platform
        self._writer = writer
        self._roster = roster
        self._erasing = erasing

    # -- tenants --

    async def own_tenant(self, call: Call) -> Reply:
        """POST /erasure."""
        return await self._delete(call, call.tenant)

    async def tenant(self, call: Call) -> Reply:
        """POST /tenants/{tenant}/erasure."""
        return await self._delete(call, _tenant(call))

    async def tenant_left(self, call: Call) -> Reply:
        """GET /tenants/{tenant}/erasure."""
        return await self._tenant_left(_tenant(call))

    async def _delete(self, call: Call, tenant: str) -> Reply:
        asked = await call.model(Confirm)
        if tenant == _NOBODY_S:
            raise TenantNotFoundError("Whoever is a member of no tenant has none to delete.")
        if asked.confirm != tenant:
            raise wrong("confirm", "this is not the tenant's name", f"Write {tenant!r} to confirm.")
        subject = subjects.tenant(tenant)
        there = await self._writer.records.fresh(subject)
        if there is None or there.record.tenant_deleted is None:
            call.audited(tenant=tenant, resource=tenant)
            record = self._writer.record(TenantDeleted(tenant=tenant), call.principal)
            await self._writer.records.put(subject, record)
        reply = await self._tenant_left(tenant)
        return reply._replace(status=HTTPStatus.ACCEPTED)

    async def _tenant_left(self, tenant: str) -> Reply:
        entry = await self._writer.records.fresh(subjects.tenant(tenant))
        gone = entry is not None and entry.record.tenant_deleted is not None
        left = await self._left(tenant)
        return Reply(
            {
                "tenant": tenant,
                "deleted_at": entry.record.at if entry is not None and gone else None,
                "done": gone and not any(left.values()),
                "left": left,
                "kept": {"audit": await _messages(self._platform.audit, f"audit.{tenant}")},
            }
        )

    async def _left(self, tenant: str) -> dict[str, int | None]:
        platform = self._platform
        found: dict[str, int | None] = {
            "runs": await _messages(platform.runs, subjects.runs_of(tenant)),
            "limits": await _messages(platform.runs, subjects.limits_of(tenant)),
            "schedules": await _messages(platform.runs, subjects.schedules_of(tenant)),
            "registry": await _messages(platform.registry, subjects.registry_of(tenant)),
            "drafts": await _messages(platform.collab, subjects.drafts_of(tenant)),
            "lines": await _messages(platform.logs, subjects.logs(tenant, "*")),
            "deliveries": await _messages(platform.deliveries, subjects.delivery(tenant, "*")),
            "values": 0,
            "views": None,
        }
        for subject in (subjects.webhook("*"), subjects.grant("*")):
            name = f"{subject.split('.')[2]}s"
            found[name] = await self._erasing.left_in_registry(subject, tenant)
        async for _ in platform.blobs.keys(f"{tenant}/"):
            found["values"] = (found["values"] or 0) + 1
        if platform.views is not None:
            found["views"] = sum((await platform.views.left(tenant)).values())
        return found | await self._erasing.left_of_tenant(tenant)

    # -- people --

    async def myself(self, call: Call) -> Reply:
        """POST /auth/me/erasure."""
        who = call.principal.id
        if not ids.is_id(who, "usr"):
            raise PersonRequiredError("Only people erase themselves: sign in.")
        asked = await call.model(Confirm)
        entry = await self._writer.records.fresh(subjects.user(who))
        user = entry.record.user_saved if entry else None
        if user is None or asked.confirm.strip().lower() != user.email:
            raise wrong("confirm", "this is not your address", "Write it to confirm.")
        return await self._erase(call, who)

    async def person(self, call: Call) -> Reply:
        """POST /people/{user_id}/erasure."""
        who = _person(call)
        if (await call.model(Confirm)).confirm != who:
            raise wrong("confirm", "this is not their id", f"Write {who!r} to confirm.")
        if await self._writer.records.fresh(subjects.user(who)) is None:
            raise _nobody(who)
        return await self._erase(call, who)

    async def person_left(self, call: Call) -> Reply:
        """GET /people/{user_id}/erasure."""
        return await self._person_left(_person(call))

    async def _erase(self, call: Call, who: str) -> Reply:
        call.audited(resource=who)
        for tenant in sorted(self._roster.index.tenants_of(who)):
            await self._roster.store(
                call.principal,
                tenant,
                lambda tenant=tenant: self._leave(tenant, who),  # type: ignore[misc]
            )
        await self._erasing.person(who, call.principal.id)
        return await self._person_left(who)

    def _leave(self, tenant: str, who: str) -> list[Put]:
        held = self._roster.index.roll(tenant).members.get(who)
        if held is None:
            return []
        gone = MemberRemoved(tenant=tenant, user_id=who)
        return [Put(subjects.member(tenant, who), gone, held.kind)]

    async def _person_left(self, who: str) -> Reply:
        entry = await self._writer.records.fresh(subjects.user(who))
        if entry is None:
            raise _nobody(who)
        gone = entry.record.user_deleted is not None
        left = await self._erasing.left_of_person(who)
        value: dict[str, Any] = {
            "user_id": who,
            "deleted_at": entry.record.at if gone else None,
            "done": gone and not any(left.values()),
            "left": left,
        }
        return Reply(value)


def _tenant(call: Call) -> str:
    given = call.segment("tenant")
    if not ids.TENANT.fullmatch(given):
        raise TenantNotFoundError(f"There is no tenant {given[:60]!r}.", details={})
    return given


def _person(call: Call) -> str:
    given = call.segment("user_id")
    if not ids.is_id(given, "usr"):
        raise _nobody(given)
    return given


def _nobody(given: str) -> MemberNotFoundError:
    return MemberNotFoundError(f"There is nobody {given[:60]!r}.", details={"user_id": given[:60]})


async def _messages(log: Log, subject: str) -> int:
    count = 0
    async for batch in log.read(subject):
        count += len(batch)
    return count
