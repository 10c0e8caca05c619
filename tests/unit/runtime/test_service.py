"""The life of a process: order, signals, crashes, deadlines."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from weir import settings
from weir.contract.errors import PortTakenError
from weir.core.expressions import parser
from weir.runtime.background import Background
from weir.runtime.http.route import Route
from weir.runtime.lifetime import stopped_by_signals
from weir.runtime.platform import Platform
from weir.runtime.service import run_services
from weir.wiring import connect


@dataclass
class Recorder:
    """A service that writes down what happens to it."""

    name: str
    story: list[str]
    background: Background = field(default_factory=Background)
    routes: tuple[Route, ...] = ()
    good: bool = True
    slow_stop: bool = False
    fails: str = ""

    async def start(self) -> None:
        """Told."""
        self.story.append(f"start {self.name}")
        if self.fails == "start":
            raise RuntimeError("cannot start")

    async def stop(self) -> None:
        """Told; hangs if asked to."""
        self.story.append(f"stop {self.name}")
        if self.fails == "stop":
            raise RuntimeError("cannot stop")
        if self.slow_stop:
            await asyncio.Event().wait()

    def health(self) -> dict[str, bool]:
        """As set."""
        return {"world": self.good}


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    """A platform in memory."""
    found = settings.load(memory=True, http_port=0, stop_deadline="200ms")
    async with connect(found, "embedded") as made:
        yield made


async def test_services_start_in_order_and_stop_in_reverse(platform: Platform) -> None:
    """What comes later may rely on what came before, to the end."""
    story: list[str] = []
    stop = asyncio.Event()

    async def announce(url: str) -> None:
        assert url.startswith("http://127.0.0.1:")
        story.append("announced")
        stop.set()

    services = [Recorder("a", story), Recorder("b", story)]
    await run_services(platform, services, stop=stop, announce=announce)
    assert story == ["start a", "start b", "announced", "stop b", "stop a"]


async def test_no_request_waits_for_the_grammar_of_expressions(platform: Platform) -> None:
    """It is read before the first service starts: it would hold up the loop for long."""
    parser._grammar.cache_clear()
    stop = asyncio.Event()
    known: list[int] = []

    class Looks(Recorder):
        async def start(self) -> None:
            known.append(parser._grammar.cache_info().currsize)
            stop.set()

    await run_services(platform, [Looks("a", [])], stop=stop)
    assert known == [1]


async def test_readiness_is_that_of_every_service(platform: Platform) -> None:
    """One unready service makes the process unready, and says which; health stays good."""
    stop = asyncio.Event()
    services = [Recorder("a", []), Recorder("b", [], good=False)]
    told: list[tuple[int, dict[str, bool]]] = []

    async def announce(url: str) -> None:
        async with aiohttp.ClientSession() as session:
            for path in ("/ready", "/health"):
                async with session.get(url + path) as answer:
                    told.append((answer.status, (await answer.json())["checks"]))
        stop.set()

    await run_services(platform, services, stop=stop, announce=announce)
    assert told == [(503, {"a.world": True, "b.world": False}), (200, {})]


async def test_a_failed_background_task_ends_the_process(platform: Platform) -> None:
    """Its error comes out, with the task's name, after everything was stopped."""
    story: list[str] = []
    service = Recorder("a", story)

    async def break_down() -> None:
        raise RuntimeError("broken")

    async def announce(_: str) -> None:
        service.background.spawn(break_down(), "the work")

    with pytest.raises(RuntimeError, match="broken") as caught:
        await run_services(platform, [service], stop=asyncio.Event(), announce=announce)
    assert caught.value.__notes__ == ["in the background task 'the work'"]
    assert story == ["start a", "stop a"]


async def test_a_service_that_cannot_start_is_stopped_with_the_others(platform: Platform) -> None:
    """A half-made start is undone, of those too that began beside it."""
    story: list[str] = []
    services = [Recorder("a", story), Recorder("b", story, fails="start"), Recorder("c", story)]
    with pytest.raises(RuntimeError, match="cannot start"):
        await run_services(platform, services, stop=asyncio.Event())
    assert story == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]


async def test_stopping_ends_whatever_a_service_does(platform: Platform) -> None:
    """One that hangs is cut off at the deadline, one that fails stops no other."""
    story: list[str] = []
    services = [
        Recorder("a", story),
        Recorder("b", story, fails="stop"),
        Recorder("c", story, slow_stop=True),
    ]
    never = services[2].background.spawn(asyncio.Event().wait(), "for ever")
    stop = asyncio.Event()

    async def announce(_: str) -> None:
        stop.set()

    async with asyncio.timeout(10):
        await run_services(platform, services, stop=stop, announce=announce)
    assert story[-3:] == ["stop c", "stop b", "stop a"]
    assert never.cancelled()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_asks_for_the_end(number: signal.Signals) -> None:
    """The first signal sets the event that a process waits for."""
    stop = asyncio.Event()
    with stopped_by_signals(stop):
        os.kill(os.getpid(), number)
        async with asyncio.timeout(10):
            await stop.wait()


async def test_a_taken_port_stops_the_start() -> None:
    """The services that were started are stopped again, and the error names the port."""
    story: list[str] = []
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as taken:
        port = taken.sockets[0].getsockname()[1]
        placed = settings.load(memory=True, http_port=port)
        async with connect(placed, "embedded") as made:
            with pytest.raises(PortTakenError, match=str(port)):
                await run_services(made, [Recorder("a", story)], stop=asyncio.Event())
    assert story == ["start a", "stop a"]
