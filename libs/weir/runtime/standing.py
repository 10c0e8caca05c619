"""What somebody may do in a tenant at present: the one place where it is put together.

A person or a service account has the roles of its membership and of its groups,
the highest of each counting. A key has its own role, never more than its scopes,
its project and its owner leave of it, and it ends with its owner. All of it
comes from records that are at most a second old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from weir.contract import ids, subjects, times
from weir.contract.errors import RecordUnreadableError
from weir.contract.messages import ApiKeyCreated, IdentityRecord, TenantSaved
from weir.ports.clock import Clock
from weir.runtime.access import Permission, Principal
from weir.runtime.records import Records

_RANKS = {"viewer": 1, "operator": 2, "editor": 3, "admin": 4}
_PERMISSIONS = {each.value: each for each in Permission}


@dataclass(frozen=True, slots=True)
class Held:
    """Roles in a tenant. `member` is false of who is none, though the account is in order."""

    role: str = ""
    projects: Mapping[str, str] = field(default_factory=dict)
    platform: bool = False
    member: bool = False


@dataclass(frozen=True, slots=True)
class TenantState:
    """How a tenant stands. Of one without a record, as old installations have: active."""

    status: str = "active"
    second_factor: bool = False

    @property
    def active(self) -> bool:
        """Whether anything of it is answered."""
        return self.status == "active"


def higher(one: str, other: str) -> str:
    """The role that may more; what is no role is none."""
    best = one if _RANKS.get(one, 0) >= _RANKS.get(other, 0) else other
    return best if best in _RANKS else ""


def lower(one: str, other: str) -> str:
    """The role that may less."""
    least = one if _RANKS.get(one, 0) <= _RANKS.get(other, 0) else other
    return least if least in _RANKS else ""


def merged(grants: Sequence[tuple[str, Mapping[str, str]]]) -> tuple[str, dict[str, str]]:
    """Several (role, roles by project) as one, the highest of each."""
    role, projects = "", dict[str, str]()
    for granted, by_project in grants:
        role = higher(role, granted)
        for project, one in by_project.items():
            projects[project] = higher(projects.get(project, ""), one)
    return role, projects


def limited(key: ApiKeyCreated, owner: Held | None) -> tuple[str, dict[str, str]]:
    """The roles of a key: its own, in its project, and of them what its owner has (None: all)."""
    role, projects = ("", {key.project: key.role}) if key.project else (key.role, {})
    if owner is None:
        return higher(role, ""), projects
    inside = projects or dict.fromkeys(owner.projects, key.role)
    return lower(role, owner.role), {
        project: lower(one, higher(owner.role, owner.projects.get(project, "")))
        for project, one in inside.items()
    }


class Standing:
    """Looks it up. Raises UnavailableError where the log cannot be asked."""

    def __init__(self, records: Records[IdentityRecord], clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def of(self, tenant: str, principal_id: str) -> Principal | None:
        """A member, service account or key of the tenant as it stands; None if it is none."""
        if ids.is_id(principal_id, "key"):
            key = await self.created(principal_id)
            return await self.key(key) if key and key.tenant == tenant else None
        held = await self.person(tenant, principal_id)
        if held is None or not held.member:
            return None
        return Principal(
            id=principal_id,
            tenant=tenant,
            role=held.role,
            projects=held.projects,
            platform=held.platform,
        )

    async def person(self, tenant: str, user_id: str) -> Held | None:
        """What a person or service account holds; None if the account does not count."""
        user, member = await self._records.get_all(
            (subjects.user(user_id), subjects.member(tenant, user_id))
        )
        saved = user.record.user_saved if user else None
        if saved is None or saved.status != "active" or saved.tenant not in {"", tenant}:
            return None
        joined = member.record.member_saved if member else None
        if joined is None:
            return Held(platform=saved.platform)
        grants: list[tuple[str, Mapping[str, str]]] = [(joined.role, joined.projects)]
        if joined.groups:
            every = [subjects.group(tenant, one) for one in joined.groups]
            groups = [one.record.group_saved for one in await self._records.get_all(every) if one]
            grants += [(one.role, one.projects) for one in groups if one]
        role, projects = merged(grants)
        return Held(role, projects, saved.platform, member=True)

    async def created(self, key_id: str) -> ApiKeyCreated | None:
        """A key that was made and not revoked."""
        try:
            entry = await self._records.get(subjects.api_key(key_id))
        except RecordUnreadableError:
            return None
        return entry.record.api_key_created if entry else None

    async def key(self, key: ApiKeyCreated) -> Principal | None:
        """The principal of a key; None once it has expired or its owner is gone."""
        if key.expires_at and _expired(key.expires_at, self._clock.now_ms()):
            return None
        owner, platform = None, key.platform
        if key.owner:
            owner = await self.person(key.tenant, key.owner)
            if owner is None or not owner.member:
                return None
            platform = platform and owner.platform
        role, projects = limited(key, owner)
        scopes = None
        if key.scopes:
            scopes = frozenset(_PERMISSIONS[one] for one in key.scopes if one in _PERMISSIONS)
        return Principal(key.key_id, key.tenant, role, projects, scopes, platform)

    async def tenant(self, name: str) -> TenantState:
        """How a tenant stands."""
        entry = await self._records.get(subjects.tenant(name))
        if entry is None:
            return TenantState()
        saved: TenantSaved | None = entry.record.tenant_saved
        if saved is None:
            return TenantState("deleted")
        return TenantState(saved.status or "active", saved.second_factor == "required")


def _expired(expires_at: str, now_ms: int) -> bool:
    try:
        return times.to_ms(expires_at) <= now_ms
    except (ValueError, OverflowError):  # a 31st of February: no time that is still to come
        return True
