"""The projector over the broker and the views in memory."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.scribe import Scribe, event_of
from tests.unit.projector.projecting import (
    World,
    attempts_of,
    busy_log,
    dump,
    last_of_runs,
    project,
    run_of,
    running,
    steps_of,
    timer,
)
from tests.waiting import eventually, within
from weir.adapters.memory.views import MemoryViews
from weir.contract import codec, subjects, times
from weir.contract.errors import UnavailableError, ViewsBehindError
from weir.contract.marks import mark
from weir.contract.messages import (
    CancelRequested,
    Error,
    LogBatch,
    LogLine,
    RegistryRecord,
    RunSucceeded,
    StepCompleted,
    WorkflowSaved,
)
from weir.ports.log import Append
from weir.ports.views import LogQuery
from weir.runtime import metrics
from weir.runtime.archive import Archive, Ended
from weir.runtime.projector import projector as projecting_loop
from weir.runtime.projector.lines import LinesFold
from weir.runtime.projector.projector import Projector
from weir.runtime.projector.workflows import WorkflowsFold


@pytest.fixture
def world() -> World:
    """Empty."""
    return World()


async def test_rows_show_what_the_owner_sees(world: World) -> None:
    """Status, output, steps and times of every run are those of the owner's own fold."""
    scribes = await busy_log(world)
    await project(world)
    for scribe in scribes:
        state, row = scribe.read.tentative, await run_of(world, scribe)
        assert state is not None
        assert (row.status, row.ended_ms or 0) == (state.status, state.ended_ms)
        assert row.output == (
            None if state.output is None else codec.canonical(state.output).decode()
        )
        steps = await steps_of(world, scribe)
        assert set(steps) == set(state.steps)
        for path, step in state.steps.items():
            shown = steps[path]
            assert (shown.status, shown.attempt, shown.node_type) == (
                step.status,
                step.attempt,
                step.node_type,
            )
            assert (shown.scheduled_ms or 0, shown.ended_ms or 0) == (
                step.scheduled_ms,
                step.ended_ms,
            )
    done = await run_of(world, scribes[0])
    assert (done.input, done.labels, done.trigger) == (
        '{"n":1}',
        '{"team":"ops"}',
        '{"method":"POST"}',
    )
    assert list(await steps_of(world, scribes[0])) == ["hook", "one", "two"]


async def test_every_attempt_has_its_bar(world: World) -> None:
    """Attempts that failed, were given up, succeeded or were cancelled are all shown."""
    _, retried, late, cancelled, _, _ = await busy_log(world)
    await project(world)
    first, second = await attempts_of(world, retried)
    assert (first.status, first.worker, second.status) == ("failed", "w1", "succeeded")
    assert first.ended_ms is not None
    assert first.queued_ms < first.ended_ms < second.queued_ms
    assert first.error == '{"code":"BROKEN","message":"it broke"}'
    given_up, failed = await attempts_of(world, late)
    # The result came in time for the log and too late for the owner: the owner's word counts.
    assert (given_up.status, given_up.worker) == ("failed", "")
    assert given_up.error == '{"code":"TIMEOUT"}'
    assert failed.status == "failed"
    [open_one] = await attempts_of(world, cancelled)
    assert open_one.status == "cancelled"


async def test_a_fact_shows_before_the_owner_has_decided(world: World) -> None:
    """A stored result is visible at once, and what the owner makes of it replaces it."""
    scribe = Scribe(world.log())
    await scribe.start()
    await scribe.dispatch("call")
    seen = scribe.read.next_turn()[0]
    seq = await scribe.succeed("call", 1, "fine")
    async with running(world.projector()) as projector:
        await projector.progress.wait(seq)
        assert (await steps_of(world, scribe))["call"].status == "succeeded"
        assert (await attempts_of(world, scribe))[0].status == "succeeded"
        assert (await run_of(world, scribe)).status == "running"
        error = Error(code="TIMEOUT")
        seq = await scribe.decide(timer("call", "retry", error=error), seen=seen)
        await projector.progress.wait(seq)
        assert (await steps_of(world, scribe))["call"].status == "retrying"
        assert (await attempts_of(world, scribe))[0].status == "failed"


