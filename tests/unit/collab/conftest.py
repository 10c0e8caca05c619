"""A house with the registry and collab on memory adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, TCPConnector

from services.collab.service import Collab
from services.collab.service import build as build_collab
from services.registry.service import build as build_registry
from tests.drawing_peer import DrawingPeer
from tests.http_house import House, memory_platform
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock

DEFINITION: dict[str, Any] = {
    "name": "Drawn",
    "nodes": [
        {"id": "start", "type": "manual", "position": {"x": 0, "y": 0}},
        {"id": "one", "type": "set", "config": {"values": {"a": "{{ input.a }}"}}},
    ],
    "edges": [{"source": "start", "target": "one"}],
}


class Drawn:
    """A workflow in the house, and peers of its document."""

    def __init__(self, house: House, collab: Collab, session: ClientSession) -> None:
        self.house = house
        self.collab = collab
        self.session = session
        self.workflow = ""
        self.etag = ""

    @property
    def path(self) -> str:
        """The workflow's."""
        return f"/api/v1/workflows/{self.workflow}"

    def peer(self, role: str = "editor", **params: str) -> DrawingPeer:
        """Somebody with this role."""
        url = f"{self.house.url}{self.path}/collab".replace("http:", "ws:")
        return DrawingPeer(self.session, url, self.house.keys.get(role, role), **params)

    async def draft(self) -> dict[str, Any]:
        """The draft as the API has it."""
        answer = await self.house.ask("GET", self.path)
        self.etag = answer.headers["ETag"]
        found: dict[str, Any] = answer.body["definition"]
        return found


@pytest.fixture
async def drawn() -> AsyncIterator[Drawn]:
    """A new workflow, opened by nobody yet."""
    platform = memory_platform(Broker(SystemClock()).connect())
    collab = build_collab(platform)
    async with (
        House(platform, [build_registry(platform), collab]) as house,
        ClientSession(connector=TCPConnector(limit=0)) as session,
    ):
        made = Drawn(house, collab, session)
        answer = await house.ask("POST", "/api/v1/workflows", json=DEFINITION)
        assert answer.status == 201, answer.body
        made.workflow = answer.body["id"]
        made.etag = answer.headers["ETag"]
        yield made
