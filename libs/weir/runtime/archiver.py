"""Moves ended runs into the archive, at leisure.

Now and then it looks in the views for runs that ended a while ago and that no
archive holds, reads them from the log, many in one pass, stores each one and
appends the fact `RunArchived`. A run counts as archived by that fact alone:
killed anywhere between, the archiver does the same again, and two of them do
it twice at most. What cannot be read whole is never confirmed, so it is never
purged from the log. Of a run that was archived in segments while it went on,
only what lies behind them is stored, under a name that stands for all of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import takewhile

import structlog

from weir.contract import codec, subjects, times
from weir.contract.errors import ConflictError, OutcomeUnknownError, UnavailableError
from weir.contract.messages import Envelope, Event, RunArchived
from weir.contract.subjects import RunKey, run_key
from weir.core.outcome import Outcome, outcome, outcome_of
from weir.core.runlog import RunLog
from weir.core.state import ENDED
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.ports.views import Origin, Views
from weir.runtime import metrics
from weir.runtime.archive import Archive, ArchivedRun, Ended, Segment, confirmed
from weir.runtime.history import Passing
from weir.runtime.pace import rest_after
from weir.runtime.pieces import pieces
from weir.runtime.replay import counting, replay_in_turns

QUIET_MS = 60_000
_LOOKS_EVERY_S = 10.0
_AT_ONCE = 2_000
_STRETCH = 20_000  # so far apart in the log the ends of the runs lie that are held at once
_PART = 50
_PARTS_AT_ONCE = 2  # one is packed while another is written; the projection has its turns

_log = structlog.get_logger()

_Whole = tuple[Ended, Outcome]  # all of an ended run, and how it ended


class Archiver:
    """Archives what the views say has ended. `run` it for as long as the process lives.

    `quiet_ms` is how long it leaves a run alone after its end.
    """

    def __init__(  # noqa: PLR0913 - each is a port of its own
        self, log: Log, views: Views, archive: Archive, clock: Clock, *, shards: int, quiet_ms: int
    ) -> None:
        self._log = log
        self._views = views
        self._archive = archive
        self._clock = clock
        self._shards = shards
        self._quiet_ms = quiet_ms

    async def run(self) -> None:
        """Archive until cancelled; outages are waited out."""
        pause_s = min(max(1.0, self._quiet_ms / 1000), _LOOKS_EVERY_S)
        while True:
            try:
                await self.sweep()
            except (UnavailableError, OutcomeUnknownError) as gone:
                _log.warning("archiving interrupted", why=gone.message)
            await asyncio.sleep(pause_s)

    async def sweep(self) -> int:
        """Archive every run that is due; returns how many were confirmed.

        One page is stored while the next is read: either waits for others most of the time.
        """
        before_ms = self._clock.now_ms() - self._quiet_ms
        after, count = (-1, ""), 0
        now = asyncio.get_running_loop().time
        storing = asyncio.ensure_future(self._store_all(()))
        async with Passing(self._log) as passing:
            try:
                while True:
                    began = now()
                    due, last = await self._due(before_ms, after)
                    found = await self._gather(due, passing)
                    count += await storing
                    storing = asyncio.ensure_future(self._store_all(found))
                    if last:
                        return count + await storing
                    ended_ms = due[-1].ended_ms or 0
                    after = (ended_ms, due[-1].run_id)
                    if rest := rest_after(now() - began, before_ms - ended_ms):
                        await asyncio.wait([storing])
                        await asyncio.sleep(rest)
            finally:
                storing.cancel()
                await asyncio.gather(storing, return_exceptions=True)

    async def _due(self, before_ms: int, after: tuple[int, str]) -> tuple[list[Origin], bool]:
        """The next runs to be archived, oldest first, and whether there are no more."""
        found = await self._views.unarchived(before_ms, _AT_ONCE, after=after)
        due = list(takewhile(lambda run: run.seq < found[0].seq + _STRETCH, found))
        return due, len(due) == len(found) < _AT_ONCE

    async def _gather(self, due: Sequence[Origin], passing: Passing) -> list[_Whole]:
        """Those of them that can be archived."""
        first_seqs = {run_key(run.tenant, run.run_id, self._shards): run.first_seq for run in due}
        # What comes after a run's end changes nothing: it is kept if it lies in between.
        upto = max((run.seq for run in due), default=0)
        histories = await passing.gather(first_seqs, upto=upto)
        found = list[_Whole]()
        for place, one in enumerate(histories.items()):
            if place % _PART == 0:
                await asyncio.sleep(0)  # others on the loop have their turn
            if (run := await self._read(*one)) is not None:
                found.append(run)
        return found

    async def _store_all(self, found: Sequence[_Whole]) -> int:
        parts = [found[at : at + _PART] for at in range(0, len(found), _PART)]
        room = asyncio.Semaphore(_PARTS_AT_ONCE)
        count = sum(await asyncio.gather(*(self._store(part, room) for part in parts)))
        metrics.ARCHIVED.inc(count)
        return count

    async def _store(self, part: Sequence[_Whole], room: asyncio.Semaphore) -> int:
        async with room:
            archived = await self._archive.put(*(ended for ended, _ in part))
            stored = await self._log.append_all(list(map(self._confirmation, part, archived)))
        for one in stored:
            # After a conflict another archiver was first.
            if not isinstance(one, int | ConflictError):
                raise one
        return sum(isinstance(one, int) for one in stored)

    async def _read(self, key: RunKey, messages: list[Stored]) -> _Whole | None:
        """A run to be archived, and how it ended; None if there is nothing to do."""
        fact = key.fact(subjects.archived_fact())
        if any(message.subject == fact for message in messages):
            return None
        try:
            before = await self._before(key, messages)
            rest = [one for one in messages if not before or one.seq > before[-1].through]
            end = await self._end(rest, before)
        except (UnavailableError, OutcomeUnknownError):
            raise
        except Exception as unreadable:  # noqa: BLE001 - one run must not keep the others
            _log.error("run cannot be archived", run_id=key.run_id, why=str(unreadable)[:300])
            return None
        if end is None:
            return None
        kept = [one for one in rest if one.subject != key.snapshot]
        return Ended(key, kept, before), end

    def _confirmation(self, run: _Whole, archived: ArchivedRun) -> Append:
        key, end = run[0].key, run[1]
        told = RunArchived(
            key=archived.key,
            through=str(archived.through),
            status=end.status,
            ended_at=times.from_ms(end.ended_ms),
            request_hash=end.request_hash,
        )
        envelope = Envelope(
            id=self._clock.new_id("msg"),
            tenant=key.tenant,
            run_id=key.run_id,
            workflow_id=end.workflow_id,
            version=end.version,
            at=times.from_ms(self._clock.now_ms()),
            events=(Event.of(told),),
        )
        return Append(key.fact(subjects.archived_fact()), codec.encode(envelope), expect=0)

    async def _before(self, key: RunKey, messages: Sequence[Stored]) -> list[Segment]:
        """The segments of a run; none, without asking, for a run that shows no sign of any."""
        fact = key.fact(subjects.segment_fact())
        if any(message.subject == fact for message in messages):
            return await confirmed(self._log, self._archive, key)
        return []

    async def _end(self, rest: Sequence[Stored], segments: Sequence[Segment]) -> Outcome | None:
        """How a run ended whose messages are all there; None if it has not, or they are not."""
        if not segments and len(list(pieces(rest))) == 1:
            end = outcome((one.seq, one.data) for one in rest if counting(one.subject))
            if end is not None:
                return end
        log = RunLog()
        for segment in segments:
            await replay_in_turns(await self._archive.get_segment(segment), log)
        await replay_in_turns(rest, log)
        state = log.state
        if state is None or state.status not in ENDED or log.broken or log.purged:
            return None
        return outcome_of(state)
