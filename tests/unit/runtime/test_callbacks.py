"""The end of a run is told by a run of its own: begun once, whatever is lost on the way."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.unit.core.played import frozen, node
from tests.unit.runtime.house import SHARDS, TENANT, House
from tests.unit.runtime.test_children import play
from weir.contract import codec, subjects
from weir.core import callback
from weir.core.graph import compile_graph
from weir.nodes.registry import catalogue
from weir.ports.log import Stored

CALLBACK = {"url": "https://hooks.example/", "credential": "hooks", "events": ["succeeded"]}


def told(**settings: Any) -> dict[str, Any]:
    """A workflow whose end is told."""
    program = frozen([node("go", "manual"), node("one", "set", {"values": {"n": 1}})], ["go>one"])
    return {**program, "settings": {**program["settings"], "callback": CALLBACK, **settings}}


async def starts_of_telling(house: House, run_id: str) -> list[Stored]:
    """The start facts of the run that tells the end of this one."""
    key = subjects.run_key(TENANT, callback.run_of(run_id, "version"), SHARDS)
    subject = key.fact(subjects.start_fact())
    return [m async for batch in house.log.read(subject) for m in batch]


async def telling(house: House, run_id: str) -> Stored:
    """The same, once there is one."""
    while not (found := await starts_of_telling(house, run_id)):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    return found[0]


def test_the_frozen_form_is_one_that_runs() -> None:
    """It compiles, and names a node type of this installation in its version."""
    graph = compile_graph(callback.FROZEN, callback.VERSION)
    spec = catalogue()[graph.nodes[callback.STEP].type]
    assert (spec.kind, spec.version) == ("task", graph.nodes[callback.STEP].type_version)


def test_a_lost_telling_is_begun_by_the_next_owner() -> None:
    """The owner dies before the telling run is stored: whoever takes the shard over begins it."""

    async def story(house: House) -> None:
        await house.publish("wf_told", told())
        key = await house.start("wf_told")
        await house.end(key)
        first = await telling(house, key.run_id)
        await house.kill_schedulers()
        lost = subjects.parse_run(first.subject)[0]
        await house.log.purge(lost.everything)
        assert not await starts_of_telling(house, key.run_id)
        house.start_scheduler()
        again = await telling(house, key.run_id)
        assert b'"run.succeeded"' in again.data
        assert len(await starts_of_telling(house, key.run_id)) == 1

    play(story)


def test_a_telling_that_is_there_is_not_begun_again() -> None:
    """Another owner changes nothing about one that was begun."""

    async def story(house: House) -> None:
        await house.publish("wf_told", told())
        key = await house.start("wf_told")
        await house.end(key)
        first = await telling(house, key.run_id)
        await house.kill_schedulers()
        house.start_scheduler()
        other = await house.start("wf_told", name="run_second")
        await house.end(other)
        await telling(house, other.run_id)
        assert await starts_of_telling(house, key.run_id) == [first]

    play(story)


def test_a_telling_belongs_where_its_run_does() -> None:
    """Who may look at the run may look at how its end was told."""

    async def story(house: House) -> None:
        await house.publish("wf_told", told())
        key = await house.start("wf_told", project="prj_a")
        await house.end(key)
        first = await telling(house, key.run_id)
        started = codec.decode(first.data).events[0].run_started
        assert started is not None
        assert started.project == "prj_a"

    play(story)
