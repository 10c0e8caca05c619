"""What is closed stays closed by every other way in: sockets, searches, cursors, keys, moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.http_house import TENANT
from tests.lived import Owner
from tests.unit.access.rule import Who
from tests.unit.access.world import (
    ABROAD,
    API,
    EVERYBODY,
    NONE,
    NORTH,
    OTHER,
    PLACES,
    SOUTH,
    Place,
    World,
    house,
)
from tests.waiting import within
from weir.contract import codec, ids, subjects, times
from weir.contract.messages import Envelope, Event, RunStarted
from weir.core.graph import compile_graph
from weir.ports.log import Append
from weir.runtime.http import socket

pytestmark = pytest.mark.asyncio(loop_scope="module")

BY_NAME = {who.name: who for who in EVERYBODY}
ADMIN, NORTHERN = BY_NAME["admin"], BY_NAME["editor of north"]
BOTH = BY_NAME["editor of north, viewer of south"]
READERS = [
    who
    for who in EVERYBODY
    if who.holds("runs:read", NORTH.project) and not who.unknown and not who.shut
]
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    """Made once; what a test changes, it makes for itself."""
    async with house() as at:
        world = World(at)
        await world.fill()
        yield world


def bearer(world: World, who: Who) -> dict[str, str]:
    """The header of somebody."""
    return {"Authorization": f"Bearer {world.tokens[who.name]}"}


async def frame(ws: ClientWebSocketResponse) -> Any:
    """The next one."""
    message = await within(ws.receive())
    assert message.type is WSMsgType.TEXT, message
    return message.json()


def sees(who: Who, place: Place) -> bool:
    """Whether runs that lie there are shown to them."""
    return place.tenant == TENANT and who.holds("runs:read", place.project)


@pytest.mark.parametrize("who", READERS, ids=lambda who: who.name)
async def test_a_socket_shows_the_runs_that_are_open_and_no_others(world: World, who: Who) -> None:
    """A subscription to a run that is closed ends as one to a run that is not there."""
    url = f"{world.house.url}{API}/ws"
    async with (
        ClientSession() as session,
        session.ws_connect(url, headers=bearer(world, who)) as ws,
    ):
        assert (await frame(ws))["type"] == "connection:established"
        nowhere = ids.derived("run", "nowhere")
        closed = []
        for place in (*PLACES, None):
            run = nowhere if place is None else world.things[place].failed_run
            await ws.send_json({"type": "subscribe", "run_id": run})
            told = await frame(ws)
            if told["type"] == "connection:subscribed":
                told = await frame(ws)
            if place is not None and sees(who, place):
                assert (told["type"], told["run_id"]) == ("run:started", run)
                while told["type"] != "connection:completed":
                    told = await frame(ws)
            else:
                assert told["type"] == "error", (who, place, told)
                closed.append(told["data"]["message"].replace(run, ""))
        assert len(set(closed)) == 1


@pytest.mark.parametrize("who", READERS, ids=lambda who: who.name)
async def test_lines_are_followed_where_the_run_is_open(world: World, who: Who) -> None:
    """The upgrade is refused with the words for what is not there."""
    for place in PLACES:
        path = f"{API}/runs/{world.things[place].ids['run_id']}/logs"
        if not sees(who, place):
            refused = await world.ask(who, "GET", path, headers=UPGRADE)
            assert (refused.status, refused.code) == (404, "RUN_NOT_FOUND")
            continue
        async with (
            ClientSession() as session,
            session.ws_connect(world.house.url + path, headers=bearer(world, who)) as ws,
        ):
            assert (await frame(ws))["type"] == "connection:established"
            assert (await frame(ws))["data"]["message"] == place.mark


async def test_a_socket_ends_with_the_role_in_the_project(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has lost the role is sent away within seconds, with a code of its own."""
    monkeypatch.setattr(socket, "RECHECK_S", 0.05)
    leaver = Who("leaver", projects={NORTH.project: "viewer"})
    await world.join(leaver)
    url = f"{world.house.url}{API}/ws"
    async with (
        ClientSession() as session,
        session.ws_connect(url, headers=bearer(world, leaver)) as ws,
    ):
        assert (await frame(ws))["type"] == "connection:established"
        await world.join(leaver._replace(projects={SOUTH.project: "viewer"}), again=True)
        message = await within(ws.receive())
        assert message.type is WSMsgType.CLOSE
        assert ws.close_code == socket.KEY_ENDED


