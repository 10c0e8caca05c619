"""A broker, views and a projector between them, and logs for it to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.scribe import Scribe, event_of
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.views import MemoryViews
from weir.contract import subjects, times
from weir.contract.messages import (
    CancelRequested,
    Error,
    RunCancelled,
    RunFailed,
    RunSucceeded,
    StepCompleted,
    StepFailed,
    TimerSet,
)
from weir.ports.views import AttemptRow, RunRow, StepRow
from weir.runtime.archive import Archive
from weir.runtime.projector.projector import Projector
from weir.runtime.projector.runs import RunsFold


@dataclass
class World:
    """A broker, views and an object store."""

    broker: Broker = field(default_factory=lambda: Broker(LoopClock()))
    views: MemoryViews = field(default_factory=MemoryViews)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)

    def log(self, stream: str = subjects.RUNS) -> MemoryLog:
        """A log of the broker over a link of its own."""
        return MemoryLog(self.broker.connect(), stream)

    def projector(self, views: MemoryViews | None = None, **options: Any) -> Projector:
        """A projector of runs."""
        views = views or self.views
        log = self.log()
        return Projector(log, views, RunsFold(log, views, Archive(self.blobs), **options))


@asynccontextmanager
async def running(projector: Projector) -> AsyncIterator[Projector]:
    """The projector at work until the block ends."""
    task = asyncio.create_task(projector.run())
    try:
        yield projector
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def project(world: World, views: MemoryViews | None = None, **options: Any) -> MemoryViews:
    """Project everything there is, and stop."""
    views = views or world.views
    last = await last_of_runs(world)
    async with running(world.projector(views, **options)) as projector:
        await projector.progress.wait(last, 20)
    return views


async def last_of_runs(world: World) -> int:
    """The last sequence that a projection of runs will see."""
    messages = [m async for batch in world.log().read(subjects.EVERY_RUN) for m in batch]
    return max(m.seq for m in messages if subjects.parse_run(m.subject)[1] in subjects.FOLDED)


def dump(views: MemoryViews) -> dict[str, Any]:
    """Every row there is."""
    tables = views._tables
    return {
        "runs": tables.runs,
        "archived": tables.archived,
        "steps": tables.steps,
        "attempts": tables.attempts,
    }


async def run_of(world: World, scribe: Scribe) -> RunRow:
    """The run's row."""
    found = await world.views.run(scribe.key.tenant, scribe.run_id)
    assert found is not None
    return found[0]


async def steps_of(world: World, scribe: Scribe) -> dict[str, StepRow]:
    """The run's steps by path, in order."""
    run = await run_of(world, scribe)
    return {s.path: s for s in await world.views.steps(run.tenant, run.first_seq)}


async def attempts_of(world: World, scribe: Scribe) -> list[AttemptRow]:
    """The attempts of all steps of the run."""
    run, paths = await run_of(world, scribe), list(await steps_of(world, scribe))
    return await world.views.attempts(run.tenant, run.first_seq, paths)


async def busy_log(world: World) -> list[Scribe]:
    """Several runs in all sorts of states, their messages interleaved."""
    scribes = [Scribe(world.log(), name) for name in "abcdef"]
    done, retried, late, cancelled, waiting, fresh = scribes
    for scribe in scribes:
        await scribe.start(labels={"team": "ops"}, trigger={"method": "POST"})
    await retried.dispatch("call", 1)
    await late.dispatch("call", 1)
    await cancelled.dispatch("call", 1)
    await waiting.decide(timer("pause", "delay"))
    await retried.fail("call", 1)
    await done.decide(
        event_of(StepCompleted(output={"a": 1}), "one"),
        event_of(StepCompleted(output=2), "two"),
        event_of(RunSucceeded(output=2)),
    )
    await retried.decide(timer("call", "retry"))
    seen = late.read.next_turn()[0]
    await late.succeed("call", 1, "too late")
    await late.decide(timer("call", "retry", error=Error(code="TIMEOUT")), seen=seen)
    await retried.dispatch("call", 2)
    await cancelled.fact("cancel.x", CancelRequested(request_id="x"))
    await late.dispatch("call", 2)
    await cancelled.decide(event_of(RunCancelled(reason="asked")))
    await retried.succeed("call", 2, {"fine": True})
    await retried.decide(event_of(RunSucceeded(output={"fine": True})))
    await late.fail("call", 2)
    await late.decide(
        event_of(StepFailed(error=Error(code="BROKEN"), handling="fail"), "call"),
        event_of(RunFailed(error=Error(code="BROKEN", step="call"))),
    )
    await cancelled.succeed("call", 1, "after the end")
    del fresh
    return scribes


def timer(step: str, reason: str, **fields: Any) -> Any:
    """A timer set for a step."""
    due = times.from_ms(1_700_000_100_000)
    return event_of(TimerSet(timer=f"{step}-{reason}", due_at=due, reason=reason, **fields), step)
