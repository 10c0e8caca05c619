"""Who may do what: the permissions of routes and the roles that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a route asks of its caller."""

    PUBLIC = "public"  # no key needed: the route itself decides (webhooks check signatures)
    WORKFLOWS_READ = "workflows:read"
    WORKFLOWS_WRITE = "workflows:write"
    RUNS_READ = "runs:read"
    RUNS_START = "runs:start"  # starting, and all that steers a run afterwards
    CREDENTIALS_MANAGE = "credentials:manage"


_READ = frozenset({Permission.WORKFLOWS_READ, Permission.RUNS_READ})
_OPERATE = _READ | {Permission.RUNS_START}
_EDIT = _OPERATE | {Permission.WORKFLOWS_WRITE, Permission.CREDENTIALS_MANAGE}

ROLES: Mapping[str, frozenset[Permission]] = {
    "viewer": _READ,
    "operator": _OPERATE,
    "editor": _EDIT,
    "admin": frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: the key, its tenant and its role."""

    id: str
    tenant: str
    role: str

    def may(self, permission: Permission) -> bool:
        """Whether the role holds the permission; an unknown role holds none."""
        return permission in ROLES.get(self.role, frozenset())
