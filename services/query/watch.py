"""Watching a run or its lines from a mark on: history first, then what is stored, without a seam.

Both are one contiguous reading of the log, which survives lost connections by
itself, so there is nothing to merge. A run is always folded from its beginning,
since only its state tells which facts counted; what its owner has removed from
the log is read from the archive first. Where that happens under a reader's
hands the run's chain says so, and the reading begins again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson

from services.query.frames import Watched, frame, frames_of
from services.query.inputs import Signals
from services.query.known import KnownRuns
from weir.contract import codec, subjects
from weir.contract.errors import RunPurgedError
from weir.contract.marks import mark, sequence_of
from weir.contract.messages import LogBatch
from weir.contract.subjects import RunKey
from weir.core.runlog import RunLog
from weir.core.state import ENDED
from weir.ports.log import Following, Log, Stored
from weir.ports.views import LogRow
from weir.runtime.archive import Archive, confirmed, read_run
from weir.runtime.projector.lines import row_of


class Watch:
    """Reads what sockets show."""

    def __init__(self, runs: Log, lines: Log, archive: Archive, known: KnownRuns) -> None:
        self._runs = runs
        self._lines = lines
        self._archive = archive
        self._known = known

    async def run(self, key: RunKey, after: int) -> AsyncGenerator[Sequence[Watched], None]:
        """The frames of a run beyond a mark, until the run has ended.

        RunNotFoundError, RunPurgedError; UnavailableError if the log can no
        longer be read. Close it when done.
        """
        try:
            start = await self._known.start(key)
        except RunPurgedError:
            everything = await read_run(self._runs, self._archive, key)
            if not everything:
                raise
            yield _Fold(key, after).add(everything)
            return
        archived = -1
        while True:
            fold, begun = _Fold(key, after), archived
            archived = 0
            for segment in await confirmed(self._runs, self._archive, key):
                archived = segment.through
                found = fold.add(await self._archive.get_segment(segment))
                if found:
                    after = found[-1].mark
                    yield found
            fold.certain = archived == begun  # a chain that stays broken is not the archive's doing
            async with _following(
                self._runs, subjects.run_log(key), max(start - 1, archived)
            ) as following:
                async for messages in following:
                    found = fold.add(messages)
                    if fold.torn:
                        break
                    if found:
                        after = found[-1].mark
                        yield found
                    if fold.ended:
                        return

    async def lines(
        self, key: RunKey, after: int, levels: Sequence[str], path: str | None
    ) -> AsyncGenerator[Sequence[Watched], None]:
        """The lines of a run beyond a mark, for ever."""
        behind = max(0, sequence_of(after) - 1)
        subject = subjects.logs(key.tenant, key.run_id)
        async with _following(self._lines, [subject], behind) as following:
            async for messages in following:
                found = [
                    _line(row)
                    for row in _rows(messages)
                    if row.id > after
                    and (not levels or row.level in levels)
                    and path in (None, row.path)
                ]
                if found:
                    yield found

    async def beyond_runs(self, after: int) -> bool:
        """Whether the run log ends before a mark: it was taken from another log."""
        return after > 0 and await self._runs.last_seq() < sequence_of(after)

    async def beyond_lines(self, after: int) -> bool:
        """The same for the lines."""
        return after > 0 and await self._lines.last_seq() < sequence_of(after)


class _Fold:
    """A run's messages to frames."""

    def __init__(self, key: RunKey, after: int) -> None:
        self.ended = False
        self.certain = False  # whether to go on over a hole
        self._key = key
        self._after = after
        self._signals = Signals()
        self._log = RunLog(watch=self._signals.watch)

    @property
    def torn(self) -> bool:
        """Something before the last message was not read: it may be in the archive by now."""
        return bool(self._log.broken) and not self.certain

    def add(self, messages: Iterable[Stored]) -> list[Watched]:
        """The frames of these messages beyond the mark."""
        found: list[Watched] = []
        for message in messages:
            if subjects.parse_run(message.subject)[1] not in subjects.FOLDED or self.ended:
                continue
            try:
                envelope = codec.decode(message.data)
            except ValueError:
                continue  # the projection counts what cannot be read
            self._signals.taken.clear()
            transitions = self._log.feed(message.seq, message.data, envelope)
            if mark(message.seq + 1, 0) > self._after:
                taken = self._signals.taken
                frames = frames_of(self._key.run_id, message.seq, envelope, transitions, taken)
                found += [one for one in frames if one.mark > self._after]
            state = self._log.state
            self.ended = state is not None and state.status in ENDED
        return found


@asynccontextmanager
async def _following(log: Log, filters: Sequence[str], after: int) -> AsyncIterator[Following]:
    following = log.follow(filters, after=after)
    try:
        yield following
    finally:
        await following.close()


def _rows(messages: Iterable[Stored]) -> Iterable[LogRow]:
    for message in messages:
        try:
            batch = LogBatch.model_validate_json(message.data)
            yield from [row_of(batch, line, at, message) for at, line in enumerate(batch.lines)]
        except ValueError:
            continue


def _line(row: LogRow) -> Watched:
    data: dict[str, Any] = {
        "attempt": row.attempt,
        "level": row.level,
        "message": row.message,
        "fields": None if row.fields is None else orjson.loads(row.fields),
        "trace_parent": row.trace_parent,
    }
    shown = frame("step:log", row.run_id, data, seq=row.id, at_ms=row.at_ms, step=row.path)
    return Watched(row.id, shown)
