"""Whose roles count for what: a workflow may belong to a project, and what hangs on it with it.

What belongs to a project somebody has no role in is spoken of as if it were not
there; lists and searches leave it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from weir.contract import ids, subjects
from weir.contract.errors import ForbiddenError, WeirError
from weir.contract.identity_errors import ProjectNotFoundError
from weir.contract.messages import IdentityRecord, RegistryRecord
from weir.runtime.access import Permission
from weir.runtime.http.call import Call
from weir.runtime.records import Records, RegistryEntry


class Belonging:
    """Asks for projects in the name of a caller."""

    def __init__(self, records: Records[RegistryRecord], identity: Records[IdentityRecord]) -> None:
        self._records = records
        self._identity = identity

    async def put(
        self, call: Call, project: str, permission: Permission = Permission.WORKFLOWS_WRITE
    ) -> None:
        """Go on if the caller may have things in this project, empty: in none; and it is there.

        ProjectNotFoundError, ForbiddenError.
        """

        def unseen() -> WeirError:
            return _no_project(project) if project else _name_one(permission)

        call.require(permission, project, unseen)
        if not project:
            return
        if not ids.is_id(project, "prj"):
            raise unseen()
        entry = await self._identity.get(subjects.project(call.tenant, project))
        if entry is None or entry.record.project_saved is None:
            raise unseen()

    async def credential(self, call: Call, projects: Sequence[str]) -> None:
        """Go on if the caller may have credentials of all these projects, none: of the tenant.

        ProjectNotFoundError, ForbiddenError.
        """
        for project in projects or ("",):
            await self.put(call, project, Permission.CREDENTIALS_MANAGE)

    async def workflow(
        self, call: Call, permission: Permission, workflow: str, unseen: Callable[[], WeirError]
    ) -> None:
        """Go on if this may be done to what hangs on a workflow, be it there or deleted."""
        if call.reach(permission) is not None:
            call.require(permission, await self.project(call.tenant, workflow), unseen)

    async def project(self, tenant: str, workflow: str) -> str:
        """The project of a workflow, at most a second stale; empty for none, or no workflow."""
        return project_of(await self._records.get(subjects.workflow(tenant, workflow)))


def project_of(entry: RegistryEntry | None) -> str:
    """The project in a workflow's head, or in what its deletion left."""
    if entry is None:
        return ""
    head = entry.record.workflow_saved or entry.record.workflow_deleted
    return head.project if head is not None else ""


def _no_project(project: str) -> ProjectNotFoundError:
    return ProjectNotFoundError(
        f"There is no project {project[:60]!r}, or you have no role in it.",
        details={"project": project[:60]},
    )


def _name_one(permission: Permission) -> ForbiddenError:
    return ForbiddenError(
        "What belongs to no project is for those whose role counts everywhere: name a project of "
        "yours.",
        details={"permission": permission.value, "role": ""},
    )
