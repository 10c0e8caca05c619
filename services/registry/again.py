"""Letting an older version run again. The draft stays as it is, whatever is drawn in it.

The order is that of publishing: the addresses of the version's triggers are
made, and only then the head points to it, so that a crash at any point is
harmless. Nothing is written if the version is the current one already.
"""

from __future__ import annotations

from typing import Any

from services.registry.drafts import Drafts
from services.registry.schedules import Schedules
from services.registry.subscriptions import Subscriptions
from services.registry.usage import admit
from services.registry.webhooks import Webhooks
from services.registry.workflows import WRITE, head_for, saved_of, workflow_id
from weir.contract import ids, subjects
from weir.contract.errors import VersionNotFoundError
from weir.contract.messages import RegistryRecord, WorkflowPublished, WorkflowSaved
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call, Reply
from weir.runtime.policy import Guard
from weir.runtime.records import RegistryEntry


class Again:
    """The handler."""

    def __init__(  # noqa: PLR0913, PLR0917 - what publishing touches
        self,
        writer: Writer[RegistryRecord],
        drafts: Drafts,
        webhooks: Webhooks,
        subscriptions: Subscriptions,
        schedules: Schedules,
        guard: Guard,
    ) -> None:
        self._writer = writer
        self._drafts = drafts
        self._webhooks = webhooks
        self._subscriptions = subscriptions
        self._schedules = schedules
        self._guard = guard

    async def run(self, call: Call) -> Reply:
        """POST /workflows/{workflow_id}/versions/{version}/current."""
        wf = workflow_id(call)
        head = subjects.workflow(call.tenant, wf)
        there, saved = head_for(call, WRITE, await self._writer.records.fresh(head), wf)
        version = call.segment("version")
        made = await self._published(call.tenant, wf, version)
        if saved.current_version == version:
            return _reply(made, there)
        await self._drafts.startable(call, made.definition)
        await admit(self._writer.records, call.tenant, saved.project, made.definition)
        await self._guard.publish(call.principal, wf, made.frozen)
        await self._webhooks.ensure(call, wf, made.frozen)
        await self._subscriptions.ensure(call, wf, made.frozen)
        await self._schedules.ensure(call, wf, made.frozen)

        def next_of(entry: RegistryEntry | None) -> WorkflowSaved:
            return saved_of(entry, wf).model_copy(
                update={"current_version": made.version, "current_number": made.number}
            )

        entry = await self._writer.overwrite(call, head, next_of)
        await self._schedules.prune(call, wf, made.frozen, entry.revision)
        return _reply(made, entry)

    async def _published(self, tenant: str, wf: str, version: str) -> WorkflowPublished:
        if ids.is_id(version, "ver"):
            entry = await self._writer.records.fresh(subjects.version(tenant, version))
            made = entry.record.workflow_published if entry else None
            # One without a number was made to be tried out.
            if made is not None and made.workflow_id == wf and made.number:
                return made
        raise VersionNotFoundError(
            f"This workflow has no version {version[:60]!r}: list them at …/versions.",
            details={"version": version[:60]},
        )


def _reply(made: WorkflowPublished, entry: RegistryEntry) -> Reply:
    answer: dict[str, Any] = {
        "workflow_id": made.workflow_id,
        "version": made.version,
        "number": made.number,
        "revision": str(entry.revision),
    }
    return Reply(answer, sequence=entry.revision, revision=entry.revision)
