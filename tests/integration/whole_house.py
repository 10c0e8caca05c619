"""Everything behind one server, and people who are asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.embedded.service import build as build_all
from tests.http_house import House, memory_platform
from tests.unit.approval.asking import Asking
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock


@asynccontextmanager
async def whole_house() -> AsyncIterator[House]:
    """All services on memory, and five people."""
    platform = memory_platform(Broker(SystemClock()).connect())
    people = Asking(platform)
    async with House(platform, build_all(platform)) as made:
        await people.people()
        made.keys |= people.keys
        yield made
