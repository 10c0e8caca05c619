"""Purging finished runs of a process's shards, once the archive has them (log-protocol P7, P21).

What is purged leaves a tombstone on its start subject first, for as long as the
promise of idempotency holds: a repeated start is still refused, a late result
finds nothing to change. Every step can be repeated: a pass that dies half-way
is simply done again, since the archive's fact is purged last of all.

The archive's facts are followed at a distance: one reading for all shards, that
stands still where the next run may not go yet. Under a thousand runs a second a
third of the broker's time went into looking for them shard by shard, each time
from the beginning. Runs go a page at a time, with rests between (`pace`): the
broker has time for those that go on. When a shard comes, or something failed,
the reading begins anew: what has gone is not met again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from weir.contract import subjects, times
from weir.contract.codec import decode, encode
from weir.contract.errors import ConflictError, WeirError
from weir.contract.messages import Envelope, Event, RunArchived, RunPurged
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.runtime import metrics
from weir.runtime.decider.fence import Fence, FencedError
from weir.runtime.decider.lease import Lease
from weir.runtime.pace import rest_after

logger = structlog.get_logger(__name__)

_PAGE = 64  # more at once keep others waiting at the broker for long


class _Archived(NamedTuple):
    """A run that the archive holds."""

    key: RunKey
    envelope: Envelope
    kind: RunArchived
    ended_ms: int


@dataclass(slots=True, eq=False)
class Retention:
    """Finished runs stay in the log for `hot_ms`, their ids are refused for `horizon_ms`.

    `rest_s`: how long what becomes due gathers.
    """

    log: Log
    clock: Clock
    hot_ms: int
    horizon_ms: int
    rest_s: float = 5.0
    _leases: dict[int, Lease] = field(default_factory=dict)
    _purging: asyncio.Task[None] | None = None

    def join(self, shard: int, lease: Lease) -> None:
        """Purge what is due of this shard, until `leave`; the lease fails once it is another's."""
        self._leases[shard] = lease
        self._begin()

    def leave(self, shard: int, lease: Lease) -> None:
        """Purge no more for this lease."""
        if self._leases.get(shard) is lease:
            del self._leases[shard]
            if not self._leases:
                self._end()

    def _begin(self) -> None:
        self._end()
        self._purging = asyncio.create_task(self._purge_for_ever(), name="purge")

    def _end(self) -> None:
        if self._purging is not None:
            self._purging.cancel()
            self._purging = None

    async def _purge_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.rest_s)
            try:
                await self._follow()
            except WeirError as error:
                logger.info("purging postponed", reason=str(error))
            except Exception as defect:  # noqa: BLE001 - each owner tells it to its process
                for lease in self._leases.values():
                    lease.fail(defect)
                return

    async def _follow(self) -> None:
        following = self.log.follow(subjects.EVERY_ARCHIVED)
        try:
            async for batch in following:
                page: list[_Archived] = []
                for message in batch:
                    run = _told(message)
                    if run is None or run.key.shard not in self._leases:
                        continue
                    if len(page) == _PAGE or not self._is_due(run):
                        await self._purge_paced(page)
                        page = []
                    while not self._is_due(run):  # noqa: ASYNC110 - time itself
                        await asyncio.sleep(self.rest_s)
                    page.append(run)
                await self._purge_paced(page)
        finally:
            await following.close()

    def _is_due(self, run: _Archived) -> bool:
        return self._late_ms(run) >= 0

    def _late_ms(self, run: _Archived) -> int:
        return self.clock.now_ms() - run.ended_ms - self.hot_ms

    async def _purge_paced(self, runs: Sequence[_Archived]) -> None:
        mine = [run for run in runs if run.key.shard in self._leases]
        if not mine:
            return
        now = asyncio.get_running_loop().time
        began = now()
        await self._purge(mine)
        await asyncio.sleep(rest_after(now() - began, self._late_ms(mine[0])))

    async def sweep_orphan(self, key: RunKey, fence: Fence) -> None:
        """Remove facts of a run that has no start: a result that came after the purge."""
        if await self.log.last(key.fact(subjects.start_fact())) is None:
            last = await self.log.last(fence.subject)
            if last is not None and last.seq == fence.seq:
                await self.log.purge(key.everything)

    async def _purge(self, runs: Sequence[_Archived]) -> None:
        """Purge runs; an error that is no matter of its lease is raised when all were tried."""
        now = self.clock.now_ms()
        leases = [self._leases[run.key.shard] for run in runs]
        told = [self._tombstone(*one, now) for one in zip(runs, leases, strict=True)]
        stored = await self.log.append_all(told)
        pairs = zip(runs, stored, strict=True)
        below = {one.key.everything: seq for one, seq in pairs if type(seq) is int}
        await self.log.discard(below)
        metrics.PURGED.inc(len(below))
        for lease, outcome in zip(leases, stored, strict=True):
            if isinstance(outcome, ConflictError):
                lease.fail(FencedError(str(outcome)))
            elif isinstance(outcome, Exception):
                raise outcome

    def _tombstone(self, run: _Archived, lease: Lease, now: int) -> Append:
        envelope, ended, fence = run.envelope, times.from_ms(run.ended_ms), lease.fence
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
