"""The projection over histories that the simulation made, faults and all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from random import Random
from typing import Any

import pytest

from tests.sim.explore import one
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.matching import matcher
from weir.adapters.memory.views import MemoryViews
from weir.contract.codec import decode
from weir.contract.messages import ChildStarted, StepDecided
from weir.contract.subjects import EVERY_SEGMENT, FOLDED, parse_run
from weir.core.state import STEP_ENDED
from weir.ports.log import Stored
from weir.ports.views import Batch, Position, StepRow
from weir.runtime import metrics
from weir.runtime.archive import Archive, Ended
from weir.runtime.projector.projector import batch_of
from weir.runtime.projector.runs import RunsFold
from weir.runtime.replay import replay

SEEDS = range(16)


class History:
    """The part of a log that a fold reads back."""

    def __init__(self, messages: Sequence[Stored]) -> None:
        self.messages = messages

    async def read(
        self, subject: str, *, after: int = 0, upto: int | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """What matches, one message at a time; that parts are in an archive is told to nobody."""
        if subject == EVERY_SEGMENT:
            return
        matches = matcher(subject)
        for message in self.messages:
            if after < message.seq <= (upto or 2**62) and matches(message.subject):
                yield [message]

    async def last(self, _subject: str) -> None:
        """Nor is the last confirmation: everything is in the log."""


def histories(seed: int) -> dict[str, list[Stored]]:
    """Every message of every run of a simulated world, purged ones too."""
    return one(seed).archived


async def project(
    messages: Sequence[Stored], blobs: MemoryBlobs, random: Random | None = None
) -> MemoryViews:
    """The views after these messages; with `random` in odd pieces, with stops and little room."""
    views, log = MemoryViews(), History(messages)

    def begin() -> RunsFold:
        room = 20_000 if random is None else random.choice((0, 1, 3))
        return RunsFold(log, views, Archive(blobs), hot_runs=room)  # type: ignore[arg-type]

    fold = begin()
    projecting = await views.project("runs")
    async for rows in fold.restored():
        await projecting.apply(batch_of(rows, at(0)))
    followed = [m for m in messages if parse_run(m.subject)[1] in FOLDED]
    place = 0
    while place < len(followed):
        part = followed[place : place + (50 if random is None else random.randint(1, 6))]
        place += len(part)
        await fold.prepare(part)
        fold.add(part)
        if random is None or random.random() < 0.5 or place == len(followed):
            await projecting.apply(batch_of(fold.take(), at(part[-1].seq)))
            if random is not None and random.random() < 0.2:
                fold = begin()  # the process died after storing
        elif random.random() < 0.1:
            # It died before storing: everything since the last position comes again.
            position = projecting.position
            stored = 0 if position is None else position.sequence
            place = sum(message.seq <= stored for message in followed)
            fold = begin()
    return views


def at(sequence: int) -> Position:
    """A position of the run log."""
    return Position("RUNS", sequence, "", "simulated")


def dump(views: MemoryViews) -> dict[str, Any]:
    """Every row there is."""
    tables = views._tables
    return {"runs": tables.runs, "steps": tables.steps, "attempts": tables.attempts}


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_are_the_owners_fold_however_they_came(seed: int) -> None:
    """One pass, odd pieces with crashes, and half of it from the archive: the same rows."""
    skipped = metrics.PROJECTION_SKIPPED.labels("runs")._value.get()
    broken = metrics.HISTORIES_BROKEN._value.get()
    runs = histories(seed)
    messages = sorted((m for each in runs.values() for m in each), key=lambda m: m.seq)
    asyncio.run(compare(runs, messages, Random(seed)))
    assert metrics.PROJECTION_SKIPPED.labels("runs")._value.get() == skipped
    assert metrics.HISTORIES_BROKEN._value.get() == broken


async def compare(
    runs: dict[str, list[Stored]], messages: Sequence[Stored], random: Random
) -> None:
    """The comparisons of one world."""
    views = await project(messages, MemoryBlobs())
    for run_id, mine in runs.items():
        await fits(views, run_id, mine)
    in_pieces = await project(messages, MemoryBlobs(), random)
    assert dump(in_pieces) == dump(views)
    blobs = MemoryBlobs()
    purged = set(random.sample(sorted(runs), len(runs) // 2))
    for run_id in purged:
        await Archive(blobs).put(Ended(parse_run(runs[run_id][0].subject)[0], runs[run_id]))
    left = [m for m in messages if parse_run(m.subject)[0].run_id not in purged]
    assert dump(await project(left, blobs, random)) == dump(views)


async def fits(views: MemoryViews, run_id: str, messages: Sequence[Stored]) -> None:
    """The rows of a run are what its log says."""
    state = replay(messages).tentative
    assert state is not None
    found = await views.run(state.start.tenant, run_id)
    assert found is not None
    row = found[0]
    assert (row.status, row.ended_ms or 0) == (state.status, state.ended_ms)
    steps: dict[str, StepRow] = {
        step.path: step for step in await views.steps(row.tenant, row.first_seq)
    }
    assert {path: steps[path].status for path in state.steps} == {
        path: step.status for path, step in state.steps.items()
    }
    # What the state has let go of is in iterations, and has ended.
    for path in steps.keys() - state.steps.keys():
        assert "[" in path
        if path.rpartition("/")[0] not in state.nest.scopes and not path.endswith("]"):
            assert steps[path].status in STEP_ENDED, path
    told = [event for message in messages for event in decode(message.data).events]
    # Another run is what a step has called, and not an attempt on an executor.
    called = {event.step for event in told if isinstance(event.kind, ChildStarted)}
    tried = [path for path, step in steps.items() if step.attempt and path not in called]
    attempts = await views.attempts(row.tenant, row.first_seq, tried)
    last = {one.path: one for one in attempts}
    by_people = {event.step for event in told if isinstance(event.kind, StepDecided)}
    for path in tried:
        assert last[path].attempt == steps[path].attempt
        assert last[path].status != "queued"
        if steps[path].status == "succeeded" and path not in by_people:  # who may have skipped it
            assert last[path].status == "succeeded"


def test_an_empty_batch_only_moves() -> None:
    """A batch without rows is no special case."""

    async def move() -> None:
        views = MemoryViews()
        projecting = await views.project("runs")
        await projecting.apply(Batch(at(5)))
        assert await views.position("runs") == at(5)

    asyncio.run(move())
