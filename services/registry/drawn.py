"""The draft as people draw it: what they have drawn is written down before it is read."""

from __future__ import annotations

from weir.contract import subjects
from weir.contract.collab_errors import NotSyncedError
from weir.contract.errors import UnavailableError, WeirError
from weir.contract.messages import RegistryRecord, WorkflowSaved
from weir.runtime.drawing import Drawing, Drawn
from weir.runtime.records import Records, RegistryEntry


class Present:
    """Asks who has the document, if anybody has."""

    def __init__(self, drawing: Drawing, records: Records[RegistryRecord]) -> None:
        self._drawing = drawing
        self._records = records

    async def shown(
        self, tenant: str, entry: RegistryEntry | None, saved: WorkflowSaved
    ) -> RegistryEntry | None:
        """The head with all that was drawn, for who only looks; as it is stored if need be."""
        try:
            found = await self._drawing.write(tenant, saved.workflow_id, drawn=saved.drawn)
        except WeirError:
            return entry
        return await self._reread(tenant, entry, saved, found)

    async def written(
        self,
        tenant: str,
        entry: RegistryEntry | None,
        saved: WorkflowSaved,
        state: bytes | None = None,
        *,
        touches: bool = False,
    ) -> tuple[RegistryEntry | None, Drawn]:
        """The head with all that was drawn, up to a state vector.

        NotSyncedError where the document has not all of it in time; BodyTooLargeError,
        UnavailableError.
        """
        found = await self._drawing.write(
            tenant, saved.workflow_id, drawn=saved.drawn, state=state, touches=touches
        )
        if not found.synced or (state is not None and not found.open):
            if state is None:
                raise UnavailableError(
                    "The process that has this document does not answer: try again."
                )
            raise NotSyncedError(
                "What you see has not all arrived and been stored: wait until it is saved, and "
                "publish again."
            )
        return await self._reread(tenant, entry, saved, found), found

    async def _reread(
        self, tenant: str, entry: RegistryEntry | None, saved: WorkflowSaved, found: Drawn
    ) -> RegistryEntry | None:
        if entry is not None and found.revision <= entry.revision:
            return entry
        subject = subjects.workflow(tenant, saved.workflow_id)
        return await self._records.get(subject, min_revision=found.revision)
