"""Signing in in two steps, from the password to the session, through the service as it is."""

from __future__ import annotations

from typing import Any

import pyotp

from tests.unit.identity.people_house import PASSWORD, PeopleHouse
from tests.waiting import eventually

STEP_S = 30


def code(people: PeopleHouse, secret: str) -> str:
    """The code of an app whose clock is the house's, never the same twice."""
    people.clock.later_ms += 2 * STEP_S * 1000
    return pyotp.TOTP(secret).generate_otp(people.clock.now_ms() // 1000 // STEP_S)


async def may(people: PeopleHouse, key: str) -> int:
    """Whether the session counts in the tenant, as a status."""
    return (await people.ask("GET", "/who", key=key)).status


async def test_a_demand_from_the_password_to_the_session(people: PeopleHouse) -> None:
    """What one factor opened comes to nothing, a factor is enrolled, and is asked from then on."""
    await people.person("ann", role="admin")
    await people.tenant()
    weak = (await people.signed_in("ann"))["access_token"]
    path = "/api/v1/tenants/current"
    before = await people.ask("GET", path, key=weak)
    demand = await people.ask(
        "PUT",
        path,
        key=weak,
        json={"second_factor": "required"},
        headers={"If-Match": before.headers["ETag"]},
    )
    assert demand.status == 200, demand.body

    async def over() -> bool:
        return await may(people, weak) == 403

    await eventually(over)
    refused = await people.ask("GET", "/who", key=weak)
    assert refused.code == "SECOND_FACTOR_REQUIRED"

    half = (await people.login("ann")).body
    assert (half["second_factor"], half["enrol"]) == ([], True)
    assert "access_token" not in half
    asked: dict[str, Any] = {"challenge": half["challenge"]}
    begun = (await people.post("second-factor/enrol/totp", **asked)).body
    first = pyotp.TOTP(begun["secret"]).generate_otp(people.clock.now_ms() // 1000 // STEP_S)
    done = await people.post(
        "second-factor/enrol/totp/confirm", enrolment=begun["enrolment"], code=first, **asked
    )
    assert done.status == 200, done.body
    assert await may(people, done.body["access_token"]) == 200

    again = (await people.login("ann")).body
    assert (again["second_factor"], again["enrol"]) == (["totp", "recovery"], False)
    signed = await people.post(
        "second-factor/totp", challenge=again["challenge"], code=code(people, begun["secret"])
    )
    assert await may(people, signed.body["access_token"]) == 200


async def test_a_right_password_alone_opens_nothing(people: PeopleHouse) -> None:
    """Neither as a bearer nor as a refresh token does a half of a sign-in count."""
    await people.person("ann")
    first = await people.signed_in("ann")
    key = first["access_token"]
    begun = (await people.post("totp", key=key, password=PASSWORD)).body
    first_code = pyotp.TOTP(begun["secret"]).generate_otp(people.clock.now_ms() // 1000 // STEP_S)
    await people.post("totp/confirm", key=key, enrolment=begun["enrolment"], code=first_code)
    half = (await people.login("ann")).body["challenge"]
    assert await may(people, half) == 401
    assert (await people.post("refresh", refresh_token=half)).status == 401
    reset = await people.post("password/reset", token=half, password="another horse and staple")
    assert reset.status == 410
