"""Dead letters follow from the history of a run, whatever way it is read."""

from __future__ import annotations

from tests.scribe import Scribe, event_of
from tests.unit.projector.projecting import World, busy_log, project
from weir.adapters.memory.views import MemoryViews
from weir.contract.messages import (
    Error,
    RunFailed,
    RunPaused,
    RunResumed,
    RunSucceeded,
    StepCompleted,
    StepFailed,
)
from weir.ports.letters import DeadRow
from weir.ports.log import Append
from weir.runtime.archive import Archive, Ended


def letters_of(views: MemoryViews) -> dict[str, DeadRow]:
    """Every letter, by its id."""
    return {row.letter_id: row for row in views._tables.dead.values()}


async def failing(world: World, name: str) -> Scribe:
    """A run whose step fails twice, and then the run."""
    scribe = Scribe(world.log(), name)
    await scribe.start()
    await scribe.dispatch("call", 1)
    await scribe.fail("call", 1)
    await scribe.dispatch("call", 2)
    await scribe.fail("call", 2)
    error = Error(code="BROKEN", step="call")
    await scribe.decide(
        event_of(StepFailed(error=error, handling="fail"), "call"),
        event_of(RunFailed(error=error)),
    )
    return scribe


async def test_a_letter_tells_when_how_often_and_where_the_work_lies() -> None:
    """Attempts, first and last failure, and the message of the last task."""
    world = World()
    scribe = await failing(world, "a")
    (letter,) = letters_of(await project(world)).values()
    assert (letter.reason, letter.path, letter.attempts) == ("exhausted", "call", 2)
    assert letter.first_ms < letter.last_ms
    stored = await world.log().get(letter.payload_seq)
    assert stored is not None
    assert stored.subject == scribe.key.task("default")
    assert letter.failed_seq == letter.seq == scribe.seqs[-1]


async def test_letters_are_the_same_however_they_are_made_again() -> None:
    """With room for one run, from nothing, and from the archive alone."""
    world = World()
    await busy_log(world)
    runs = [await failing(world, name) for name in ("x", "y")]
    aside = Scribe(world.log(), "z")
    await aside.start()
    await aside.decide(event_of(RunPaused(reason="-", error=Error(code="RUN_QUARANTINED"))))
    once = letters_of(await project(world))
    assert sorted(one.reason for one in once.values()) == [
        *("exhausted", "exhausted", "exhausted"),
        "quarantined",
    ]
    assert letters_of(await project(world, MemoryViews(), hot_runs=1)) == once
    archive = Archive(world.blobs)
    for run in runs:
        messages = [m async for batch in world.log().read(run.key.everything) for m in batch]
        await run.confirm((await archive.put(Ended(run.key, messages)))[0].through)
        await run.purge()
    assert letters_of(await project(world, MemoryViews())) == once


async def test_what_goes_on_by_itself_is_settled() -> None:
    """A run that was set aside and resumed is no open letter any more."""
    world = World()
    scribe = Scribe(world.log(), "a")
    await scribe.start()
    await scribe.decide(event_of(RunPaused(reason="-", error=Error(code="RUN_PARKED"))))
    (letter,) = letters_of(await project(world)).values()
    assert (letter.reason, letter.settled_ms) == ("parked", None)
    await scribe.decide(event_of(RunResumed()))
    await scribe.decide(event_of(StepCompleted(output=1), "one"), event_of(RunSucceeded(output=1)))
    (letter,) = letters_of(await project(world)).values()
    assert letter.settled_ms is not None
    assert letter.failed_seq < letter.seq


async def test_a_pause_by_a_person_is_no_letter_and_a_spared_run_neither() -> None:
    """Only what went wrong, and only what nobody has excepted."""
    world = World()
    paused, spared = Scribe(world.log(), "a"), Scribe(world.log(), "b")
    for scribe in (paused, spared):
        await scribe.start()
    await paused.decide(event_of(RunPaused(reason="lunch")))
    await spared.decide(event_of(RunFailed(error=Error(code="EXPECTED"), spared=True)))
    assert not letters_of(await project(world))


async def test_a_message_that_cannot_be_read_stops_nobody_even_when_its_run_is_read_back() -> None:
    """It is a letter; the run goes on being shown by a projection that begins anew."""
    world = World()
    scribe = Scribe(world.log(), "a")
    await scribe.start()
    await world.log().append(Append(scribe.key.fact("signal.bad"), b"{"))
    await project(world)
    await scribe.decide(event_of(StepCompleted(output=1), "one"), event_of(RunSucceeded(output=1)))
    views = await project(world)
    (letter,) = letters_of(views).values()
    assert (letter.reason, letter.run_id) == ("unreadable", scribe.run_id)
    found = await views.run(scribe.key.tenant, scribe.run_id)
    assert found is not None
    assert found[0].status == "succeeded"
