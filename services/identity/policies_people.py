"""What somebody of a tenant may, for explaining: by their id, without their asking."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping

from weir.contract import ids, subjects
from weir.contract.messages import GroupSaved, IdentityRecord, MemberSaved
from weir.runtime.access import ROLES, Permission, Principal
from weir.runtime.records import Records


class Standing:
    """Makes the principal that somebody's request would carry."""

    def __init__(self, records: Records[IdentityRecord]) -> None:
        self._records = records

    async def of(self, tenant: str, who: str) -> Principal | None:
        """A member, a service account or a key of the tenant; None if it is none."""
        if ids.is_id(who, "key"):
            return await self._key(tenant, who)
        if not (ids.is_id(who, "usr") or ids.is_id(who, "svc")):
            return None
        entry = await self._records.get(subjects.member(tenant, who))
        member = entry.record.member_saved if entry else None
        if member is None:
            return None
        groups = [saved async for saved in self._groups(tenant, member)]
        role = _highest([member.role, *(one.role for one in groups)])
        projects = [member.projects, *(one.projects for one in groups)]
        return Principal(id=who, tenant=tenant, role=role, projects=_merged(projects))

    async def _key(self, tenant: str, key_id: str) -> Principal | None:
        entry = await self._records.get(subjects.api_key(key_id))
        key = entry.record.api_key_created if entry else None
        if key is None or key.tenant != tenant:
            return None
        known = set(Permission)
        scopes = frozenset(Permission(one) for one in key.scopes if one in known)
        return Principal(
            id=key_id,
            tenant=tenant,
            role="" if key.project else key.role,
            projects={key.project: key.role} if key.project else {},
            scopes=scopes if key.scopes else None,
        )

    async def _groups(self, tenant: str, member: MemberSaved) -> AsyncIterator[GroupSaved]:
        for group in member.groups:
            entry = await self._records.get(subjects.group(tenant, group))
            if entry is not None and entry.record.group_saved is not None:
                yield entry.record.group_saved


def _highest(roles: Iterable[str]) -> str:
    return max(roles, key=lambda role: len(ROLES.get(role, ())), default="")


def _merged(projects: Iterable[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in projects:
        for project, role in one.items():
            found[project] = _highest([found.get(project, ""), role])
    return found
