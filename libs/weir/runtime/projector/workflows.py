"""The projection of what workflows are called, so that lists of runs can say and find it.

A name stays when its workflow is deleted: its runs are still listed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

from weir.contract import subjects
from weir.contract.messages import RegistryRecord, WorkflowSaved
from weir.ports.log import Stored
from weir.ports.views import Name, WorkflowRow
from weir.runtime import metrics
from weir.runtime.projector.fold import Rows, left_out


class WorkflowsFold:
    """See `fold.Fold`. The registry keeps every workflow's last record, so nothing is restored."""

    name: ClassVar[Name] = "workflows"
    stream: ClassVar[str] = subjects.REGISTRY
    subjects: ClassVar[tuple[str, ...]] = (subjects.EVERY_WORKFLOW,)

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], WorkflowRow] = {}

    async def prepare(self, messages: Sequence[Stored]) -> None:
        """Nothing is needed."""

    def add(self, messages: Sequence[Stored]) -> None:
        """The last record of a workflow counts."""
        for message in messages:
            try:
                record = RegistryRecord.model_validate_json(message.data)
            except Exception as error:  # noqa: BLE001 - one message must not stop the others
                left_out(self.name, message.subject, message.seq, error)
                continue
            saved = record.kind
            if isinstance(saved, WorkflowSaved):
                row = WorkflowRow(record.tenant, saved.workflow_id, saved.name, message.seq)
                self._rows[row[:2]] = row
            elif saved is None:
                metrics.UNKNOWN_EVENTS.inc()

    def take(self) -> Rows:
        """The rows since the last time."""
        rows, self._rows = list(self._rows.values()), {}
        return Rows(workflows=rows)

    def clear(self) -> None:
        """Forget the rows."""
        self._rows = {}

    async def restored(self) -> AsyncIterator[Rows]:
        """Nothing."""
        return
        yield
