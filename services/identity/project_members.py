"""Roles in one project, for who manages users there and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from services.identity import members
from services.identity.granting import new_roles
from services.identity.people_models import PROJECTS_PER_ROLE, ChangeMember, ProjectRole
from services.identity.projects import found, managed
from services.identity.roster import Put, Roster
from weir.contract import subjects
from weir.contract.identity_errors import LimitReachedError
from weir.runtime.http.call import Call, Reply


class ProjectMembers:
    """The handlers."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._index = roster.index

    async def listed(self, call: Call) -> Reply:
        """GET /projects/{project_id}/members: who has a role of their own in it."""
        project_id = managed(call)
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        roll = self._index.roll(call.tenant)
        found(roll, project_id)
        inside = [held for held in roll.members.values() if project_id in held.kind.projects]
        return Reply(members.shown(call, self._index, inside, {project_id}))

    async def give(self, call: Call) -> Reply:
        """PUT /projects/{project_id}/members/{user_id}."""
        project_id, user_id = managed(call), members.anybody(call)
        asked = await call.model(ProjectRole)

        def puts() -> Sequence[Put]:
            roll = self._index.roll(call.tenant)
            found(roll, project_id)
            held = members.found(roll, user_id)
            kept = {one: role for one, role in held.kind.projects.items() if one in roll.projects}
            if len(kept | {project_id: ""}) > PROJECTS_PER_ROLE:
                raise LimitReachedError(
                    f"A member has roles in at most {PROJECTS_PER_ROLE} projects: give one in the "
                    "tenant, or a group."
                )
            wanted = ChangeMember(projects=kept | {project_id: asked.role})
            told = new_roles(call.principal, roll, held.kind, wanted)
            new = held.kind.model_copy(update=told)
            return (Put(subjects.member(call.tenant, user_id), new, held.kind),)

        sequence = await self._roster.change(call, puts)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)

    async def take(self, call: Call) -> Reply:
        """DELETE /projects/{project_id}/members/{user_id}."""
        project_id, user_id = managed(call), members.anybody(call)

        def puts() -> Sequence[Put]:
            roll = self._index.roll(call.tenant)
            found(roll, project_id)
            held = members.found(roll, user_id)
            if project_id not in held.kind.projects:
                return ()
            projects = {one: role for one, role in held.kind.projects.items() if one != project_id}
            new = held.kind.model_copy(update={"projects": projects})
            return (Put(subjects.member(call.tenant, user_id), new, held.kind),)

        sequence = await self._roster.change(call, puts)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)
