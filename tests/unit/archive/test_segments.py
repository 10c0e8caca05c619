"""The past of runs that go on: archived behind snapshots, removed from the log, read as before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from tests.scribe import EPOCH_MS, Scribe, event_of
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.views import MemoryViews
from weir.contract import codec, subjects
from weir.contract.errors import ArchiveDamagedError
from weir.contract.messages import Envelope, RunSucceeded, SnapshotTaken, StepCompleted
from weir.core.snapshot import take
from weir.ports.log import Append, Stored
from weir.runtime.archive import Archive, confirmed, read_run
from weir.runtime.archiver import Archiver
from weir.runtime.projector.projector import Projector
from weir.runtime.projector.runs import RunsFold
from weir.runtime.replay import replay_state
from weir.runtime.segmenting import Segmenting


@dataclass
class World:
    """A broker, views and an object store."""

    broker: Broker = field(default_factory=lambda: Broker(LoopClock()))
    views: MemoryViews = field(default_factory=MemoryViews)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)

    @property
    def log(self) -> MemoryLog:
        """The run log."""
        return MemoryLog(self.broker.connect(), subjects.RUNS)

    @property
    def archive(self) -> Archive:
        """The archive."""
        return Archive(self.blobs)

    def segmenting(self, segment_bytes: int = 1_000_000) -> Segmenting:
        """One who archives segments."""
        return Segmenting(
            self.log, self.views, self.archive, LoopClock(), segment_bytes=segment_bytes
        )

    async def project(self, *, rebuild: bool = False) -> None:
        """Bring the views up to date."""
        log = self.log
        projector = Projector(log, self.views, RunsFold(log, self.views, self.archive))
        if rebuild:
            projector.rebuild()
        task = asyncio.create_task(projector.run())
        if rebuild:
            await asyncio.sleep(0.05)
        await projector.progress.wait(await log.last_seq(), 20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def messages(self, scribe: Scribe) -> list[Stored]:
        """What the log holds of a run."""
        return [m async for batch in self.log.read(scribe.key.everything) for m in batch]


async def steps(scribe: Scribe, count: int, first: int = 0) -> None:
    """So many turns of one inline step each, every one after a fact."""
    for number in range(first, first + count):
        await scribe.dispatch(f"s{number}")
        await scribe.succeed(f"s{number}", output=number)
        await scribe.decide(event_of(StepCompleted(output=1), f"i{number}"))


async def snapshot(scribe: Scribe) -> int:
    """What the owner writes down now and then."""
    state = scribe.read.state
    assert state is not None
    envelope = Envelope(
        id="snap",
        tenant="acme",
        run_id=scribe.run_id,
        seen=str(state.seen),
        turn=state.turn,
        chain=scribe.read.chain.hex(),
        events=(event_of(SnapshotTaken(state=take(state))),),
    )
    seq = await scribe.log.append(Append(scribe.key.snapshot, codec.encode(envelope), rollup=True))
    await Scribe(scribe.log, f"behind {seq}").start()  # the projection gets beyond it
    return seq


async def truncate(world: World, scribe: Scribe) -> None:
    """What an owner may remove at most."""
    segments = await confirmed(world.log, world.archive, scribe.key)
    below = segments[-1].through + 1
    for subject in (scribe.key.tasks, scribe.key.repeatable, scribe.key.fact("segment")):
        await world.log.purge(subject, below=below)
    last = await world.log.last(scribe.key.events)
    assert last is not None
    await world.log.purge(scribe.key.events, below=min(below, last.seq))


def folded(messages: list[Stored]) -> list[Stored]:
    """Without snapshots, which the archive does not keep."""
    return [m for m in messages if not m.subject.endswith(".snap")]


@pytest.fixture
def world() -> World:
    """Empty."""
    return World()


async def test_a_truncated_run_reads_as_before(world: World) -> None:
    """Segment by segment the past leaves the log; log and archive together give all of it."""
    scribe = Scribe(world.log)
    await scribe.start()
    everything: dict[int, Stored] = {}
    for part in range(3):
        await steps(scribe, 5, first=5 * part)
        await snapshot(scribe)
        await world.project()
        assert await world.segmenting().sweep() == 1
        everything |= {m.seq: m for m in folded(await world.messages(scribe))}
        await truncate(world, scribe)
        assert len(await world.messages(scribe)) < 6
        # What the scribe folds must hold the confirmation, as its owner does.
        told = await world.log.last(scribe.key.fact("segment"))
        assert told is not None
        scribe.read.feed(told.seq, told.data, codec.decode(told.data))
    found = folded(await read_run(world.log, world.archive, scribe.key))
    assert found == [everything[seq] for seq in sorted(everything)]
    assert len(await confirmed(world.log, world.archive, scribe.key)) == 3
    half = found[len(found) // 2].seq
    later = folded(await read_run(world.log, world.archive, scribe.key, after=half))
    assert later == [m for m in found if m.seq > half]


async def test_an_ended_run_is_archived_whole_behind_its_segments(world: World) -> None:
    """The last object names the segments: after the purge the run is what it was."""
    scribe = Scribe(world.log)
    await scribe.start()
    await steps(scribe, 5)
    await snapshot(scribe)
    await world.project()
    await world.segmenting().sweep()
    before = folded(await world.messages(scribe))
    await truncate(world, scribe)
    told = await world.log.last(scribe.key.fact("segment"))
    assert told is not None
    scribe.read.feed(told.seq, told.data, codec.decode(told.data))
    await scribe.decide(event_of(RunSucceeded(output=1)))
    await world.project()
    state = replay_state(await read_run(world.log, world.archive, scribe.key))
    clock = LoopClock(base_ms=EPOCH_MS + 86_400_000)
    archiver = Archiver(world.log, world.views, world.archive, clock, shards=32, quiet_ms=0)
    assert await archiver.sweep() == 1
    await scribe.purge()
    found = await read_run(world.log, world.archive, scribe.key)
    assert found[: len(before)] == before
    assert replay_state(found) == state
    rows = await world.views.run("acme", scribe.run_id)
    fresh = MemoryViews()
    world.views = fresh
    await world.project()
    assert await fresh.run("acme", scribe.run_id) == rows


async def test_views_made_again_show_a_truncated_run(world: World) -> None:
    """What the log no longer holds comes from the archive, while the run goes on."""
    scribe = Scribe(world.log)
    await scribe.start()
    await steps(scribe, 5)
    await snapshot(scribe)
    await world.project()
    await world.segmenting().sweep()
    await truncate(world, scribe)
    await world.project()
    row = await world.views.run("acme", scribe.run_id)
    shown = await world.views.steps("acme", scribe.seqs[0])
    world.views = MemoryViews()
    await world.project()
    assert await world.views.run("acme", scribe.run_id) == row
    assert await world.views.steps("acme", scribe.seqs[0]) == shown
    assert len(shown) == 11


async def test_nothing_is_confirmed_that_the_views_do_not_hold(world: World) -> None:
    """The projection must find in the log what it has not read yet."""
    scribe = Scribe(world.log)
    await scribe.start()
    await world.project()
    await steps(scribe, 5)
    await snapshot(scribe)
    assert await world.segmenting().sweep() == 0
    await world.project()
    assert await world.segmenting().sweep() == 1


async def test_a_long_stretch_takes_several_segments(world: World) -> None:
    """However long nobody archived: no more than one segment is held in memory."""
    scribe = Scribe(world.log)
    await scribe.start()
    await steps(scribe, 20)
    through = await snapshot(scribe)
    await world.project()
    one, two = world.segmenting(3_000), world.segmenting(3_000)
    await asyncio.gather(one.sweep(), two.sweep())
    await world.segmenting(3_000).sweep()
    segments = await confirmed(world.log, world.archive, scribe.key)
    assert len(segments) > 4
    assert segments[-1].through == through
    assert [each.after for each in segments[1:]] == [each.through for each in segments[:-1]]
    held = [m for each in segments for m in await world.archive.get_segment(each)]
    assert held == [m for m in folded(await world.messages(scribe)) if m.seq <= through]


async def test_a_lost_segment_says_so(world: World) -> None:
    """A hole in the archive is an error, never a shorter run."""
    scribe = Scribe(world.log)
    await scribe.start()
    await steps(scribe, 20)
    await snapshot(scribe)
    await world.project()
    await world.segmenting(3_000).sweep()
    segments = await confirmed(world.log, world.archive, scribe.key)
    await world.blobs.delete(segments[1].key)
    with pytest.raises(ArchiveDamagedError):
        await read_run(world.log, world.archive, scribe.key)
