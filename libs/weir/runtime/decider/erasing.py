"""Removing the runs of a deleted tenant from a shard, by the shard's owner.

First every run is told to end at once, as anybody could tell it, so that it
ends as any run does: tasks, timers, children and permits go with it. When none
is open, all that the log has of the tenant on this shard goes in one purge,
without tombstones: nobody asks again. Runs that do not end in time, because
they are parked or nobody can read them, are forgotten and purged as they are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from weir.contract import codec, ids, subjects, times
from weir.contract.errors import ConflictError
from weir.contract.messages import CancelRequested, Envelope, Event
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.runtime.decider.ended import ended_as
from weir.runtime.decider.fence import Fence
from weir.runtime.deletions import some

PATIENCE_MS = 30_000
REASON = "the tenant was deleted"


class Erasing:
    """Of one shard, as long as it is this process's.

    `forget` takes a run out of memory, `settle` writes down which are open, so that a checkpoint of
    before brings none back.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a shard's owner has
        self,
        log: Log,
        clock: Clock,
        shard: int,
        fence: Fence,
        forget: Callable[[str], None],
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self._log = log
        self._clock = clock
        self._shard = shard
        self._fence = fence
        self._forget = forget
        self._settle = settle
        self._since: dict[str, int] = {}
        self.leaving: list[Callable[[str], None]] = []  # told which tenant is purged

    async def sweep(self, tenant: str) -> bool:
        """See `deletions.Sweep`; ConflictError when the shard is another's by now."""
        now = self._clock.now_ms()
        open_runs = await self._open(tenant)
        if open_runs and now - self._since.setdefault(tenant, now) < PATIENCE_MS:
            for key in open_runs:
                await self._end(key)
            return True
        everything = (
            subjects.runs_of(tenant, self._shard),
            subjects.limits_of(tenant, self._shard),
            subjects.schedules_of(tenant, self._shard),
        )
        left = [one for one in everything if await some(self._log, one)]
        if left:
            last = await self._log.last(self._fence.subject)
            if last is None or last.seq != self._fence.seq:
                raise ConflictError("the shard is another's", current=last.seq if last else 0)
        for key in open_runs:
            self._forget(key.run_id)
        for leave in self.leaving:
            leave(tenant)
        if left:
            await self._settle()
        for one in left:
            await self._log.purge(one)
        return bool(left)

    async def _open(self, tenant: str) -> list[RunKey]:
        """The tenant's runs on this shard that have not ended."""
        found = []
        starts = f"run.{self._shard}.{tenant}.*.in.{subjects.start_fact()}"
        async for batch in self._log.read(starts):
            for stored in batch:
                key, _, _ = subjects.parse_run(stored.subject)
                if not await self._has_ended(key):
                    found.append(key)
        return found

    async def _has_ended(self, key: RunKey) -> bool:
        try:
            return await ended_as(self._log, key) != ""
        except ValueError:
            return False  # what cannot be read ends nothing

    async def _end(self, key: RunKey) -> None:
        request = ids.derived("req", key.run_id, "tenant deleted")
        kind = CancelRequested(
            request_id=request, reason=REASON, requested_by="system", terminate=True
        )
        envelope = Envelope(
            id=ids.derived("evt", key.run_id, "tenant deleted"),
            tenant=key.tenant,
            run_id=key.run_id,
            at=times.from_ms(self._clock.now_ms()),
            events=(Event.of(kind),),
        )
        fact = key.fact(subjects.cancel_fact(request))
        try:
            await self._log.append(Append(fact, codec.encode(envelope), expect=0))
        except ConflictError:
            return  # it was told before
