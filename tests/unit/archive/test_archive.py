"""Ended runs move into the object store, whole, and are read from there as from the log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from tests.scribe import EPOCH_MS, Scribe, event_of
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.views import MemoryViews
from weir.contract import codec, subjects
from weir.contract.errors import ArchiveDamagedError, OutcomeUnknownError
from weir.contract.messages import CancelRequested, RunArchived, RunSucceeded, StepCompleted
from weir.ports.log import Append, Stored
from weir.runtime import archiver as archiver_module
from weir.runtime.archive import Archive, Ended, read_run
from weir.runtime.archiver import Archiver
from weir.runtime.projector.projector import Projector
from weir.runtime.projector.runs import RunsFold
from weir.runtime.replay import replay, replay_state


class DyingLog(MemoryLog):
    """A log over which the archiver dies, once, instead of confirming."""

    dies_at = 1  # of its confirmations

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """Store, or not and say nothing of it."""
        self.dies_at -= 1
        if self.dies_at == 0:
            raise OutcomeUnknownError("killed")
        return await super().append_all(appends)


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

    def archiver(self, log: MemoryLog | None = None, quiet_ms: int = 0) -> Archiver:
        """An archiver, a day after the runs of the scribe."""
        up_ms = int(asyncio.get_running_loop().time() * 1000)  # for as long as the machine is
        clock = LoopClock(base_ms=EPOCH_MS + 86_400_000 - up_ms)
        return Archiver(
            log or self.log, self.views, self.archive, clock, shards=32, quiet_ms=quiet_ms
        )

    async def project(self) -> None:
        """Bring the views up to date."""
        log = self.log
        projector = Projector(log, self.views, RunsFold(log, self.views, self.archive))
        task = asyncio.create_task(projector.run())
        await projector.progress.wait(await log.last_seq(), 20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def messages(self, scribe: Scribe) -> list[Stored]:
        """What the log holds of a run."""
        return [m async for batch in self.log.read(scribe.key.everything) for m in batch]


@pytest.fixture
def world() -> World:
    """Empty."""
    return World()


async def test_an_ended_run_is_archived_once(world: World) -> None:
    """The object holds every message as it lay in the log; the fact names it; that is all."""
    ended, going_on = Scribe(world.log, "a"), Scribe(world.log, "b")
    await ended.simple(request_hash="hash")
    await going_on.start()
    before = await world.messages(ended)
    await world.project()
    assert await world.archiver().sweep() == 1
    assert await world.archiver().sweep() == 0
    await world.project()
    assert await world.views.unarchived(2**60, 10) == []
    archived = await world.archive.find("acme", ended.run_id)
    assert archived is not None
    assert await world.archive.get(archived) == before
    stored = await world.log.last(ended.key.fact("archived"))
    assert stored is not None
    fact = codec.decode(stored.data).events[0].kind
    assert isinstance(fact, RunArchived)
    assert (fact.key, fact.through) == (archived.key, str(before[-1].seq))
    assert (fact.status, fact.request_hash) == ("succeeded", "hash")
    assert await world.archive.find("acme", going_on.run_id) is None


async def test_a_purged_run_reads_as_before(world: World) -> None:
    """After the purge log and archive together give the same messages and the same state."""
    scribe = Scribe(world.log)
    await scribe.simple()
    await world.project()
    messages, state = await world.messages(scribe), replay_state(await world.messages(scribe))
    await world.archiver().sweep()
    assert replay_state(await read_run(world.log, world.archive, scribe.key)) == state
    tombstone = await scribe.purge()
    found = await read_run(world.log, world.archive, scribe.key)
    assert [m.seq for m in found] == [*(m.seq for m in messages), tombstone]
    assert found[:-1] == messages
    assert state is not None
    assert replay_state(found) == state


async def test_killed_before_the_confirmation_it_does_it_again(world: World) -> None:
    """An object without its fact changes nothing; the next sweep confirms the same object."""
    scribe = Scribe(world.log)
    await scribe.simple()
    await world.project()
    dying = DyingLog(world.broker.connect(), subjects.RUNS)
    archiver = world.archiver(dying)
    with pytest.raises(OutcomeUnknownError):
        await archiver.sweep()
    assert [a async for a in world.archive.everything()] != []
    assert await world.log.last(scribe.key.fact("archived")) is None
    assert await archiver.sweep() == 1
    assert len([a async for a in world.archive.everything()]) == 1


async def test_killed_between_two_pages_it_goes_on_with_what_is_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page is stored while the next is read: what fails of one leaves nothing half done."""
    monkeypatch.setattr(archiver_module, "_AT_ONCE", 5)
    for number in range(23):
        await Scribe(world.log, str(number)).simple()
    await world.project()
    dying = DyingLog(world.broker.connect(), subjects.RUNS)
    dying.dies_at = 3
    archiver = world.archiver(dying)
    with pytest.raises(OutcomeUnknownError):
        await archiver.sweep()
    confirmed = await world.log.count("run.*.*.*.in.archived")
    assert confirmed == 10
    await world.project()
    assert await archiver.sweep() == 13
    assert len([a async for a in world.archive.everything()]) == 23


