"""The service was away while a run that asks went on: its question is found all the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.http_house import TENANT, memory_platform
from tests.scribe import Scribe, event_of
from tests.unit.approval.asking import Asking
from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, ids, subjects
from weir.contract.messages import (
    ApprovalDecided,
    Envelope,
    SnapshotTaken,
    StepCompleted,
    WaitStarted,
)
from weir.core.approvals.asked import made
from weir.core.snapshot import take
from weir.ports.log import Append, Log
from weir.ports.views import Position
from weir.runtime.archive import Archive
from weir.runtime.decider.fence import Fence
from weir.runtime.decider.truncation import Truncation
from weir.runtime.platform import Platform
from weir.runtime.segmenting import Segmenting


class _Projected:
    """Views that hold everything."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def position(self, _: str) -> Position:
        return Position(subjects.RUNS, await self._log.last_seq(), "", "")


class _Going:
    """A run that asks and goes on beside it, while its past leaves the log."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.log = platform.runs
        self.scribe = Scribe(self.log, tenant=TENANT)
        self.approval_id = ids.derived("apr", self.scribe.run_id, "ask", "1")

    async def begin(self) -> None:
        """It asks once, between other things."""
        await self.scribe.start()
        await self.goes_on()
        asked = made("approval", {"title": "Deploy?", "assignees": "ann@example.com"})
        wait = WaitStarted(what=f"approval:{self.approval_id}", approval=asked)
        await self.scribe.decide(event_of(wait, "ask", 1))
        await self.goes_on()

    async def goes_on(self) -> None:
        """Three turns."""
        for _ in range(3):
            done = StepCompleted(output=1)
            await self.scribe.decide(event_of(done, f"step_{len(self.scribe.seqs)}"))

    async def truncate(self) -> int:
        """Its owner writes it down, the archive takes the past, the owner removes it.

        How many of its decisions are left.
        """
        scribe, log, blobs = self.scribe, self.log, self._platform.blobs
        state = scribe.read.state
        assert state is not None
        taken = Envelope(
            id="snap",
            tenant=TENANT,
            run_id=scribe.run_id,
            seen=str(state.seen),
            turn=state.turn,
            chain=scribe.read.chain.hex(),
            events=(event_of(SnapshotTaken(state=take(state))),),
        )
        await log.append(Append(scribe.key.snapshot, codec.encode(taken), rollup=True))
        views = cast("Any", _Projected(log))
        await Segmenting(log, views, Archive(blobs), SystemClock()).sweep()
        told = await log.last(scribe.key.fact(subjects.segment_fact()))
        assert told is not None
        scribe.read.feed(told.seq, told.data, codec.decode(told.data))
        lease = subjects.lease(scribe.key.shard, "x")
        fence = Fence(lease, await log.append(Append(lease, b"{}")))
        decider = cast("Any", SimpleNamespace(log=log, blobs=blobs))
        memory = cast("Any", SimpleNamespace(runs={}, ended={}))
        assert await Truncation(decider, memory).sweep(scribe.key.shard, fence) == 1
        return await log.count(scribe.key.events)


@pytest.fixture
def platform() -> Platform:
    """Empty."""
    return memory_platform(Broker(SystemClock()).connect())


async def test_what_was_asked_is_there_after_the_past_has_left_the_log(platform: Platform) -> None:
    """The service begins only now, and asks whom it should have."""
    going = _Going(platform)
    await going.begin()
    assert await going.truncate() == 4  # the question, and what came behind it
    asking = Asking(platform)
    await asking.people(keys=False)
    await asking.service.start()
    try:

        async def known() -> bool:
            return going.approval_id in {one.approval_id for one in asking.service.lives.all()}

        await eventually(known)
    finally:
        await asking.service.stop()


async def test_what_was_decided_is_held_back_no_longer(platform: Platform) -> None:
    """The past goes on leaving the log once people have answered."""
    going = _Going(platform)
    await going.begin()
    decided = ApprovalDecided(
        approval_id=going.approval_id, step="ask", outcome="decided", option="approved"
    )
    name = subjects.approval_fact(going.approval_id)
    await going.scribe.fact(name, decided, "ask", 1)
    await going.scribe.decide(event_of(StepCompleted(output=1, port="approved"), "ask"))
    await going.goes_on()
    assert await going.truncate() == 1  # the last stays, always
