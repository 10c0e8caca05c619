"""Who may do what, said once more and apart from the code: what the matrix of access compares with.

The roles stand here as the product says them, so that a change in the code that
nobody meant shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Verdict = Literal["allowed", "unauthorized", "forbidden", "missing"]

_LOOK = {"self", "workflows:read", "runs:read"}
_OPERATE = _LOOK | {"runs:start", "events:publish"}
_EDIT = _OPERATE | {"workflows:write", "credentials:manage"}
_ADMINISTER = _EDIT | {"users:manage", "tenant:manage", "audit:read"}
HOLDS: Mapping[str, set[str]] = {
    "": {"self"},
    "viewer": _LOOK,
    "operator": _OPERATE,
    "editor": _EDIT,
    "admin": _ADMINISTER,
}


class Who(NamedTuple):
    """Somebody who asks. `unknown` counts as nobody; `shut` is of a suspended tenant."""

    name: str
    role: str = ""  # in the whole tenant
    projects: Mapping[str, str] = MappingProxyType({})  # roles in projects
    scopes: frozenset[str] | None = None
    unknown: bool = False
    shut: bool = False

    def holds(self, permission: str, project: str) -> bool:
        """Whether the permission is held for what belongs to a project, or to none."""
        if permission != "self" and self.scopes is not None and permission not in self.scopes:
            return False
        return permission in HOLDS[self.role] | HOLDS[self.projects.get(project, "")]


class Asked(NamedTuple):
    """What a route asks for."""

    permission: str
    by_project: bool


def verdict(
    who: Who, asked: Asked, *, own_tenant: bool = True, project: str | None = None
) -> Verdict:
    """What is to come of it; `project` None: what is asked about is in no project's gift."""
    if who.unknown:
        return "unauthorized"
    if who.shut:
        return "forbidden"
    somewhere = ["", *(who.projects if asked.by_project else ())]
    if not any(who.holds(asked.permission, each) for each in somewhere):
        return "forbidden"
    if not own_tenant:
        return "missing"
    if project is None or not asked.by_project:
        return "allowed"
    if who.holds(asked.permission, project):
        return "allowed"
    looks = who.holds("workflows:read", project) or who.holds("runs:read", project)
    return "forbidden" if looks else "missing"
