"""What belongs to a project, counted in the registry's stream itself.

Read from the stream's beginning: deleting a project is rare, and what a view
or an index has not seen yet must not be overlooked. What is made in the
project at the same moment can be; then it is for those whose role counts in
the whole tenant, who can move it.
"""

from __future__ import annotations

from contextlib import suppress

from weir.contract import subjects
from weir.contract.errors import RecordUnreadableError
from weir.contract.messages import RegistryRecord
from weir.ports.log import Log
from weir.runtime.records import read


class Belongings:
    """Counts."""

    def __init__(self, registry: Log) -> None:
        self._registry = registry

    async def of(self, tenant: str, project: str) -> dict[str, int]:
        """How many workflows and credentials belong to the project, of what there is any."""
        counts = {
            "workflows": await self._count(subjects.workflow(tenant, "*"), project),
            "credentials": await self._count(subjects.credential(tenant, "*"), project),
        }
        return {what: count for what, count in counts.items() if count}

    async def _count(self, subject: str, project: str) -> int:
        found: set[str] = set()
        async for batch in self._registry.read(subject):
            for stored in batch:
                with suppress(RecordUnreadableError):
                    record = read(RegistryRecord, stored)
                    workflow, credential = record.workflow_saved, record.credential_saved
                    named = {workflow.project} if workflow else set[str]()
                    named |= set(credential.projects) if credential else set()
                    (found.add if project in named else found.discard)(stored.subject)
        return len(found)
