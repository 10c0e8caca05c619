"""Somebody who is signed in has themselves forgotten."""

from __future__ import annotations

from tests.http_house import TENANT
from tests.unit.identity.people_house import PeopleHouse
from tests.waiting import eventually
from weir.contract import subjects

ERASURE = "me/erasure"


async def test_who_is_forgotten_is_nobody_any_more(people: PeopleHouse) -> None:
    """Their session ends, they sign in no more, their address is free, and nothing names them."""
    user_id = await people.person("ann")
    await people.person("bob", role="admin")
    key = (await people.signed_in("ann"))["access_token"]
    unsure = await people.post(ERASURE, key=key, confirm="bob@acme.example")
    assert (unsure.status, unsure.code) == (422, "INVALID_REQUEST")
    answer = await people.post(ERASURE, key=key, confirm=" Ann@acme.example")
    assert (answer.status, answer.body["done"]) == (200, True)

    async def refused() -> bool:
        return (await people.ask("GET", "/api/v1/auth/me", key=key)).status == 401

    await eventually(refused)
    assert (await people.login("ann")).status == 401
    assert (await people.login("bob")).status == 200
    platform = people.platform
    assert await platform.accounts.last(subjects.login(user_id)) is None
    for log, every in ((platform.identity, "identity.>"), (platform.accounts, "accounts.>")):
        texts = [one.data async for batch in log.read(every) for one in batch]
        assert not any(b"ann@acme.example" in text for text in texts)
    await people.person("ann")  # the address can be claimed anew
    assert (await people.login("ann")).status == 200


async def test_the_last_administrator_stays(people: PeopleHouse) -> None:
    """Nobody leaves a tenant without anybody who may administer it."""
    user_id = await people.person("boss", role="admin")
    key = (await people.signed_in("boss"))["access_token"]
    answer = await people.post(ERASURE, key=key, confirm="boss@acme.example")
    assert (answer.status, answer.code) == (409, "LAST_ADMIN")
    member = await people.platform.identity.last(subjects.member(TENANT, user_id))
    assert member is not None
    assert b"member_saved" in member.data
    assert (await people.ask("GET", "/api/v1/auth/me", key=key)).status == 200
