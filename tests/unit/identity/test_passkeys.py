"""Passkeys through the routes, with an authenticator in software, honest and not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http_house import Answer
from tests.unit.identity.factor_house import PASSWORD, FactorHouse, factor_house
from tests.unit.identity.soft_authenticator import SoftKey, text
from weir.contract import subjects
from weir.contract.messages import LoginErased

ORIGIN = "https://weir.example"


@pytest.fixture
async def house() -> AsyncIterator[FactorHouse]:
    """A house that people reach at one address."""
    async with factor_house(public_url=ORIGIN) as found:
        yield found


async def registered(
    house: FactorHouse, user_id: str, key: SoftKey | None = None, name: str = "laptop"
) -> tuple[SoftKey, Answer]:
    """A passkey of somebody, who has the password of the house, and what was answered."""
    key = key or SoftKey(ORIGIN)
    token = await house.session(user_id)
    asked = await house.post("passkey-registration", token, password=PASSWORD)
    assert asked.status == 200, asked.body
    credential = key.make(asked.body["options"])
    return key, await house.post("passkeys", token, name=name, credential=credential)


async def second(house: FactorHouse, user_id: str, key: SoftKey) -> Answer:
    """A sign-in by password and this passkey."""
    half = (await house.halfway(user_id))["challenge"]
    asked = await house.post("second-factor/passkey/options", None, challenge=half)
    credential = key.prove(asked.body["options"])
    return await house.post("second-factor/passkey", None, challenge=half, credential=credential)


async def alone(house: FactorHouse, key: SoftKey, **changed: Any) -> Answer:
    """A sign-in by this passkey and nothing else."""
    asked = await house.ask("POST", "/api/v1/auth/passkey/options", key=None)
    return await house.post("passkey", None, credential=key.prove(asked.body["options"]) | changed)


def refused(answer: Answer) -> bool:
    """Whether it proved nothing."""
    return (answer.status, answer.code) == (401, "SECOND_FACTOR_WRONG")


async def test_a_passkey_is_a_second_factor(house: FactorHouse) -> None:
    """It comes with recovery codes where there were none, and is asked for from then on."""
    eve = await house.person("eve", password=PASSWORD)
    key, made = await registered(house, eve)
    assert made.status == 201, made.body
    assert (made.body["name"], made.body["transports"]) == ("laptop", ["usb"])
    assert len(made.body["recovery_codes"]) == 10
    assert (await house.halfway(eve))["needed"]["factors"] == ["passkey", "recovery"]
    signed = await second(house, eve, key)
    assert (signed.status, signed.body["user"]) == (200, eve)
    token = signed.body["access_token"]
    shown = (await house.ask("GET", "/api/v1/auth/factors", key=token)).body["passkeys"]
    assert [one["id"] for one in shown] == [text(key.id)]
    assert shown[0]["used_at"]


async def test_a_passkey_signs_in_alone(house: FactorHouse) -> None:
    """Whoever it says it belongs to; the session counts as one of two factors."""
    eve = await house.person("eve", password=PASSWORD, role="admin")
    await house.demand()
    key, _ = await registered_strong(house, eve)
    signed = await alone(house, key)
    assert (signed.status, signed.body["user"]) == (200, eve)
    listed = await house.ask("GET", "/api/v1/providers", key=signed.body["access_token"])
    assert listed.status == 200


async def registered_strong(house: FactorHouse, user_id: str) -> tuple[SoftKey, Answer]:
    """The same where a tenant demands it: enrolled as a part of signing in."""
    key = SoftKey(ORIGIN)
    half = (await house.halfway(user_id))["challenge"]
    asked = await house.post("second-factor/enrol/passkey/options", None, challenge=half)
    credential = key.make(asked.body["options"])
    done = await house.post(
        "second-factor/enrol/passkey", None, challenge=half, name="key", credential=credential
    )
    assert done.status == 200, done.body
    assert len(done.body["recovery_codes"]) == 10
    return key, done


async def test_alone_its_holder_must_be_verified(house: FactorHouse) -> None:
    """A key that anybody can touch is half a proof, and enough only beside a password."""
    eve = await house.person("eve", password=PASSWORD)
    key, _ = await registered(house, eve, SoftKey(ORIGIN, verifies=False))
    assert refused(await alone(house, key))
    assert (await second(house, eve, key)).status == 200


async def test_a_counter_that_goes_backwards_is_a_copy(house: FactorHouse) -> None:
    """The copy that comes second is refused, whichever of both it is."""
    eve = await house.person("eve", password=PASSWORD)
    key, _ = await registered(house, eve)
    clone = key.copy()
    assert (await alone(house, key)).status == 200
    assert refused(await alone(house, clone))
    assert (await alone(house, clone)).status == 200
    assert refused(await second(house, eve, key))


async def test_an_answer_counts_once(house: FactorHouse) -> None:
    """Whoever recorded it has nothing, also if both come at the same time."""
    eve = await house.person("eve", password=PASSWORD)
    key, _ = await registered(house, eve)
    asked = await house.ask("POST", "/api/v1/auth/passkey/options", key=None)
    credential = key.prove(asked.body["options"])
    answers = await asyncio.gather(
        *(house.post("passkey", None, credential=credential) for _ in range(4))
    )
    assert sorted(answer.status for answer in answers) == [200, 400, 400, 400]
    again = await house.post("passkey", None, credential=credential)
    assert (again.status, again.code) == (400, "SIGN_IN_STALE")


async def test_a_passkey_of_somebody_else_is_refused(house: FactorHouse) -> None:
    """Neither beside another's password nor by saying that it is another's."""
    eve = await house.person("eve", password=PASSWORD)
    bob = await house.person("bob", password=PASSWORD)
    hers, _ = await registered(house, eve)
    await registered(house, bob)
    assert refused(await second(house, bob, hers))
    hers.handle = bob.encode()
    assert refused(await alone(house, hers))
    for handle in (b"", b"usr_nobody", b"\xff\xfe", eve.upper().encode()):
        hers.handle = handle
        assert refused(await alone(house, hers))


async def test_a_key_that_calls_itself_by_anothers_id_is_refused(house: FactorHouse) -> None:
    """The signature is held against the key that was registered."""
    eve = await house.person("eve", password=PASSWORD)
    key, _ = await registered(house, eve)
    thief = SoftKey(ORIGIN)
    thief.id, thief.handle, thief.count = key.id, eve.encode(), 100
    assert refused(await alone(house, thief))


async def test_a_challenge_counts_for_what_it_was_set_for(house: FactorHouse) -> None:
    """Registering, a second factor and signing in alone are three things, each for one person."""
    eve = await house.person("eve", password=PASSWORD)
    bob = await house.person("bob", password=PASSWORD)
    key, _ = await registered(house, eve)
    await registered(house, bob)
    token = await house.session(eve)
    register = await house.post("passkey-registration", token, password=PASSWORD)
    options = register.body["options"] | {"rpId": "weir.example"}
    stale = await house.post("passkey", None, credential=key.prove(options))
    assert (stale.status, stale.code) == (400, "SIGN_IN_STALE")
    half = (await house.halfway(eve))["challenge"]
    begun = await house.post("passkey-registration", token, password=PASSWORD)
    own = begun.body["options"] | {"rpId": "weir.example"}
    other = await house.post(
        "second-factor/passkey", None, challenge=half, credential=key.prove(own)
    )
    assert (other.status, other.code) == (400, "SIGN_IN_STALE")
    free = await house.ask("POST", "/api/v1/auth/passkey/options", key=None)
    mixed = await house.post(
        "second-factor/passkey",
        None,
        challenge=half,
        credential=key.prove(free.body["options"]),
    )
    assert (mixed.status, mixed.code) == (400, "SIGN_IN_STALE")
    his = (await house.halfway(bob))["challenge"]
    asked = await house.post("second-factor/passkey/options", None, challenge=his)
    crossed = await house.post(
        "second-factor/passkey",
        None,
        challenge=half,
        credential=key.prove(asked.body["options"]),
    )
    assert (crossed.status, crossed.code) == (400, "SIGN_IN_STALE")


async def test_a_registration_of_somebody_else_is_refused(house: FactorHouse) -> None:
    """Nobody adds a passkey with options that another was given."""
    eve = await house.person("eve", password=PASSWORD)
    bob = await house.person("bob", password=PASSWORD)
    token = await house.session(eve)
    asked = await house.post("passkey-registration", token, password=PASSWORD)
    credential = SoftKey(ORIGIN).make(asked.body["options"])
    answer = await house.post(
        "passkeys", await house.session(bob), name="mine", credential=credential
    )
    assert (answer.status, answer.code) == (400, "SIGN_IN_STALE")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://weir.example", "https://weir.example:8443", ""]
)
async def test_an_answer_of_another_origin_is_refused(house: FactorHouse, origin: str) -> None:
    """A page elsewhere that hands our challenge on gets nothing it could use."""
    eve = await house.person("eve", password=PASSWORD)
    key, _ = await registered(house, eve)
    key.origin = origin
    assert refused(await alone(house, key))
    assert refused(await second(house, eve, key))
    _, made = await registered(house, eve, SoftKey(origin))
    assert refused(made)


async def test_an_answer_from_inside_another_page_is_refused(house: FactorHouse) -> None:
    """Framed by another site, a browser says so."""
    eve = await house.person("eve", password=PASSWORD)
    key, _ = await registered(house, eve)
    key.framed = True
    assert refused(await alone(house, key))


async def test_a_passkey_is_renamed_and_deleted(house: FactorHouse) -> None:
    """By its owner alone; deleting asks for a proof and ends what it could do."""
    eve = await house.person("eve", password=PASSWORD)
    bob = await house.person("bob", password=PASSWORD)
    key, made = await registered(house, eve)
    path = f"/api/v1/auth/passkeys/{made.body['id']}"
    other = await house.session(bob)
    token = await house.session(eve)
    for who, status in ((other, 404), (token, 200)):
        renamed = await house.ask("PUT", path, key=who, json={"name": "desk"})
        assert renamed.status == status
    for name in ("", "x" * 101):
        assert (await house.ask("PUT", path, key=token, json={"name": name})).status == 422
    bare = await house.ask("POST", f"{path}/delete", key=token, json={})
    assert (bare.status, bare.code) == (403, "PROOF_REQUIRED")
    gone = await house.ask("POST", f"{path}/delete", key=token, json={"password": PASSWORD})
    assert gone.status == 204
    login = await house.login(eve)
    assert (login.passkeys, login.recovery) == ((), ())
    assert refused(await alone(house, key))


async def test_the_same_passkey_is_added_once(house: FactorHouse) -> None:
    """An authenticator that does not look at `excludeCredentials` gets no second entry."""
    eve = await house.person("eve", password=PASSWORD)
    key, _ = await registered(house, eve)
    _, again = await registered(house, eve, key)
    assert (again.status, again.code) == (409, "FACTOR_EXISTS")


async def test_the_last_passkey_stays_where_a_factor_is_demanded(house: FactorHouse) -> None:
    """As the last authenticator app does."""
    eve = await house.person("eve", password=PASSWORD)
    await house.demand()
    _, done = await registered_strong(house, eve)
    token = done.body["access_token"]
    (only,) = (await house.login(eve)).passkeys
    answer = await house.post(f"passkeys/{only.credential_id}/delete", token, password=PASSWORD)
    assert (answer.status, answer.code) == (403, "SECOND_FACTOR_REQUIRED")


async def test_of_an_erased_account_nothing_signs_in(house: FactorHouse) -> None:
    """What proved that somebody is this user is gone."""
    eve = await house.person("eve", password=PASSWORD)
    key, _ = await registered(house, eve)
    await house.account(subjects.login(eve), LoginErased(user_id=eve))
    answer = await alone(house, key)
    assert answer.status == 401


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 5},
        {"response": {}},
        {"response": {"clientDataJSON": 5}},
        {"response": {"clientDataJSON": "!!!"}},
        {"response": {"clientDataJSON": text(b"[]")}},
        {"response": {"clientDataJSON": text(b'{"challenge": 5}')}},
        {"response": {"clientDataJSON": text(b"\xff" * 100)}},
        {"response": {"clientDataJSON": text(b"[" * 20_000)}},
    ],
    ids=str,
)
async def test_what_is_no_answer_is_refused(house: FactorHouse, credential: Any) -> None:
    """Whatever it is made of."""
    answer = await house.post("passkey", None, credential=credential)
    assert (answer.status, answer.code) == (400, "SIGN_IN_STALE")


@pytest.mark.parametrize("part", ["authenticatorData", "signature", "clientDataJSON", "userHandle"])
@pytest.mark.parametrize("value", [None, 5, "", "AA", "!", text(b"\xff" * 300)])
async def test_an_answer_with_a_broken_part_is_refused(
    house: FactorHouse, part: str, value: Any
) -> None:
    """Each part, in each way."""
    eve = await house.person("eve", password=PASSWORD)
    key, _ = await registered(house, eve)
    asked = await house.ask("POST", "/api/v1/auth/passkey/options", key=None)
    credential = key.prove(asked.body["options"])
    credential["response"][part] = value
    answer = await house.post("passkey", None, credential=credential)
    assert answer.status in {400, 401}
    assert answer.code in {"SIGN_IN_STALE", "SECOND_FACTOR_WRONG"}


async def test_without_an_address_passkeys_are_for_localhost(house: FactorHouse) -> None:
    """An address that is a number has none: browsers would make none either."""
    async with factor_house() as bare:
        asked = await bare.ask("POST", "/api/v1/auth/passkey/options", key=None)
        assert (asked.status, asked.code) == (403, "ORIGIN_FORBIDDEN")
        port = bare.url.rpartition(":")[2]
        local = await bare.ask(
            "POST",
            "/api/v1/auth/passkey/options",
            key=None,
            headers={"Host": f"localhost:{port}"},
        )
        assert local.body["options"]["rpId"] == "localhost"