async def test_two_archivers_confirm_once(world: World) -> None:
    """Whoever is first confirms; the other goes on."""
    for name in "abc":
        await Scribe(world.log, name).simple()
    await world.project()
    one, two = await asyncio.gather(world.archiver().sweep(), world.archiver().sweep())
    assert one + two == 3


async def test_what_is_not_whole_is_never_confirmed(world: World) -> None:
    """A run with a lost message, or with one that cannot be read, stays in the log."""
    lost, poisoned, fine = (Scribe(world.log, name) for name in ("a", "b", "c"))
    await lost.start()
    await lost.decide(event_of(StepCompleted(output=1), "one"))
    gone = await lost.fact("cancel.x", CancelRequested(request_id="x"))
    await lost.decide(event_of(RunSucceeded(output=1)))
    await poisoned.simple()
    await world.log.append(Append(poisoned.key.fact("signal.1"), b"\xff"))
    await fine.simple()
    world.broker.stream(subjects.RUNS).remove(gone)
    await world.project()
    assert await world.archiver().sweep() == 1
    assert [a.run_id async for a in world.archive.everything()] == [fine.run_id]


async def test_a_run_is_left_alone_for_a_while(world: World) -> None:
    """What ended less than the quiet time ago is not touched."""
    scribe = Scribe(world.log)
    await scribe.simple()
    await world.project()
    assert await world.archiver(quiet_ms=2 * 86_400_000).sweep() == 0
    assert await world.archiver(quiet_ms=3_600_000).sweep() == 1


async def test_many_runs_are_archived_page_by_page(world: World) -> None:
    """Runs that cannot be archived do not hide the ones behind them."""
    scribes = [Scribe(world.log, str(n)) for n in range(550)]
    for scribe in scribes:
        await scribe.start()
        await scribe.decide(event_of(RunSucceeded(output=1)))
    for scribe in scribes[:510]:
        world.broker.stream(subjects.RUNS).remove(scribe.seqs[-1])
        await scribe.decide(event_of(RunSucceeded(output=1)))
    await world.project()
    assert await world.archiver().sweep() == 40


async def test_a_run_of_the_same_id_gets_an_object_of_its_own(world: World) -> None:
    """A later run under a used id does not overwrite the earlier one, and is the one found."""
    for _ in range(2):
        scribe = Scribe(world.log, "same")
        await scribe.simple()
        await world.project()
        await world.archiver().sweep()
        await world.log.purge(scribe.key.everything)
    first, second = [a async for a in world.archive.everything()]
    assert first.through < second.first_seq
    assert await world.archive.find("acme", scribe.run_id) == second
    assert replay(await world.archive.get(second)).state == scribe.read.state


@pytest.mark.parametrize("damage", ["cut", "other", "gone", "no gzip"])
async def test_a_damaged_object_says_so(world: World, damage: str) -> None:
    """An object that is not as it was written is refused, never read in part."""
    scribe, other = Scribe(world.log, "a"), Scribe(world.log, "b")
    await scribe.simple()
    await other.simple()
    archived, another = await world.archive.put(
        Ended(scribe.key, await world.messages(scribe)),
        Ended(other.key, await world.messages(other)),
    )
    data = await world.blobs.get(archived.key)
    spoiled = {"cut": data[:-20], "other": await world.blobs.get(another.key), "no gzip": b"{}"}
    await world.blobs.delete(archived.key)
    if damage in spoiled:
        await world.blobs.put_named({archived.key: spoiled[damage]})
    with pytest.raises(ArchiveDamagedError, match=scribe.run_id):
        await world.archive.get(archived)


async def test_an_unknown_run_is_nothing(world: World) -> None:
    """Neither log nor archive knows it: no messages, no state."""
    assert await read_run(world.log, world.archive, Scribe(world.log).key) == []
    assert replay_state([]) is None