@pytest.mark.parametrize("hot_runs", [0, 1, 20_000])
async def test_how_it_was_batched_does_not_show(world: World, hot_runs: int) -> None:
    """Projecting message by message, with stops between, gives the rows of one pass."""
    await busy_log(world)
    at_once = await project(world, MemoryViews())
    bit_by_bit = World(views=MemoryViews(), blobs=world.blobs)
    messages = [m async for batch in world.log().read(subjects.EVERY_RUN) for m in batch]
    for message in messages:
        seq = await bit_by_bit.log().append(Append(message.subject, message.data))
        assert seq == message.seq
        await project(bit_by_bit, hot_runs=hot_runs)
    assert dump(bit_by_bit.views) == dump(at_once)


async def test_a_rebuild_gives_identical_rows(world: World) -> None:
    """Wiped views come back the same from archive and log, purged runs included (F23)."""
    scribes = await busy_log(world)
    archive = Archive(world.blobs)
    async with running(world.projector()) as projector:
        for scribe in scribes[:3]:
            messages = [m async for b in world.log().read(scribe.key.everything) for m in b]
            await archive.put(Ended(scribe.key, messages))
            await scribe.confirm(messages[-1].seq)
        await projector.progress.wait(await last_of_runs(world))
        for scribe in scribes[:2]:
            await scribe.purge()
        before = dump(world.views)
        assert before["archived"]
        copy = {name: dict(rows) for name, rows in before.items()}
        steps = {key: dict(rows) for key, rows in before["steps"].items()}
        projector.rebuild()
        await eventually(lambda: restored(world, len(scribes)))
        await projector.progress.wait(await last_of_runs(world))
        after = dump(world.views)
        assert after["runs"] == copy["runs"]
        assert after["steps"] == steps
        assert after == copy
    assert await project(world, MemoryViews()) is not None


async def restored(world: World, count: int) -> bool:
    """Whether the rebuilt projection has come as far as the log."""
    position = await world.views.position("runs")
    return (
        position is not None
        and position.sequence == await last_of_runs(world)
        and len(world.views._tables.runs) == count
    )


async def test_a_new_database_is_filled_from_archive_and_log(world: World) -> None:
    """Views given an empty database hold every run again, without being told."""
    scribes = await busy_log(world)
    done = scribes[0]
    messages = [m async for b in world.log().read(done.key.everything) for m in b]
    await Archive(world.blobs).put(Ended(done.key, messages))
    await done.purge()
    fresh = await project(world, MemoryViews())
    assert len(dump(fresh)["runs"]) == len(scribes)


async def test_a_log_that_lost_what_was_projected_halts_it(world: World) -> None:
    """After a rollback the projection stops, says so, and goes on when it is rebuilt."""
    await Scribe(world.log(), "a").simple()
    lost = Scribe(world.log(), "lost")
    await lost.simple()
    async with running(world.projector()) as projector:
        await projector.progress.wait(await last_of_runs(world))
        world.broker.restart(forget=2)
        await eventually(lambda: is_halted(projector))
        assert (await world.views.run("acme", lost.run_id)) is not None
        projector.rebuild()
        await eventually(lambda: gone(world, lost))
        seq = await Scribe(world.log(), "b").start()
        await projector.progress.wait(seq)
        assert projector.halted is None


async def test_a_log_that_grew_again_over_what_it_lost_is_noticed(world: World) -> None:
    """Another message under the stored sequence halts the projection, also at its start."""
    await Scribe(world.log(), "a").simple()
    await project(world)
    world.broker.restart(forget=2)
    await Scribe(world.log(), "b").simple()
    async with running(world.projector()) as projector:
        await eventually(lambda: is_halted(projector))
        assert "rebuild" in str(projector.halted)


async def test_a_wish_to_rebuild_does_not_outlive_its_reason(world: World) -> None:
    """A process that waited while another projected does not empty what that one has made."""
    await Scribe(world.log(), "a").simple()
    first, second = world.projector(), world.projector()
    second.rebuild()
    async with AsyncExitStack() as later:
        async with running(first):
            await first.progress.wait(await last_of_runs(world))
            await later.enter_async_context(running(second))
            late = Scribe(world.log(), "b")
            await first.progress.wait(await late.start())
            world.views._tables.runs["mark", "er"] = await run_of(world, late)
        await second.progress.wait(await Scribe(world.log(), "c").start(), 20)
    assert ("mark", "er") in world.views._tables.runs


async def is_halted(projector: Projector) -> bool:
    """Whether it has."""
    return projector.halted is not None


