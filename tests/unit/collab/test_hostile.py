"""Hostile peers: refused or harmless, and the room stays up for everybody else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import WSMsgType
from pycrdt import Doc, Map, Text

from services.collab import protocol, room
from tests.drawing_peer import DrawingPeer, until
from tests.unit.collab.conftest import Drawn
from weir.core.drafts.shape import root


async def _still_up(drawn: Drawn, witness: DrawingPeer) -> None:
    """Others go on: an edit of the witness is stored, and the draft can be read."""
    name = secrets.token_hex(4)
    await witness.edit(lambda doc: root(doc, "meta").update({"name": name}))
    await witness.settled()
    assert (await drawn.draft())["name"] == name


def _many_nodes(doc: Doc[Any]) -> None:
    nodes = root(doc, "nodes")
    for at in range(2_001):
        nodes[f"n{at}"] = {"t": 1}


def _prototype(doc: Doc[Any]) -> None:
    root(doc, "nodes")["__proto__"] = Map({"type": "set"})


def _deep_prototype(doc: Doc[Any]) -> None:
    root(doc, "vars")["a"] = {"b": [{"constructor": {"prototype": 1}}]}


def _nested_prototype(doc: Doc[Any]) -> None:
    root(doc, "nodes")["n"] = Map({"config": Map({"a": Map({"__proto__": Text("x")})})})


def _deep(doc: Doc[Any]) -> None:
    value: Any = 1
    for _ in range(40):
        value = [value]
    root(doc, "vars")["deep"] = value


def _long_key(doc: Doc[Any]) -> None:
    root(doc, "vars")["k" * 201] = 1


def _long_text(doc: Doc[Any]) -> None:
    root(doc, "vars")["t"] = Text("t" * 200_001)


def _bytes(doc: Doc[Any]) -> None:
    root(doc, "vars")["b"] = b"\x00"


@pytest.mark.parametrize(
    "draw",
    [
        _many_nodes,
        _prototype,
        _deep_prototype,
        _nested_prototype,
        _deep,
        _long_key,
        _long_text,
        _bytes,
    ],
)
async def test_what_no_document_may_have_is_refused(
    drawn: Drawn, draw: Callable[[Doc[Any]], None]
) -> None:
    """The sender is sent away with a reason, and nobody else sees any of it."""
    async with drawn.peer() as witness, drawn.peer() as hostile:
        await witness.synced.wait()
        await hostile.synced.wait()
        before = witness.definition()
        await hostile.edit(draw)
        await until(lambda: hostile.closed is not None)
        assert hostile.closed == 4422
        assert hostile.acknowledged == 0
        assert witness.definition() == before
        await _still_up(drawn, witness)


async def test_a_hundred_thousand_nodes_are_refused(drawn: Drawn) -> None:
    """In one update under the limit of a frame or over it, nothing of them is taken."""
    huge: Doc[Any] = Doc(client_id=77)
    nodes = root(huge, "nodes")
    with huge.transaction():
        for at in range(100_000):
            nodes[str(at)] = 0
    async with drawn.peer() as witness, drawn.peer() as hostile:
        await witness.synced.wait()
        await hostile.synced.wait()
        await hostile.send(protocol.changing(huge.get_update()))
        await until(lambda: hostile.closed is not None)
        assert hostile.closed in {4413, 4422}
        await _still_up(drawn, witness)


async def test_too_large_a_frame_is_refused(drawn: Drawn) -> None:
    """Ten megabytes are cut off, one and a half are told why."""
    async with drawn.peer() as witness:
        await witness.synced.wait()
        for size, codes in ((10 * 2**20, {1009, 1006}), (3 * 2**19, {4413})):
            async with drawn.peer() as hostile:
                await hostile.synced.wait()
                await hostile.send(protocol.changing(b"\x01" * size))
                await until(lambda: hostile.closed is not None)
                assert hostile.closed in codes
        await _still_up(drawn, witness)


async def test_garbage_does_nothing(drawn: Drawn) -> None:
    """Bytes that are no frame change nothing and end nobody's connection but for broken updates."""
    async with drawn.peer() as witness, drawn.peer() as hostile:
        await witness.synced.wait()
        await hostile.synced.wait()
        for garbage in (
            b"",
            b"\xff" * 30,
            b"\x00",
            b"\x00\x07\x01\x00",
            b"\x00\x00\xff\xff\xff\xff\x7f",
            b"\x00\x00\x02\xff\xff",
            b"\x01\x05\x01\x01\x01\x02{]",
            b"\x63hello",
            bytes(range(2, 256)),
        ):
            await hostile.send(garbage)
        await hostile.present(selection=["one"])
        await until(lambda: hostile.doc.client_id in witness.states)
        await hostile.send(protocol.changing(b"\x01\x02\x03"))
        await until(lambda: hostile.closed == 4422)
        await _still_up(drawn, witness)


