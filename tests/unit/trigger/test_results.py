"""Waiting for a run's end when live messages are lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.trigger import results as module
from services.trigger.results import Results, ended
from tests.waiting import within
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.messages import (
    Envelope,
    Event,
    Message,
    RunSucceeded,
    StepCompleted,
    TimerCancelled,
)
from weir.ports.log import Append

KEY = subjects.run_key("acme", "run_1")


class Bench:
    """A hub, and the log it hears of."""

    def __init__(self) -> None:
        self.connection: Connection = Broker(SystemClock()).connect()
        self.log = MemoryLog(self.connection, subjects.RUNS)
        self.results = Results(MemoryLive(self.connection), self.log)

    async def end(self, key: subjects.RunKey = KEY, output: object = 1) -> None:
        """Store the end of a run."""
        await self.log.append(Append(key.events, message(RunSucceeded(output=output))))


def message(*kinds: Message) -> bytes:
    """An owner message with these events."""
    events = tuple(Event.of(kind) for kind in kinds)  # type: ignore[arg-type]
    return codec.encode(Envelope(id="1", at="2026-01-01T00:00:00.000Z", events=events))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A hub that listens and looks."""
    bench = Bench()
    await bench.results.start()
    looking = asyncio.create_task(bench.results.run())
    yield bench
    looking.cancel()
    await bench.results.stop()


def test_the_end_is_found_among_other_events() -> None:
    """An owner message may carry more than the end, in any order."""
    found = ended(message(StepCompleted(output=1), RunSucceeded(output=2), TimerCancelled()))
    assert found is not None
    assert (found.status, found.output) == ("succeeded", 2)


def test_text_that_looks_like_an_end_is_none() -> None:
    """A step's output may say `run_succeeded`."""
    assert ended(message(StepCompleted(output={"run_succeeded": {}}))) is None


async def test_all_who_wait_for_a_run_hear_of_it(bench: Bench) -> None:
    """And others hear nothing."""
    other = subjects.run_key("acme", "run_2")
    async with (
        bench.results.expecting(KEY) as first,
        bench.results.expecting(KEY) as second,
        bench.results.expecting(other) as third,
    ):
        await bench.end()
        assert (await within(first)).output == (await within(second)).output == 1
        assert not third.done()


async def test_a_lost_message_is_found_by_looking(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody heard is read at the leader after a while."""
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    await bench.results.stop()
    async with bench.results.expecting(KEY) as ending:
        await bench.end()
        assert (await within(ending)).output == 1


async def test_after_a_reconnect_all_look_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They do not wait for their time."""
    monkeypatch.setattr(module, "LOOK_S", 3_600.0)
    await bench.results.stop()
    looking = asyncio.create_task(bench.results.run())
    async with bench.results.expecting(KEY) as ending:
        await bench.end()
        bench.connection.interrupt()
        assert (await within(ending)).output == 1
    looking.cancel()


async def test_nothing_is_kept_of_those_who_went(bench: Bench) -> None:
    """Also when they went by an error."""
    with pytest.raises(ValueError, match="x"):
        async with bench.results.expecting(KEY):
            raise ValueError("x")
    assert not bench.results._waiting
