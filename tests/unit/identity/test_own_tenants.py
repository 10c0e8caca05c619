"""The tenants of whoever is signed in, and going on in another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http_house import TENANT, Answer
from tests.unit.identity.people_house import AUTH, Page, PeopleHouse
from tests.waiting import eventually

OTHER = "other"


async def everywhere(people: PeopleHouse) -> str:
    """Ann, of two tenants."""
    ann = await people.person("ann")
    await people.member(ann, "viewer", OTHER)
    await people.tenant(tenant=OTHER)
    return ann


async def listed(people: PeopleHouse, key: str) -> dict[str, bool]:
    """Her tenants, and which is current."""
    answer = await people.ask("GET", f"{AUTH}/tenants", key=key)
    assert answer.status == 200, answer.body
    return {one["id"]: one["current"] for one in answer.body["items"]}


async def choose(people: PeopleHouse, key: str, tenant: Any) -> Answer:
    """Go on there."""
    return await people.ask("PUT", f"{AUTH}/tenant", key=key, json={"tenant": tenant})


async def who(people: PeopleHouse, key: str) -> dict[str, Any]:
    """Who a session is."""
    body: dict[str, Any] = (await people.ask("GET", "/who", key=key)).body
    return body


async def test_a_session_goes_on_in_another_tenant(people: PeopleHouse) -> None:
    """With the role there, from the next second on; other sessions and its tokens stay."""
    await everywhere(people)
    here, there = await people.signed_in("ann"), await people.signed_in("ann")
    key = there["access_token"]
    assert await listed(people, key) == {TENANT: True, OTHER: False}
    assert (await choose(people, key, OTHER)).status == 204

    async def moved() -> bool:
        return str((await who(people, key))["tenant"]) == OTHER

    await eventually(moved)
    assert (await who(people, key))["role"] == "viewer"
    assert await listed(people, key) == {TENANT: False, OTHER: True}
    assert (await who(people, here["access_token"]))["tenant"] == TENANT
    renewed = await people.post("refresh", refresh_token=there["refresh_token"])
    assert renewed.body["tenant"] == OTHER


async def test_a_page_goes_on_there_too(people: PeopleHouse) -> None:
    """By its cookie alone."""
    await everywhere(people)
    page = Page(people)
    await page.login("ann")
    answer = await page.ask("PUT", f"{AUTH}/tenant", json={"tenant": OTHER})
    assert answer.status == 204

    async def moved() -> bool:
        answer = await page.ask("GET", "/who")
        return str(answer.body["tenant"]) == OTHER

    await eventually(moved)


@pytest.mark.parametrize("tenant", ["foreign", "no such", "*", "é" * 90])
async def test_a_tenant_that_is_not_theirs_is_refused(people: PeopleHouse, tenant: str) -> None:
    """And the session stays where it is."""
    await everywhere(people)
    await people.tenant(tenant="foreign")
    key = (await people.signed_in("ann"))["access_token"]
    answer = await choose(people, key, tenant)
    assert (answer.status, answer.code) == (403, "TENANT_FORBIDDEN")
    assert await listed(people, key) == {TENANT: True, OTHER: False}


@pytest.mark.parametrize("tenant", ["", None, 7, ["other"], "x" * 101])
async def test_what_names_no_tenant_is_refused(people: PeopleHouse, tenant: Any) -> None:
    """Clearly."""
    await everywhere(people)
    key = (await people.signed_in("ann"))["access_token"]
    assert (await choose(people, key, tenant)).status == 422


async def test_nobody_goes_where_nothing_is_answered(people: PeopleHouse) -> None:
    """A suspended tenant is not listed: whoever went there could not come back."""
    await everywhere(people)
    await people.tenant("suspended", OTHER)
    key = (await people.signed_in("ann"))["access_token"]
    assert await listed(people, key) == {TENANT: True}
    assert (await choose(people, key, OTHER)).code == "TENANT_FORBIDDEN"


async def test_an_ended_session_does_not_begin_again(people: PeopleHouse) -> None:
    """Moving keeps when it began, so what ended all sessions ends it still."""
    await everywhere(people)
    tokens = await people.signed_in("ann")
    key = tokens["access_token"]
    before = await people.ask("GET", f"{AUTH}/sessions", key=key)
    assert (await choose(people, key, OTHER)).status == 204
    after = await people.ask("GET", f"{AUTH}/sessions", key=key)
    began = [[one["began_at"] for one in answer.body["items"]] for answer in (before, after)]
    assert began[0] == began[1]
    assert (await people.post("logout", key=key)).status == 204
    assert (await people.post("refresh", refresh_token=tokens["refresh_token"])).status == 401


@pytest.mark.parametrize(("method", "path"), [("GET", "tenants"), ("PUT", "tenant")])
async def test_an_api_key_has_one_tenant(people: PeopleHouse, method: str, path: str) -> None:
    """It hears that this is about people."""
    body = {"tenant": TENANT} if method == "PUT" else None
    answer = await people.ask(method, f"{AUTH}/{path}", key="admin", json=body)
    assert (answer.status, answer.code) == (403, "PERSON_REQUIRED")
