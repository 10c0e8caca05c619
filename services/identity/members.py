"""Members: the people of a tenant, what they may do in it, and how they come and go.

A person is one account for the whole installation; what is said here of a
member holds in one tenant. Only an account that is this tenant's alone can be
disabled by it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from http import HTTPStatus
from typing import Any

from services.identity.granting import new_groups, new_roles
from services.identity.index import Held, Index, Roll
from services.identity.invitations import Invitations
from services.identity.people_models import ChangeMember, Invite, same
from services.identity.roster import Put, Roster, unchanged
from weir.contract import ids, subjects, times
from weir.contract.errors import InvalidParameterError
from weir.contract.identity_errors import (
    MemberElsewhereError,
    MemberExistsError,
    MemberInvitedError,
    MemberNotFoundError,
    QuotaExceededError,
)
from weir.contract.messages import ApiKeyRevoked, MemberRemoved, MemberSaved, UserSaved
from weir.core.rates import parse_quotas
from weir.runtime.access import Permission, Principal
from weir.runtime.http.call import Call, Reply, forbidden, wrong
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.http.route import API
from weir.settings import Settings

INVITED, ACTIVE, DISABLED = "invited", "active", "disabled"
STATUSES = (INVITED, ACTIVE, DISABLED)

QUOTA = "members"

EndSessions = Callable[[Principal, str, str], Awaitable[int]]
"""Ends every session of somebody (principal, user id, reason)."""


class Members:
    """The handlers."""

    def __init__(
        self,
        roster: Roster,
        idempotency: Idempotency,
        invitations: Invitations,
        end_sessions: EndSessions,
        settings: Settings,
    ) -> None:
        self._roster = roster
        self._index = roster.index
        self._idempotency = idempotency
        self._invitations = invitations
        self._end_sessions = end_sessions
        self._quota = parse_quotas(settings.quotas).get(QUOTA)

    async def listed(self, call: Call) -> Reply:
        """GET /users."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        reach = call.reach(Permission.USERS_MANAGE)
        roll = self._index.roll(call.tenant)
        status, role, group = call.query("status"), call.query("role"), call.query("group_id")
        part = same(call.query("name"))
        if status and status not in STATUSES:
            raise InvalidParameterError(
                f"status={status[:40]!r} is none: use {', '.join(STATUSES)}.",
                details={"parameter": "status"},
            )
        people = [
            held
            for held in roll.members.values()
            if ids.is_id(held.kind.user_id, "usr")
            and (not role or held.kind.role == role)
            and (not group or group in held.kind.groups)
        ]
        taken = [
            held
            for held in people
            if (user := user_in(self._index, held))
            and (not status or user.status == status)
            and (part in same(user.name) or part in user.email)
        ]
        return Reply(shown(call, self._index, taken, reach))

    async def get(self, call: Call) -> Reply:
        """GET /users/{user_id}."""
        call.reach(Permission.USERS_MANAGE)
        return self._reply(call, user_of(call))

    async def invite(self, call: Call) -> Reply:
        """POST /users: somebody becomes a member, and is told by mail."""
        asked = await call.model(Invite)
        address = self._invitations.address(asked.email)
        _, again = await self._idempotency.id(call, "usr")
        user_id = await self._invitations.user(call.principal, address)
        now = self._roster.writer.now()
        invited = UserSaved(
            user_id=user_id,
            name=asked.name or address.partition("@")[0],
            email=address,
            status=INVITED,
            created_at=now,
        )
        member = MemberSaved(tenant=call.tenant, user_id=user_id, created_at=now)

        def puts() -> Sequence[Put]:
            roll = self._index.roll(call.tenant)
            if user_id in roll.members and again:
                return ()
            if user_id in roll.members:
                raise MemberExistsError(
                    f"{address} is a member already: change their role instead.",
                    details={"user_id": user_id},
                )
            self._has_room(call.tenant)
            told = new_roles(call.principal, roll, member, asked)
            told["groups"] = new_groups(call.principal, roll, (), asked.groups)
            if not any(told.values()):
                raise wrong("role", "a member without any role may do nothing", "Name one.")
            saved = Put(subjects.member(call.tenant, user_id), member.model_copy(update=told))
            if user_id in self._index.users:
                return (saved,)
            return (saved, Put(subjects.user(user_id), invited))

        await self._roster.change(call, puts)
        await self._send(call, user_id)
        location = {"Location": f"{API}/users/{user_id}"}
        return self._reply(call, user_id, HTTPStatus.CREATED, location)

    async def invite_again(self, call: Call) -> Reply:
        """POST /users/{user_id}/invite."""
        user_id = user_of(call)
        if self._user(call, user_id).kind.status != INVITED:
            raise MemberInvitedError(
                "They have taken up an invitation already: who forgot the password asks for a "
                "new one at the sign-in.",
                details={"user_id": user_id},
            )
        await self._send(call, user_id)
        return Reply(status=HTTPStatus.NO_CONTENT)

    async def change(self, call: Call) -> Reply:
        """PUT /users/{user_id}."""
        user_id = user_of(call)
        asked = await call.model(ChangeMember)
        await self._roster.change(call, changing(call, self._index, user_id, asked))
        return self._reply(call, user_id)

    async def disable(self, call: Call) -> Reply:
        """POST /users/{user_id}/disable: nothing counts any more, neither sessions nor keys."""
        user_id = user_of(call)
        now = times.from_ms(self._roster.writer.now_ms())

        def puts() -> Sequence[Put]:
            user = self._own(call, user_id)
            if user.kind.status == DISABLED:
                return ()
            if user.kind.status != ACTIVE:
                raise MemberInvitedError(
                    "They have not taken up their invitation yet: remove them to take it back.",
                    details={"user_id": user_id},
                )
            told = {"status": DISABLED, "sessions_after": now}
            saved = user.kind.model_copy(update=told)
            return (Put(subjects.user(user_id), saved, user.kind),)

        await self._roster.change(call, puts)
        await self._end_sessions(call.principal, user_id, "disabled")
        return self._reply(call, user_id)

    async def enable(self, call: Call) -> Reply:
        """POST /users/{user_id}/enable: they may sign in again; old sessions stay over."""
        user_id = user_of(call)

        def puts() -> Sequence[Put]:
            user = self._own(call, user_id)
            if user.kind.status != DISABLED:
                return ()
            saved = user.kind.model_copy(update={"status": ACTIVE})
            return (Put(subjects.user(user_id), saved, user.kind),)

        await self._roster.change(call, puts)
        return self._reply(call, user_id)

    async def remove(self, call: Call) -> Reply:
        """DELETE /users/{user_id}: with their keys of this tenant."""
        user_id = user_of(call)
        expected = call.if_match()

        def puts() -> Sequence[Put]:
            roll = self._index.roll(call.tenant)
            held = found(roll, user_id)
            unchanged(held, expected)
            gone = MemberRemoved(tenant=call.tenant, user_id=user_id)
            subject = subjects.member(call.tenant, user_id)
            return (Put(subject, gone, held.kind), *without_keys(call.tenant, roll, user_id))

        sequence = await self._roster.change(call, puts)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)

    def _has_room(self, tenant: str) -> None:
        """QuotaExceededError if the tenant has as many people as it may have."""
        held = self._index.tenants.get(tenant)
        quota = held.kind.quotas.get(QUOTA, self._quota) if held else self._quota
        people = [one for one in self._index.roll(tenant).members if ids.is_id(one, "usr")]
        if quota is not None and len(people) >= quota:
            raise QuotaExceededError(
                f"The tenant has {len(people)} members and may have {quota:g}: remove somebody, or "
                "ask whoever runs this Weir for more.",
                details={"quota": QUOTA, "limit": quota},
            )

    async def _send(self, call: Call, user_id: str) -> None:
        tenant = self._index.tenants.get(call.tenant)
        name = tenant.kind.name if tenant and tenant.kind.name else call.tenant
        user = self._index.users[user_id].kind
        await self._invitations.send(user, call.tenant, name)

    def _user(self, call: Call, user_id: str) -> Held[UserSaved]:
        found(self._index.roll(call.tenant), user_id)
        held = self._index.users.get(user_id)
        if held is None:
            raise missing(user_id)
        return held

    def _own(self, call: Call, user_id: str) -> Held[UserSaved]:
        """An account over which this tenant may decide."""
        user = self._user(call, user_id)
        if user.kind.platform and not call.principal.may(Permission.PLATFORM_MANAGE):
            raise forbidden(call.principal, Permission.PLATFORM_MANAGE)
        if self._index.tenants_of(user_id) != {call.tenant}:
            raise MemberElsewhereError(
                "They are a member of other tenants too: remove them from this one instead.",
                details={"user_id": user_id},
            )
        return user

    def _reply(
        self,
        call: Call,
        user_id: str,
        status: int = HTTPStatus.OK,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        held = found(self._index.roll(call.tenant), user_id)
        value = in_list(self._index, call.principal.reach(Permission.USERS_MANAGE), held)
        revision = max(held.revision, self._index.revision(subjects.user(user_id)))
        return Reply(value, status, headers or {}, sequence=revision, revision=held.revision)


def user_of(call: Call) -> str:
    """The id in the path, of a person."""
    return call.id("user_id", "usr", MemberNotFoundError, "member")


def anybody(call: Call) -> str:
    """The id in the path, of a person or a service account."""
    given = call.segment("user_id")
    if ids.is_id(given, "svc"):
        return given
    return user_of(call)


def found(roll: Roll, user_id: str) -> Held[MemberSaved]:
    """The membership; MemberNotFoundError."""
    held = roll.members.get(user_id)
    if held is None:
        raise missing(user_id)
    return held


def missing(user_id: str) -> MemberNotFoundError:
    """What is said of somebody who is no member."""
    return MemberNotFoundError(
        f"The tenant has no member {user_id!r}: list them at {API}/users.",
        details={"user_id": user_id},
    )


def changing(
    call: Call, index: Index, user_id: str, asked: ChangeMember
) -> Callable[[], Sequence[Put]]:
    """What a request for other roles puts, if `If-Match` names the membership as it stands."""
    expected = call.if_match()

    def puts() -> Sequence[Put]:
        roll = index.roll(call.tenant)
        held = found(roll, user_id)
        unchanged(held, expected)
        told = new_roles(call.principal, roll, held.kind, asked)
        if told:
            told["source"] = ""  # from now on an administrator says what they may
        kept = [one for one in held.kind.groups if one in roll.groups]
        wanted = kept if asked.groups is None else asked.groups
        told["groups"] = new_groups(call.principal, roll, kept, wanted)
        new = held.kind.model_copy(update=told)
        return (Put(subjects.member(call.tenant, user_id), new, held.kind),)

    return puts


def without_keys(tenant: str, roll: Roll, owner: str) -> list[Put]:
    """The end of every key that acts for somebody: it shall not come back with them."""
    return [
        Put(subjects.api_key(key_id), ApiKeyRevoked(key_id=key_id, tenant=tenant))
        for key_id, held in roll.keys.items()
        if held.kind.owner == owner
    ]


def shown(
    call: Call,
    index: Index,
    held: Iterable[Held[MemberSaved]],
    reach: Collection[str] | None = None,
) -> dict[str, Any]:
    """A page of members, by name; roles in projects are shown of those in `reach` (None: all)."""
    return page(
        call,
        held,
        lambda one: (same(_name(index, one)), one.kind.user_id),
        lambda one: in_list(index, reach, one),
    )


def in_list(index: Index, reach: Collection[str] | None, held: Held[MemberSaved]) -> dict[str, Any]:
    """A member as lists show it."""
    member, user = held.kind, user_in(index, held)
    roll = index.roll(member.tenant)
    return {
        "id": member.user_id,
        "name": _name(index, held),
        "email": user.email if user else "",
        "status": user.status if user else DISABLED,
        "role": member.role,
        "projects": {
            one: role
            for one, role in member.projects.items()
            if one in roll.projects and (reach is None or one in reach)
        },
        "groups": [one for one in member.groups if one in roll.groups],
        "source": member.source,
        "created_at": member.created_at,
        "last_sign_in": index.signed_in.get(member.user_id),
        "revision": str(held.revision),
    }


def user_in(index: Index, held: Held[MemberSaved]) -> UserSaved | None:
    """The account of a member; None once it is deleted."""
    user = index.users.get(held.kind.user_id)
    return user.kind if user else None


def _name(index: Index, held: Held[MemberSaved]) -> str:
    user = user_in(index, held)
    return (user.name or user.email) if user else ""