SEARCHES = (
    ("runs", "q", lambda place, things: things.ids["run_id"]),
    ("runs", "q", lambda place, things: things.ids["run_id"][:16]),
    ("runs", "q", lambda place, things: place.mark),
    ("runs", "q", lambda place, things: things.ids["workflow_id"]),
    ("runs", "label.place", lambda place, things: place.mark),
    ("runs", "workflow_id", lambda place, things: things.ids["workflow_id"]),
    ("runs", "project", lambda place, things: place.project or "none"),
    ("workflows", "name", lambda place, things: place.mark),
    ("workflows", "label.place", lambda place, things: place.mark),
    ("workflows", "project", lambda place, things: place.project or "none"),
    ("webhooks", "workflow_id", lambda place, things: things.ids["workflow_id"]),
    ("webhooks", "project", lambda place, things: place.project or "none"),
    ("schedules", "workflow_id", lambda place, things: things.ids["workflow_id"]),
    ("schedules", "project", lambda place, things: place.project or "none"),
    ("dead-letters", "run_id", lambda place, things: things.failed_run),
    ("dead-letters", "workflow_id", lambda place, things: things.ids["workflow_id"]),
    ("dead-letters", "project", lambda place, things: place.project or "none"),
)


@pytest.mark.parametrize(("of", "parameter", "value"), SEARCHES)
async def test_no_search_finds_what_is_closed(
    world: World, of: str, parameter: str, value: Any
) -> None:
    """What would be found is left out, however precisely it is asked for."""
    for who in READERS:
        for place in PLACES:
            asked = {parameter: value(place, world.things[place])}
            found = await world.ask(who, "GET", f"{API}/{of}", params=asked)
            assert found.status == 200, found.body
            where = world.told(found, "")
            if sees(who, place) and asked[parameter] != "none":
                assert where == {place}, (who, place, found.body)
            else:
                assert not found.body["items"], (who, place, found.body)
                assert found.body["next_cursor"] is None


@pytest.mark.parametrize("of", ["workflows", "webhooks", "schedules", "runs", "dead-letters"])
async def test_a_cursor_opens_nothing(world: World, of: str) -> None:
    """One of another tenant is refused; one of somebody who sees more shows no more."""
    path = f"{API}/{of}"
    abroad = await world.abroad("GET", path, params={"limit": "1"})
    assert abroad.body["next_cursor"]
    stolen = {"limit": "1", "cursor": abroad.body["next_cursor"]}
    refused = await world.ask(ADMIN, "GET", path, params=stolen)
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER")
    whole = await world.ask(ADMIN, "GET", path, params={"limit": "1"})
    lent = {"limit": "1", "cursor": whole.body["next_cursor"]}
    while lent["cursor"]:
        page = await world.ask(NORTHERN, "GET", path, params=lent)
        assert world.told(page, "") <= {NORTH}
        lent["cursor"] = page.body["next_cursor"]


async def test_what_many_are_told_at_once_reaches_none_beyond(world: World) -> None:
    """Bulk forms take the runs where the caller may steer; others get no fact."""
    before = await world.made(SOUTH)
    mine = await world.made(NORTH)
    for path, named in (("runs:cancel", "run_id"), ("runs:retry", "run_id")):
        told = await world.ask(BOTH, "POST", f"{API}/{path}", json={"limit": 1000})
        assert told.status == 200, told.body
        found = {world.place_of.get(one[named]) for one in told.body["items"]}
        assert found == {NORTH}, told.body
    letters = await world.ask(
        BOTH, "POST", f"{API}/dead-letters:discard", json={"limit": 1000, "reason": "enough"}
    )
    assert {world.place_of[one["id"]] for one in letters.body["items"]} == {NORTH}
    assert mine.ids["letter_id"] in {one["id"] for one in letters.body["items"]}
    shown = await world.ask(ADMIN, "GET", f"{API}/dead-letters/{before.ids['letter_id']}")
    assert shown.body["status"] == "open"


async def test_a_key_of_another_tenant_or_project_repeats_nothing(world: World) -> None:
    """An `Idempotency-Key` counts in its tenant and, where something is made, in its project."""
    headers = {"Idempotency-Key": "the-same"}
    body = {"name": "one", "nodes": [], "edges": []}
    made = []
    for project in ("", NORTH.project, SOUTH.project):
        query = {"project": project} if project else {}
        for _ in range(2):
            answer = await world.ask(
                ADMIN, "POST", f"{API}/workflows", json=body, headers=headers, params=query
            )
            assert answer.status == 201, answer.body
            made.append(answer.body["id"])
    abroad = await world.abroad("POST", f"{API}/workflows", json=body, headers=headers)
    made += [abroad.body["id"]] * 2
    assert [len(set(made[at : at + 2])) for at in range(0, 8, 2)] == [1] * 4
    assert len(set(made)) == 4
    run = {"input": {"n": 1}}
    starts = []
    for place, ask in ((NONE, world.ours), (ABROAD, world.abroad)):
        path = f"{API}/workflows/{world.things[place].ids['workflow_id']}/runs"
        starts.append((await ask("POST", path, json=run, headers=headers)).body["run_id"])
    assert len(set(starts)) == 2


