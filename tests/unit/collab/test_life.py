"""The life of rooms: let go when idle, bounded, gone with their workflow, restarted whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession, TCPConnector

from services.collab import drafting, peers, rooms
from services.collab.service import build as build_collab
from services.registry.service import build as build_registry
from tests.drawing_peer import DrawingPeer, until
from tests.http_house import House, memory_platform
from tests.unit.collab.conftest import DEFINITION, Drawn
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.messages import RegistryRecord
from weir.core.drafts.shape import root
from weir.ports.log import Append


async def _head(drawn: Drawn) -> dict[str, Any]:
    """The draft as it is stored, without asking anybody."""
    log = drawn.house.platform.registry
    stored = await log.last(subjects.workflow("acme", drawn.workflow))
    assert stored is not None
    saved = RegistryRecord.model_validate_json(stored.data).workflow_saved
    assert saved is not None
    return {"name": saved.name, "drawn": saved.drawn}


async def test_an_idle_room_is_written_and_let_go(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while without anybody the draft is written and the memory is free."""
    monkeypatch.setattr(rooms, "IDLE_S", 0.1)
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await peer.edit(lambda doc: root(doc, "meta").update({"name": "Idle"}))
        await peer.settled()
    await until(lambda: drawn.collab.rooms.at_hand("acme", drawn.workflow) is None)
    head = await _head(drawn)
    assert head["name"] == "Idle"
    assert int(head["drawn"]) > 0
    async with drawn.peer() as peer:
        await peer.synced.wait()
        assert peer.definition()["name"] == "Idle"


async def test_reading_opens_no_room_in_vain(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that was let go and says no more than the draft stays closed when that is read."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await drawn.draft()
    monkeypatch.setattr(rooms, "IDLE_S", 0.0)
    await until(lambda: drawn.collab.rooms.at_hand("acme", drawn.workflow) is None)
    await drawn.draft()
    assert drawn.collab.rooms.at_hand("acme", drawn.workflow) is None


async def test_a_draft_is_written_while_people_draw(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists and searches show it soon, and editors are told its revision."""
    monkeypatch.setattr(rooms, "WRITE_AFTER_S", 0.1)
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await peer.edit(lambda doc: root(doc, "meta").update({"name": "Soon"}))
        await until(lambda: any(one["kind"] == "draft" for one in peer.notices))
        assert (await _head(drawn))["name"] == "Soon"


async def test_a_deleted_workflow_takes_its_document_along(drawn: Drawn) -> None:
    """Who draws it is told so, and the document is removed."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await drawn.draft()
        gone = await drawn.house.ask("DELETE", drawn.path, headers={"If-Match": drawn.etag})
        assert gone.status == 204
        await until(lambda: peer.closed == 4404)
    log, subject = drawn.house.platform.collab, subjects.draft("acme", drawn.workflow)
    async with asyncio.timeout(10):
        while await log.last(subject) is not None:  # noqa: ASYNC110 - another's work
            await asyncio.sleep(0.01)


async def test_a_restart_loses_nothing(drawn: Drawn) -> None:
    """Another process has everything that was acknowledged, though the draft was not written."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await peer.edit(lambda doc: root(doc, "meta").update({"name": "Kept"}))
        await peer.settled()
        log = drawn.house.platform.collab
        kept = [one async for batch in log.read("draft.>") for one in batch]
    head = await drawn.house.platform.registry.last(subjects.workflow("acme", drawn.workflow))
    assert head is not None
    # The same log and the same head in a new world: what a killed process leaves behind.
    platform = memory_platform(Broker(SystemClock()).connect())
    house = House(platform, [build_registry(platform), build_collab(platform)])
    saved = RegistryRecord.model_validate_json(head.data)
    stale = saved.workflow_saved
    assert stale is not None
    old = {**DEFINITION, "name": "Drawn"}
    plain = stale.model_copy(update={"definition": old, "name": "Drawn", "drawn": ""})
    record = RegistryRecord.of(plain, id=saved.id, tenant="acme", at=saved.at, by=saved.by)
    await platform.registry.append(Append(head.subject, codec.encode(record)))
    for one in kept:
        await platform.collab.append(Append(one.subject, one.data))
    async with house, ClientSession() as session:
        url = f"{house.url}{drawn.path}/collab".replace("http:", "ws:")
        async with DrawingPeer(session, url, house.keys["editor"]) as late:
            await late.synced.wait()
            assert late.definition()["name"] == "Kept"
        answer = await house.ask("GET", drawn.path)
        assert answer.body["definition"]["name"] == "Kept"


async def test_rooms_are_bounded() -> None:
    """The one that is idle longest goes for a new one; where all are in use, others come back."""
    platform = memory_platform(Broker(SystemClock()).connect(), collab_rooms=2)
    collab = build_collab(platform)
    async with (
        House(platform, [build_registry(platform), collab]) as house,
        ClientSession(connector=TCPConnector(limit=0)) as session,
    ):
        workflows = [
            (await house.ask("POST", "/api/v1/workflows", json=DEFINITION)).body["id"]
            for _ in range(3)
        ]

        def peer(workflow: str) -> DrawingPeer:
            url = f"{house.url}/api/v1/workflows/{workflow}/collab".replace("http:", "ws:")
            return DrawingPeer(session, url, house.keys["editor"])

        async with peer(workflows[0]) as one:
            await one.synced.wait()
            async with peer(workflows[1]) as other:
                await other.synced.wait()
                async with peer(workflows[2]) as refused:
                    await until(lambda: refused.closed == 1013)
            async with peer(workflows[2]) as third:
                await third.synced.wait()
        assert collab.rooms.at_hand("acme", workflows[1]) is None


async def test_a_slow_peer_is_let_go(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who takes nothing holds nobody up, and little memory."""
    monkeypatch.setattr(peers, "QUEUED_BYTES", 1_000_000)
    async with drawn.peer() as witness, drawn.peer() as slow:
        await witness.synced.wait()
        await slow.synced.wait()
        room = drawn.collab.rooms.at_hand("acme", drawn.workflow)
        assert room is not None
        assert slow._reading is not None
        slow._reading.cancel()
        for at in range(400):
            big = {f"v{at % 10}": f"{at}".zfill(60_000)}
            await witness.edit(lambda doc, big=big: root(doc, "vars").update(big))
            if len(room.peers) == 1:
                break
        await until(lambda: len(room.peers) == 1)
        await witness.settled()


async def test_a_document_that_is_mostly_its_past_begins_anew(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another epoch has the same content in fewer bytes; who held the old one is told."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        for at in range(60):
            await peer.edit(lambda doc, at=at: root(doc, "vars").update({"x": f"{at}" * 500}))
        await peer.settled()
    room = drawn.collab.rooms.at_hand("acme", drawn.workflow)
    assert room is not None
    epoch = room.epoch
    monkeypatch.setattr(rooms, "IDLE_S", 0.0)
    await until(lambda: drawn.collab.rooms.at_hand("acme", drawn.workflow) is None)
    monkeypatch.setattr(drafting, "_WORDY_AGE_MS", -1)
    monkeypatch.setattr(drafting, "_WORDY_SIZE", 0)
    monkeypatch.setattr(drafting, "_WORDY", 1)
    monkeypatch.setattr(rooms, "IDLE_S", 60.0)
    async with drawn.peer(epoch=epoch) as old:
        await until(lambda: old.closed == 4410)
    async with drawn.peer() as new:
        await new.synced.wait()
        assert new.definition()["vars"]["x"] == "59" * 500
        assert new.notices[0]["epoch"] != epoch
