"""A fork goes on inside containers with their whole time, counted from its own begin."""

from __future__ import annotations

from typing import Any

from tests.http_house import House
from tests.lived import Owner
from tests.unit.core.played import node, task
from tests.unit.core.test_containers import box
from tests.unit.trigger.test_forks import house, live, restores
from weir.contract import subjects
from weir.contract.messages import SlotAnswered
from weir.core.gates import open_gate
from weir.core.state import RunState

__all__ = ["house"]

MINUTE = 60_000
NODES = [
    node("go", "manual"),
    {**box("each", "for_each", {"items": [1, 2], "concurrency": 1}), "timeout_ms": 2.0 * MINUTE},
    {**box("guard", "try", parent="each", on_error="continue"), "timeout_ms": 1.0 * MINUTE},
    task("one", parent="guard"),
    task("two", parent="guard"),
]
EDGES = ["go>each", "one>two"]
PLACE = "each[0]/guard/two"
HELD = {"concurrency": {"key": "k", "limit": 1, "policy": "queue"}}


async def _forked(house: House, **settings: Any) -> tuple[Owner, RunState]:
    """A fork from deep inside, of a run that had used up nearly all of its time."""
    life = await live(house, NODES, EDGES, settings=settings)
    run = await life.start()
    if settings:
        await _let_in(run)
    run.now_ms += MINUTE - 10
    await run.succeed("each[0]/guard/one")
    new, _ = await life.again(run, "fork", step=PLACE)
    restores(await new.read())
    return new, await new.state()


async def _let_in(run: Owner) -> RunState:
    """The limit lets the run begin."""
    gate = open_gate(await run.state())
    assert gate is not None
    granted = SlotAnswered(limit_id=gate.limit_id, verdict="granted")
    await run.fact(subjects.slot_fact(gate.limit_id), granted)
    return await run.settle()


async def test_a_fork_has_the_whole_time_of_what_it_goes_on_in(house: House) -> None:
    """Each container's limit is counted from the start of the fork, and fires."""
    new, state = await _forked(house)
    begun = state.start.started_ms
    assert state.steps["each"].wake_ms == begun + 2 * MINUTE
    assert state.steps["each[0]/guard"].wake_ms == begun + MINUTE
    assert await new.sent() == [PLACE]
    new.now_ms = begun + MINUTE - 1
    assert (await new.settle()).steps["each[0]/guard"].status == "running"
    new.now_ms += 1
    state = await new.settle()
    assert state.nest.blocks["each"].results[0]["error"]["code"] == "STEP_TIMEOUT"
    assert (await new.sent())[1:] == ["each[1]/guard/one"]
    new.now_ms = begun + 2 * MINUTE
    state = await new.settle()
    assert state.error is not None
    assert (state.status, state.error.code, state.error.step) == ("failed", "STEP_TIMEOUT", "each")
    assert "within 120 s" in state.error.message


async def test_what_waits_to_begin_uses_no_time(house: House) -> None:
    """A fork that waits for a limit has the whole time from when it is let in."""
    new, state = await _forked(house, **HELD)
    new.now_ms = state.start.started_ms + 10 * MINUTE
    assert (await new.settle()).status == "queued"
    restores(await new.read())
    state = await _let_in(new)
    assert await new.sent() == [PLACE]
    restores(await new.read())
    begun = new.now_ms
    assert state.steps["each[0]/guard"].wake_ms == begun + MINUTE
    new.now_ms = begun + MINUTE - 1
    assert (await new.settle()).steps["each[0]/guard"].status == "running"
    new.now_ms += 1
    state = await new.settle()
    assert state.nest.blocks["each"].results[0]["error"]["code"] == "STEP_TIMEOUT"


async def test_a_limit_is_that_of_the_fork_s_version(house: House) -> None:
    """Another version may give more time, or none."""
    life = await live(house, NODES, EDGES)
    run = await life.start()
    await run.succeed("each[0]/guard/one")
    nodes = [dict(one) for one in NODES]
    nodes[1]["timeout_ms"], nodes[2]["timeout_ms"] = 0.0, 5.0 * MINUTE
    newer = await live(house, nodes, EDGES)
    new, _ = await newer.again(run, "fork", step=PLACE, version=newer.version)
    state = await new.state()
    assert state.steps["each"].wake_ms == 0
    assert state.steps["each[0]/guard"].wake_ms == state.start.started_ms + 5 * MINUTE
