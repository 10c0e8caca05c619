"""Moves the past of runs that go on into the archive, behind their snapshots.

A run's owner writes snapshots into the log. For each new one everything of the
run up to it is stored in segments, each confirmed by a fact that expects the
one before it: killed anywhere between, the same is done again, and of two who
do it one goes on. Only what the views hold is confirmed, since the owner may
remove it from the log at once and the projection must not find holes. While
nobody does this, nothing is removed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import structlog

from weir.contract import codec, subjects, times
from weir.contract.errors import ConflictError, OutcomeUnknownError, UnavailableError
from weir.contract.messages import Envelope, Event, RunSegmentArchived, RunStarted
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.ports.views import Views
from weir.runtime import metrics
from weir.runtime.archive import Archive, segment_told

SEGMENT_BYTES = 4 * 1024 * 1024  # held in memory at once; a longer stretch takes several

_log = structlog.get_logger()


class Segmenting:
    """Archives what lies behind snapshots. `run` it for as long as the process lives."""

    def __init__(  # noqa: PLR0913 - each is a port of its own
        self,
        log: Log,
        views: Views,
        archive: Archive,
        clock: Clock,
        *,
        pause_s: float = 30.0,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self._log = log
        self._views = views
        self._archive = archive
        self._clock = clock
        self._pause_s = pause_s
        self._bytes = segment_bytes
        self._looked = 0  # snapshots up to this sequence are done

    async def run(self) -> None:
        """Archive until cancelled; outages are waited out."""
        while True:
            try:
                await self.sweep()
            except (UnavailableError, OutcomeUnknownError) as gone:
                _log.warning("archiving of segments interrupted", why=gone.message)
            await asyncio.sleep(self._pause_s)

    async def sweep(self) -> int:
        """Archive behind every snapshot not looked at before; how many segments were confirmed."""
        position = await self._views.position("runs")
        upto = 0 if position is None else position.sequence
        if upto < self._looked:  # the views are made again, or the log is another one
            self._looked = 0
        count = 0
        async for batch in self._log.read(subjects.EVERY_SNAPSHOT, after=self._looked, upto=upto):
            for message in batch:
                key, _, _ = subjects.parse_run(message.subject)
                try:
                    count += await self._archive_behind(key, message.seq)
                except (UnavailableError, OutcomeUnknownError):
                    raise
                except Exception as error:  # noqa: BLE001 - one run must not keep the others
                    why = str(error)[:300]
                    _log.error("segment cannot be archived", run_id=key.run_id, why=why)
                self._looked = message.seq
        return count

    async def _archive_behind(self, key: RunKey, upto: int) -> int:
        """Everything of a run up to its snapshot that is not confirmed yet."""
        last = await self._log.last(key.fact(subjects.segment_fact()))
        told = None if last is None else segment_told(last)
        after = 0 if told is None else int(told.through)
        start = await self._log.last(key.fact(subjects.start_fact()))
        first = None if start is None else codec.decode(start.data)
        if start is None or first is None or not isinstance(first.events[0].kind, RunStarted):
            return 0  # purged
        if await self._log.last(key.fact(subjects.archived_fact())) is not None:
            return 0
        expect = 0 if last is None else last.seq
        count = 0
        async for through, messages in self._stretches(key, max(after, start.seq - 1), upto):
            segment = await self._archive.put_segment(key, start.seq, after, through, messages)
            kind = RunSegmentArchived(key=segment.key, after=str(after), through=str(through))
            envelope = Envelope(
                id=self._clock.new_id("msg"),
                tenant=key.tenant,
                run_id=key.run_id,
                workflow_id=first.workflow_id,
                version=first.version,
                at=times.from_ms(self._clock.now_ms()),
                events=(Event.of(kind),),
            )
            fact = key.fact(subjects.segment_fact())
            try:
                expect = await self._log.append(Append(fact, codec.encode(envelope), expect=expect))
            except ConflictError:
                return count  # another archiver was first; it goes on
            metrics.SEGMENTS.inc()
            after = through
            count += 1
        return count

    async def _stretches(
        self, key: RunKey, after: int, upto: int
    ) -> AsyncIterator[tuple[int, Sequence[Stored]]]:
        """What lies between two sequences, in parts that fit into memory, each with its end."""
        held: list[Stored] = []
        size = 0
        async for batch in self._log.read(key.everything, after=after, upto=upto):
            for message in batch:
                if message.subject == key.snapshot:
                    continue
                held.append(message)
                size += len(message.data)
                if size >= self._bytes:
                    yield message.seq, held
                    held, size = [], 0
        if held:
            yield upto, held
