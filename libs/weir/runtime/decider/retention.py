"""Purging finished runs of a shard, once the archive has them (log-protocol P7, P21).

What is purged leaves a tombstone on its start subject first, for as long as the
promise of idempotency holds: a repeated start is still refused, a late result
finds nothing to change. Every step can be repeated: a pass that dies half-way
is simply done again, since the archive's fact is purged last of all.

Runs go a page at a time, all shards of a process in turns, with a rest as long
as the page took: the broker has time for those that go on. Only what is long
overdue goes without.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from weir.contract import subjects, times
from weir.contract.codec import decode, encode
from weir.contract.messages import Envelope, Event, RunArchived, RunPurged
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.runtime.decider.fence import Fence

_PAGE = 256
_OVERDUE_MS = 180_000


class _Archived(NamedTuple):
    """A run that the archive holds."""

    key: RunKey
    envelope: Envelope
    kind: RunArchived
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Retention:
    """Finished runs stay in the log for `hot_ms`, their ids are refused for `horizon_ms`."""

    log: Log
    clock: Clock
    hot_ms: int
    horizon_ms: int
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sweep(self, shard: int, fence: Fence) -> int:
        """Purge what is due, oldest first; how many runs that were.

        Raises ConflictError when the shard is another's by now.
        """
        purged = 0
        now = asyncio.get_running_loop().time
        async for batch in self.log.read(subjects.shard_archived(shard)):
            archived = [run for message in batch if (run := _told(message)) is not None]
            latest = self.clock.now_ms() - self.hot_ms
            kept = (at for at, run in enumerate(archived) if run.ended_ms > latest)
            due = archived[: next(kept, len(archived))]
            for start in range(0, len(due), _PAGE):
                page = due[start : start + _PAGE]
                async with self._turn:
                    began = now()
                    await self._purge(page, fence)
                    if page[0].ended_ms > latest - _OVERDUE_MS:
                        await asyncio.sleep(now() - began)
                purged += len(page)
            if len(due) < len(archived):
                break
        return purged

    async def sweep_orphan(self, key: RunKey, fence: Fence) -> None:
        """Remove facts of a run that has no start: a result that came after the purge."""
        if await self.log.last(key.fact(subjects.start_fact())) is None:
            last = await self.log.last(fence.subject)
            if last is not None and last.seq == fence.seq:
                await self.log.purge(key.everything)

    async def _purge(self, runs: Sequence[_Archived], fence: Fence) -> None:
        now = self.clock.now_ms()
        stored = await self.log.append_all([self._tombstone(run, fence, now) for run in runs])
        pairs = zip(runs, stored, strict=True)
        below = {run.key.everything: seq for run, seq in pairs if isinstance(seq, int)}
        await self.log.discard(below)
        for outcome in stored:
            if isinstance(outcome, Exception):
                raise outcome

    def _tombstone(self, run: _Archived, fence: Fence, now: int) -> Append:
        envelope, ended = run.envelope, times.from_ms(run.ended_ms)
        told = RunPurged(request_hash=run.kind.request_hash, status=run.kind.status, ended_at=ended)
        tombstone = Envelope(
            id=f"{envelope.run_id}/purged",
            tenant=envelope.tenant,
            run_id=envelope.run_id,
            workflow_id=envelope.workflow_id,
            version=envelope.version,
            at=times.from_ms(now),
            events=(Event.of(told),),
        )
        return Append(
            run.key.fact(subjects.start_fact()),
            encode(tombstone),
            expect=fence.seq,
            expect_on=fence.subject,
            rollup=True,
            ttl_s=max(1, (run.ended_ms + self.horizon_ms - now) // 1000),
        )


def _told(message: Stored) -> _Archived | None:
    envelope = decode(message.data)
    kind = envelope.events[0].kind
    if not isinstance(kind, RunArchived):
        return None
    ended_ms = times.to_ms(kind.ended_at) if kind.ended_at else message.at_ms
    return _Archived(subjects.parse_run(message.subject)[0], envelope, kind, ended_ms)
