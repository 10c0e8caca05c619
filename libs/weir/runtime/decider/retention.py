"""Purging finished runs of a shard, once the archive has them (log-protocol P7, P21).

What is purged leaves a tombstone on its start subject first, for as long as the
promise of idempotency holds: a repeated start is still refused, a late result
finds nothing to change. Every step can be repeated: a pass that dies half-way
is simply done again, since the archive's fact is purged last of all.
"""

from __future__ import annotations

from dataclasses import dataclass

from weir.contract import subjects, times
from weir.contract.codec import decode, encode
from weir.contract.messages import Envelope, Event, RunArchived, RunPurged
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.runtime.decider.fence import Fence


@dataclass(frozen=True, slots=True)
class Retention:
    """Finished runs stay in the log for `hot_ms`, their ids are refused for `horizon_ms`."""

    log: Log
    clock: Clock
    hot_ms: int
    horizon_ms: int

    async def sweep(self, shard: int, fence: Fence) -> int:
        """Purge what is due, oldest first; how many runs that were.

        Raises ConflictError when the shard is another's by now.
        """
        purged = 0
        async for batch in self.log.read(subjects.shard_archived(shard)):
            for message in batch:
                if not await self._purge(message, fence):
                    return purged
                purged += 1
        return purged

    async def sweep_orphan(self, key: RunKey, fence: Fence) -> None:
        """Remove facts of a run that has no start: a result that came after the purge."""
        if await self.log.last(key.fact(subjects.start_fact())) is None:
            last = await self.log.last(fence.subject)
            if last is not None and last.seq == fence.seq:
                await self.log.purge(key.everything)

    async def _purge(self, message: Stored, fence: Fence) -> bool:
        envelope = decode(message.data)
        kind = envelope.events[0].kind
        if not isinstance(kind, RunArchived):
            return True
        ended_ms = times.to_ms(kind.ended_at) if kind.ended_at else message.at_ms
        now = self.clock.now_ms()
        if now - ended_ms < self.hot_ms:
            return False
        key, _, _ = subjects.parse_run(message.subject)
        purged = RunPurged(
            request_hash=kind.request_hash, status=kind.status, ended_at=times.from_ms(ended_ms)
        )
        tombstone = Envelope(
            id=f"{envelope.run_id}/purged",
            tenant=envelope.tenant,
            run_id=envelope.run_id,
            workflow_id=envelope.workflow_id,
            version=envelope.version,
            at=times.from_ms(now),
            events=(Event.of(purged),),
        )
        seq = await self.log.append(
            Append(
                key.fact(subjects.start_fact()),
                encode(tombstone),
                expect=fence.seq,
                expect_on=fence.subject,
                rollup=True,
                ttl_s=max(1, (ended_ms + self.horizon_ms - now) // 1000),
            )
        )
        await self.log.discard(key.everything, below=seq)
        return True
