"""Publishing: the draft becomes a version that never changes, and then the current one.

The order makes a crash at any point harmless (log-protocol P17): the number is
reserved, the version written under its content hash, the addresses of its
triggers made, and only then the head points to it. Publishing the same content
again finds everything there and at most moves the pointer.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from services.registry.belonging import project_of
from services.registry.comparing import difference
from services.registry.drafts import Drafts, shown
from services.registry.drawn import Present
from services.registry.index import Index, VersionItem
from services.registry.models import Publish
from services.registry.probing import Probing
from services.registry.schedules import Schedules
from services.registry.subscriptions import Subscriptions
from services.registry.usage import admit
from services.registry.webhooks import Webhooks
from services.registry.workflows import READ, WRITE, head_for, head_of, saved_of, workflow_id
from weir.contract import ids, subjects
from weir.contract.collab_errors import VersionMovedError
from weir.contract.errors import ConflictError, DefinitionInvalidError, VersionNotFoundError
from weir.contract.messages import RegistryRecord, WorkflowPublished, WorkflowSaved
from weir.core.validate import Validated, version_of
from weir.runtime.changes import Writer, mismatch
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.plans import no_workflow
from weir.runtime.policy import Guard
from weir.runtime.records import RegistryEntry


class Publishing:
    """The handlers of versions."""

    def __init__(  # noqa: PLR0913, PLR0917 - what publishing touches
        self,
        writer: Writer[RegistryRecord],
        index: Index,
        drafts: Drafts,
        webhooks: Webhooks,
        subscriptions: Subscriptions,
        schedules: Schedules,
        idempotency: Idempotency,
        guard: Guard,
        present: Present,
        probing: Probing,
    ) -> None:
        self._probing = probing
        self._present = present
        self._guard = guard
        self._writer = writer
        self._index = index
        self._drafts = drafts
        self._webhooks = webhooks
        self._subscriptions = subscriptions
        self._schedules = schedules
        self._idempotency = idempotency

    async def publish(self, call: Call) -> Reply:
        """POST /workflows/{workflow_id}/versions."""
        wf = workflow_id(call)
        asked = await call.model(Publish, optional=True)
        note = asked.note
        head = subjects.workflow(call.tenant, wf)
        there, saved = head_for(call, WRITE, await self._writer.records.fresh(head), wf)
        # The content hash makes publishing idempotent; the key only guards against another note.
        await self._idempotency.id(call, "req")
        if "If-Match" in call.request.headers and call.if_match() not in {None, there.revision}:
            raise mismatch(there.revision)
        if asked.base_version is not None and asked.base_version != saved.current_version:
            raise VersionMovedError(
                "Somebody has published since you compared: look at what differs now, and publish "
                "again.",
                details={"current_version": saved.current_version or None},
            )
        fresh, drawn = await self._present.written(
            call.tenant, there, saved, asked.vector(), touches=True
        )
        if fresh is not None:
            there, saved = head_for(call, WRITE, fresh, wf)
        draft = saved.definition
        before = await self._version(call.tenant, saved.current_version)
        changes = difference(before.definition if before else {}, draft, drawn.touches)
        await self._drafts.startable(call, draft)
        found = await self._drafts.check(call, draft)
        frozen = accepted(found)
        await admit(self._writer.records, call.tenant, saved.project, draft)
        await self._guard.publish(call.principal, wf, frozen)
        version = version_of(wf, frozen)
        made = await self._version(call.tenant, version)
        created = made is None
        if made is None:
            number = await self._reserve(call, wf)
            made = WorkflowPublished(
                workflow_id=wf,
                version=version,
                number=number,
                definition=draft,
                frozen=frozen,
                note=note,
            )
            subject = subjects.version(call.tenant, version)
            try:
                await self._writer.create(subject, made, call.principal)
            except ConflictError:
                # Somebody published the same content in this moment: theirs counts.
                created = False
                made = await self._version(call.tenant, version) or made
        hooks = await self._webhooks.ensure(call, wf, frozen)
        heard = await self._subscriptions.ensure(call, wf, frozen)
        timed = await self._schedules.ensure(call, wf, frozen)
        entry = await self._point(call, wf, made)
        await self._schedules.prune(call, wf, frozen, entry.revision)
        return Reply(
            {
                "workflow_id": wf,
                "version": version,
                "number": made.number,
                "created": created,
                "revision": str(entry.revision),
                "warnings": shown(found.warnings),
                "webhooks": await self._probing.of(call.tenant, hooks, version, entry.revision),
                "changes": changes,
                "dropped": drawn.dropped,
                "subscriptions": heard,
                "schedules": timed,
            },
            status=HTTPStatus.CREATED if created else HTTPStatus.OK,
            sequence=entry.revision,
            revision=entry.revision,
        )

    async def listed(self, call: Call) -> Reply:
        """GET /workflows/{workflow_id}/versions."""
        wf = workflow_id(call)
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        current = await self._current(call, wf)

        def show(item: VersionItem) -> dict[str, Any]:
            return {
                "version": item.version,
                "workflow_id": item.workflow_id,
                "number": item.number,
                "note": item.note,
                "published_at": item.published_at,
                "published_by": item.published_by,
                "current": item.version == current,
            }

        items = self._index.versions(call.tenant, wf)
        return Reply(
            page(call, items, lambda item: (item.number, item.version), show, descending=True)
        )

    async def get(self, call: Call) -> Reply:
        """GET /workflows/{workflow_id}/versions/{version}."""
        wf = workflow_id(call)
        current = await self._current(call, wf)
        version = call.segment("version")
        if version == "current" and current:
            version = current
        if not ids.is_id(version, "ver"):
            raise _no_version(version)
        entry = await self._writer.records.get(subjects.version(call.tenant, version))
        made = entry.record.workflow_published if entry else None
        if entry is None or made is None or made.workflow_id != wf:
            raise _no_version(version)
        return Reply(
            {
                "version": version,
                "workflow_id": wf,
                "number": made.number,
                "note": made.note,
                "published_at": entry.record.at,
                "published_by": entry.record.by,
                "current": version == current,
                "definition": made.definition,
                "frozen": made.frozen,
            }
        )

    async def _current(self, call: Call, wf: str) -> str:
        """The current version, empty if there is none; a deleted workflow's versions stay."""
        entry = await self._writer.records.get(subjects.workflow(call.tenant, wf))
        call.require(READ, project_of(entry), lambda: no_workflow(wf))
        if entry is not None and entry.record.workflow_deleted is not None:
            return ""
        return saved_of(entry, wf).current_version

    async def _version(self, tenant: str, version: str) -> WorkflowPublished | None:
        if not version:
            return None
        entry = await self._writer.records.fresh(subjects.version(tenant, version))
        return entry.record.workflow_published if entry else None

    async def _reserve(self, call: Call, wf: str) -> int:
        def next_of(entry: RegistryEntry | None) -> WorkflowSaved:
            saved = saved_of(entry, wf)
            return saved.model_copy(update={"last_number": saved.last_number + 1})

        subject = subjects.workflow(call.tenant, wf)
        entry = await self._writer.overwrite(call, subject, next_of)
        return saved_of(entry, wf).last_number

    async def _point(self, call: Call, wf: str, made: WorkflowPublished) -> RegistryEntry:
        subject = subjects.workflow(call.tenant, wf)
        there, saved = head_of(await self._writer.records.fresh(subject), wf)
        if saved.current_version == made.version:
            return there

        def next_of(entry: RegistryEntry | None) -> WorkflowSaved:
            return saved_of(entry, wf).model_copy(
                update={"current_version": made.version, "current_number": made.number}
            )

        return await self._writer.overwrite(call, subject, next_of)


def accepted(found: Validated) -> Any:
    """The frozen form; DefinitionInvalidError with every located problem if there is none."""
    if found.errors or found.frozen is None:
        count = len(found.errors)
        raise DefinitionInvalidError(
            f"The definition has {count} problem{'' if count == 1 else 's'}: mend what "
            "details.errors names and publish again.",
            details={"errors": shown(found.errors), "warnings": shown(found.warnings)},
        )
    return found.frozen


def _no_version(version: str) -> VersionNotFoundError:
    return VersionNotFoundError(
        f"This workflow has no version {version[:60]!r}: list them at …/versions.",
        details={"version": version[:60]},
    )
