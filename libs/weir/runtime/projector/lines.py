"""The projection of the lines that steps write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

import orjson

from weir.contract import subjects
from weir.contract.marks import mark
from weir.contract.messages import LogBatch, LogLine
from weir.contract.times import to_ms
from weir.ports.log import Stored
from weir.ports.views import LogRow, Name
from weir.runtime.projector.fold import Rows, left_out


class LinesFold:
    """See `fold.Fold`. The stream keeps lines as long as the views do, so nothing is restored."""

    name: ClassVar[Name] = "logs"
    stream: ClassVar[str] = subjects.LOGS
    subjects: ClassVar[tuple[str, ...]] = (subjects.EVERY_LINE,)

    def __init__(self) -> None:
        self._rows: list[LogRow] = []

    async def prepare(self, messages: Sequence[Stored]) -> None:
        """Nothing is needed."""

    def add(self, messages: Sequence[Stored]) -> None:
        """Each line is a row."""
        for message in messages:
            try:
                batch = LogBatch.model_validate_json(message.data)
                self._rows += [
                    row_of(batch, line, place, message) for place, line in enumerate(batch.lines)
                ]
            except Exception as error:  # noqa: BLE001 - one message must not stop the others
                left_out(self.name, message.subject, message.seq, error)

    def take(self) -> Rows:
        """The rows since the last time."""
        rows, self._rows = self._rows, []
        return Rows(logs=rows)

    def clear(self) -> None:
        """Forget the rows."""
        self._rows = []

    async def restored(self) -> AsyncIterator[Rows]:
        """Nothing."""
        return
        yield


def row_of(batch: LogBatch, line: LogLine, place: int, message: Stored) -> LogRow:
    """A line as it is stored and shown."""
    return LogRow(
        batch.tenant,
        batch.run_id,
        mark(message.seq, place),
        to_ms(line.at) if line.at else message.at_ms,
        message.at_ms,
        line.step,
        line.attempt,
        line.level,
        line.message,
        None if line.fields is None else orjson.dumps(line.fields).decode(),
        line.trace_parent,
    )
