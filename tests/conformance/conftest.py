"""The brokers that the suites of this folder run on: the one in memory and a real NATS server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.nats_server import empty_streams
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.tasks import JetStreamTasks
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.tasks import MemoryTasks
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.ports.clock import Clock
from weir.ports.live import Live
from weir.ports.log import Log
from weir.ports.tasks import Tasks


@dataclass
class Ports:
    """One broker seen through the ports; `clock` is the broker's time."""

    log: Log
    registry: Log
    rates: Log
    tasks: Tasks
    live: Live
    clock: Clock


@pytest.fixture(params=["memory", "jetstream"])
async def ports(request: pytest.FixtureRequest) -> AsyncIterator[Ports]:
    """An empty broker."""
    if request.param == "memory":
        clock = LoopClock()
        connection = Broker(clock).connect()
        yield Ports(
            MemoryLog(connection, subjects.RUNS),
            MemoryLog(connection, subjects.REGISTRY),
            MemoryLog(connection, subjects.RATES),
            MemoryTasks(connection),
            MemoryLive(connection),
            clock,
        )
        connection.close()
        return
    async with empty_streams(request.getfixturevalue("nats_server")) as link:
        yield Ports(
            JetStreamLog(link, subjects.RUNS),
            JetStreamLog(link, subjects.REGISTRY),
            JetStreamLog(link, subjects.RATES),
            JetStreamTasks(link),
            JetStreamLive(link),
            SystemClock(),
        )


@pytest.fixture
def log(ports: Ports) -> Log:
    """The run log."""
    return ports.log
