"""Who may do what: the permissions of routes, the roles that hold them, and whoever asks.

A principal has a role in its tenant, and may have others in projects of it: what
belongs to a project is open to either, what belongs to none to the tenant's role
alone. Scopes and the project of an API key only ever take away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Permission(StrEnum):
    """What a route asks of its caller."""

    PUBLIC = "public"  # no key needed: the route itself decides (webhooks check signatures)
    SELF = "self"  # whoever is somebody, about themselves
    WORKFLOWS_READ = "workflows:read"
    WORKFLOWS_WRITE = "workflows:write"
    RUNS_READ = "runs:read"
    RUNS_START = "runs:start"  # starting, and all that steers a run afterwards
    EVENTS_PUBLISH = "events:publish"  # on the tenant's bus
    CREDENTIALS_MANAGE = "credentials:manage"
    USERS_MANAGE = "users:manage"  # members, groups, projects, service accounts and their keys
    TENANT_MANAGE = "tenant:manage"  # limits, quotas, policies, sign-in, export and deletion
    AUDIT_READ = "audit:read"
    PLATFORM_MANAGE = "platform:manage"  # the tenants of the installation: of no role


_READ = frozenset({Permission.SELF, Permission.WORKFLOWS_READ, Permission.RUNS_READ})
_OPERATE = _READ | {Permission.RUNS_START, Permission.EVENTS_PUBLISH}
_EDIT = _OPERATE | {Permission.WORKFLOWS_WRITE, Permission.CREDENTIALS_MANAGE}

ROLES: Mapping[str, frozenset[Permission]] = {
    "viewer": _READ,
    "operator": _OPERATE,
    "editor": _EDIT,
    "admin": frozenset(Permission) - {Permission.PLATFORM_MANAGE},
}
_NOTHING: frozenset[Permission] = frozenset()
_LOOKING = (Permission.WORKFLOWS_READ, Permission.RUNS_READ)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, in one tenant.

    `role` is empty for whoever has one in projects only. `scopes` None means all of the role.
    `session` is set where somebody is signed in, `weak` where they proved who they are in one way
    only and the tenant demands two: they may do nothing but what is about themselves.
    """

    id: str
    tenant: str
    role: str
    projects: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[Permission] | None = None
    platform: bool = False
    session: str = ""
    weak: bool = False

    def may(self, permission: Permission, project: str = "") -> bool:
        """Whether this may be done to what belongs to a project, or to none."""
        if permission is Permission.SELF:
            return True
        if self.scopes is not None and permission not in self.scopes:
            return False
        if permission is Permission.PLATFORM_MANAGE:
            return self.platform
        if permission in ROLES.get(self.role, _NOTHING):
            return True
        return permission in ROLES.get(self.projects.get(project, ""), _NOTHING)

    def sees(self, project: str) -> bool:
        """Whether anything that belongs to a project, or to none, is shown to them."""
        return any(self.may(each, project) for each in _LOOKING)

    def reach(self, permission: Permission) -> frozenset[str] | None:
        """The projects in which this may be done; None: everywhere, in no project too."""
        if self.may(permission):
            return None
        return frozenset(one for one in self.projects if self.may(permission, one))
