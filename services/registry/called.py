"""What other workflows declare, for checking a definition whose runs start runs of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract import ids, subjects
from weir.contract.errors import ForbiddenError, RecordUnreadableError
from weir.contract.messages import RegistryRecord, WorkflowPublished, WorkflowSaved
from weir.core.spec import Catalogue
from weir.core.validation.callees import Called, Callee, called, callees
from weir.runtime.access import Permission
from weir.runtime.http.call import Call
from weir.runtime.records import Records

_MOST = 200  # of one definition; those beyond are checked as they start


class Others:
    """Reads what is published."""

    def __init__(self, records: Records[RegistryRecord], catalogue: Catalogue) -> None:
        self._records = records
        self._catalogue = catalogue

    async def startable(self, call: Call, definition: Mapping[str, Any]) -> None:
        """ForbiddenError if the caller may not start a workflow that the definition calls."""
        if call.reach(Permission.RUNS_START) is None:
            return
        for workflow in sorted({workflow for workflow, _ in callees(definition)}):
            head = await self._head(call.tenant, workflow)
            # Whether it is not there or only closed is not for them to know.
            if head is None or not call.principal.may(Permission.RUNS_START, head.project):
                raise ForbiddenError(
                    f"There is no workflow {workflow[:60]!r} that you may start, and runs of this "
                    "definition would: ask somebody who may start it to publish.",
                    details={"workflow_id": workflow[:60]},
                )

    async def known(self, call: Call, definition: Mapping[str, Any]) -> dict[Callee, Called]:
        """What the versions declare that a definition calls.

        What is not there, or not for who asks, is left out.
        """
        found = {}
        everywhere = call.reach(Permission.WORKFLOWS_READ) is None
        for workflow, version in sorted(callees(definition))[:_MOST]:
            try:
                if not everywhere and not await self._seen(call, workflow):
                    continue
                made = await self._published(call.tenant, workflow, version)
            except RecordUnreadableError:
                continue
            if made is not None and made.workflow_id == workflow:
                fixed = bool(version)
                found[workflow, version] = called(made.frozen or {}, self._catalogue, fixed=fixed)
        return found

    async def _seen(self, call: Call, workflow: str) -> bool:
        head = await self._head(call.tenant, workflow)
        return head is not None and call.principal.may(Permission.WORKFLOWS_READ, head.project)

    async def _head(self, tenant: str, workflow: str) -> WorkflowSaved | None:
        if not ids.is_id(workflow, "wf"):
            return None
        head = await self._records.get(subjects.workflow(tenant, workflow))
        return head.record.workflow_saved if head is not None else None

    async def _published(
        self, tenant: str, workflow: str, version: str
    ) -> WorkflowPublished | None:
        if not ids.is_id(workflow, "wf"):
            return None
        if not version:
            head = await self._head(tenant, workflow)
            version = head.current_version if head is not None else ""
        if not ids.is_id(version, "ver"):
            return None
        entry = await self._records.get(subjects.version(tenant, version))
        return entry.record.workflow_published if entry is not None else None
