"""Removing the past of runs that go on from the log (log-protocol P3, P5, P21).

What may go is what a snapshot knows and the archive has confirmed, both. Tasks
go before results, and nothing behind the oldest task that is still open goes:
a redelivered task that finds itself in the log must find its result there too.
Nor goes what asks people who have not decided: whoever asks them may be away.
The start stays, which refuses a repeated one and says where the run began; so
do the archive's last confirmation and the last message of decisions, for those
who read live. Every step can be repeated, in any order and by two owners: what
was removable once stays so.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

from weir.contract import subjects
from weir.contract.codec import decode
from weir.contract.ends import ENDS
from weir.contract.errors import ConflictError
from weir.contract.messages import RunSegmentArchived, SnapshotTaken
from weir.contract.subjects import RunKey
from weir.core.state import STEP_ENDED, RunState
from weir.ports.log import Stored
from weir.runtime import metrics
from weir.runtime.decider import snapshots
from weir.runtime.decider.fence import Fence
from weir.runtime.decider.memory import Memory
from weir.runtime.decider.turn import Decider


@dataclass(slots=True)
class Truncation:
    """The truncation of one shard's runs under one lease."""

    decider: Decider
    memory: Memory
    _done: dict[str, tuple[int, int]] = field(default_factory=dict)  # confirmation and snapshot
    _heard: int = 0  # confirmations that were told
    _none_at: int = -1  # how many that were when a sweep found none in the log

    @property
    def may_go_on(self) -> bool:
        """Whether there may be a confirmation in the log, for all that is known."""
        return self._heard != self._none_at

    def tell(self) -> None:
        """The archive has confirmed a part of a run."""
        self._heard += 1

    async def sweep(self, shard: int, fence: Fence) -> int:
        """Remove what may go; from how many runs that was.

        Raises ConflictError when the shard is another's by now.
        """
        truncated, known, heard, found = 0, self._done, self._heard, False
        self._done = {}
        async for batch in self.decider.log.read(subjects.shard_segments(shard)):
            for message in batch:
                key, _, _ = subjects.parse_run(message.subject)
                if key.run_id in self.memory.ended:
                    continue
                found = True
                if await self._truncate(key, message, fence, known.get(key.run_id)):
                    truncated += 1
        self._none_at = -1 if found else heard
        metrics.TRUNCATIONS.inc(truncated)
        return truncated

    async def _truncate(
        self, key: RunKey, message: Stored, fence: Fence, before: tuple[int, int] | None
    ) -> bool:
        log = self.decider.log
        told = decode(message.data).events[0].kind
        taken, last = await log.last(key.snapshot), await log.last(key.events)
        if not isinstance(told, RunSegmentArchived) or taken is None:
            return False
        if last is not None and isinstance(decode(last.data).events[-1].kind, ENDS):
            return False
        done = (message.seq, taken.seq)
        if done != before:
            through = int(told.through)
            if not await self._remove(key, fence, taken, last, through):
                return False
        self._done[key.run_id] = done
        return done != before

    async def _remove(
        self, key: RunKey, fence: Fence, taken: Stored, last: Stored | None, through: int
    ) -> bool:
        log = self.decider.log
        snapshot = decode(taken.data)
        run = self.memory.runs.get(key.run_id)
        if run is not None and run.log.state is not None:
            state = run.log.state
        else:
            kind = cast("SnapshotTaken", snapshot.events[0].kind)
            state, _ = await snapshots.read(kind, None, self.decider.blobs)
        floor = await self._floor(key, state, min(int(snapshot.seen), through) + 1)
        held = await log.last(fence.subject)
        if held is None or held.seq != fence.seq:
            raise ConflictError("the shard has another owner")
        await log.purge(key.tasks, below=floor)
        await log.purge(key.repeatable, below=floor)
        await log.purge(key.fact(subjects.segment_fact()), below=floor)
        if last is not None:
            below = await self._asked(key, state, min(taken.seq, through + 1, last.seq))
            await log.purge(key.events, below=below)
        return True

    async def _asked(self, key: RunKey, state: RunState, below: int) -> int:
        """The same, or the sequence of the oldest message that asks people who have not decided."""
        steps = state.steps.values()
        asked = {one.waits.encode() for one in steps if one.waits.startswith("approval:")}
        if asked:
            async with aclosing(self.decider.log.read(key.events, upto=below - 1)) as batches:  # type: ignore[type-var]
                async for batch in batches:
                    for message in batch:
                        if any(what in message.data for what in asked):
                            return message.seq
        return below

    async def _floor(self, key: RunKey, state: RunState, floor: int) -> int:
        """The same, or the sequence of the oldest task that is open."""
        async with aclosing(self.decider.log.read(key.tasks, upto=floor - 1)) as batches:  # type: ignore[type-var]
            async for batch in batches:
                for message in batch:
                    task = decode(message.data).events[-1]
                    step = state.steps.get(task.step)
                    if (
                        step is not None
                        and step.attempt <= task.attempt
                        and step.status not in STEP_ENDED
                    ):
                        return message.seq
        return floor
