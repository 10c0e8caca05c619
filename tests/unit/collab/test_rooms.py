"""Rooms: filled from the draft, stored before told, refused where somebody may not."""

from __future__ import annotations

from pycrdt import Map

from tests.drawing_peer import until
from tests.unit.collab.conftest import DEFINITION, Drawn
from weir.contract import subjects
from weir.core.drafts.shape import root


async def test_a_new_room_has_the_draft(drawn: Drawn) -> None:
    """The first who comes finds the draft in the document."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        assert peer.definition() == DEFINITION
        assert peer.notices[0]["kind"] == "opened"


async def test_two_edit_at_once(drawn: Drawn) -> None:
    """Different fields of one node both stay, and are acknowledged when they are stored."""
    async with drawn.peer() as one, drawn.peer() as other:
        await one.synced.wait()
        await other.synced.wait()
        await one.edit(lambda doc: root(doc, "nodes")["one"].update({"name": "Mine"}))
        await other.edit(lambda doc: root(doc, "nodes")["one"].update({"timeout": "5s"}))
        await one.settled()
        await other.settled()
        assert one.acknowledged == other.acknowledged == 1
        stored = await drawn.house.platform.collab.last(subjects.draft("acme", drawn.workflow))
        assert stored is not None
        await until(lambda: one.definition() == other.definition())
        node = one.definition()["nodes"][1]
        assert (node["name"], node["timeout"]) == ("Mine", "5s")


async def test_a_viewer_only_looks(drawn: Drawn) -> None:
    """What a viewer sends of the document is dropped; their cursor is shown with their name."""
    async with drawn.peer("viewer") as viewer, drawn.peer() as editor:
        await viewer.synced.wait()
        await editor.synced.wait()
        await viewer.edit(lambda doc: root(doc, "nodes").update({"evil": Map({"type": "set"})}))
        await viewer.present(cursor={"x": 1, "y": 2}, user={"id": "usr_boss", "name": "Boss"})
        await until(lambda: viewer.doc.client_id in editor.states)
        shown = editor.states[viewer.doc.client_id]
        assert shown is not None
        assert shown["user"]["name"] == "viewer"
        assert shown["user"]["read_only"] is True
        assert viewer.saved == 0
        assert "evil" not in root(editor.doc, "nodes")


async def test_the_draft_says_what_was_drawn(drawn: Drawn) -> None:
    """Reading the workflow gives what is in the document now."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await peer.edit(lambda doc: root(doc, "meta").update({"name": "Renamed"}))
        await peer.settled()
        assert (await drawn.draft())["name"] == "Renamed"


async def test_a_put_is_an_edit(drawn: Drawn) -> None:
    """A definition that is saved as a whole changes what it changes, in open editors too."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await peer.edit(lambda doc: root(doc, "nodes")["one"].update({"timeout": "5s"}))
        await peer.settled()
        definition = await drawn.draft()
        definition["description"] = "put"
        answer = await drawn.house.ask(
            "PUT", drawn.path, json=definition, headers={"If-Match": drawn.etag}
        )
        assert answer.status == 200, answer.body
        await until(lambda: peer.definition().get("description") == "put")
        assert peer.definition()["nodes"][1]["timeout"] == "5s"
        again = await drawn.house.ask(
            "PUT", drawn.path, json=definition, headers={"If-Match": drawn.etag}
        )
        assert again.status == 412
