"""Projects: parts of a tenant with roles of their own."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from services.identity.belongings import Belongings
from services.identity.index import Held, Roll
from services.identity.people_models import Named, same
from services.identity.roster import Put, Roster, unchanged
from weir.contract import subjects
from weir.contract.identity_errors import (
    LimitReachedError,
    ProjectExistsError,
    ProjectNotEmptyError,
    ProjectNotFoundError,
)
from weir.contract.messages import ProjectDeleted, ProjectSaved
from weir.runtime.access import Permission
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.http.route import API

PROJECTS = 1_000  # of a tenant


class Projects:
    """The handlers."""

    def __init__(self, roster: Roster, idempotency: Idempotency, belongings: Belongings) -> None:
        self._roster = roster
        self._idempotency = idempotency
        self._belongings = belongings

    async def listed(self, call: Call) -> Reply:
        """GET /projects: those the caller may look into, or give roles in."""
        await self._roster.index.reach(call.number("min_sequence", 0, 0, 2**62))
        who = call.principal
        items = [
            held
            for project_id, held in self._roster.index.roll(call.tenant).projects.items()
            if who.sees(project_id) or who.may(Permission.USERS_MANAGE, project_id)
        ]
        return Reply(
            page(call, items, lambda held: (same(held.kind.name), held.kind.project_id), _show)
        )

    async def get(self, call: Call) -> Reply:
        """GET /projects/{project_id}."""
        project_id = project_of(call)
        held = found(self._roster.index.roll(call.tenant), project_id)
        who = call.principal
        if not who.sees(project_id) and not who.may(Permission.USERS_MANAGE, project_id):
            raise missing(project_id)
        return _reply(held)

    async def create(self, call: Call) -> Reply:
        """POST /projects."""
        asked = await call.model(Named)
        project_id, _ = await self._idempotency.id(call, "prj")
        subject = subjects.project(call.tenant, project_id)
        made = ProjectSaved(
            project_id=project_id,
            tenant=call.tenant,
            name=asked.name,
            created_at=self._roster.writer.now(),
        )

        def puts() -> Sequence[Put]:
            if self._roster.index.revision(subject):
                return ()  # the repetition of a request that was done
            roll = self._roster.index.roll(call.tenant)
            if len(roll.projects) >= PROJECTS:
                raise LimitReachedError(f"A tenant has at most {PROJECTS} projects.")
            _free(roll, project_id, asked.name)
            return (Put(subject, made),)

        await self._roster.change(call, puts)
        held = found(self._roster.index.roll(call.tenant), project_id)
        return _reply(held, HTTPStatus.CREATED, {"Location": f"{API}/projects/{project_id}"})

    async def rename(self, call: Call) -> Reply:
        """PUT /projects/{project_id}."""
        project_id = managed(call)
        asked = await call.model(Named)
        expected = call.if_match()

        def puts() -> Sequence[Put]:
            roll = self._roster.index.roll(call.tenant)
            held = found(roll, project_id)
            unchanged(held, expected)
            _free(roll, project_id, asked.name)
            saved = held.kind.model_copy(update={"name": asked.name})
            return (Put(subjects.project(call.tenant, project_id), saved, held.kind),)

        await self._roster.change(call, puts)
        return _reply(found(self._roster.index.roll(call.tenant), project_id))

    async def delete(self, call: Call) -> Reply:
        """DELETE /projects/{project_id}."""
        project_id = project_of(call)
        expected = call.if_match()
        found(self._roster.index.roll(call.tenant), project_id)
        if left := await self._belongings.of(call.tenant, project_id):
            raise ProjectNotEmptyError(
                f"To {project_id} still belong "
                f"{' and '.join(f'{count} {what}' for what, count in left.items())}: "
                "move or delete them first.",
                details={"project_id": project_id, **left},
            )

        def puts() -> Sequence[Put]:
            held = found(self._roster.index.roll(call.tenant), project_id)
            unchanged(held, expected)
            gone = ProjectDeleted(project_id=project_id, tenant=call.tenant)
            return (Put(subjects.project(call.tenant, project_id), gone, held.kind),)

        sequence = await self._roster.change(call, puts)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)


def project_of(call: Call) -> str:
    """The id in the path."""
    return call.id("project_id", "prj", ProjectNotFoundError, "project")


def managed(call: Call) -> str:
    """The id in the path, of a project in which the caller manages users."""
    project_id = project_of(call)
    call.require(Permission.USERS_MANAGE, project_id, lambda: missing(project_id))
    return project_id


def found(roll: Roll, project_id: str) -> Held[ProjectSaved]:
    """The project; ProjectNotFoundError."""
    held = roll.projects.get(project_id)
    if held is None:
        raise missing(project_id)
    return held


def missing(project_id: str) -> ProjectNotFoundError:
    """What is said of a project that is not there, or not for who asks."""
    return ProjectNotFoundError(
        f"There is no project {project_id!r}, or you have no role in it.",
        details={"project_id": project_id},
    )


def _free(roll: Roll, project_id: str, name: str) -> None:
    for other, held in roll.projects.items():
        if other != project_id and same(held.kind.name) == same(name):
            raise ProjectExistsError(
                f"There is a project {held.kind.name!r} already: take another name.",
                details={"project_id": other},
            )


def _order(held: Held[ProjectSaved]) -> tuple[str, str]:
    return same(held.kind.name), held.kind.project_id


def _show(held: Held[ProjectSaved]) -> dict[str, Any]:
    saved = held.kind
    return {
        "id": saved.project_id,
        "name": saved.name,
        "created_at": saved.created_at,
        "revision": str(held.revision),
    }


def _reply(
    held: Held[ProjectSaved], status: int = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Reply:
    return Reply(_show(held), status, headers or {}, sequence=held.revision, revision=held.revision)
