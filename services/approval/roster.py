"""Who is who: people, groups and keys, kept in memory by following IDENTITY.

What assignees name and who somebody is are brought together here, within
milliseconds of a change. What a caller may do is the edge's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from weir.contract import ids
from weir.contract.errors import RecordUnreadableError
from weir.contract.messages import (
    ApiKeyCreated,
    ApiKeyRevoked,
    GroupDeleted,
    GroupSaved,
    IdentityRecord,
    MemberRemoved,
    MemberSaved,
    Message,
    UserDeleted,
    UserSaved,
)
from weir.core.approvals.asked import ROLES
from weir.core.approvals.rules import Who
from weir.ports.log import Log, Stored
from weir.runtime import records
from weir.runtime.access import Principal
from weir.runtime.standing import merged

FOLLOWED = ("identity.user.*", "identity.member.*.*", "identity.group.*.*", "identity.key.*")


class Roster:
    """Follows; `load` it, then let `run` go on for ever. `on_leave` hears who leaves a tenant."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._users: dict[str, UserSaved] = {}
        self._members: dict[str, dict[str, MemberSaved]] = {}
        self._groups: dict[str, dict[str, GroupSaved]] = {}
        self._owners: dict[str, str] = {}
        self._position = 0
        self.on_leave: list[Callable[[str, str], None]] = []

    async def load(self) -> None:
        """Read what there is."""
        upto = await self._log.last_seq()
        for subject in FOLLOWED:
            async for batch in self._log.read(subject, upto=upto):
                self._take(batch)
        self._position = upto

    async def run(self) -> None:
        """Follow, for ever."""
        following = self._log.follow(FOLLOWED, after=self._position)
        try:
            async for batch in following:
                self._take(batch)
        finally:
            await following.close()

    def person(self, principal_id: str) -> str:
        """Whose key it is, empty if it is nobody's; people and programs are themselves."""
        if ids.is_id(principal_id, "key"):
            return self._owners.get(principal_id, "")
        return principal_id if principal_id.startswith(("usr_", "svc_")) else ""

    def caller(self, principal: Principal) -> Who | None:
        """Who asks, by all that assignees can call them; None for keys that are nobody's."""
        whose = self.person(principal.id)
        if not whose:
            return None
        return Who(whose, frozenset(self._names(principal.tenant, whose, principal)))

    def member(self, tenant: str, user_id: str) -> Who | None:
        """Somebody who belongs to the tenant and whose account is in order."""
        user, member = self._users.get(user_id), self._members.get(tenant, {}).get(user_id)
        if user is None or member is None or user.status != "active":
            return None
        groups = [self._groups.get(tenant, {}).get(one) for one in member.groups]
        grants = [(member.role, member.projects)]
        grants += [(one.role, one.projects) for one in groups if one is not None]
        role, projects = merged(grants)
        standing = Principal(id=user_id, tenant=tenant, role=role, projects=projects)
        return Who(user_id, frozenset(self._names(tenant, user_id, standing)))

    def belongs(self, tenant: str, user_id: str) -> bool:
        """Whether somebody is a member, be their account in order or not."""
        return user_id in self._members.get(tenant, {})

    def people(self, tenant: str, names: Iterable[str]) -> list[UserSaved]:
        """The members whom any of these names, in order."""
        wanted = set(names)
        found = []
        for user_id in sorted(self._members.get(tenant, ())):
            who = self.member(tenant, user_id)
            if who is not None and who.names & wanted:
                found.append(self._users[user_id])
        return found

    def find(self, tenant: str, name: str) -> str:
        """The id of a member, by id or address; empty if there is none."""
        wanted = name.strip().lower()
        for user_id in self._members.get(tenant, ()):
            user = self._users.get(user_id)
            if user is not None and wanted in {user_id, user.email.lower()}:
                return user_id if user.status == "active" else ""
        return ""

    def called(self, user_id: str) -> str:
        """Their name, for people to read; the id of who is nobody any more."""
        user = self._users.get(user_id)
        return (user.name or user.email or user_id) if user is not None else user_id

    def _names(self, tenant: str, user_id: str, standing: Principal) -> Iterator[str]:
        yield f"user:{user_id}"
        user, member = self._users.get(user_id), self._members.get(tenant, {}).get(user_id)
        if user is not None and user.email:
            yield f"user:{user.email.lower()}"
        for group_id in member.groups if member is not None else ():
            group = self._groups.get(tenant, {}).get(group_id)
            if group is not None:
                yield f"group:{group_id}"
                yield f"group:{' '.join(group.name.split()).lower()}"
        yield from (f"role:{one}" for one in _upto(standing.role))
        for project, role in standing.projects.items():
            yield from (f"role:{one}@{project}" for one in _upto(role))

    def _take(self, batch: Sequence[Stored]) -> None:
        for stored in batch:
            with suppress(RecordUnreadableError):
                self._learn(records.read(IdentityRecord, stored).kind)

    def _learn(self, kind: Message | None) -> None:
        match kind:
            case UserSaved():
                self._users[kind.user_id] = kind
            case MemberSaved():
                self._members.setdefault(kind.tenant, {})[kind.user_id] = kind
            case GroupSaved():
                self._groups.setdefault(kind.tenant, {})[kind.group_id] = kind
            case ApiKeyCreated():
                self._owners[kind.key_id] = kind.owner
            case _:
                self._forget(kind)

    def _forget(self, kind: Message | None) -> None:
        match kind:
            case UserDeleted():
                self._users.pop(kind.user_id, None)
            case MemberRemoved():
                self._members.get(kind.tenant, {}).pop(kind.user_id, None)
                for hear in self.on_leave:
                    hear(kind.tenant, kind.user_id)
            case GroupDeleted():
                self._groups.get(kind.tenant, {}).pop(kind.group_id, None)
            case ApiKeyRevoked():
                self._owners.pop(kind.key_id, None)
            case _:
                pass


def _upto(role: str) -> tuple[str, ...]:
    """A role, and those below it: who may more is asked as well."""
    return ROLES[: ROLES.index(role) + 1] if role in ROLES else ()
