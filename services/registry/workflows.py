"""Workflows: the heads that hold a draft and point to the current version."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from services.registry.belonging import Belonging
from services.registry.drafts import YAML, Drafts, shown
from services.registry.drawn import Present
from services.registry.index import Index, WorkflowItem, workflow_item
from services.registry.models import Clone, Move
from services.registry.schedules import Schedules
from weir.contract import subjects
from weir.contract.errors import (
    ConflictError,
    InvalidParameterError,
    WorkflowNotFoundError,
)
from weir.contract.messages import RegistryRecord, WorkflowDeleted, WorkflowSaved
from weir.runtime.access import Permission
from weir.runtime.changes import Writer
from weir.runtime.drafts import told
from weir.runtime.http.asked import projects
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import ordering, page
from weir.runtime.http.route import API
from weir.runtime.plans import no_workflow
from weir.runtime.records import RegistryEntry

READ = Permission.WORKFLOWS_READ
WRITE = Permission.WORKFLOWS_WRITE
LABEL = "label."
SORTS = {
    "name": lambda item: (item.name.casefold(), item.id),
    "created_at": lambda item: (item.created_at, item.id),
    "updated_at": lambda item: (item.updated_at, item.id),
}


def workflow_id(call: Call) -> str:
    """The id in the path."""
    return call.id("workflow_id", "wf", WorkflowNotFoundError, "workflow")


def head_of(entry: RegistryEntry | None, wf: str) -> tuple[RegistryEntry, WorkflowSaved]:
    """The head in a record; WorkflowNotFoundError if there is none or it was deleted."""
    saved = entry.record.workflow_saved if entry is not None else None
    if entry is None or saved is None:
        raise no_workflow(wf)
    return entry, saved


def head_for(
    call: Call, permission: Permission, entry: RegistryEntry | None, wf: str
) -> tuple[RegistryEntry, WorkflowSaved]:
    """The same for whoever may do this to it; ForbiddenError for who may only look."""
    head = head_of(entry, wf)
    call.require(permission, head[1].project, lambda: no_workflow(wf))
    return head


def saved_of(entry: RegistryEntry | None, wf: str) -> WorkflowSaved:
    """The same without its record."""
    return head_of(entry, wf)[1]


class Workflows:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what workflows touch
        self,
        writer: Writer[RegistryRecord],
        index: Index,
        drafts: Drafts,
        belonging: Belonging,
        idempotency: Idempotency,
        present: Present,
        schedules: Schedules,
    ) -> None:
        self._present = present
        self._schedules = schedules
        self._writer = writer
        self._belonging = belonging
        self._index = index
        self._drafts = drafts
        self._idempotency = idempotency

    async def create(self, call: Call) -> Reply:
        """POST /workflows."""
        project = call.query("project")
        await self._belonging.put(call, project)
        definition = await self._drafts.read(call)
        return await self._create(call, definition, project)

    async def clone(self, call: Call) -> Reply:
        """POST /workflows/{workflow_id}/clone."""
        source = workflow_id(call)
        asked = await call.model(Clone, optional=True)
        found = await self._writer.records.fresh(subjects.workflow(call.tenant, source))
        _, head = head_for(call, READ, found, source)
        _, head = head_of(await self._present.shown(call.tenant, found, head), source)
        draft = head.definition
        project = asked.project if "project" in asked.model_fields_set else head.project
        await self._belonging.put(call, project or "")
        name = asked.name or f"{draft['name'][:190]} (copy)"
        return await self._create(call, {**draft, "name": name}, project or "")

    async def _create(self, call: Call, definition: dict[str, Any], project: str) -> Reply:
        wf, came_before = await self._idempotency.id(call, "wf", within=project)
        if not came_before:
            await self._index.room(call.tenant, "workflows")
        subject = subjects.workflow(call.tenant, wf)
        saved = WorkflowSaved(
            workflow_id=wf,
            created_at=self._writer.now(),
            created_by=call.principal.id,
            project=project,
            **told(definition),
        )
        try:
            entry: RegistryEntry | None = await self._writer.create(subject, saved, call.principal)
        except ConflictError:
            # Only a repeated request comes here: its key made this id before.
            entry = await self._writer.records.fresh(subject)
        return await self._reply(
            call,
            entry,
            wf,
            status=HTTPStatus.CREATED,
            headers={"Location": f"{API}/workflows/{wf}"},
        )

    async def get(self, call: Call) -> Reply:
        """GET /workflows/{workflow_id}."""
        wf = workflow_id(call)
        subject = subjects.workflow(call.tenant, wf)
        entry = await self._writer.records.get(subject, min_revision=call.min_revision)
        _, saved = head_for(call, READ, entry, wf)
        return await self._reply(call, await self._present.shown(call.tenant, entry, saved), wf)

    async def listed(self, call: Call) -> Reply:
        """GET /workflows."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        key, descending = ordering(call, SORTS, "-updated_at")
        name = call.query("name").casefold()
        labels = {
            given.removeprefix(LABEL): value
            for given, value in call.request.query.items()
            if given.startswith(LABEL)
        }
        if call.query("label"):
            raise InvalidParameterError(
                "Labels are filtered as label.<name>=<value>.", details={"parameter": "label"}
            )
        within = projects(call)
        items = (
            item
            for item in self._index.workflows(call.tenant)
            if (within is None or item.project in within)
            and name in item.name.casefold()
            and labels.items() <= item.labels.items()
        )
        return Reply(page(call, items, key, in_list, descending=descending))

    async def save(self, call: Call) -> Reply:
        """PUT /workflows/{workflow_id}."""
        wf = workflow_id(call)
        return await self.replace(call, wf, await self._drafts.read(call))

    async def replace(self, call: Call, wf: str, definition: dict[str, Any]) -> Reply:
        """Save a whole definition as the draft; who draws at the same time loses nothing by it."""
        subject = subjects.workflow(call.tenant, wf)
        entry = await self._writer.records.fresh(subject)
        _, there = head_for(call, WRITE, entry, wf)
        await self._present.shown(call.tenant, entry, there)

        def next_of(entry: RegistryEntry | None) -> WorkflowSaved:
            _, saved = head_for(call, WRITE, entry, wf)
            return saved.model_copy(update=told(definition))

        return await self._reply(call, await self._writer.change(call, subject, next_of), wf)

    async def move(self, call: Call) -> Reply:
        """PUT /workflows/{workflow_id}/project."""
        wf = workflow_id(call)
        project = (await call.model(Move)).project or ""
        subject = subjects.workflow(call.tenant, wf)
        # Whether it is there for them comes before what they may do elsewhere.
        head_for(call, WRITE, await self._writer.records.fresh(subject), wf)
        await self._belonging.put(call, project)

        def next_of(entry: RegistryEntry | None) -> WorkflowSaved:
            _, saved = head_for(call, WRITE, entry, wf)
            return saved.model_copy(update={"project": project})

        return await self._reply(call, await self._writer.change(call, subject, next_of), wf)

    async def delete(self, call: Call) -> Reply:
        """DELETE /workflows/{workflow_id}."""
        wf = workflow_id(call)

        def next_of(entry: RegistryEntry | None) -> WorkflowDeleted:
            _, saved = head_for(call, WRITE, entry, wf)
            return WorkflowDeleted(workflow_id=wf, project=saved.project)

        entry = await self._writer.change(call, subjects.workflow(call.tenant, wf), next_of)
        await self._schedules.prune(call, wf, None, entry.revision)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=entry.revision)

    async def validate(self, call: Call) -> Reply:
        """POST /workflows/validate."""
        definition = await self._drafts.read(call)
        found = await self._drafts.check(call, definition)
        return Reply(
            {
                "valid": not found.errors,
                "errors": shown(found.errors),
                "warnings": shown(found.warnings),
                **({"definition": definition} if call.accepted() in YAML else {}),
            }
        )

    async def _reply(
        self,
        call: Call,
        entry: RegistryEntry | None,
        wf: str,
        *,
        status: int = HTTPStatus.OK,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        head, saved = head_for(call, READ, entry, wf)
        revision = head.revision
        value = in_list(workflow_item(head.record, saved, revision))
        value["definition"] = saved.definition
        value["problems"] = await self._drafts.problems(call, saved.definition, revision)
        return Reply(
            value, status=status, headers=headers or {}, revision=revision, sequence=revision
        )


def in_list(item: WorkflowItem) -> dict[str, Any]:
    """A workflow as lists show it."""
    return {
        **asdict(item),
        "current_version": item.current_version or None,
        "current_number": item.current_number or None,
        "project": item.project or None,
        "revision": str(item.revision),
    }
