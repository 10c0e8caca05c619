"""Peers that share no code with us: y-websocket as it is published, and y-py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import pytest
from pycrdt import Doc

from services.collab import protocol
from tests.drawing_peer import until
from tests.integration.collab.editor_program import Editor, needs_editor, running
from tests.unit.collab.conftest import Drawn, drawn
from weir.core.drafts.shape import root

y_py: Any = import_module("y_py")  # its types are wrong
__all__ = ["drawn"]


@pytest.fixture
async def editor(drawn: Drawn) -> AsyncIterator[Editor]:
    """y-websocket, connected."""
    url = f"{drawn.house.url}{drawn.path}".replace("http:", "ws:")
    async with running(url, drawn.house.keys["editor"]) as program:
        await program.do("connect")
        await program.until(lambda seen: bool(seen["synced"]))
        yield program


@needs_editor
async def test_y_websocket_edits_with_us(drawn: Drawn, editor: Editor) -> None:
    """It is synced, sees edits, is seen, and both come to one document, in the draft too."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await editor.do("add", node="two", config={"text": "from Node 😀"})
        await until(lambda: "two" in root(peer.doc, "nodes"))
        await peer.edit(lambda doc: root(doc, "nodes")["two"]["config"]["text"].insert(0, "us: "))
        await editor.do("type", node="two", field="text", at=0, text="them, ")
        await editor.until(
            lambda seen: (
                sorted(seen["nodes"]["two"]["config"]["text"]) == sorted("them, us: from Node 😀")
            )
        )
        await peer.settled()
        node = (await drawn.draft())["nodes"][-1]
        assert node["position"] == {"x": 3, "y": 4.5}
        assert await editor.definition() == peer.definition() == await drawn.draft()


@needs_editor
async def test_y_websocket_merges_what_it_did_offline(drawn: Drawn, editor: Editor) -> None:
    """Edits on both sides while it is away are all there when it is back."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await editor.do("disconnect")
        await editor.do("set", node="one", key="name", value="Offline")
        await peer.edit(lambda doc: root(doc, "nodes")["one"].update({"timeout": "5s"}))
        await peer.settled()
        await editor.do("connect")
        await editor.until(lambda seen: seen["nodes"]["one"].get("timeout") == "5s")
        await until(lambda: peer.node("one").get("name") == "Offline")
        assert await editor.definition() == peer.definition()


@needs_editor
async def test_y_websocket_shows_its_cursor(drawn: Drawn, editor: Editor) -> None:
    """Its awareness is stamped with who it is, and gone when it is."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await editor.do("cursor", x=1, y=2)
        await until(lambda: any("cursor" in (one or {}) for one in peer.states.values()))
        ((client, state),) = peer.states.items()
        assert state is not None
        assert state["cursor"] == {"x": 1, "y": 2}
        assert state["user"]["name"] == "editor"
        await peer.present(cursor={"x": 5, "y": 6})
        await editor.until(lambda seen: len(seen["states"]) == 2)
        await editor.do("disconnect")
        await until(lambda: peer.states[client] is None)


@needs_editor
async def test_y_websocket_is_told_what_is_final(drawn: Drawn) -> None:
    """A code from 4400 on, after which it does not come back by itself."""
    url = f"{drawn.house.url}{drawn.path}".replace("http:", "ws:")
    async with running(url, "weir_nobody") as program:
        await program.do("connect")
        seen = await program.until(lambda seen: seen["closed"] is not None)
        assert seen["closed"] == 4401
        assert not seen["connected"]


async def test_y_py_reads_and_writes_the_document(drawn: Drawn) -> None:
    """Another library takes part: it holds the same document, and its edits reach us."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await peer.edit(lambda doc: root(doc, "meta").update({"name": "For y-py"}))
        await peer.settled()
        theirs = y_py.YDoc(4711)
        y_py.apply_update(theirs, peer.doc.get_update())
        assert theirs.get_map("meta")["name"] == "For y-py"
        before = y_py.encode_state_vector(theirs)
        with theirs.begin_transaction() as transaction:
            theirs.get_map("vars").set(transaction, "by", "y-py")
        change = bytes(y_py.encode_state_as_update(theirs, before))
        await peer.send(protocol.changing(change))
        async with drawn.peer() as other:
            await other.synced.wait()
            await until(lambda: root(other.doc, "vars").get("by") == "y-py")
            again = y_py.YDoc(4712)
            y_py.apply_update(again, other.doc.get_update())
            assert _plain(again) == _ours(other.doc)


def _plain(doc: Any) -> dict[str, Any]:
    """Every root as y-py reads it."""
    names = ("meta", "nodes", "edges", "vars")
    return {name: _y_py(doc.get_map(name)) for name in names}


def _y_py(value: Any) -> Any:
    if isinstance(value, y_py.YMap):
        return {key: _y_py(one) for key, one in value.items()}
    if isinstance(value, y_py.YText):
        return str(value)
    return value


def _ours(doc: Doc[Any]) -> dict[str, Any]:
    return {name: root(doc, name).to_py() for name in ("meta", "nodes", "edges", "vars")}
