"""Tenants: made, suspended and changed by who runs the installation, known to their members.

A tenant without a record is active and has the installation's limits: so are
those of installations that are older than records of tenants.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from services.identity.index import Held, Index
from services.identity.invitations import Invitations
from services.identity.people_models import same
from services.identity.roster import ADMIN, Put, Roster, unchanged
from services.identity.tenants_models import ChangeCurrent, ChangeTenant, CreateTenant
from weir.contract import ids, subjects
from weir.contract.errors import InvalidParameterError
from weir.contract.identity_errors import TenantExistsError, TenantNotFoundError
from weir.contract.messages import MemberSaved, RateLimit, TenantSaved, UserSaved
from weir.runtime.authn import NOWHERE
from weir.runtime.http.call import Call, Reply, wrong
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.http.route import API

ACTIVE, SUSPENDED = "active", "suspended"
_CURRENT = "current"
_PLAIN = ("name", "quotas", "audit_runs", "second_factor")
_LISTS = ("allowed_hosts", "origins")


class Tenants:
    """The handlers."""

    def __init__(self, roster: Roster, idempotency: Idempotency, invitations: Invitations) -> None:
        self._roster = roster
        self._index = roster.index
        self._idempotency = idempotency
        self._invitations = invitations

    async def listed(self, call: Call) -> Reply:
        """GET /tenants."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        status, part = call.query("status"), same(call.query("name"))
        if status not in {"", ACTIVE, SUSPENDED}:
            raise InvalidParameterError(
                f"status={status[:40]!r} is none: use {ACTIVE} or {SUSPENDED}.",
                details={"parameter": "status"},
            )
        items = [
            held
            for held in self._index.tenants.values()
            if (not status or _status(held.kind) == status)
            and (part in same(held.kind.name) or part in held.kind.tenant)
        ]
        return Reply(page(call, items, lambda held: (held.kind.tenant, ""), _show))

    async def get(self, call: Call) -> Reply:
        """GET /tenants/{tenant}."""
        return _reply(self._found(_named(call)))

    async def current(self, call: Call) -> Reply:
        """GET /tenants/current."""
        return _reply(_known(self._index, call.tenant))

    async def create(self, call: Call) -> Reply:
        """POST /tenants."""
        asked = await call.model(CreateTenant)
        if asked.id == _CURRENT:
            raise wrong("id", "this names the tenant of whoever asks", "Take another.")
        _, again = await self._idempotency.id(call, "req")
        now = self._roster.writer.now()
        subject = subjects.tenant(asked.id)
        made = TenantSaved(tenant=asked.id, status=ACTIVE, created_at=now)
        made = made.model_copy(update=_told(asked))
        admin: list[Put] = []
        user_id = ""
        if asked.admin is not None:
            address = self._invitations.address(asked.admin)
            user_id = await self._invitations.user(call.principal, address)
            user = UserSaved(
                user_id=user_id,
                name=address.partition("@")[0],
                email=address,
                status="invited",
                created_at=now,
            )
            member = MemberSaved(tenant=asked.id, user_id=user_id, role=ADMIN, created_at=now)
            admin = [
                Put(subjects.member(asked.id, user_id), member),
                Put(subjects.user(user_id), user),
            ]

        def puts() -> Sequence[Put]:
            if again and asked.id in self._index.tenants:
                return ()
            roll = self._index.roll(asked.id)
            if self._index.revision(subject) or roll.keys or roll.members:
                raise TenantExistsError(
                    f"There is or was a tenant {asked.id!r}: take another name.",
                    details={"tenant": asked.id},
                )
            new_user = user_id and user_id not in self._index.users
            return (Put(subject, made), *(admin if new_user else admin[:1]))

        await self._roster.store(call.principal, asked.id, puts)
        if user_id:
            await self._invitations.send(self._index.users[user_id].kind, asked.id, asked.name)
        location = {"Location": f"{API}/tenants/{asked.id}"}
        return _reply(self._found(asked.id), HTTPStatus.CREATED, location)

    async def change(self, call: Call) -> Reply:
        """PUT /tenants/{tenant}."""
        tenant = _named(call)
        asked = await call.model(ChangeTenant)
        self._found(tenant)
        return await self._change(call, tenant, _told(asked))

    async def change_current(self, call: Call) -> Reply:
        """PUT /tenants/current."""
        asked = await call.model(ChangeCurrent)
        return await self._change(call, call.tenant, _told(asked))

    async def suspend(self, call: Call) -> Reply:
        """POST /tenants/{tenant}/suspend: nothing of it is answered until it is resumed."""
        return await self._switch(call, SUSPENDED)

    async def resume(self, call: Call) -> Reply:
        """POST /tenants/{tenant}/resume."""
        return await self._switch(call, ACTIVE)

    async def _change(self, call: Call, tenant: str, told: dict[str, Any]) -> Reply:
        expected = call.if_match()

        def puts() -> Sequence[Put]:
            held = _known(self._index, tenant)
            unchanged(held, expected)
            return (_put(held, told),)

        return await self._store(call, tenant, puts)

    async def _switch(self, call: Call, status: str) -> Reply:
        tenant = _named(call)
        self._found(tenant)

        def puts() -> Sequence[Put]:
            held = self._found(tenant)
            return () if _status(held.kind) == status else (_put(held, {"status": status}),)

        return await self._store(call, tenant, puts)

    async def _store(self, call: Call, tenant: str, puts: Callable[[], Sequence[Put]]) -> Reply:
        await self._roster.change(call, puts, tenant)
        return _reply(_known(self._index, tenant))

    def _found(self, tenant: str) -> Held[TenantSaved]:
        held = self._index.tenants.get(tenant)
        if held is None:
            raise _missing(tenant)
        return held


