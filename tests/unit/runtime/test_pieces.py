"""Who folds a long history holds up nobody else on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest

from tests.scribe import EPOCH_MS, Scribe, event_of
from tests.unit.projector.projecting import World, project
from tests.waiting import everything
from weir.adapters.memory.clock import LoopClock
from weir.contract import subjects
from weir.contract.messages import RunSucceeded, StepCompleted
from weir.ports.log import Stored
from weir.runtime.archive import Archive, Ended
from weir.runtime.archiver import Archiver
from weir.runtime.graphs import Graphs
from weir.runtime.pieces import BYTES, pieces
from weir.runtime.projector.fold import Rows
from weir.runtime.projector.runs import RunsFold
from weir.runtime.records import Versions
from weir.runtime.states import States

T = TypeVar("T")
_TURNS = 300
_OUTPUT = "x" * 10_000


def test_pieces_are_small_and_all_there() -> None:
    """So many messages or bytes at most, in order, none twice; a long message is one alone."""
    sizes = [10] * 120 + [200_000, 10, 40_000, 40_000, 10]
    messages = [Stored(n, "run.1.acme.r.ev", b"x" * size, 0) for n, size in enumerate(sizes)]
    parts = list(pieces(messages))
    assert [one for part in parts for one in part] == messages
    for part in parts:
        assert 1 <= len(part) <= 50
        assert len(part) == 1 or sum(len(one.data) for one in part) <= 32 * 1024
    assert list(pieces([])) == []


async def _turn_by_turn(work: Awaitable[T]) -> T:
    """Its result, if another on the loop had a turn for each piece."""
    turns = 0

    async def bystander() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.create_task(bystander())
    result = await work
    beside.cancel()
    assert turns >= _TURNS * len(_OUTPUT) // BYTES
    return result


async def _state(world: World, scribe: Scribe) -> None:
    states = States(
        world.log(), Archive(world.blobs), Graphs(Versions(world.log(subjects.REGISTRY)))
    )
    run = await _turn_by_turn(states.read(scribe.key))
    assert run.state is not None
    assert run.state.turn > _TURNS


async def _projection(world: World, scribe: Scribe) -> None:
    fold = RunsFold(world.log(), world.views, Archive(world.blobs))
    last = await world.log().last(scribe.key.events)
    assert last is not None
    await _turn_by_turn(fold.prepare([last]))
    fold.add([last])
    assert fold.take().runs[0].status == "succeeded"


async def _archive(world: World, scribe: Scribe) -> None:
    archive, clock = Archive(world.blobs), LoopClock(base_ms=EPOCH_MS + 86_400_000)
    archiver = Archiver(world.log(), world.views, archive, clock, shards=32, quiet_ms=0)
    messages = await everything(world.log().read(scribe.key.everything))
    ended = await _turn_by_turn(archiver._read(scribe.key, messages))
    assert ended is not None
    assert ended[1].status == "succeeded"


async def _restoring(world: World, scribe: Scribe) -> None:
    messages = await everything(world.log().read(scribe.key.everything))
    archive = Archive(world.blobs)
    await archive.put(Ended(scribe.key, messages, []))
    fold = RunsFold(world.log(), world.views, archive)
    rows = await _turn_by_turn(_all(fold.restored()))
    assert [run.status for some in rows for run in some.runs] == ["succeeded"]


async def _all(batches: AsyncIterator[Rows]) -> list[Rows]:
    return [rows async for rows in batches]


@pytest.mark.parametrize("read", [_state, _projection, _archive, _restoring])
async def test_a_long_run_is_read_turn_by_turn(
    read: Callable[[World, Scribe], Awaitable[None]],
) -> None:
    """Its state, its rows in a projection that had let it go, and the archive, either way."""
    world = World()
    scribe = Scribe(world.log())
    await scribe.start()
    for number in range(_TURNS):
        await scribe.decide(event_of(StepCompleted(output=_OUTPUT), f"s{number}"))
    await project(world)
    await scribe.decide(event_of(RunSucceeded(output=1)))
    await read(world, scribe)
