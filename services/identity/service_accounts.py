"""Service accounts: programs that are somebody. Keys act in their name and end with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from services.identity.granting import new_groups, new_roles
from services.identity.index import Held
from services.identity.members import ACTIVE, DISABLED, changing, in_list, without_keys
from services.identity.people_models import (
    ChangeServiceAccount,
    CreateServiceAccount,
    same,
)
from services.identity.roster import Put, Roster, unchanged
from weir.contract import ids, subjects
from weir.contract.identity_errors import LimitReachedError, ServiceAccountNotFoundError
from weir.contract.messages import MemberRemoved, MemberSaved, UserDeleted, UserSaved
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.http.route import API

ACCOUNTS = 1_000  # of a tenant


class ServiceAccounts:
    """The handlers."""

    def __init__(self, roster: Roster, idempotency: Idempotency) -> None:
        self._roster = roster
        self._index = roster.index
        self._idempotency = idempotency

    async def listed(self, call: Call) -> Reply:
        """GET /service-accounts."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        keys = Counter(held.kind.owner for held in self._index.roll(call.tenant).keys.values())
        every = self._accounts(call.tenant)
        return Reply(
            page(
                call,
                every,
                lambda held: (same(self._user(held).name), held.kind.user_id),
                lambda held: self._show(held, keys[held.kind.user_id]),
            )
        )

    async def get(self, call: Call) -> Reply:
        """GET /service-accounts/{account_id}."""
        return self._reply(call, account_of(call))

    async def create(self, call: Call) -> Reply:
        """POST /service-accounts."""
        asked = await call.model(CreateServiceAccount)
        account_id, _ = await self._idempotency.id(call, "svc")
        subject, now = subjects.user(account_id), self._roster.writer.now()
        user = UserSaved(
            user_id=account_id,
            name=asked.name,
            status=ACTIVE,
            tenant=call.tenant,
            created_at=now,
        )
        member = MemberSaved(tenant=call.tenant, user_id=account_id, created_at=now)

        def puts() -> Sequence[Put]:
            if self._index.revision(subject):
                return ()  # the repetition of a request that was done
            roll = self._index.roll(call.tenant)
            if len(self._accounts(call.tenant)) >= ACCOUNTS:
                raise LimitReachedError(f"A tenant has at most {ACCOUNTS} service accounts.")
            told = new_roles(call.principal, roll, member, asked)
            told["groups"] = new_groups(call.principal, roll, (), asked.groups)
            joined = member.model_copy(update=told)
            return (Put(subjects.member(call.tenant, account_id), joined), Put(subject, user))

        await self._roster.change(call, puts)
        location = {"Location": f"{API}/service-accounts/{account_id}"}
        return self._reply(call, account_id, HTTPStatus.CREATED, location)

    async def change(self, call: Call) -> Reply:
        """PUT /service-accounts/{account_id}."""
        account_id = account_of(call)
        asked = await call.model(ChangeServiceAccount)
        roles = changing(call, self._index, account_id, asked)

        def puts() -> Sequence[Put]:
            user = self._user(self._found(call, account_id))
            if asked.name is None or asked.name == user.name:
                return roles()
            named = user.model_copy(update={"name": asked.name})
            return (*roles(), Put(subjects.user(account_id), named))

        await self._roster.change(call, puts)
        return self._reply(call, account_id)

    async def disable(self, call: Call) -> Reply:
        """POST /service-accounts/{account_id}/disable: none of its keys counts."""
        return await self._switch(call, DISABLED)

    async def enable(self, call: Call) -> Reply:
        """POST /service-accounts/{account_id}/enable."""
        return await self._switch(call, ACTIVE)

    async def delete(self, call: Call) -> Reply:
        """DELETE /service-accounts/{account_id}: with its keys."""
        account_id = account_of(call)
        expected = call.if_match()

        def puts() -> Sequence[Put]:
            held = self._found(call, account_id)
            unchanged(held, expected)
            roll = self._index.roll(call.tenant)
            gone = MemberRemoved(tenant=call.tenant, user_id=account_id)
            return (
                Put(subjects.user(account_id), UserDeleted(user_id=account_id), self._user(held)),
                Put(subjects.member(call.tenant, account_id), gone),
                *without_keys(call.tenant, roll, account_id),
            )

        sequence = await self._roster.change(call, puts)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)

    async def _switch(self, call: Call, status: str) -> Reply:
        account_id = account_of(call)

        def puts() -> Sequence[Put]:
            user = self._user(self._found(call, account_id))
            if user.status == status:
                return ()
            saved = user.model_copy(update={"status": status})
            return (Put(subjects.user(account_id), saved, user),)

        await self._roster.change(call, puts)
        return self._reply(call, account_id)

    def _accounts(self, tenant: str) -> list[Held[MemberSaved]]:
        return [
            held
            for user_id, held in self._index.roll(tenant).members.items()
            if ids.is_id(user_id, "svc") and user_id in self._index.users
        ]

    def _found(self, call: Call, account_id: str) -> Held[MemberSaved]:
        held = self._index.roll(call.tenant).members.get(account_id)
        if held is None or account_id not in self._index.users:
            raise missing(account_id)
        return held

    def _user(self, held: Held[MemberSaved]) -> UserSaved:
        return self._index.users[held.kind.user_id].kind

    def _show(self, held: Held[MemberSaved], keys: int) -> dict[str, Any]:
        value = in_list(self._index, None, held)
        for personal in ("email", "source", "last_sign_in"):
            del value[personal]
        return value | {"keys": keys}

    def _reply(
        self,
        call: Call,
        account_id: str,
        status: int = HTTPStatus.OK,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        held = self._found(call, account_id)
        owned = self._index.roll(call.tenant).keys.values()
        keys = sum(one.kind.owner == account_id for one in owned)
        revision = max(held.revision, self._index.revision(subjects.user(account_id)))
        value = self._show(held, keys)
        return Reply(value, status, headers or {}, sequence=revision, revision=held.revision)


def account_of(call: Call) -> str:
    """The id in the path."""
    return call.id("account_id", "svc", ServiceAccountNotFoundError, "service account")


def missing(account_id: str) -> ServiceAccountNotFoundError:
    """What is said of a service account that is not there."""
    return ServiceAccountNotFoundError(
        f"There is no service account {account_id!r}: list them at {API}/service-accounts.",
        details={"account_id": account_id},
    )