async def gone(world: World, scribe: Scribe) -> bool:
    """Whether the run is no longer shown."""
    return await world.views.run("acme", scribe.run_id) is None


async def test_a_broker_restart_without_loss_changes_nothing(world: World) -> None:
    """The projection goes on by itself."""
    async with running(world.projector()) as projector:
        await projector.progress.wait(await Scribe(world.log(), "a").start())
        world.broker.restart()
        await projector.progress.wait(await Scribe(world.log(), "b").start())


async def test_two_projectors_take_turns(world: World) -> None:
    """While one projects another waits, and takes over when the first has gone."""
    first, second = world.projector(), world.projector()
    async with running(second):
        async with running(first):
            seq = await Scribe(world.log(), "a").start()
            await asyncio.gather(first.progress.wait(seq), second.progress.wait(seq))
        seq = await Scribe(world.log(), "b").start()
        await second.progress.wait(seq, 20)


async def test_what_cannot_be_read_stays_alone(world: World) -> None:
    """A message that is no envelope is counted and left out; everything else is shown."""
    skipped = metrics.PROJECTION_SKIPPED.labels("runs")
    before = skipped._value.get()
    a, b = Scribe(world.log(), "a"), Scribe(world.log(), "b")
    await a.start()
    await world.log().append(Append(a.key.fact("signal.1"), b"\xff{"))
    await world.log().append(Append("run.0.acme.r.in.start", b'{"events":[{"run_started":3}]}'))
    await a.decide(event_of(RunSucceeded(output=1)))
    await b.simple()
    c = Scribe(world.log(), "c")
    await c.start()
    timeless = b'{"events":[{"cancel_requested":{}}]}'
    await world.log().append(Append(c.key.fact("cancel.x"), timeless))
    await project(world)
    assert (await run_of(world, a)).status == "succeeded"
    assert (await run_of(world, b)).status == "succeeded"
    assert skipped._value.get() - before == 3


async def test_unknown_events_are_counted(world: World) -> None:
    """An event of a newer writer changes nothing and shows in a metric."""
    before = metrics.UNKNOWN_EVENTS._value.get()
    scribe = Scribe(world.log())
    await scribe.start()
    data = b'{"at":"2026-01-01T00:00:00.000Z","events":[{"step":"x","moon_rose":{}}]}'
    await world.log().append(Append(scribe.key.fact("moon.1"), data))
    await project(world)
    assert (await run_of(world, scribe)).status == "queued"
    assert metrics.UNKNOWN_EVENTS._value.get() == before + 1


async def test_a_fact_before_the_start_breaks_nothing(world: World) -> None:
    """A cancel may be stored before its run's start: the chain holds, the run is shown."""
    before = metrics.HISTORIES_BROKEN._value.get()
    scribe = Scribe(world.log())
    await scribe.fact("cancel.x", CancelRequested(request_id="x"))
    await project(world)  # and the projector stops in between
    await scribe.start()
    await scribe.decide(event_of(StepCompleted(output=1), "one"))
    await project(world)
    await scribe.decide(event_of(RunSucceeded(output=1)))
    await project(world)
    assert (await run_of(world, scribe)).status == "succeeded"
    assert metrics.HISTORIES_BROKEN._value.get() == before


async def test_a_broken_history_is_counted_and_shown(world: World) -> None:
    """When a message of a run is missing from the log, a metric says so; the rest is shown."""
    before = metrics.HISTORIES_BROKEN._value.get()
    scribe = Scribe(world.log())
    await scribe.start()
    await scribe.decide(event_of(StepCompleted(output=1), "one"))
    lost = await scribe.fact("cancel.x", CancelRequested(request_id="x"))
    await scribe.decide(event_of(StepCompleted(output=2), "two"))
    world.broker.stream(subjects.RUNS).remove(lost)
    async with running(world.projector()) as projector:
        await projector.progress.wait(scribe.seqs[-1])
        # The next message finds it out.
        seq = await scribe.decide(event_of(StepCompleted(output=3), "three"))
        await projector.progress.wait(seq)
        assert metrics.HISTORIES_BROKEN._value.get() == before + 1
    assert list(await steps_of(world, scribe)) == ["hook", "one", "two", "three"]


