"""Groups: members that get roles together.

A group lies in the memberships of who is in it. One that is deleted gives
nothing from that moment on, also where memberships still name it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from services.identity import members
from services.identity.granting import new_groups, new_roles
from services.identity.index import Held, Roll
from services.identity.people_models import (
    GROUPS_PER_MEMBER,
    ChangeGroup,
    CreateGroup,
    same,
)
from services.identity.roster import Put, Roster, unchanged
from weir.contract import subjects
from weir.contract.identity_errors import (
    GroupExistsError,
    GroupNotFoundError,
    LimitReachedError,
)
from weir.contract.messages import GroupDeleted, GroupSaved
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.http.route import API

GROUPS = 1_000  # of a tenant


class Groups:
    """The handlers."""

    def __init__(self, roster: Roster, idempotency: Idempotency) -> None:
        self._roster = roster
        self._index = roster.index
        self._idempotency = idempotency

    async def listed(self, call: Call) -> Reply:
        """GET /groups."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        roll = self._index.roll(call.tenant)
        sizes = Counter(one for held in roll.members.values() for one in held.kind.groups)
        return Reply(
            page(
                call,
                roll.groups.values(),
                lambda held: (same(held.kind.name), held.kind.group_id),
                lambda held: _show(held, roll, sizes[held.kind.group_id]),
            )
        )

    async def get(self, call: Call) -> Reply:
        """GET /groups/{group_id}."""
        return self._reply(call, group_of(call))

    async def create(self, call: Call) -> Reply:
        """POST /groups."""
        asked = await call.model(CreateGroup)
        group_id, _ = await self._idempotency.id(call, "grp")
        subject = subjects.group(call.tenant, group_id)
        made = GroupSaved(
            group_id=group_id,
            tenant=call.tenant,
            name=asked.name,
            created_at=self._roster.writer.now(),
        )

        def puts() -> Sequence[Put]:
            if self._index.revision(subject):
                return ()  # the repetition of a request that was done
            roll = self._index.roll(call.tenant)
            if len(roll.groups) >= GROUPS:
                raise LimitReachedError(f"A tenant has at most {GROUPS} groups.")
            _free(roll, group_id, asked.name)
            roles = new_roles(call.principal, roll, made, asked)
            return (Put(subject, made.model_copy(update=roles)),)

        await self._roster.change(call, puts)
        location = {"Location": f"{API}/groups/{group_id}"}
        return self._reply(call, group_id, HTTPStatus.CREATED, location)

    async def change(self, call: Call) -> Reply:
        """PUT /groups/{group_id}."""
        group_id = group_of(call)
        asked = await call.model(ChangeGroup)
        expected = call.if_match()

        def puts() -> Sequence[Put]:
            roll = self._index.roll(call.tenant)
            held = found(roll, group_id)
            unchanged(held, expected)
            name = asked.name or held.kind.name
            _free(roll, group_id, name)
            told = {"name": name, **new_roles(call.principal, roll, held.kind, asked)}
            new = held.kind.model_copy(update=told)
            return (Put(subjects.group(call.tenant, group_id), new, held.kind),)

        await self._roster.change(call, puts)
        return self._reply(call, group_id)

    async def delete(self, call: Call) -> Reply:
        """DELETE /groups/{group_id}."""
        group_id = group_of(call)
        expected = call.if_match()

        def puts() -> Sequence[Put]:
            held = found(self._index.roll(call.tenant), group_id)
            unchanged(held, expected)
            gone = GroupDeleted(group_id=group_id, tenant=call.tenant)
            return (Put(subjects.group(call.tenant, group_id), gone, held.kind),)

        sequence = await self._roster.change(call, puts)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)

    async def members(self, call: Call) -> Reply:
        """GET /groups/{group_id}/members."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        group_id = group_of(call)
        roll = self._index.roll(call.tenant)
        found(roll, group_id)
        inside = [held for held in roll.members.values() if group_id in held.kind.groups]
        return Reply(members.shown(call, self._index, inside))

    async def add(self, call: Call) -> Reply:
        """PUT /groups/{group_id}/members/{user_id}."""
        group_id, user_id = group_of(call), members.anybody(call)

        def puts() -> Sequence[Put]:
            roll = self._index.roll(call.tenant)
            found(roll, group_id)
            held = members.found(roll, user_id)
            kept = [one for one in held.kind.groups if one in roll.groups]
            if group_id in kept:
                return ()
            if len(kept) >= GROUPS_PER_MEMBER:
                raise LimitReachedError(f"A member is in at most {GROUPS_PER_MEMBER} groups.")
            groups = new_groups(call.principal, roll, kept, [*kept, group_id])
            new = held.kind.model_copy(update={"groups": groups})
            return (Put(subjects.member(call.tenant, user_id), new, held.kind),)

        sequence = await self._roster.change(call, puts)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)

    async def remove(self, call: Call) -> Reply:
        """DELETE /groups/{group_id}/members/{user_id}."""
        group_id, user_id = group_of(call), members.anybody(call)

        def puts() -> Sequence[Put]:
            roll = self._index.roll(call.tenant)
            found(roll, group_id)
            held = members.found(roll, user_id)
            if group_id not in held.kind.groups:
                return ()
            groups = tuple(one for one in held.kind.groups if one != group_id)
            new = held.kind.model_copy(update={"groups": groups})
            return (Put(subjects.member(call.tenant, user_id), new, held.kind),)

        sequence = await self._roster.change(call, puts)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)

    def _reply(
        self,
        call: Call,
        group_id: str,
        status: int = HTTPStatus.OK,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        roll = self._index.roll(call.tenant)
        held = found(roll, group_id)
        size = sum(group_id in one.kind.groups for one in roll.members.values())
        revision = held.revision
        value = _show(held, roll, size)
        return Reply(value, status, headers or {}, sequence=revision, revision=revision)


def group_of(call: Call) -> str:
    """The id in the path."""
    return call.id("group_id", "grp", GroupNotFoundError, "group")


def found(roll: Roll, group_id: str) -> Held[GroupSaved]:
    """The group; GroupNotFoundError."""
    held = roll.groups.get(group_id)
    if held is None:
        raise GroupNotFoundError(
            f"There is no group {group_id!r}: list them at {API}/groups.",
            details={"group_id": group_id},
        )
    return held


def _free(roll: Roll, group_id: str, name: str) -> None:
    for other, held in roll.groups.items():
        if other != group_id and same(held.kind.name) == same(name):
            raise GroupExistsError(
                f"There is a group {held.kind.name!r} already: take another name.",
                details={"group_id": other},
            )


def _show(held: Held[GroupSaved], roll: Roll, size: int) -> dict[str, Any]:
    saved = held.kind
    return {
        "id": saved.group_id,
        "name": saved.name,
        "role": saved.role,
        "projects": {one: role for one, role in saved.projects.items() if one in roll.projects},
        "members": size,
        "created_at": saved.created_at,
        "revision": str(held.revision),
    }