def _named(call: Call) -> str:
    """The name in the path."""
    tenant = call.segment("tenant")
    if not ids.TENANT.fullmatch(tenant):
        raise _missing(tenant[:60])
    return tenant


def _known(index: Index, tenant: str) -> Held[TenantSaved]:
    """The tenant, also one without a record; not one that is deleted, nor that of nobody."""
    held = index.tenants.get(tenant)
    if held is not None:
        return held
    if tenant == NOWHERE or index.revision(subjects.tenant(tenant)):
        raise _missing(tenant)
    return Held(TenantSaved(tenant=tenant, name=tenant, status=ACTIVE), 0, "")


def _missing(tenant: str) -> TenantNotFoundError:
    return TenantNotFoundError(
        f"There is no tenant {tenant!r}: list them at {API}/tenants.", details={"tenant": tenant}
    )


def _told(asked: ChangeCurrent) -> dict[str, Any]:
    """The fields of the record that a request names."""
    given = asked.model_dump(exclude_none=True)
    told = {name: given[name] for name in _PLAIN if name in given}
    told |= {name: tuple(dict.fromkeys(given[name])) for name in _LISTS if name in given}
    if "limits" in given:
        names = [one["name"] for one in given["limits"]]
        if len(set(names)) < len(names):
            raise wrong("limits", "a limit is named twice", "Name each once.")
        told["limits"] = tuple(RateLimit(**one) for one in given["limits"])
    return told


def _put(held: Held[TenantSaved], told: dict[str, Any]) -> Put:
    saved = held.kind.model_copy(update=told)
    return Put(subjects.tenant(saved.tenant), saved, held.kind)


def _status(saved: TenantSaved) -> str:
    return saved.status or ACTIVE


def _show(held: Held[TenantSaved]) -> dict[str, Any]:
    saved = held.kind
    return {
        "id": saved.tenant,
        "name": saved.name,
        "status": _status(saved),
        "limits": [one.model_dump() for one in saved.limits],
        "quotas": dict(saved.quotas),
        "allowed_hosts": list(saved.allowed_hosts),
        "origins": list(saved.origins),
        "audit_runs": saved.audit_runs or "by_people",
        "second_factor": saved.second_factor or "optional",
        "created_at": saved.created_at,
        "revision": str(held.revision),
    }


def _reply(
    held: Held[TenantSaved], status: int = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Reply:
    return Reply(_show(held), status, headers or {}, sequence=held.revision, revision=held.revision)
