"""Projects: made, renamed, deleted when empty, and administered by their own administrators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.http_house import NOW, TENANT
from tests.unit.identity.roster_house import MATCH, OTHER, V1, RosterHouse
from weir.contract import ids, subjects
from weir.contract.messages import CredentialSaved, WorkflowDeleted, WorkflowSaved

NONE = ids.derived("prj", "none")


@pytest.fixture
async def people() -> AsyncIterator[RosterHouse]:
    """A tenant behind a server."""
    there = RosterHouse()
    async with there.house:
        yield there


async def test_a_project_is_made_read_renamed_and_deleted(people: RosterHouse) -> None:
    """Each with its revision; a second deletion finds nothing."""
    made = await people.made("/projects", name="  Orders ")
    assert made["name"] == "Orders"
    path = f"/projects/{made['id']}"
    assert (await people.get(path)).body == made
    stale = await people.put(path, {"name": "Sales"}, match='"1"')
    assert stale.code == "REVISION_MISMATCH"
    renamed = await people.put(path, {"name": "Sales"}, match=f'"{made["revision"]}"')
    assert renamed.body["name"] == "Sales"
    assert (await people.delete(path)).status == 204
    assert (await people.delete(path)).code == "PROJECT_NOT_FOUND"
    assert (await people.get(path)).code == "PROJECT_NOT_FOUND"


async def test_names_are_taken_once(people: RosterHouse) -> None:
    """In whatever case and width they are written, and by whoever is first of many."""
    answers = await asyncio.gather(
        *(people.post("/projects", {"name": name}) for name in ("Zoë", "zoë", "ZOË", "\uff3aoë"))
    )
    assert sorted(one.status for one in answers) == [201, 409, 409, 409]
    other = await people.project("Other")
    assert (await people.put(f"/projects/{other}", {"name": "zoë"})).code == "PROJECT_EXISTS"
    key = await people.key(tenant=OTHER)
    await people.made("/projects", key, name="Zoë")


async def test_a_repeated_request_makes_one(people: RosterHouse) -> None:
    """By its Idempotency-Key; after the deletion it makes none again."""
    headers = {"Idempotency-Key": "k"}
    ask = people.ask
    first = await ask("POST", f"{V1}/projects", json={"name": "P"}, headers=headers)
    again = await ask("POST", f"{V1}/projects", json={"name": "P"}, headers=headers)
    assert first.body == again.body
    await people.delete(f"/projects/{first.body['id']}")
    late = await ask("POST", f"{V1}/projects", json={"name": "P"}, headers=headers)
    assert late.code == "PROJECT_NOT_FOUND"


@pytest.mark.parametrize("name", ["", " ", "\n", "a\x00b", "x" * 201, 5, None, ["a"], "\u2028"])
async def test_a_name_is_what_people_can_read(people: RosterHouse, name: object) -> None:
    """Anything else is refused with its place."""
    answer = await people.post("/projects", {"name": name})
    assert (answer.status, answer.code) == (422, "INVALID_REQUEST")
    assert answer.body["error"]["details"]["errors"][0]["path"] == "name"


async def test_a_project_with_something_in_it_stays(people: RosterHouse) -> None:
    """Workflows and credentials are counted; deleted and moved ones do not count."""
    project, other = await people.project("P"), await people.project("Q")
    wf = ids.derived("wf", "one")

    async def saved(where: str) -> None:
        head = WorkflowSaved(
            workflow_id=wf, name="w", definition={}, created_at=NOW, created_by="t", project=where
        )
        await people.house.record(subjects.workflow(TENANT, wf), head)

    await saved(project)
    credential = CredentialSaved(
        credential_id="cred_x", name="db", type="t", created_at=NOW, projects=(project,)
    )
    await people.house.record(subjects.credential(TENANT, "db"), credential)
    refused = await people.delete(f"/projects/{project}")
    assert (refused.status, refused.code) == (409, "PROJECT_NOT_EMPTY")
    details = refused.body["error"]["details"]
    assert (details["workflows"], details["credentials"]) == (1, 1)
    await saved(other)
    free = credential.model_copy(update={"projects": ()})
    await people.house.record(subjects.credential(TENANT, "db"), free)
    assert (await people.delete(f"/projects/{project}")).status == 204
    assert (await people.delete(f"/projects/{other}")).status == 409
    await people.house.record(subjects.workflow(TENANT, wf), WorkflowDeleted(workflow_id=wf))
    assert (await people.delete(f"/projects/{other}")).status == 204


async def test_everybody_sees_their_projects_alone(people: RosterHouse) -> None:
    """Of the others nothing, also by a guessed id."""
    mine, theirs = await people.project("Mine"), await people.project("Theirs")
    ada = await people.person("Ada", projects={mine: "viewer"})
    token = await people.signed_in(ada)
    listed = await people.get("/projects", key=token)
    assert [one["id"] for one in listed.body["items"]] == [mine]
    assert (await people.get(f"/projects/{theirs}", key=token)).code == "PROJECT_NOT_FOUND"
    assert len((await people.get("/projects", key="viewer")).body["items"]) == 2
    key = await people.key(tenant=OTHER)
    assert (await people.get("/projects", key=key)).body["items"] == []
    assert (await people.get(f"/projects/{mine}", key=key)).status == 404
    assert (await people.delete(f"/projects/{mine}", key=key)).status == 404
    assert (await people.put(f"/projects/{mine}", {"name": "x"}, key=key)).status == 404


async def test_an_administrator_of_a_project_gives_roles_in_it(people: RosterHouse) -> None:
    """And renames it; in others, and in the tenant, they may nothing."""
    mine, theirs = await people.project("Mine"), await people.project("Theirs")
    boss = await people.person("Boss", projects={mine: "admin"})
    ada = await people.person("Ada", "viewer", projects={theirs: "editor"})
    token = await people.signed_in(boss)

    async def give(project: str, role: str = "operator") -> tuple[int, str]:
        path = f"{V1}/projects/{project}/members/{ada}"
        answer = await people.ask("PUT", path, json={"role": role}, key=token)
        return answer.status, "" if answer.status < 300 else answer.code

    assert await give(mine) == (204, "")
    assert await give(theirs) == (404, "PROJECT_NOT_FOUND")
    assert await give(NONE) == (404, "PROJECT_NOT_FOUND")
    assert (await give(mine, "root"))[1] == "INVALID_REQUEST"
    held = (await people.get(f"/users/{ada}")).body
    assert held["projects"] == {mine: "operator", theirs: "editor"}
    inside = await people.get(f"/projects/{mine}/members", key=token)
    assert {one["id"] for one in inside.body["items"]} == {boss, ada}
    everybody = (await people.get("/users", key=token)).body["items"]
    assert {tuple(one["projects"]) for one in everybody} == {(mine,)}  # of others not told
    assert (await people.put(f"/projects/{mine}", {"name": "New"}, key=token)).status == 200
    for answer in (
        await people.put(f"/users/{ada}", {"role": "admin"}, key=token),
        await people.put(f"/users/{boss}", {"role": "admin"}, key=token),
        await people.post("/users", {"email": "x@example.com", "role": "viewer"}, key=token),
        await people.post("/projects", {"name": "p"}, key=token),
        await people.post("/groups", {"name": "g"}, key=token),
        await people.delete(f"/projects/{mine}", key=token),
        await people.delete(f"/users/{ada}", key=token),
        await people.post(f"/users/{ada}/disable", key=token),
    ):
        assert (answer.status, answer.code) == (403, "FORBIDDEN")
    taken = await people.delete(f"/projects/{mine}/members/{ada}", key=token)
    assert taken.status == 204
    assert (await people.get(f"/users/{ada}")).body["projects"] == {theirs: "editor"}


async def test_an_editor_of_a_project_gives_nothing(people: RosterHouse) -> None:
    """Nor do they see who is in it."""
    mine = await people.project("Mine")
    ada = await people.person("Ada", projects={mine: "editor"})
    token = await people.signed_in(ada)
    path = f"{V1}/projects/{mine}/members/{ada}"
    raised = await people.ask("PUT", path, json={"role": "admin"}, key=token)
    assert (raised.status, raised.code) == (403, "FORBIDDEN")
    assert (await people.get(f"/projects/{mine}/members", key=token)).status == 403


async def test_a_deleted_project_is_in_no_role(people: RosterHouse) -> None:
    """Where a membership still names it, it is not shown, and no change keeps it."""
    gone, kept = await people.project("Gone"), await people.project("Kept")
    ada = await people.person("Ada", projects={gone: "editor", kept: "viewer"})
    await people.delete(f"/projects/{gone}")
    assert (await people.get(f"/users/{ada}")).body["projects"] == {kept: "viewer"}
    path = f"{V1}/projects/{kept}/members/{ada}"
    await people.ask("PUT", path, json={"role": "editor"}, headers=MATCH)
    stored = await people.platform.identity.last(subjects.member(TENANT, ada))
    assert stored is not None
    assert gone.encode() not in stored.data
    assert (await people.put(f"/users/{ada}", {"projects": {gone: "viewer"}})).status == 422


async def test_somebody_who_is_no_member_gets_no_role(people: RosterHouse) -> None:
    """Whatever id is named."""
    mine = await people.project("Mine")
    stranger = await people.person("Eve", "admin", tenant=OTHER)
    for who in (stranger, "usr_x", ids.derived("svc", "x")):
        path = f"{V1}/projects/{mine}/members/{who}"
        answer = await people.ask("PUT", path, json={"role": "viewer"})
        assert (answer.status, answer.code) == (404, "MEMBER_NOT_FOUND")