async def test_nobody_speaks_for_others(drawn: Drawn) -> None:
    """Forged awareness is dropped: another's client id, and a second one of one's own."""
    async with drawn.peer() as victim, drawn.peer("viewer") as forger:
        await victim.synced.wait()
        await forger.synced.wait()
        await victim.present(cursor={"x": 1, "y": 1})
        await until(lambda: victim.doc.client_id in forger.states)
        await forger.present(selection=[])
        forged = {victim.doc.client_id: (1000, {"cursor": None}), 4242: (1, {"cursor": None})}
        await forger.send(protocol.telling(forged))
        removed: dict[int, tuple[int, dict[str, Any] | None]] = {victim.doc.client_id: (1001, None)}
        await forger.send(protocol.telling(removed))
        big = {forger.doc.client_id: (50, {"selection": ["x" * 20_000]})}
        await forger.send(protocol.telling(big))
        await forger.present(selection=["last"])
        await until(
            lambda: (victim.states.get(forger.doc.client_id) or {}).get("selection") == ["last"]
        )
        assert 4242 not in victim.states
        state = forger.states[victim.doc.client_id]
        assert state is not None
        assert state["cursor"] == {"x": 1, "y": 1}
        assert state["user"]["name"] == "editor"


async def test_who_leaves_is_seen_to_leave(drawn: Drawn) -> None:
    """The state of a connection that ends is removed for all."""
    async with drawn.peer() as one:
        await one.synced.wait()
        async with drawn.peer() as other:
            await other.synced.wait()
            await other.present(cursor={"x": 1, "y": 1})
            await until(lambda: one.states.get(other.doc.client_id) is not None)
        await until(lambda: one.states[other.doc.client_id] is None)


async def test_a_document_has_a_largest_size(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would make the document larger than it may be is refused, piece by piece."""
    monkeypatch.setattr(room, "STATE_LIMIT", 100_000)
    async with drawn.peer() as witness, drawn.peer() as hostile:
        await witness.synced.wait()
        await hostile.synced.wait()
        for at in range(20):
            text = secrets.token_hex(5_000)
            await hostile.edit(
                lambda doc, at=at, text=text: root(doc, "vars").update({f"v{at}": text})
            )
        await until(lambda: hostile.closed == 4422)
        await _still_up(drawn, witness)


@pytest.mark.parametrize(
    ("who", "path", "code"),
    [
        ("weir_nobody", "", 4401),
        ("viewer", "wf_aaaaaaaaaaaaaaaaaaaaaaaaaa", 4404),
        ("viewer", "nonsense", 4404),
    ],
)
async def test_who_may_not_come_in_is_told_by_the_code(
    drawn: Drawn, who: str, path: str, code: int
) -> None:
    """A page cannot read the status of an upgrade, so the socket opens and closes with a code."""
    drawn.workflow = path or drawn.workflow
    async with drawn.peer(who) as peer:
        await until(lambda: peer.closed is not None)
        assert peer.closed == code


async def test_another_epoch_is_refused(drawn: Drawn) -> None:
    """A socket that names an epoch gets that one or none."""
    told = await drawn.house.ask("GET", f"{drawn.path}/document", key="viewer")
    assert told.body["read_only"] is True
    async with drawn.peer(epoch=told.body["epoch"]) as right:
        await right.synced.wait()
        seen = (await drawn.house.ask("GET", f"{drawn.path}/document")).body
        assert [peer["name"] for peer in seen["peers"]] == ["editor"]
        async with drawn.peer(epoch="doc_another") as wrong:
            await until(lambda: wrong.closed is not None)
            assert wrong.closed == 4410


async def test_pages_of_others_open_no_sockets(drawn: Drawn) -> None:
    """A socket whose Origin is not ours is closed at once, and joins nothing."""
    url = f"{drawn.house.url}{drawn.path}/collab"
    headers = {"Authorization": f"Bearer {drawn.house.keys['editor']}"}
    async with drawn.session.ws_connect(
        url, headers=headers, origin="https://evil.example"
    ) as socket:
        said = await socket.receive(10)
        assert (said.type, said.data) == (WSMsgType.CLOSE, 4403)
    room = drawn.collab.rooms.at_hand("acme", drawn.workflow)
    assert room is None or not room.peers
