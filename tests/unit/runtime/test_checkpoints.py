"""A takeover begins with the last checkpoint: it reads what came behind it, and loses nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from tests.sim.virtual_loop import run
from tests.unit.core.played import frozen, node
from tests.unit.runtime.house import SHARDS, House
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects
from weir.contract.codec import decode
from weir.contract.messages import Event, RunSucceeded, SignalReceived
from weir.ports.log import Stored
from weir.runtime import metrics
from weir.runtime.decider import checkpoints
from weir.runtime.decider.children import Children
from weir.runtime.decider.retention import Retention
from weir.runtime.decider.turns import Turns


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many messages were read, by filter."""
    count: Counter[str] = Counter()
    original = MemoryLog.read

    async def counting(
        self: MemoryLog, subject: str, **more: Any
    ) -> AsyncIterator[Sequence[Stored]]:
        async for batch in original(self, subject, **more):
            count[subject] += len(batch)
            yield batch

    monkeypatch.setattr(MemoryLog, "read", counting)
    return count


def _workflows() -> dict[str, dict[str, Any]]:
    work = node("work", "task", {"task": "work", "input": {"value": 1, "seconds": 0.01}})
    long = node(
        "work", "task", {"task": "work", "input": {"value": 2, "seconds": 100}}, timeout_ms=2e5
    )
    start = node("go", "manual")
    return {
        "wf_short": frozen([start, work], ["go>work"]),
        "wf_task": frozen([start, long], ["go>work"]),
        "wf_timer": frozen(
            [start, node("w", "delay", {"duration": "90s"}), work], ["go>w", "w>work"]
        ),
        "wf_signal": frozen(
            [start, node("w", "wait_signal", {"name": "on"}), work], ["go>w", "w>work"]
        ),
    }


@pytest.mark.parametrize("hot_runs", [1, 1_000])
def test_a_takeover_reads_little(read: Counter[str], hot_runs: int) -> None:
    """Of hundreds of ended runs next to nothing; those that wait go on, also if put away."""

    async def story() -> None:
        async with House(checkpoint_messages=20, checkpoint_s=0.5, hot_runs=hot_runs) as house:
            for name, definition in _workflows().items():
                await house.publish(name, definition)
            waiting = {
                kind: await house.start(f"wf_{kind}", name=f"run_{kind}")
                for kind in ("timer", "signal", "task")
            }
            before = metrics.CHECKPOINTS._value.get()
            for number in range(300):
                await house.start("wf_short", name=f"run_{number}")
                await asyncio.sleep(0.02)
            await asyncio.sleep(5)
            assert metrics.CHECKPOINTS._value.get() - before >= SHARDS
            await house.kill_schedulers()
            read.clear()
            house.start_scheduler()
            on = SignalReceived(signal_id="sig_1", name="on", payload=1)
            await house.tell(waiting["signal"], subjects.signal_fact("sig_1"), Event.of(on))
            for key in waiting.values():
                assert (await house.end(key)).status == "succeeded"
            past = sum(read[subjects.shard_filter(shard)] for shard in range(SHARDS))
            assert past < 400
            assert len(house.done) == 303

    run(story())


def test_an_old_checkpoint_does_not_count() -> None:
    """A run of it may have ended and been purged since."""

    async def story() -> None:
        house = House(checkpoint_messages=5, checkpoint_s=0.5)
        retention = Retention(house.log, house.clock, hot_ms=60_000, horizon_ms=86_400_000)
        house.more["retention"] = retention
        async with house:
            await house.publish("wf_short", _workflows()["wf_short"])
            for number in range(100):
                await house.start("wf_short", name=f"run_{number}")
            await asyncio.sleep(5)
            decider, now = house.decider("reader"), house.clock.now_ms()
            assert await checkpoints.read(decider, 0, now) is not None
            assert await checkpoints.read(decider, 0, now + 60_000) is None

    run(story())


def test_a_run_that_was_put_away_is_never_begun_from_a_part_of_its_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another run's turn held the position back; what was truncated stands in its snapshot."""
    look = checkpoints.look
    monkeypatch.setattr(checkpoints, "look", lambda turns: look(turns)._replace(position=0))

    async def story() -> None:
        more: dict[str, Any] = {"checkpoint_messages": 3, "checkpoint_s": 0.5, "hot_runs": 0}
        async with House(snapshot_bytes=1, **more) as house:
            for name in ("wf_timer", "wf_short"):
                await house.publish(name, _workflows()[name])
            key = await house.start("wf_timer", name="run_timer")
            for number in range(100):
                await house.start("wf_short", name=f"run_{number}")
                await asyncio.sleep(0.02)
            await asyncio.sleep(5)
            assert await house.log.last(subjects.checkpoint(key.shard)) is not None
            taken = await house.log.last(key.snapshot)
            assert taken is not None
            await house.log.purge(key.events, below=taken.seq)
            await house.kill_schedulers()
            house.start_scheduler()
            await asyncio.sleep(100)
            left = [m async for batch in house.log.read(key.events) for m in batch]
            kinds = [type(event.kind) for m in left for event in decode(m.data).events]
            assert kinds == [RunSucceeded]
            assert len(house.done) == 101

    run(story())


def test_a_run_that_is_read_after_the_takeover_asks_after_its_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its child ended and the child's owner died before telling: nobody else will."""
    look = checkpoints.look

    def all_away(turns: Turns) -> checkpoints.Picture:
        picture = look(turns)
        away = [*picture.away, *((one.key, 1) for one in picture.open)]
        return picture._replace(open=[], away=away)

    async def never(_: Children) -> None:
        """The owner that goes is not to ask any more."""

    monkeypatch.setattr(checkpoints, "look", all_away)
    monkeypatch.setattr(Children, "ended", lambda *_: None)
    ask = Children.ask
    monkeypatch.setattr(Children, "ask", never)

    async def story() -> None:
        async with House(checkpoint_messages=3, checkpoint_s=0.5) as house:
            call = node("call", "sub_workflow", {"workflow": "wf_timer"})
            calling = frozen([node("go", "manual"), call], ["go>call"])
            for name, definition in {**_workflows(), "wf_calling": calling}.items():
                await house.publish(name, definition)
            key = await house.start("wf_calling", name="run_calling")
            for number in range(100):
                await house.start("wf_short", name=f"run_{number}")
            await asyncio.sleep(5)
            assert await house.log.last(subjects.checkpoint(key.shard)) is not None
            await house.kill_schedulers()
            monkeypatch.setattr(Children, "ask", ask)
            house.start_scheduler()
            assert (await house.end(key, within_s=300)).status == "succeeded"

    run(story())
