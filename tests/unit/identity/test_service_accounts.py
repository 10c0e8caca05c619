"""Service accounts: programs that are somebody, and end with all their keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http_house import TENANT
from tests.unit.identity.roster_house import OTHER, V1, RosterHouse
from tests.waiting import eventually
from weir.contract import ids, subjects
from weir.contract.messages import IdentityRecord
from weir.runtime.authn import Authenticator

PATH = "/service-accounts"


@pytest.fixture
async def people() -> AsyncIterator[RosterHouse]:
    """A tenant behind a server."""
    there = RosterHouse()
    async with there.house:
        yield there


async def key_of(people: RosterHouse, account: str, role: str = "editor") -> str:
    """A key that acts for it."""
    made = await people.made("/keys", name="k", role=role, owner=account)
    assert made["owner"] == account
    return str(made["token"])


async def gone(people: RosterHouse, token: str) -> None:
    """Wait until nobody holds the token."""
    beside = Authenticator(people.platform.identity, people.platform.clock)

    async def is_nobody() -> bool:
        return await beside.identify(token) is None

    await eventually(is_nobody)


async def test_a_service_account_acts_by_its_keys(people: RosterHouse) -> None:
    """With the account's role as their bound; it is no person in any list."""
    bot = await people.made(PATH, name="deployer", role="operator")
    token = await key_of(people, bot["id"], "admin")
    who = await Authenticator(people.platform.identity, people.platform.clock).identify(token)
    assert who is not None
    assert who.role == "operator"
    assert (await people.get(f"{PATH}/{bot['id']}")).body["keys"] == 1
    assert [one["keys"] for one in (await people.get(PATH)).body["items"]] == [1]
    assert (await people.get("/users")).body["items"] == []
    assert (await people.get(f"/users/{bot['id']}")).code == "MEMBER_NOT_FOUND"


async def test_it_changes(people: RosterHouse) -> None:
    """Name, role and roles in projects in one; what is not named stays."""
    project = await people.project("P")
    bot = await people.made(PATH, name="bot", role="viewer")
    path, etag = f"{PATH}/{bot['id']}", f'"{bot["revision"]}"'
    changed = await people.put(path, {"name": "Bot", "projects": {project: "admin"}}, match=etag)
    assert (changed.body["name"], changed.body["role"]) == ("Bot", "viewer")
    assert changed.body["projects"] == {project: "admin"}
    assert (await people.put(path, {"role": "admin"}, match=etag)).code == "REVISION_MISMATCH"
    assert (await people.put(path, {"role": None})).body["role"] == ""
    narrow = await people.key(scopes=["users:manage"])
    raised = await people.put(path, {"role": "editor"}, key=narrow)
    assert (raised.status, raised.code) == (403, "ROLE_TOO_HIGH")


async def test_disabled_none_of_its_keys_counts(people: RosterHouse) -> None:
    """Enabled they do again."""
    bot = await people.made(PATH, name="bot", role="editor")
    token = await key_of(people, bot["id"])
    answer = await people.post(f"{PATH}/{bot['id']}/disable")
    assert answer.body["status"] == "disabled"
    await gone(people, token)
    assert (await people.post(f"{PATH}/{bot['id']}/enable")).body["status"] == "active"
    beside = Authenticator(people.platform.identity, people.platform.clock)
    assert await beside.identify(token) is not None


async def test_deleted_it_is_gone_with_its_keys(people: RosterHouse) -> None:
    """Account, membership and keys in one step."""
    bot = await people.made(PATH, name="bot", role="editor")
    token = await key_of(people, bot["id"])
    assert (await people.ask("DELETE", f"{V1}{PATH}/{bot['id']}")).status == 428
    assert (await people.delete(f"{PATH}/{bot['id']}")).status == 204
    await gone(people, token)
    stored = await people.platform.identity.last(subjects.member(TENANT, bot["id"]))
    assert stored is not None
    assert IdentityRecord.model_validate_json(stored.data).member_removed is not None
    assert (await people.get("/keys?owner=any")).body["items"][0]["owner"] is None
    for answer in (
        await people.delete(f"{PATH}/{bot['id']}"),
        await people.get(f"{PATH}/{bot['id']}"),
        await people.post(f"{PATH}/{bot['id']}/enable"),
        await people.post("/keys", {"name": "k", "role": "viewer", "owner": bot["id"]}),
    ):
        assert (answer.status, answer.code) == (404, "SERVICE_ACCOUNT_NOT_FOUND")


async def test_those_of_another_tenant_are_none(people: RosterHouse) -> None:
    """Neither read, changed, nor given keys."""
    key = await people.key(tenant=OTHER)
    theirs = (await people.made(PATH, key, name="theirs", role="admin"))["id"]
    for answer in (
        await people.get(f"{PATH}/{theirs}"),
        await people.put(f"{PATH}/{theirs}", {"role": "viewer"}),
        await people.delete(f"{PATH}/{theirs}"),
        await people.post(f"{PATH}/{theirs}/disable"),
        await people.post("/keys", {"name": "k", "role": "viewer", "owner": theirs}),
        await people.get(f"{PATH}/{ids.derived('svc', 'x')}"),
        await people.get(f"{PATH}/svc_x"),
    ):
        assert (answer.status, answer.code) == (404, "SERVICE_ACCOUNT_NOT_FOUND")
    assert (await people.get(PATH)).body["items"] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": "b", "role": "owner"}, {"name": "b", "email": "a@example.com"}],
)
async def test_what_is_none_is_refused(people: RosterHouse, body: dict[str, Any]) -> None:
    """And nothing is made."""
    assert (await people.post(PATH, body or {"": 1})).status == 422
    assert (await people.get(PATH)).body["items"] == []


async def test_a_member_makes_no_keys_for_it(people: RosterHouse) -> None:
    """Only who manages users does: its role may be above theirs."""
    bot = await people.made(PATH, name="bot", role="admin")
    ada = await people.person("Ada", "editor")
    body = {"name": "k", "role": "viewer", "owner": bot["id"]}
    answer = await people.post("/keys", body, key=await people.signed_in(ada))
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    project = await people.project("P")
    boss = await people.person("Boss", projects={project: "admin"})
    body |= {"project": project}
    answer = await people.post("/keys", body, key=await people.signed_in(boss))
    assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_a_repeated_request_makes_one(people: RosterHouse) -> None:
    """By its Idempotency-Key."""
    headers = {"Idempotency-Key": "k"}
    body = {"name": "bot", "role": "viewer"}
    first = await people.ask("POST", f"{V1}{PATH}", json=body, headers=headers)
    again = await people.ask("POST", f"{V1}{PATH}", json=body, headers=headers)
    assert first.body == again.body
    assert len((await people.get(PATH)).body["items"]) == 1
