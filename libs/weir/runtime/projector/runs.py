"""The projection of runs: every run of every tenant, with its steps and their attempts.

Runs that are going on are held in memory, as many as there is room for; one
that is needed again is read back from log and archive up to where the
projection stands. Ended runs are let go at once: nothing changes them but the
archive's confirmation, which needs no fold.

Of a run whose past the archive holds in segments the log tells only what lies
behind them. A projection that begins before their end (views made again, or
restored from a copy) leaves such a run out until then, reads it whole at once
and writes all of its rows.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import ClassVar

import structlog

from weir.contract import codec, subjects
from weir.contract.errors import ArchiveDamagedError
from weir.contract.messages import Envelope, RunArchived, RunPurged
from weir.contract.subjects import FOLDED, RunKey, parse_run
from weir.ports.letters import DeadRow
from weir.ports.log import Log, Stored
from weir.ports.views import Archived, AttemptRow, Name, RunRow, StepRow, Views
from weir.runtime import metrics
from weir.runtime.archive import Archive, ArchivedRun, read_parts, segment_told
from weir.runtime.history import gather
from weir.runtime.pieces import in_turns
from weir.runtime.projector import letters
from weir.runtime.projector.fold import Rows, left_out
from weir.runtime.projector.hot import HotRun

HOT_RUNS = 10_000
_ENDED_KNOWN = 50_000
_RESTORED_AT_ONCE = 200

_log = structlog.get_logger()

_Parsed = tuple[Stored, tuple[RunKey, str, str]]  # a message and what its subject says


class RunsFold:
    """See `fold.Fold`."""

    name: ClassVar[Name] = "runs"
    stream: ClassVar[str] = subjects.RUNS
    subjects: ClassVar[tuple[str, ...]] = (subjects.EVERY_RUN,)

    def __init__(
        self, log: Log, views: Views, archive: Archive, *, hot_runs: int = HOT_RUNS
    ) -> None:
        self._log = log
        self._views = views
        self._archive = archive
        self._room = hot_runs
        self._hot: OrderedDict[RunKey, HotRun] = OrderedDict()
        self._read: dict[RunKey, HotRun] = {}  # by `prepare`, for the next `add`
        self._parsed: list[_Parsed] = []  # likewise
        self._dirty: dict[RunKey, HotRun] = {}
        self._suspects: set[RunKey] = set()
        self._unreadable: list[DeadRow] = []
        self._archived: dict[RunKey, Archived] = {}
        self._ended: OrderedDict[RunKey, None] = OrderedDict()
        self._segments: dict[RunKey, int] | None = None  # what the archive has confirmed of each
        self._behind: dict[RunKey, int] = {}  # those of which the log holds too little, until then

    def clear(self) -> None:
        """Forget all runs."""
        self._hot.clear()
        self._read.clear()
        self._parsed.clear()
        self._dirty.clear()
        self._suspects.clear()
        self._unreadable.clear()
        self._archived.clear()
        self._ended.clear()
        self._segments = None
        self._behind.clear()

    async def prepare(self, messages: Sequence[Stored]) -> None:
        """Read back the runs that these messages go on with and that are not in memory."""
        before = messages[0].seq - 1
        if self._segments is None:
            self._segments = await self._confirmed()
            self._behind = {key: seq for key, seq in self._segments.items() if seq > before}
        self._parsed = _parse(messages)
        missing = self._missing(self._parsed)
        for key in [one for one in missing.values() if one in self._behind]:
            # What of it lies in these messages is folded only behind its segments.
            upto = max(before, self._behind[key])
            self._read |= await self._read_back({key: 1}, upto)
            del missing[key.tenant, key.run_id]
            if upto == before:
                del self._behind[key]
        if missing:
            origins = await self._views.origins(list(missing))
            self._let_go(missing[o[:2]] for o in origins if o.ended_ms is not None)
            still_open = {missing[o[:2]]: o.first_seq for o in origins if o.ended_ms is None}
            read = await self._read_back(still_open, before)
            for hot in read.values():
                hot.written()
            self._read |= read
        if self._suspects:
            await self._look_into(before)

    def _missing(self, parsed: Sequence[_Parsed]) -> dict[tuple[str, str], RunKey]:
        """Runs that are needed for these messages and are not in memory."""
        missing: dict[tuple[str, str], RunKey] = {}
        started: set[RunKey] = set()
        for message, (key, kind, rest) in parsed:
            if key in self._hot or key in started or key in self._ended:
                continue
            if message.seq <= self._behind.get(key, 0):
                continue
            if kind == "in" and rest == _START:
                started.add(key)
            elif kind != "in" or rest != _CONFIRMATION:
                missing[key.tenant, key.run_id] = key
        return missing

    def add(self, messages: Sequence[Stored]) -> None:
        """Fold the messages into their runs."""
        self._hot |= self._read
        self._read.clear()
        parsed, self._parsed = self._parsed or _parse(messages), []
        for message, (key, kind, rest) in parsed:
            if message.seq <= self._behind.get(key, 0):
                continue
            try:
                envelope = codec.decode(message.data)
                if kind == "in" and rest == _SEGMENT and self._segments is not None:
                    self._note_segment(key, message)
                if kind == "in" and rest == _CONFIRMATION:
                    self._confirm(key, envelope)
                    continue
                hot = self._hot.get(key)
                if hot is None or hot.ended:
                    starts = kind == "in" and rest == _START
                    hot = self._begin(key, message, envelope, starts=starts)
                    if hot is None:
                        continue
                unknown = hot.feed(message.seq, message.data, envelope)
            except Exception as error:  # noqa: BLE001
                # What cannot be read or folded must not keep all the others from being shown.
                left_out(self.name, message.subject, message.seq, error)
                self._unreadable.append(letters.unreadable(key, message, error))
                continue
            if unknown:
                metrics.UNKNOWN_EVENTS.inc(unknown)
            if hot.log.broken and not hot.checked:
                self._suspects.add(key)
            self._dirty[key] = hot

    def take(self) -> Rows:
        """The rows of all runs that changed."""
        runs: list[RunRow] = []
        steps: list[StepRow] = []
        attempts: list[AttemptRow] = []
        dead, self._unreadable = self._unreadable, []
        for key, hot in self._dirty.items():
            try:
                rows = hot.rows()
            except Exception as error:  # noqa: BLE001 - see `add`
                left_out(self.name, key.prefix, hot.seq, error)
                self._let_go((key,))
                continue
            if rows is not None:
                runs.append(rows[0])
                steps += rows[1]
                attempts += rows[2]
                dead += hot.dead()
            hot.written()
            if hot.ended:
                self._let_go((key,))
            else:
                self._hot.move_to_end(key)
        self._dirty.clear()
        while len(self._hot) > self._room:
            self._hot.popitem(last=False)
        archived = list(self._archived.values())
        self._archived.clear()
        letters.count(dead)
        return Rows(runs=runs, archived=archived, steps=steps, attempts=attempts, dead=dead)

    async def restored(self) -> AsyncIterator[Rows]:
        """The rows of every archived run."""
        count = 0
        async for archived in self._archive.everything():
            key = None
            try:
                async for part in self._archive.parts(archived):
                    async for piece in in_turns(part):
                        self.add(piece)
                    key, _, _ = parse_run(part[0].subject)
            except ArchiveDamagedError as error:
                _log.error("archived run not restored", key=archived.key, problem=error.message)
                self._forget(archived)
                continue
            if key is not None:
                self._archived[key] = Archived(key.tenant, key.run_id, archived.through)
            count += 1
            if count % _RESTORED_AT_ONCE == 0:
                yield self.take()
        yield self.take()

    def _begin(
        self, key: RunKey, message: Stored, envelope: Envelope, *, starts: bool
    ) -> HotRun | None:
        """A run of which nothing is folded yet; None if nothing can change it any more."""
        if starts:
            if any(isinstance(event.kind, RunPurged) for event in envelope.events):
                return None
            self._ended.pop(key, None)
        elif key in self._hot or key in self._ended:
            return None
        hot = self._hot[key] = HotRun(key.tenant, message.seq)
        return hot

    def _confirm(self, key: RunKey, envelope: Envelope) -> None:
        for event in envelope.events:
            if isinstance(event.kind, RunArchived):
                through = int(event.kind.through)
                self._archived[key] = Archived(key.tenant, key.run_id, through)

    def _let_go(self, ended: Iterable[RunKey]) -> None:
        for key in ended:
            hot = self._hot.pop(key, None)
            if hot is not None:
                # Run and log would hold each other until the collector came.
                hot.log.watch = None
            if self._segments:
                self._segments.pop(key, None)
            self._ended[key] = None
        while len(self._ended) > _ENDED_KNOWN:
            self._ended.popitem(last=False)

    async def _confirmed(self) -> dict[RunKey, int]:
        """Every run that goes on and of which the archive holds a part, and up to where."""
        found: dict[RunKey, int] = {}
        async for batch in self._log.read(subjects.EVERY_SEGMENT):
            for message in batch:
                told = segment_told(message)
                if told is not None:
                    found[parse_run(message.subject)[0]] = int(told.through)
        return found

    def _note_segment(self, key: RunKey, message: Stored) -> None:
        told = segment_told(message)
        if told is not None and self._segments is not None:
            self._segments[key] = max(int(told.through), self._segments.get(key, 0))

    def _forget(self, archived: ArchivedRun) -> None:
        """A run of which only a part could be read: show none of it."""
        for runs in (self._hot, self._dirty):
            for key in [one for one in runs if one[1:] == (archived.tenant, archived.run_id)]:
                del runs[key]

    async def _read_back(self, first_seqs: Mapping[RunKey, int], upto: int) -> dict[RunKey, HotRun]:
        runs: dict[RunKey, HotRun] = {}
        segments = self._segments or {}
        for key in first_seqs.keys() & segments.keys():
            try:
                async for part in read_parts(self._log, self._archive, key, upto=upto):
                    if part:
                        hot = runs.setdefault(key, HotRun(key.tenant, part[0].seq))
                        await _feed_again(hot, part)
            except ArchiveDamagedError as error:
                left_out(self.name, key.prefix, upto, error)
                runs.pop(key, None)
        first_seqs = {key: seq for key, seq in first_seqs.items() if key not in segments}
        for key, messages in (await gather(self._log, first_seqs, upto=upto)).items():
            runs[key] = hot = HotRun(key.tenant, messages[0].seq if messages else first_seqs[key])
            await _feed_again(hot, messages)
        return runs

    async def _look_into(self, upto: int) -> None:
        """Read broken runs again from their beginning: a fact may have come before the start."""
        suspects, self._suspects = self._suspects, set()
        for key, hot in (await self._read_back(dict.fromkeys(suspects, 1), upto)).items():
            hot.checked = True
            self._hot[key] = self._dirty[key] = hot
            if hot.log.broken:
                metrics.HISTORIES_BROKEN.inc()
                _log.error("the history of a run is broken", run_id=key.run_id, why=hot.log.broken)


def _parse(messages: Sequence[Stored]) -> list[_Parsed]:
    parsed = [(message, parse_run(message.subject)) for message in messages]
    return [one for one in parsed if one[1][1] in FOLDED]


async def _feed_again(hot: HotRun, messages: Sequence[Stored]) -> None:
    """Fold what was read before; what cannot be read was left out then, too."""
    async for piece in in_turns(messages):
        for message in piece:
            if parse_run(message.subject)[1] in FOLDED:
                with suppress(ValueError):
                    hot.feed(message.seq, message.data, codec.decode(message.data))


_START = subjects.start_fact()
_CONFIRMATION = subjects.archived_fact()
_SEGMENT = subjects.segment_fact()
