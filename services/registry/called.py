"""What other workflows declare, for checking a definition whose runs start runs of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract import ids, subjects
from weir.contract.errors import RecordUnreadableError
from weir.contract.messages import RegistryRecord, WorkflowPublished
from weir.core.spec import Catalogue
from weir.core.validation.callees import Called, Callee, called, callees
from weir.runtime.records import Records

_MOST = 200  # of one definition; those beyond are checked as they start


class Others:
    """Reads what is published."""

    def __init__(self, records: Records[RegistryRecord], catalogue: Catalogue) -> None:
        self._records = records
        self._catalogue = catalogue

    async def known(self, tenant: str, definition: Mapping[str, Any]) -> dict[Callee, Called]:
        """What the versions declare that a definition calls; what is not there is left out."""
        found = {}
        for workflow, version in sorted(callees(definition))[:_MOST]:
            try:
                made = await self._published(tenant, workflow, version)
            except RecordUnreadableError:
                continue
            if made is not None and made.workflow_id == workflow:
                fixed = bool(version)
                found[workflow, version] = called(made.frozen or {}, self._catalogue, fixed=fixed)
        return found

    async def _published(
        self, tenant: str, workflow: str, version: str
    ) -> WorkflowPublished | None:
        if not ids.is_id(workflow, "wf"):
            return None
        if not version:
            head = await self._records.get(subjects.workflow(tenant, workflow))
            saved = head.record.workflow_saved if head is not None else None
            version = saved.current_version if saved is not None else ""
        if not ids.is_id(version, "ver"):
            return None
        entry = await self._records.get(subjects.version(tenant, version))
        return entry.record.workflow_published if entry is not None else None
