"""The past of a run leaves a real log: what is open, and what readers need, stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.scribe import Scribe, event_of
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.errors import ConflictError
from weir.contract.messages import Envelope, SnapshotTaken, StepCompleted
from weir.core.snapshot import take
from weir.ports.log import Append, Log, Stored
from weir.ports.views import Position
from weir.runtime.archive import Archive, read_run
from weir.runtime.decider.fence import Fence
from weir.runtime.decider.truncation import Truncation
from weir.runtime.replay import replay_state
from weir.runtime.segmenting import Segmenting


class Projected:
    """Views that hold everything."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def position(self, _: str) -> Position:
        """The end of the log."""
        return Position(subjects.RUNS, await self._log.last_seq(), "", "")


async def _messages(log: Log, scribe: Scribe) -> list[Stored]:
    return [m async for batch in log.read(scribe.key.everything) for m in batch]


async def _snapshot(scribe: Scribe) -> None:
    state = scribe.read.state
    assert state is not None
    envelope = Envelope(
        id="snap",
        run_id=scribe.run_id,
        seen=str(state.seen),
        turn=state.turn,
        chain=scribe.read.chain.hex(),
        events=(event_of(SnapshotTaken(state=take(state))),),
    )
    await scribe.log.append(Append(scribe.key.snapshot, codec.encode(envelope), rollup=True))


async def test_the_past_leaves_the_log_up_to_the_oldest_open_task(link: Link) -> None:
    """Ended tasks go with their results, the open one stays, log and archive give the whole run."""
    log, blobs = JetStreamLog(link, subjects.RUNS), MemoryBlobs()
    archive, scribe = Archive(blobs), Scribe(log)
    await scribe.start()
    for step in ("a", "b"):
        await scribe.dispatch(step)
        await scribe.succeed(step, output=1)
        await scribe.decide(event_of(StepCompleted(output=1), f"after_{step}"))
    open_task = await scribe.dispatch("c")
    await scribe.dispatch("d")
    result = await scribe.succeed("d", output=1)
    await scribe.decide(event_of(StepCompleted(output=1), "after_d"))
    await _snapshot(scribe)
    lease = subjects.lease(scribe.key.shard, "x")
    fence = Fence(lease, await log.append(Append(lease, b"{}")))
    memory = SimpleNamespace(runs={}, ended={})
    decider = cast("Any", SimpleNamespace(log=log, blobs=blobs))
    owner = Truncation(decider, cast("Any", memory))
    before = await _messages(log, scribe)
    assert await owner.sweep(scribe.key.shard, fence) == 0
    assert await _messages(log, scribe) == before  # nobody has archived: nothing may go

    views = cast("Any", Projected(log))
    assert await Segmenting(log, views, archive, SystemClock()).sweep() == 1
    whole = [m for m in await _messages(log, scribe) if m.subject != scribe.key.snapshot]
    assert await owner.sweep(scribe.key.shard, fence) == 1
    assert await owner.sweep(scribe.key.shard, fence) == 0
    left = [m.seq for m in await _messages(log, scribe)]
    assert {scribe.seqs[0], open_task, result, scribe.seqs[-1]} <= set(left)
    assert not set(left) & set(scribe.seqs[1 : scribe.seqs.index(open_task)])

    found = await read_run(log, archive, scribe.key)
    found = [m for m in found if m.subject != scribe.key.snapshot]
    assert [(m.seq, m.data) for m in found] == [(m.seq, m.data) for m in whole]
    assert replay_state(found) == replay_state(whole)

    again = Truncation(decider, cast("Any", memory))
    await log.append(Append(lease, b"{}"))
    with pytest.raises(ConflictError):
        await again.sweep(scribe.key.shard, fence)  # another owner has taken the shard
    assert [m.seq for m in await _messages(log, scribe)] == left
