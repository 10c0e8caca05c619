"""Who runs the installation, and lost second factors that only they take away."""

from __future__ import annotations

import asyncio
from typing import Any

from services.identity.factors import Logins
from tests.http_house import Answer
from tests.unit.identity.people_house import PeopleHouse
from tests.waiting import eventually
from weir.contract import subjects
from weir.contract.messages import Passkey

ADMINISTRATORS = "/api/v1/platform/administrators"


async def _root(people: PeopleHouse, name: str = "root") -> tuple[str, str]:
    """Somebody who runs the installation: id and access token."""
    user_id = await people.person(name, platform=True)
    return user_id, (await people.signed_in(name))["access_token"]


async def _names(people: PeopleHouse, key: str) -> list[str]:
    answer = await people.ask("GET", ADMINISTRATORS, key=key)
    assert answer.status == 200, answer.body
    return [one["name"] for one in answer.body["items"]]


async def _put(people: PeopleHouse, user_id: str, key: str) -> Answer:
    return await people.ask("PUT", f"{ADMINISTRATORS}/{user_id}", key=key)


async def _take(people: PeopleHouse, user_id: str, key: str) -> Answer:
    return await people.ask("DELETE", f"{ADMINISTRATORS}/{user_id}", key=key)


async def test_a_second_administrator_is_made_and_unmade(people: PeopleHouse) -> None:
    """They may do what the first may, and no more once it is taken."""
    _, root = await _root(people)
    ann = await people.person("ann")
    token = (await people.signed_in("ann"))["access_token"]
    assert (await people.ask("GET", ADMINISTRATORS, key=token)).status == 403
    assert (await _put(people, ann, root)).status == 204
    assert (await _put(people, ann, root)).status == 204
    assert await _names(people, root) == ["ann", "root"]

    async def may() -> bool:
        return (await people.ask("GET", ADMINISTRATORS, key=token)).status == 200

    await eventually(may)
    assert (await _take(people, ann, root)).status == 204

    async def may_not() -> bool:
        return not await may()

    await eventually(may_not)
    assert await _names(people, root) == ["root"]


async def test_the_last_one_stays(people: PeopleHouse) -> None:
    """Neither by their own hand nor when two take it from each other at one moment."""
    first, root = await _root(people)
    alone = await _take(people, first, root)
    assert (alone.status, alone.code) == (409, "LAST_ADMIN")
    second, other = await _root(people, "other")
    answers = await asyncio.gather(_take(people, second, root), _take(people, first, other))
    assert sorted(one.status for one in answers) in ([204, 403], [204, 409])
    stored = [people.platform.identity.last(subjects.user(one)) for one in (first, second)]
    kept = [one for one in await asyncio.gather(*stored) if one and b'"platform":true' in one.data]
    assert len(kept) == 1


async def test_the_last_one_cannot_be_disabled(people: PeopleHouse) -> None:
    """A tenant keeps another administrator, but the installation would not."""
    root, token = await _root(people)
    await people.member(root, "admin")
    await people.person("ann", role="admin")
    answer = await people.ask("POST", f"/api/v1/users/{root}/disable", key=token)
    assert (answer.status, answer.code) == (409, "LAST_ADMIN")


async def test_only_somebody_who_is_there_and_active(people: PeopleHouse) -> None:
    """Who is invited still, and who is nobody, are refused by name."""
    _, root = await _root(people)
    invited = await people.person("new", status="invited")
    answer = await _put(people, invited, root)
    assert (answer.status, answer.code) == (409, "MEMBER_INVITED")
    for nobody in ("usr_" + "a" * 26, "x", "svc_" + "a" * 26):
        missing = await _put(people, nobody, root)
        assert (missing.status, missing.code) == (404, "MEMBER_NOT_FOUND")


async def test_an_administrator_of_a_tenant_may_not(people: PeopleHouse) -> None:
    """What runs over all tenants is not theirs, nor an account that others share."""
    await _root(people)
    boss = await people.person("boss", role="admin")
    token = (await people.signed_in("boss"))["access_token"]
    asked: list[Any] = [
        await _put(people, boss, token),
        await people.ask("DELETE", f"/api/v1/people/{boss}/factors", key=token),
    ]
    assert [(one.status, one.code) for one in asked] == [(403, "FORBIDDEN")] * 2


async def test_lost_factors_are_taken_away(people: PeopleHouse) -> None:
    """Then the password is enough, sessions from before are over, and the person is told."""
    _, root = await _root(people)
    ann = await people.person("ann")
    before = await people.signed_in("ann")
    lost = {"totp": "sealed", "recovery": ("0" * 64,), "passkeys": (Passkey(credential_id="x"),)}
    logins = Logins(people.service._accounts.accounts)
    await logins.change(ann, lambda login: login.model_copy(update=lost))
    half = await people.login("ann")
    assert half.body.get("second_factor"), half.body
    answer = await people.ask("DELETE", f"/api/v1/people/{ann}/factors", key=root)
    assert answer.status == 204

    async def over() -> bool:
        return (await people.ask("GET", "/who", key=before["access_token"])).status == 401

    await eventually(over)
    assert (await people.signed_in("ann"))["user"] == ann
    await people.mailed()
    assert "second factors" in people.mails[-1].text
    assert people.mails[-1].to == "ann@acme.example"
