"""Several processes of collab: one has a document, others hand on to it, it moves cleanly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession, TCPConnector

from services.collab import room as rooms_of_one
from services.collab.room import fresh
from services.collab.service import Collab
from services.collab.service import build as build_collab
from services.collab.store import Store
from services.registry.service import build as build_registry
from tests.drawing_peer import DrawingPeer, until
from tests.http_house import House, memory_platform
from tests.unit.collab.conftest import DEFINITION
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.core.drafts.shape import root


class Two:
    """A registry and two processes of collab on one broker."""

    def __init__(self, stack: AsyncExitStack, broker: Broker, session: ClientSession) -> None:
        self._stack = stack
        self._broker = broker
        self._session = session
        self.houses: list[House] = []
        self.collabs: list[Collab] = []
        self.workflow = ""

    async def another(self) -> int:
        """Start one more; its number."""
        platform = memory_platform(self._broker.connect())
        if self.houses:
            # What was made of the first house is what the others know.
            platform = replace(platform, settings=self.houses[0].platform.settings)
        collab = build_collab(platform)
        services: list[Any] = [collab] if self.houses else [build_registry(platform), collab]
        house = House(platform, services)
        await self._stack.enter_async_context(house)
        self.houses.append(house)
        self.collabs.append(collab)
        return len(self.houses) - 1

    def peer(self, at: int) -> DrawingPeer:
        """An editor whose socket is at this process."""
        house = self.houses[at]
        url = f"{house.url}/api/v1/workflows/{self.workflow}/collab".replace("http:", "ws:")
        return DrawingPeer(self._session, url, house.keys["editor"])

    @property
    def owner(self) -> int:
        """Which process has the room."""
        (found,) = [
            at
            for at, collab in enumerate(self.collabs)
            if collab.rooms.at_hand("acme", self.workflow)
        ]
        return found

    async def draft(self) -> dict[str, Any]:
        """The draft as the API has it."""
        answer = await self.houses[0].ask("GET", f"/api/v1/workflows/{self.workflow}")
        found: dict[str, Any] = answer.body["definition"]
        return found


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    """Two processes that know of each other, and a workflow."""
    async with (
        ClientSession(connector=TCPConnector(limit=0)) as session,
        AsyncExitStack() as stack,
    ):
        made = Two(stack, Broker(SystemClock()), session)
        await made.another()
        answer = await made.houses[0].ask("POST", "/api/v1/workflows", json=DEFINITION)
        made.workflow = answer.body["id"]
        await made.another()
        yield made


async def test_both_lead_into_one_room(two: Two) -> None:
    """Peers at either process edit one document, see each other, and are acknowledged."""
    async with two.peer(0) as one, two.peer(1) as other:
        await one.synced.wait()
        await other.synced.wait()
        await one.edit(lambda doc: root(doc, "nodes")["one"].update({"name": "A"}))
        await other.edit(lambda doc: root(doc, "nodes")["one"].update({"timeout": "5s"}))
        big = "x" * 150_000
        await other.edit(lambda doc: root(doc, "vars").update({"big": {"a": big, "b": big}}))
        await one.settled()
        await other.settled()
        await until(lambda: one.definition() == other.definition())
        assert one.definition()["vars"]["big"]["b"] == big
        await other.present(cursor={"x": 1, "y": 1})
        await until(lambda: one.states.get(other.doc.client_id) is not None)
        assert two.owner in {0, 1}
        assert await two.draft() == one.definition()


async def test_a_document_moves_cleanly(two: Two) -> None:
    """When its process stops, all come back to the other and nothing that was stored is lost."""
    async with two.peer(0) as one, two.peer(1) as other:
        await one.synced.wait()
        await other.synced.wait()
        for at in range(20):
            await one.edit(lambda doc, at=at: root(doc, "vars").update({f"a{at}": at}))
            await other.edit(lambda doc, at=at: root(doc, "vars").update({f"b{at}": at}))
        await one.settled()
        await other.settled()
        stopped = two.owner
        await two.collabs[stopped].stop()
        left = one if stopped == 1 else other
        await until(lambda: left.closed is not None)
        assert left.closed == 1012
        await left.come_back()
        assert {f"a{at}" for at in range(20)} | {f"b{at}" for at in range(20)} == set(
            root(left.doc, "vars").keys()
        )
        assert two.owner != stopped or len(two.collabs) == 1


async def test_a_new_process_takes_its_share(two: Two) -> None:
    """Documents that belong to one who comes are handed over; nobody loses an edit by it."""
    async with two.peer(0) as peer:
        await peer.synced.wait()
        before = two.owner
        for _ in range(6):
            await two.another()
        await peer.edit(lambda doc: root(doc, "meta").update({"name": "Moved"}))
        await until(
            lambda: {collab.rooms.owner(two.workflow) for collab in two.collabs}.__len__() == 1
        )
        name = two.collabs[0].rooms.owner(two.workflow)
        new = [one.rooms.membership.name for one in two.collabs].index(name)
        if new != before:
            await until(lambda: not two.collabs[before].rooms.at_hand("acme", two.workflow))
        await peer.come_back()
        await peer.settled()
        assert two.owner == new
        assert (await two.draft())["name"] == "Moved"


async def test_who_is_fenced_lets_go(two: Two) -> None:
    """A process that is not alone finds out at its next write, tells nobody, and all come back."""
    async with two.peer(0) as peer:
        await peer.synced.wait()
        owner = two.collabs[two.owner]
        room = owner.rooms.at_hand("acme", two.workflow)
        assert room is not None
        platform = two.houses[0].platform
        store = Store(platform.collab, platform.clock)
        kept = await store.read("acme", two.workflow)
        assert kept is not None
        other = fresh()
        for update in kept.updates:
            other.apply_update(update)
        before = other.get_state()
        root(other, "vars")["from"] = "the other owner"
        await store.add("acme", two.workflow, kept, other.get_update(before), {}, 0)
        await peer.edit(lambda doc: root(doc, "vars").update({"mine": 1}))
        await until(lambda: peer.closed == 1012)
        assert "from" not in root(peer.doc, "vars")
        await peer.come_back()
        await peer.settled()
        assert dict(root(peer.doc, "vars").to_py() or {}) == {"mine": 1, "from": "the other owner"}


async def test_a_long_log_is_written_down_whole(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many edits the whole replaces them; who comes then has it all."""
    monkeypatch.setattr(rooms_of_one, "EDITS", 10)
    async with two.peer(0) as peer:
        await peer.synced.wait()
        for at in range(25):
            await peer.edit(lambda doc, at=at: root(doc, "vars").update({f"v{at}": at}))
            await peer.settled()
    subject = subjects.draft("acme", two.workflow)
    log = two.houses[0].platform.collab
    lying = [one async for batch in log.read(subject) for one in batch]
    assert 1 <= len(lying) <= 10
    async with two.peer(1) as late:
        await late.synced.wait()
        assert len(root(late.doc, "vars")) == 25
