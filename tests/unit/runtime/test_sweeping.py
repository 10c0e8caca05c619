"""Parts of runs leave the log when the archive says so, and nobody looks for them before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from tests.sim.virtual_loop import run
from tests.unit.core.played import frozen, node
from tests.unit.runtime.house import SHARDS, House
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects
from weir.contract.messages import Event, RunSegmentArchived
from weir.ports.log import Stored
from weir.runtime.decider.retention import Retention

WAITING = frozen([node("go", "manual"), node("w", "delay", {"duration": "1h"})], ["go>w"])


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The readings of the archive's confirmations of parts, by their filters."""
    found: list[str] = []
    read = MemoryLog.read

    def noting(
        self: MemoryLog, subject: str, *, after: int = 0, upto: int | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        if subject.endswith(subjects.segment_fact()):
            found.append(subject)
        return read(self, subject, after=after, upto=upto)

    monkeypatch.setattr(MemoryLog, "read", noting)
    return found


def test_a_shard_looks_for_confirmed_parts_only_after_one_was_told(looked: list[str]) -> None:
    """Once when it is taken, for what it was not there for; then each time, while there is one."""

    async def story() -> None:
        more: dict[str, Any] = {"sweep_s": 1.0, "snapshot_bytes": 2**30}
        house = House(**more)
        house.more["retention"] = Retention(house.log, house.clock, hot_ms=10**9, horizon_ms=1)
        async with house:
            await house.publish("wf", WAITING)
            key = await house.start("wf", name="run_one")
            await asyncio.sleep(30)
            assert sorted(looked) == sorted(map(subjects.shard_segments, range(SHARDS)))
            looked.clear()
            told = RunSegmentArchived(key="part", after="0", through="1")
            await house.tell(key, subjects.segment_fact(), Event.of(told))
            await asyncio.sleep(10)
            assert 9 <= len(looked) <= 11
            assert set(looked) == {subjects.shard_segments(key.shard)}
            await house.log.purge(key.fact(subjects.segment_fact()))
            await asyncio.sleep(2)
            looked.clear()
            await asyncio.sleep(10)
            assert looked == []

    run(story())