async def test_a_key_sent_to_what_is_closed_is_not_kept(world: World) -> None:
    """Nobody learns from a conflict that others have used it there."""
    path = f"{API}/workflows/{world.things[SOUTH].ids['workflow_id']}/versions"
    headers = {"Idempotency-Key": "guessed"}
    assert (await world.ours("POST", path, json={"note": "a"}, headers=headers)).status < 300
    for who in (NORTHERN, BOTH):
        before = await world.written()
        refused = await world.ask(who, "POST", path, json={"note": "b"}, headers=headers)
        assert refused.status == (403 if who is BOTH else 404)
        assert await world.written_since(before) == []


async def test_the_tenant_is_never_the_callers_word(world: World) -> None:
    """`X-Tenant-ID` confirms and changes nothing."""
    path = f"{API}/workflows/{world.things[ABROAD].ids['workflow_id']}"
    for who in READERS:
        other = await world.ask(who, "GET", path, headers={"X-Tenant-ID": OTHER})
        assert (other.status, other.code) == (403, "TENANT_FORBIDDEN")
        own = await world.ask(who, "GET", path, headers={"X-Tenant-ID": TENANT})
        assert (own.status, own.code) == (404, "WORKFLOW_NOT_FOUND")


async def test_what_is_closed_is_waited_for_as_what_is_not_there(world: World) -> None:
    """`min_sequence` and `min_revision` tell nothing of what others have written."""
    run, workflow = (world.things[SOUTH].ids[name] for name in ("run_id", "workflow_id"))
    none = {"run_id": ids.derived("run", "no"), "workflow_id": ids.derived("wf", "no")}
    for path, query in (
        ("runs/{run_id}", {"min_sequence": "1"}),
        ("runs/{run_id}/steps", {"min_sequence": "1"}),
        ("runs/{run_id}/steps/go", {"min_sequence": "1"}),
        ("runs/{run_id}/timeline", {"min_sequence": "1"}),
        ("workflows/{workflow_id}", {"min_revision": "1"}),
        ("workflows/{workflow_id}/versions", {"min_sequence": "1"}),
    ):
        closed = path.format(run_id=run, workflow_id=workflow)
        answers = [
            await world.ask(NORTHERN, "GET", f"{API}/{one}", params=query)
            for one in (closed, path.format(**none))
        ]
        assert [(one.status, one.code) for one in answers] == [(404, answers[0].code)] * 2


async def test_a_workflow_moves_and_its_runs_stay(world: World) -> None:
    """The new project's roles count for draft, versions and webhooks, the old one's for runs."""
    things = await world.made(NORTH)
    workflow, run = things.ids["workflow_id"], things.ids["run_id"]
    path = f"{API}/workflows/{workflow}"
    headers = {"If-Match": "*"}
    refused = await world.ask(
        BOTH, "PUT", f"{path}/project", json={"project": SOUTH.project}, headers=headers
    )
    assert refused.status == 403
    unseen = await world.ask(
        NORTHERN, "PUT", f"{path}/project", json={"project": SOUTH.project}, headers=headers
    )
    assert (unseen.status, unseen.code) == (404, "PROJECT_NOT_FOUND")
    nothing = await world.ask(
        ADMIN, "PUT", f"{path}/project", json={"project": "prj_nothing"}, headers=headers
    )
    assert (nothing.status, nothing.code) == (404, "PROJECT_NOT_FOUND")
    moved = await world.ask(
        ADMIN, "PUT", f"{path}/project", json={"project": SOUTH.project}, headers=headers
    )
    assert (moved.status, moved.body["project"]) == (200, SOUTH.project)
    southern = Who("southern", projects={SOUTH.project: "operator"})
    await world.join(southern)
    await world.settled()
    for what in ("", "/versions"):
        assert (await world.ask(NORTHERN, "GET", path + what)).status == 404
        assert (await world.ask(southern, "GET", path + what)).status == 200
    hook = f"{API}/webhooks/{things.ids['webhook_id']}"
    assert (await world.ask(NORTHERN, "GET", hook)).status == 404
    assert (await world.ask(southern, "GET", hook)).status == 200
    assert (await world.ask(NORTHERN, "GET", f"{API}/runs/{run}")).status == 200
    assert (await world.ask(southern, "GET", f"{API}/runs/{run}")).status == 404
    started = await world.ask(southern, "POST", f"{path}/runs", json={})
    assert started.status == 202
    fresh = f"{API}/runs/{started.body['run_id']}"
    assert (await world.ask(southern, "GET", fresh)).body["project"] == SOUTH.project
    assert (await world.ask(NORTHERN, "GET", fresh)).status == 404
    delivered = await world.ask(ADMIN, "POST", f"/hooks/{things.ids['webhook_id']}", json={})
    shown = await world.ask(southern, "GET", f"{API}/runs/{delivered.body['run_id']}")
    assert shown.body["project"] == SOUTH.project
    fork = {"step": "bad"}
    failed = f"{API}/runs/{things.failed_run}/fork"
    assert (await world.ask(southern, "POST", failed, json=fork)).status == 404
    assert (await world.ask(NORTHERN, "POST", failed, json=fork)).status == 404  # of the workflow
    forked = await world.ask(ADMIN, "POST", failed, json=fork)
    shown = await world.ask(NORTHERN, "GET", f"{API}/runs/{forked.body['run_id']}")
    assert shown.body["project"] == NORTH.project


