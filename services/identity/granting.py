"""Who may give what: nobody more than they may themselves, in the tenant or in a project.

Pure: it compares principals with roles, and says in which words it is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from services.identity.index import Roll
from weir.contract.errors import InvalidRequestError
from weir.contract.identity_errors import RoleTooHighError
from weir.contract.messages import GroupSaved, MemberSaved
from weir.runtime.access import ROLES, Permission, Principal
from weir.runtime.http.call import wrong


class Roles(Protocol):
    """A request that names roles; of what it leaves out nothing changes."""

    @property
    def model_fields_set(self) -> set[str]:
        """What it names."""
        ...

    @property
    def role(self) -> str | None:
        """In the tenant; None: in projects only."""
        ...

    @property
    def projects(self) -> Mapping[str, str] | None:
        """By project."""
        ...


def may_give(
    by: Principal, role: str, project: str = "", scopes: Collection[Permission] | None = None
) -> None:
    """Go on only if they may all that this role may, there; of a role limited to scopes, all those.

    RoleTooHighError otherwise. No role, empty, may be given by everybody.
    """
    given = ROLES.get(role, frozenset())
    if scopes is not None:
        given &= frozenset(scopes)
    lacking = sorted(each.value for each in given if not by.may(each, project))
    if lacking:
        where = f" in {project}" if project else ""
        raise RoleTooHighError(
            f"The role {role!r}{where} may do what you may not ({', '.join(lacking)}): "
            "nobody gives more than they have.",
            details={"role": role, "project": project, "permissions": lacking},
        )


def new_roles(
    by: Principal, roll: Roll, before: GroupSaved | MemberSaved, asked: Roles
) -> dict[str, Any]:
    """Which fields a request changes; `by` must be allowed to give whatever is new in them.

    InvalidRequestError if it names a project that the tenant does not have, RoleTooHighError.
    """
    told: dict[str, Any] = {}
    role = asked.role or ""
    if "role" in asked.model_fields_set and role != before.role:
        may_give(by, role)
        told["role"] = role
    if asked.projects is not None:
        for project, one in asked.projects.items():
            known_project(project, roll)
            if one != before.projects.get(project):
                may_give(by, one, project)
        told["projects"] = dict(asked.projects)
    return told


def new_groups(
    by: Principal, roll: Roll, before: Collection[str], asked: Sequence[str]
) -> tuple[str, ...]:
    """The groups somebody is to be in; what a new one gives, `by` must be allowed to give."""
    for group_id in asked:
        held = roll.groups.get(group_id)
        if held is None:
            raise _unknown("groups", "group", group_id)
        if group_id not in before:
            may_give(by, held.kind.role)
            for project, role in held.kind.projects.items():
                may_give(by, role, project)
    return tuple(sorted(set(asked)))


def known_project(project: str, roll: Roll) -> None:
    """InvalidRequestError if it is no project of the tenant."""
    if project not in roll.projects:
        raise _unknown("projects", "project", project)


def _unknown(path: str, what: str, given: str) -> InvalidRequestError:
    return wrong(
        f"{path}.{given}", f"the tenant has no {what} {given}", f"List them at /api/v1/{path}."
    )
