"""A fork can undo what it took over; what was undone before is done again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http_house import House
from tests.lived import Owner
from tests.unit.core.played import node, task
from tests.unit.core.test_containers import box
from tests.unit.trigger.test_forks import house, live, restores
from weir.contract import codec
from weir.contract.messages import TaskScheduled

__all__ = ["house"]

TRIP = [
    node("go", "manual"),
    task("a", compensate="undo_a"),
    node("undo_a", "task", {"what": "{{ steps.a }}"}),
    box("saga", "scope"),
    task("book", parent="saga", compensate="unbook"),
    node("unbook", "task", {"what": "{{ steps.book }}"}, parent="saga"),
    box("each", "for_each", {"items": "{{ input.n }}", "concurrency": 1}, parent="saga"),
    task("pay", parent="each", compensate="refund"),
    node("refund", "task", {"what": "{{ [item, index, steps.pay, steps.book] }}"}, parent="each"),
    task("tell", parent="each"),
    task("last", parent="saga"),
    task("end", compensate="undo_end"),
    task("undo_end"),
    task("over"),
]
TRIP_EDGES = ["go>a", "a>saga", "book>each", "pay>tell", "each>last", "saga>end", "end>over"]
WAY = [
    "a",
    "saga/book",
    *(f"saga/each[{n}]/{name}" for n in range(3) for name in ("pay", "tell")),
    "saga/last",
    "end",
    "over",
]


async def _unwound(run: Owner) -> list[tuple[str, Any]]:
    """Let every undo step succeed, until the run has ended; what they were given, in order."""
    found: list[tuple[str, Any]] = []
    for _ in range(50):
        state = await run.state()
        if state.status == "failed":
            return found
        (path,) = (at for at, step in state.steps.items() if step.status == "queued")
        found.append((path, await _given(run, path)))
        await run.succeed(path)
    raise AssertionError(found)


async def _given(run: Owner, path: str) -> Any:
    given = None
    async for batch in run.log.read(run.key.everything):
        for one in batch:
            for event in codec.decode(one.data).events:
                if event.step == path and isinstance(event.kind, TaskScheduled):
                    given = event.kind.config
    return given


@pytest.mark.parametrize("place", WAY)
async def test_a_fork_undoes_what_the_other_run_would_have_undone(house: House, place: str) -> None:
    """From any step: the same steps in the same order, each given the same."""
    life = await live(house, TRIP, TRIP_EDGES)
    run = await life.start({"n": ["x", "y", "z"]})
    for path in WAY[: WAY.index(place)]:
        await run.succeed(path, f"did {path}")
    new, told = await life.again(run, "fork", step=place)
    assert told["repeats"] == [{"step": place, "node_type": "task"}]
    assert await new.sent() == [place]
    restores(await new.read())
    for one in (run, new):
        await one.fail(place)
    undone = await _unwound(run)
    assert await _unwound(new) == undone
    able = [one for one in WAY[: WAY.index(place)] if one.endswith(("a", "book", "pay", "end"))]
    assert len(undone) == len(able)


@pytest.mark.parametrize("first", ["kept", "undone"])
@pytest.mark.parametrize("place", WAY)
async def test_what_was_undone_is_done_again(house: House, place: str, first: str) -> None:
    """A retry goes on where nothing is taken for done that is not; then it comes to a good end."""
    nodes = [dict(one) for one in TRIP if first == "undone" or one["id"] != "undo_a"]
    if first == "kept":
        del nodes[1]["compensate"]
    life = await live(house, nodes, TRIP_EDGES)
    run = await life.start({"n": ["x", "y", "z"]})
    so_far = WAY[: WAY.index(place)]
    for path in so_far:
        await run.succeed(path)
    await run.fail(place)
    undone = await _unwound(run)
    again = [path for path in so_far if undone and (first == "undone" or path != "a")] + [place]
    new, told = await life.again(run, "retry")
    assert told["origin"]["step"] == _from(place, first)
    assert {one["step"] for one in told["repeats"]} == set(again)
    restores(await new.read())
    for path in again + WAY[WAY.index(place) + 1 :]:
        assert (await new.sent())[-1] == path
        state = await new.succeed(path)
    assert state.status == "succeeded"


def _from(place: str, first: str) -> str:
    """All of the scope or loop comes again if it rests on what was undone."""
    if first == "undone" and place.startswith("saga/"):
        return "saga"
    return "saga/each" if place.startswith("saga/each") else place


async def test_a_caught_body_can_still_be_undone(house: House) -> None:
    """From a step of the catch section: what the body did belongs to the scope around."""
    nodes = [
        node("go", "manual"),
        box("saga", "scope"),
        box("guard", "try", {}, parent="saga"),
        task("book", parent="guard", compensate="unbook"),
        task("unbook", parent="guard"),
        task("pay", parent="guard"),
        task("mend", parent="guard", section="catch"),
    ]
    life = await live(house, nodes, ["go>saga", "book>pay"])
    run = await life.start()
    await run.succeed("saga/guard/book")
    await run.fail("saga/guard/pay")
    new, _ = await life.again(run, "fork", step="saga/guard/mend")
    assert await new.sent() == ["saga/guard/mend"]
    await new.fail("saga/guard/mend")
    assert [path for path, _ in await _unwound(new)] == ["saga/guard/unbook"]
    # Once it was undone, the section that did it comes again.
    third, told = await life.again(new, "retry")
    assert told["origin"]["step"] == "saga/guard"
    assert await third.sent() == ["saga/guard/book"]


async def test_what_depends_on_an_undone_step_comes_again(house: House) -> None:
    """Also a step that cannot be undone itself: nothing is begun before what it rests on."""
    nodes = [
        node("go", "manual"),
        task("book", compensate="unbook"),
        task("unbook"),
        task("note"),
        task("ship"),
    ]
    life = await live(house, nodes, ["go>book", "book>note", "note>ship"])
    run = await life.start()
    await run.succeed("book")
    await run.succeed("note")
    await run.fail("ship")
    await run.succeed("unbook")
    new, told = await life.again(run, "retry")
    assert [one["step"] for one in told["repeats"]] == ["book", "note", "ship"]
    assert await new.sent() == ["book"]


@pytest.mark.parametrize("place", ["saga/last", "over"])
async def test_what_is_being_undone_is_not_taken_for_done(house: House, place: str) -> None:
    """Though the run has not come to it yet: a fork in the midst is the fork of afterwards."""
    life = await live(house, TRIP, TRIP_EDGES)
    run = await life.start({"n": ["x", "y"]})
    way = [one for one in WAY[: WAY.index(place)] if "each[2]" not in one]
    for path in way:
        await run.succeed(path)
    await run.fail(place)
    path, body = f"/api/v1/runs/{run.key.run_id}/fork", {"step": place, "dry_run": True}
    midst = await house.ask("POST", path, key="operator", json=body)
    assert midst.status == 200
    if place == "over":  # in the scope, the step before it is undone only when the run is
        await _unwound(run)
        after = await house.ask("POST", path, key="operator", json=body)
        assert midst.body == after.body
    kept = {"a"} if place == "saga/last" else set()
    assert {one["step"] for one in midst.body["repeats"]} == {*way, place} - kept


async def test_a_version_that_can_undo_more_does(house: House) -> None:
    """And what it no longer has is left out."""
    life = await live(house, TRIP, TRIP_EDGES)
    run = await life.start({"n": ["x"]})
    for path in ("a", "saga/book", "saga/each[0]/pay", "saga/each[0]/tell"):
        await run.succeed(path)
    nodes = [one for one in TRIP if one["id"] not in {"each", "pay", "refund", "tell", "end"}]
    nodes = [dict(one) for one in nodes if one["id"] != "undo_end"]
    newer = await live(house, nodes, ["go>a", "a>saga", "book>last", "saga>over"])
    new, _ = await newer.again(run, "fork", step="saga/last", version=newer.version)
    assert await new.sent() == ["saga/last"]
    await new.fail("saga/last")
    assert [path for path, _ in await _unwound(new)] == ["saga/unbook", "undo_a"]


@pytest.mark.parametrize(
    ("place", "again", "first"),
    [
        ("saga/each[1]/pay", "saga/each", "saga/each[0]/pay"),
        ("saga/each[2]/tell", "saga/each", "saga/each[0]/pay"),
        ("saga/book", "saga/book", "saga/book"),
    ],
)
async def test_a_fork_of_a_fork_begins_what_the_first_took_over_as_ended_anew(
    house: House, place: str, again: str, first: str
) -> None:
    """Its inside is there to be undone only: how it was in the middle is not known any more."""
    life = await live(house, TRIP, TRIP_EDGES)
    run = await life.start({"n": ["x", "y", "z"]})
    for path in WAY[: WAY.index("saga/last")]:
        await run.succeed(path)
    second, _ = await life.again(run, "fork", step="saga/last")
    third, told = await life.again(second, "fork", step=place)
    assert told["origin"]["step"] == again
    assert await third.sent() == [first]
    restores(await third.read())


@pytest.mark.parametrize("place", ["saga/book", "saga/each[0]/pay"])
async def test_a_fork_of_a_fork_begins_an_ended_container_anew(house: House, place: str) -> None:
    """The same for the outermost of them, which all that is in it comes again with."""
    life = await live(house, TRIP, TRIP_EDGES)
    run = await life.start({"n": ["x", "y", "z"]})
    for path in WAY[: WAY.index("over")]:
        await run.succeed(path)
    second, _ = await life.again(run, "fork", step="over")
    third, told = await life.again(second, "fork", step=place)
    assert told["origin"]["step"] == "saga"
    assert await third.sent() == ["saga/book"]
    restores(await third.read())