async def test_a_deleted_workflow_leaves_its_versions_to_its_project(world: World) -> None:
    """Who could read them still can; others hear what they heard before."""
    things = await world.made(NORTH)
    path = f"{API}/workflows/{things.ids['workflow_id']}"
    gone = await world.ask(NORTHERN, "DELETE", path, headers={"If-Match": "*"})
    assert gone.status == 204
    await world.settled()
    outsider = Who("outsider", projects={SOUTH.project: "admin"})
    await world.join(outsider)
    for what in ("/versions", f"/versions/{things.ids['version']}"):
        assert (await world.ask(NORTHERN, "GET", path + what)).status == 200
        assert (await world.ask(outsider, "GET", path + what)).status == 404


async def test_a_definition_calls_what_its_publisher_may_start(world: World) -> None:
    """What is closed cannot be called, nor is it told apart from what is not there."""
    for place, status in ((NORTH, 201), (SOUTH, 403), (NONE, 403), (ABROAD, 403), (None, 403)):
        callee = (
            ids.derived("wf", "no") if place is None else world.things[place].ids["workflow_id"]
        )
        calls = {
            "name": "caller",
            "nodes": [
                {"id": "go", "type": "manual"},
                {"id": "sub", "type": "sub_workflow", "config": {"workflow": callee, "input": {}}},
            ],
            "edges": [{"source": "go", "target": "sub"}],
        }
        query = {"project": NORTH.project}
        made = await world.ask(BOTH, "POST", f"{API}/workflows", json=calls, params=query)
        assert made.status == 201, made.body
        path = f"{API}/workflows/{made.body['id']}/versions"
        answer = await world.ask(BOTH, "POST", path, json={})
        assert answer.status == status, (place, answer.body)
        if status == 403:
            words = answer.body["error"]["message"].replace(callee, "")
            assert words.startswith("There is no workflow '' that you may start")
        if place in {SOUTH, NONE}:
            assert (await world.ask(ADMIN, "POST", path, json={})).status == 201


async def test_of_a_run_that_is_waited_for_only_its_id_is_told(world: World) -> None:
    """What it is of, and how it stands, is for those who may look at it."""
    callee = world.things[SOUTH].ids["workflow_id"]
    calls = {
        "name": "waits",
        "nodes": [
            {"id": "go", "type": "manual"},
            {"id": "sub", "type": "sub_workflow", "config": {"workflow": callee, "input": {}}},
        ],
        "edges": [{"source": "go", "target": "sub"}],
    }
    made = await world.ours(
        "POST", f"{API}/workflows", json=calls, params={"project": NORTH.project}
    )
    path = f"{API}/workflows/{made.body['id']}"
    version = (await world.ours("POST", f"{path}/versions", json={})).body["version"]
    frozen = (await world.ours("GET", f"{path}/versions/{version}")).body["frozen"]
    run = (await world.ours("POST", f"{path}/runs", json={})).body["run_id"]
    log = world.house.platform.runs
    owner = Owner(log, run, compile_graph(frozen, version), tenant=TENANT)
    child = (await owner.settle()).steps["sub"].waits.removeprefix("child:")
    envelope = Envelope(
        id=f"{child}/start",
        tenant=TENANT,
        run_id=child,
        workflow_id=callee,
        version=version,
        at=times.from_ms(owner.now_ms),
        events=(Event.of(RunStarted(trigger_node="go", project=SOUTH.project)),),
    )
    subject = subjects.run_key(TENANT, child).fact(subjects.start_fact())
    sequence = await log.append(Append(subject, codec.encode(envelope)))
    for who, told in ((ADMIN, True), (BOTH, True), (NORTHERN, False)):
        shown = await world.ask(
            who, "GET", f"{API}/runs/{run}", params={"min_sequence": str(sequence)}
        )
        (wait,) = shown.body["waits_for"]
        assert wait["run_id"] == child
        assert (SOUTH.mark in wait["text"]) is told, (who, wait)
