"""Snapshots: when they are due, and states that are too large for a message."""

from __future__ import annotations

import pytest
from immutables import Map

from tests.scribe import Scribe
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.contract import codec, subjects
from weir.contract.errors import BlobNotFoundError
from weir.contract.messages import SnapshotTaken
from weir.core.canonical import to_json
from weir.core.state import RunState, Step
from weir.runtime.decider import snapshots
from weir.runtime.decider.fence import Fence
from weir.runtime.decider.turn import Hot


async def _run(steps: int) -> tuple[Hot, RunState]:
    scribe = Scribe(MemoryLog(Broker(LoopClock()).connect(), subjects.RUNS))
    await scribe.start()
    await scribe.dispatch("one")
    state = scribe.read.state
    assert state is not None
    many = {f"s{n}": Step("succeeded", output={"n": n, "big": 2**70}) for n in range(steps)}
    return Hot(scribe.key, scribe.read), state._replace(steps=Map(many))


async def _taken(run: Hot, state: RunState, blobs: MemoryBlobs) -> SnapshotTaken:
    append = await snapshots.compose(run, state, Fence("lease.1.x", 1), 1, blobs)
    assert len(append.data) < codec.MESSAGE_LIMIT
    kind = codec.decode(append.data).events[0].kind
    assert isinstance(kind, SnapshotTaken)
    return kind


@pytest.mark.parametrize("steps", [3, 5_000])
async def test_what_is_restored_is_what_was_taken(steps: int) -> None:
    """A small state lies in the message, a large one in the object store; both come back whole."""
    run, state = await _run(steps)
    blobs = MemoryBlobs()
    taken = await _taken(run, state, blobs)
    assert (taken.state_ref is not None) == (steps > 1_000)
    back, size = await snapshots.read(taken, None, blobs)
    assert to_json(back) == to_json(state)
    assert size == run.snapped


async def test_a_lost_state_says_so() -> None:
    """A state that is gone from the object store is an error, never an empty state."""
    run, state = await _run(5_000)
    taken = await _taken(run, state, MemoryBlobs())
    with pytest.raises(BlobNotFoundError):
        await snapshots.read(taken, None, MemoryBlobs())


async def test_all_snapshots_together_cost_no_more_than_the_log() -> None:
    """A state that grows with its run is written ever more rarely."""
    run, _ = await _run(3)
    written = total = 0
    for _ in range(100_000):  # every turn adds as much to the state as to the log
        run.since += 600
        total += 600
        if snapshots.due(run, 256 * 1024):
            run.since, run.snapped = 0, total
            written += total
    assert written <= 2 * total
    assert written > 0
