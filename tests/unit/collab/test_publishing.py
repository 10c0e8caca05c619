"""Publishing what people see, telling what differs and by whom, and the way back."""

from __future__ import annotations

import base64
from typing import Any

from pycrdt import Map

from tests.drawing_peer import until
from tests.unit.collab.conftest import Drawn
from weir.core.drafts.shape import root


def _vector(state: bytes) -> str:
    return base64.b64encode(state).decode()


async def test_what_is_seen_is_published(drawn: Drawn) -> None:
    """The version has all that the state vector covers; changes are told with their authors."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await peer.edit(lambda doc: root(doc, "nodes")["one"].update({"name": "Seen"}))
        answer = await drawn.house.ask(
            "POST",
            f"{drawn.path}/versions",
            json={"base_version": "", "state_vector": _vector(peer.doc.get_state())},
        )
        assert answer.status == 201, answer.body
        added = {one["id"]: one for one in answer.body["changes"]["added"]}
        assert set(added) == {"start", "one", "start:out:one"}
        assert added["one"]["by"]["id"].startswith("key_")
        assert added["start"]["by"] is None
        version = answer.body["version"]
        made = await drawn.house.ask("GET", f"{drawn.path}/versions/{version}")
        assert made.body["definition"]["nodes"][1]["name"] == "Seen"
        await until(lambda: any(one["kind"] == "published" for one in peer.notices))


async def test_what_has_not_arrived_is_not_published(drawn: Drawn) -> None:
    """A state vector that the document does not reach in time is refused, in words of its own."""
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await peer.drop()
        await peer.edit(lambda doc: root(doc, "nodes")["one"].update({"name": "Unseen"}))
        asked = {"state_vector": _vector(peer.doc.get_state())}
        answer = await drawn.house.ask("POST", f"{drawn.path}/versions", json=asked)
        assert (answer.status, answer.code) == (409, "NOT_SYNCED")
        for nonsense in ("not base64!", _vector(b"\xff\xff"), _vector(b"")):
            asked = {"state_vector": nonsense}
            answer = await drawn.house.ask("POST", f"{drawn.path}/versions", json=asked)
            assert answer.status in {400, 409, 422}, (nonsense, answer.body)


async def test_somebody_else_published(drawn: Drawn) -> None:
    """A draft is not published over a version that its author has not seen."""
    first = await drawn.house.ask("POST", f"{drawn.path}/versions", json={"base_version": ""})
    assert first.status == 201, first.body
    second = await drawn.house.ask("POST", f"{drawn.path}/versions", json={"base_version": ""})
    assert (second.status, second.code) == (409, "VERSION_MOVED")
    assert second.body["error"]["details"]["current_version"] == first.body["version"]


async def _diff(drawn: Drawn, **sides: str) -> dict[str, Any]:
    answer = await drawn.house.ask("GET", f"{drawn.path}/diff", params=sides)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


async def test_the_difference_to_what_is_published(drawn: Drawn) -> None:
    """Added, removed, changed and moved, in the document as it is drawn; then nothing."""
    await drawn.house.ask("POST", f"{drawn.path}/versions", json={})
    async with drawn.peer() as peer:
        await peer.synced.wait()

        def draw(doc: Any) -> None:
            nodes = root(doc, "nodes")
            nodes["one"]["config"]["values"]["rows"]["r1"]["value"].insert(0, "x")
            nodes["start"]["position"] = {"x": 10.0, "y": 0.0}
            nodes["two"] = Map({"type": "set", "config": Map({"values": {"b": 1}})})
            root(doc, "edges")["one:out:gone"] = {"source": "one", "target": "gone"}
            root(doc, "edges")["one:out:two"] = {"source": "one", "target": "two"}
            root(doc, "settings")["timeout"] = "1h"

        await peer.edit(draw)
        await peer.settled()
        found = await _diff(drawn)
        assert [one["id"] for one in found["added"]] == ["two", "one:out:two"]
        assert [one["id"] for one in found["moved"]] == ["start"]
        (changed,) = found["changed"]
        assert changed["fields"] == [
            {
                "path": "/config/values/a",
                "before": "{{ input.a }}",
                "after": "x{{ input.a }}",
            }
        ]
        assert changed["by"]["id"].startswith("key_")
        assert found["settings"][0]["path"] == "/settings/timeout"
        assert found["dropped"] == [{"code": "DANGLING_EDGE", "id": "one:out:gone"}]
        published = await drawn.house.ask("POST", f"{drawn.path}/versions", json={})
        assert published.status == 201, published.body
        assert published.body["dropped"] == found["dropped"]
        again = await _diff(drawn)
        assert not any(again[name] for name in ("added", "removed", "changed", "moved"))
        sides = {"from": "draft", "to": "ver_unknown"}
        unknown = await drawn.house.ask("GET", f"{drawn.path}/diff", params=sides)
        assert unknown.code == "VERSION_NOT_FOUND"


async def test_the_way_back_is_an_edit(drawn: Drawn) -> None:
    """Restoring a version changes the open document, and another edit brings it back."""
    first = await drawn.house.ask("POST", f"{drawn.path}/versions", json={})
    async with drawn.peer() as peer:
        await peer.synced.wait()
        await peer.edit(lambda doc: root(doc, "nodes")["one"].update({"name": "Later"}))
        await peer.settled()
        await drawn.draft()
        answer = await drawn.house.ask(
            "POST",
            f"{drawn.path}/versions/{first.body['version']}/restore",
            headers={"If-Match": drawn.etag},
        )
        assert answer.status == 200, answer.body
        await until(lambda: "name" not in peer.definition()["nodes"][1])
        old = await drawn.house.ask(
            "POST",
            f"{drawn.path}/versions/{first.body['version']}/restore",
            headers={"If-Match": drawn.etag},
        )
        assert old.status == 412
