"""Groups: what they give, to whom, and what remains when they are gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.identity.roster_house import MATCH, OTHER, V1, RosterHouse
from weir.contract import ids
from weir.runtime.authn import Authenticator

NONE = ids.derived("grp", "none")


@pytest.fixture
async def people() -> AsyncIterator[RosterHouse]:
    """A tenant behind a server."""
    there = RosterHouse()
    async with there.house:
        yield there


async def inside(people: RosterHouse, method: str, group: str, who: str) -> tuple[int, str]:
    """Put somebody in, or take them out."""
    answer = await people.ask(method, f"{V1}/groups/{group}/members/{who}")
    return answer.status, "" if answer.status < 300 else answer.code


async def test_a_group_gives_its_roles_to_who_is_in_it(people: RosterHouse) -> None:
    """Beside those they have; out of it they have them no more."""
    project = await people.project("P")
    group = await people.made("/groups", name="On call", projects={project: "operator"})
    assert (group["role"], group["members"]) == ("", 0)
    ada = await people.person("Ada", "viewer")
    token = await people.signed_in(ada)
    assert await inside(people, "PUT", group["id"], ada) == (204, "")
    assert await inside(people, "PUT", group["id"], ada) == (204, "")
    identity, clock = people.platform.identity, people.platform.clock
    who = await Authenticator(identity, clock).identify(token)
    assert who is not None
    assert who.projects == {project: "operator"}
    assert (await people.get(f"/groups/{group['id']}")).body["members"] == 1
    listed = await people.get(f"/groups/{group['id']}/members")
    assert [one["id"] for one in listed.body["items"]] == [ada]
    assert await inside(people, "DELETE", group["id"], ada) == (204, "")
    who = await Authenticator(identity, clock).identify(token)
    assert who is not None
    assert who.projects == {}


async def test_a_group_changes(people: RosterHouse) -> None:
    """Name and roles; what is not named stays, and stale changes are refused."""
    group = await people.made("/groups", name="A", role="viewer")
    path = f"/groups/{group['id']}"
    changed = await people.put(path, {"role": "editor"}, match=f'"{group["revision"]}"')
    assert (changed.body["name"], changed.body["role"]) == ("A", "editor")
    assert (await people.put(path, {"name": "B"}, match='"1"')).code == "REVISION_MISMATCH"
    assert (await people.put(path, {"name": "B", "role": None})).body["role"] == ""
    assert [one["name"] for one in (await people.get("/groups")).body["items"]] == ["B"]


async def test_names_are_taken_once(people: RosterHouse) -> None:
    """Also of several made at once; a group may keep its own."""
    answers = await asyncio.gather(*(people.post("/groups", {"name": "G"}) for _ in range(4)))
    assert sorted(one.status for one in answers) == [201, 409, 409, 409]
    made = next(one.body for one in answers if one.status == 201)
    assert (await people.put(f"/groups/{made['id']}", {"name": "g"})).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "g", "role": "owner"},
        {"name": "g", "projects": {ids.derived("prj", "x"): "viewer"}},
        {"name": "g", "projects": []},
        {"name": "g", "members": []},
        [],
        "g",
    ],
)
async def test_what_is_no_group_is_refused(people: RosterHouse, body: Any) -> None:
    """And nothing is made."""
    assert (await people.post("/groups", body or {"": 1})).status == 422
    assert (await people.get("/groups")).body["items"] == []


async def test_groups_of_another_tenant_are_none(people: RosterHouse) -> None:
    """Neither read nor changed nor joined nor given."""
    key = await people.key(tenant=OTHER)
    group = (await people.made("/groups", key, name="Theirs", role="admin"))["id"]
    ada = await people.person("Ada", "viewer")
    for answer in (
        await people.get(f"/groups/{group}"),
        await people.put(f"/groups/{group}", {"name": "x"}),
        await people.delete(f"/groups/{group}"),
        await people.get(f"/groups/{group}/members"),
        await people.get(f"/groups/{NONE}"),
        await people.get("/groups/grp_x"),
    ):
        assert (answer.status, answer.code) == (404, "GROUP_NOT_FOUND")
    assert await inside(people, "PUT", group, ada) == (404, "GROUP_NOT_FOUND")
    assert (await people.put(f"/users/{ada}", {"groups": [group]})).status == 422


async def test_strangers_join_no_group(people: RosterHouse) -> None:
    """Only members and service accounts of the tenant."""
    group = (await people.made("/groups", name="G", role="viewer"))["id"]
    stranger = await people.person("Eve", "viewer", tenant=OTHER)
    assert await inside(people, "PUT", group, stranger) == (404, "MEMBER_NOT_FOUND")
    bot = (await people.made("/service-accounts", name="bot"))["id"]
    assert await inside(people, "PUT", group, bot) == (204, "")


async def test_a_member_is_in_so_many_groups(people: RosterHouse) -> None:
    """Each is looked up at every request."""
    ada = await people.person("Ada", "viewer")
    groups = [(await people.made("/groups", name=f"G{n}"))["id"] for n in range(21)]
    assert (await people.put(f"/users/{ada}", {"groups": groups})).status == 422
    assert (await people.put(f"/users/{ada}", {"groups": groups[:20]})).status == 200
    assert await inside(people, "PUT", groups[20], ada) == (409, "LIMIT_REACHED")
    await people.delete(f"/groups/{groups[0]}")
    assert await inside(people, "PUT", groups[20], ada) == (204, "")


async def test_deleting_needs_the_revision(people: RosterHouse) -> None:
    """As every change does."""
    group = (await people.made("/groups", name="G"))["id"]
    assert (await people.ask("DELETE", f"{V1}/groups/{group}")).status == 428
    assert (await people.ask("DELETE", f"{V1}/groups/{group}", headers=MATCH)).status == 204
