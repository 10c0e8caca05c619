"""The projection of deliveries to webhooks that started no run, or that a person made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

from weir.contract import subjects
from weir.contract.messages import DeliveryRecord
from weir.contract.times import to_ms
from weir.ports.deliveries import DeliveryRow
from weir.ports.log import Stored
from weir.ports.views import Name
from weir.runtime.projector.fold import Rows, left_out


class DeliveriesFold:
    """See `fold.Fold`. The stream keeps them as long as the views do, so nothing is restored."""

    name: ClassVar[Name] = "deliveries"
    stream: ClassVar[str] = subjects.DELIVERIES
    subjects: ClassVar[tuple[str, ...]] = (subjects.EVERY_DELIVERY,)

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], DeliveryRow] = {}

    async def prepare(self, messages: Sequence[Stored]) -> None:
        """Nothing is needed."""

    def add(self, messages: Sequence[Stored]) -> None:
        """Each is a row; the first of an id counts."""
        for message in messages:
            try:
                row = row_of(DeliveryRecord.model_validate_json(message.data), message)
            except Exception as error:  # noqa: BLE001 - one message must not stop the others
                left_out(self.name, message.subject, message.seq, error)
            else:
                self._rows.setdefault(row[:2], row)

    def take(self) -> Rows:
        """The rows since the last time."""
        rows, self._rows = list(self._rows.values()), {}
        return Rows(deliveries=rows)

    def clear(self) -> None:
        """Forget the rows."""
        self._rows = {}

    async def restored(self) -> AsyncIterator[Rows]:
        """Nothing."""
        return
        yield


def row_of(record: DeliveryRecord, message: Stored) -> DeliveryRow:
    """A delivery as it is stored and shown."""
    return DeliveryRow(
        tenant=record.tenant,
        record_id=record.id,
        webhook_id=record.webhook_id,
        at_ms=to_ms(record.at) if record.at else message.at_ms,
        verdict=record.verdict,
        code=record.code,
        reason=record.reason,
        run_id=record.run_id,
        version=record.version,
        delivery_id=record.delivery_id,
        method=record.method,
        status=record.status,
        size=int(record.size),
        kind=record.source,
        replay_of=record.replay_of,
        by=record.by,
        untold=record.untold,
        record=message.data.decode(),
        seq=message.seq,
    )
