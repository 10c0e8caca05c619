"""What a session may that a tenant's sign-in provider opened: nothing beyond that tenant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http_house import TENANT, Answer
from tests.unit.identity.people_house import PASSWORD, PeopleHouse, people_house
from weir.runtime.access import Permission
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import Route


@pytest.fixture
async def people(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PeopleHouse]:
    """The identity service with a door that stands for a provider."""
    house = people_house(monkeypatch)

    async def outside(call: Call) -> Reply:
        asked = await call.json()
        sessions = house.service._accounts.sessions
        return await sessions.open(
            call, asked["user"], ("oidc",), asked["tenant"], tenant_only=True
        )

    house.extra = (
        *house.extra,
        Route("POST", "/test/outside", outside, Permission.PUBLIC, "", "test"),
    )
    async with house:
        yield house


async def outside(people: PeopleHouse, user_id: str, tenant: str = TENANT) -> dict[str, Any]:
    """The tokens of a session that a provider of a tenant opened."""
    asked = {"user": user_id, "tenant": tenant}
    answer = await people.ask("POST", "/test/outside", key=None, json=asked)
    body: dict[str, Any] = answer.body
    return body


async def listed(people: PeopleHouse, key: str) -> set[str]:
    """The sessions that a session sees."""
    answer = await people.ask("GET", "/api/v1/auth/sessions", key=key)
    return {one["id"] for one in answer.body["items"]}


async def end(people: PeopleHouse, key: str, session_id: str) -> Answer:
    """End one of them."""
    return await people.ask("DELETE", f"/api/v1/auth/sessions/{session_id}", key=key)


async def test_it_sees_and_ends_none_but_its_own_kind(people: PeopleHouse) -> None:
    """Those by password and those of other tenants' providers go on, and show no address."""
    ann = await people.person("ann")
    await people.member(ann, "viewer", "other")
    own = await people.signed_in("ann")
    here, again = await outside(people, ann), await outside(people, ann)
    there = await outside(people, ann, "other")
    key = here["access_token"]
    assert await listed(people, key) == {here["session"], again["session"]}
    every = {one["session"] for one in (own, here, again, there)}
    assert await listed(people, own["access_token"]) == every
    for foreign in (own, there):
        answer = await end(people, key, foreign["session"])
        assert (answer.status, answer.code) == (404, "SESSION_NOT_FOUND")
    assert (await people.post("logout/everywhere", key=key)).status == 204
    assert await listed(people, own["access_token"]) == {own["session"], there["session"]}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "password", {"current": PASSWORD, "new": "another horse and staple"}),
        ("POST", "email", {"email": "evil@evil.example", "password": PASSWORD}),
        ("POST", "totp", {"password": PASSWORD}),
        ("POST", "passkey-registration", {"password": PASSWORD}),
        ("GET", "factors", None),
    ],
)
async def test_it_changes_nothing_of_how_the_account_signs_in(
    people: PeopleHouse, method: str, path: str, body: Any
) -> None:
    """Not even with the password, which whoever runs the provider may have seen."""
    ann = await people.person("ann")
    key = (await outside(people, ann))["access_token"]
    answer = await people.ask(method, f"/api/v1/auth/{path}", key=key, json=body)
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert (await people.login("ann")).status == 200


async def test_it_goes_on_in_no_other_tenant(people: PeopleHouse) -> None:
    """Though its person is a member there: the provider answers for nobody beyond its tenant."""
    ann = await people.person("ann")
    await people.member(ann, "viewer", "other")
    key = (await outside(people, ann))["access_token"]
    answer = await people.ask("GET", "/api/v1/auth/tenants", key=key)
    assert [one["id"] for one in answer.body["items"]] == [TENANT]
    asked = {"tenant": "other"}
    moved = await people.ask("PUT", "/api/v1/auth/tenant", key=key, json=asked)
    assert (moved.status, moved.code) == (403, "TENANT_FORBIDDEN")