async def test_the_same_id_may_begin_another_run(world: World) -> None:
    """After purge and horizon a repeated idempotency key starts anew, and the new run is shown."""
    old = Scribe(world.log(), "same")
    await old.simple()
    async with running(world.projector()) as projector:
        await projector.progress.wait(old.seqs[-1])
        await world.log().purge(old.key.everything)
        new = Scribe(world.log(), "same")
        seq = await new.start(input="again")
        await projector.progress.wait(seq)
    run = await run_of(world, new)
    assert (run.status, run.input, run.first_seq) == ("queued", '"again"', seq)
    assert list(await steps_of(world, new)) == ["hook"]


async def test_a_reader_can_wait_for_its_write(world: World) -> None:
    """Waiting ends when the sequence is in the views, also of another process, or in a refusal."""
    scribe = Scribe(world.log())
    seq = await scribe.start()
    elsewhere = world.projector().progress
    async with running(world.projector()) as projector:
        await within(projector.progress.wait(seq))
        await within(elsewhere.wait(seq))
        assert await world.views.run("acme", scribe.run_id) is not None
        with pytest.raises(ViewsBehindError) as refused:
            await projector.progress.wait(seq + 1, 0.05)
    assert refused.value.details == {"wanted": str(seq + 1), "reached": str(seq)}


@pytest.mark.parametrize("runs", [1, 30])
async def test_nothing_waits_for_more_than_comes(
    world: World, monkeypatch: pytest.MonkeyPatch, runs: int
) -> None:
    """Gathering while much comes keeps neither a lone run waiting nor a batch that is full."""
    monkeypatch.setattr(projecting_loop, "_GATHER_MANY_S", 3600.0)
    monkeypatch.setattr(projecting_loop, "BATCH", projecting_loop._MANY)
    async with running(world.projector()) as projector:
        await asyncio.gather(*(Scribe(world.log(), f"r{at}").simple() for at in range(runs)))
        await projector.progress.wait(await last_of_runs(world), 20)


async def test_the_lag_rises_while_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The metric says how much of the log is not in the views, and is 0 when all of it is."""
    lag = metrics.PROJECTION_LAG.labels("runs")

    async def is_behind() -> bool:
        return bool(lag._value.get() >= 1)

    async def is_level() -> bool:
        return bool(lag._value.get() == 0)

    async def away(_name: str) -> None:
        raise UnavailableError("no database")

    await Scribe(world.log(), "a").simple()
    with monkeypatch.context() as patched:
        patched.setattr(world.views, "project", away)
        async with running(world.projector()):
            await eventually(is_behind)
    async with running(world.projector()):
        await eventually(is_level)


async def test_log_lines_are_rows(world: World) -> None:
    """Each line of a batch is a row with a mark of its own."""
    log = world.log(subjects.LOGS)
    projector = Projector(log, world.views, LinesFold())
    lines = [
        LogLine(at=times.from_ms(5_000), step="a", attempt=1, level="info", message="one"),
        LogLine(at=times.from_ms(5_001), step="a", level="error", message="two", fields={"x": 1}),
    ]
    batch = LogBatch(tenant="acme", run_id="run_x", lines=tuple(lines))
    await log.append(Append(subjects.logs("acme", "run_x"), b"?"))
    seq = await log.append(Append(subjects.logs("acme", "run_x"), codec.encode(batch)))
    async with running(projector):
        await projector.progress.wait(seq)
    one, two = await world.views.logs("acme", "run_x", LogQuery())
    assert (one.id, one.at_ms, one.message, one.fields) == (mark(seq, 0), 5_000, "one", None)
    assert (two.id, two.level, two.fields) == (mark(seq, 1), "error", '{"x":1}')


async def test_workflows_are_named(world: World) -> None:
    """A list of runs says what their workflow is called now."""
    scribe = Scribe(world.log())
    await scribe.start()
    await project(world)
    log = world.log(subjects.REGISTRY)
    for name in ("Old", "New"):
        saved = WorkflowSaved(workflow_id="wf_a", name=name)
        record = RegistryRecord.of(saved, tenant="acme")
        seq = await log.append(Append(subjects.workflow("acme", "wf_a"), codec.encode(record)))
    projector = Projector(log, world.views, WorkflowsFold())
    async with running(projector):
        await projector.progress.wait(seq)
    found = await world.views.run("acme", scribe.run_id)
    assert found is not None
    assert found[1] == "New"
