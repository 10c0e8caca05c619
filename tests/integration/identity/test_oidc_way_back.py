"""The way to a real provider program and back, and attacks on it."""

from __future__ import annotations

import asyncio

import pytest
from yarl import URL

from tests.http_house import TENANT
from tests.integration.identity.connected import connect, refused, who
from tests.integration.identity.provider_program import (
    Browser,
    Provider,
    needs_provider,
    running,
)
from tests.unit.identity.factor_house import FactorHouse
from weir.contract import subjects
from weir.contract.messages import (
    ProviderDeleted,
)

pytestmark = needs_provider


async def test_the_way_back_counts_in_the_browser_that_went(
    house: FactorHouse, provider: Provider
) -> None:
    """A link that an attacker sends signs nobody in as the attacker, and theirs still works."""
    await provider.account("kim", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as attacker, Browser() as victim:
        back = await attacker.until_callback(connected.begin(), "kim")
        answer = await victim.get(back)
        refused(answer, await answer.text(), 400, "SIGN_IN_STALE")
        await victim.get(connected.begin())  # with a trip of their own under way
        answer = await victim.get(back)
        refused(answer, await answer.text(), 400, "SIGN_IN_STALE")
        assert (await attacker.get(back)).status == 303


async def test_the_way_back_counts_once(house: FactorHouse, provider: Provider) -> None:
    """Also for two that come at the same time, and with a code that was not used."""
    await provider.account("leo", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        back = await browser.until_callback(connected.begin(), "leo")
        answers = await asyncio.gather(browser.get(back), browser.get(back), browser.get(back))
        assert sorted(answer.status for answer in answers) == [303, 400, 400]
        again = await browser.get(back)
        refused(again, await again.text(), 400, "SIGN_IN_STALE")


@pytest.mark.parametrize(
    "change",
    [
        {"state": None},
        {"state": ""},
        {"state": "a" * 52},
        {"state": "ä"},
        {"state": "x" * 4000},
    ],
    ids=["missing", "empty", "another", "no ASCII", "long"],
)
async def test_a_state_that_is_not_ours_is_refused(
    house: FactorHouse, provider: Provider, change: dict[str, str | None]
) -> None:
    """Missing or mismatched; nothing is asked of the provider for it."""
    await provider.account("mia", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        back = URL(await browser.until_callback(connected.begin(), "mia"))
        query = {name: value for name, value in back.query.items() if name not in change}
        query |= {name: value for name, value in change.items() if value is not None}
        tokens = await provider.asked("/token")
        answer = await browser.get(str(back.with_query(query)))
        refused(answer, await answer.text(), 400, "SIGN_IN_STALE")
        assert await provider.asked("/token") == tokens


async def test_providers_are_not_mixed_up(house: FactorHouse, provider: Provider) -> None:
    """What one began the other does not end, and an answer in another's name is refused."""
    await provider.account("nora", groups=["ops"])
    one = await connect(house, provider, name="one")
    with running() as second:
        await second.account("nora", groups=["bosses"])
        two = await connect(house, second, name="two")
        async with Browser() as browser:
            back = await browser.until_callback(two.begin(), "nora")
            crossed = await browser.get(back.replace(two.id, one.id))
            refused(crossed, await crossed.text(), 400, "SIGN_IN_STALE")
            named = URL(back).update_query(iss=provider.issuer)
            mixed = await browser.get(str(named))
            refused(mixed, await mixed.text(), 502, "PROVIDER_FAILED")
        async with Browser() as browser:
            silent = URL(await browser.until_callback(two.begin(), "nora"))
            answer = await browser.get(str(silent.without_query_params("iss")))
            refused(answer, await answer.text(), 502, "PROVIDER_FAILED")


async def test_a_code_of_another_sign_in_is_refused(house: FactorHouse, provider: Provider) -> None:
    """An injected code fails by PKCE, and is never looked at by us."""
    for login in ("oto", "pia"):
        await provider.account(login, groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as thief, Browser() as owner:
        stolen = URL(await owner.until_callback(connected.begin(), "oto")).query["code"]
        own = URL(await thief.until_callback(connected.begin(), "pia"))
        answer = await thief.get(str(own.update_query(code=stolen)))
        refused(answer, await answer.text(), 502, "PROVIDER_FAILED")
        assert "invalid_grant" in await answer.text()


async def test_a_token_under_the_client_secret_is_refused(
    house: FactorHouse, provider: Provider
) -> None:
    """HS256 is a real choice of clients; with it whoever knows the secret could be anybody."""
    await provider.account("quy", groups=["ops"])
    connected = await connect(house, provider, client={"id_token_signed_response_alg": "HS256"})
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin(), "quy")
        refused(answer, await answer.text(), 502, "PROVIDER_FAILED")


async def test_a_provider_that_lets_nobody_in_says_why(
    house: FactorHouse, provider: Provider
) -> None:
    """Its word is shown if it is one, and what an attacker writes there is not."""
    await provider.account("rex", groups=["ops"])
    connected = await connect(house, provider)
    for error, shown in (("access_denied", "access_denied"), ("<script>", "without a name")):
        async with Browser() as browser:
            back = URL(await browser.until_callback(connected.begin(), "rex"))
            query = {
                "state": back.query["state"],
                "iss": provider.issuer,
                "error": error,
            }
            answer = await browser.get(str(back.with_query(query)))
            text = await answer.text()
            refused(answer, text, 403, "SIGN_IN_REFUSED")
            assert shown in text
            assert "<script>" not in text


async def test_new_keys_of_a_provider_are_read_when_they_are_met(
    house: FactorHouse, provider: Provider
) -> None:
    """Once, and not again within a minute."""
    await provider.account("sam", groups=["ops"])
    connected = await connect(house, provider)
    discovery = house.service.parts.discovery
    async with Browser() as browser:
        await who(await browser.sign_in(connected.begin(), "sam"), browser, house)
    known = discovery._known[provider.issuer]
    await provider.rotate()
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin(), "sam")
        refused(answer, await answer.text(), 502, "PROVIDER_FAILED")  # read a moment ago
    known.keys_at -= 61
    async with Browser() as browser:
        await who(await browser.sign_in(connected.begin(), "sam"), browser, house)
    read = await provider.asked("/jwks")
    await provider.rotate()
    for _ in range(3):
        async with Browser() as browser:
            assert (await browser.sign_in(connected.begin(), "sam")).status == 502
    assert await provider.asked("/jwks") == read


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/ok\r\nSet-Cookie: a=b",
        "/\u2028",
        "/" + "a" * 3000,
        "/a\\b",
    ],
    ids=repr,
)
async def test_one_ends_up_nowhere_else(house: FactorHouse, provider: Provider, path: str) -> None:
    """Only at a path here, in visible ASCII."""
    connected = await connect(house, provider)
    answer = await house.ask(
        "GET", f"/api/v1/auth/oidc/{connected.id}/begin", key=None, params={"return_to": path}
    )
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")


async def test_a_provider_that_was_removed_signs_in_nobody(
    house: FactorHouse, provider: Provider
) -> None:
    """Also who is on the way."""
    await provider.account("tom", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        back = await browser.until_callback(connected.begin(), "tom")
        await house.account(
            subjects.provider(TENANT, connected.id), ProviderDeleted(provider_id=connected.id)
        )
        answer = await browser.get(back)
        refused(answer, await answer.text(), 404, "PROVIDER_NOT_FOUND")


async def test_a_provider_that_changed_meanwhile_ends_what_it_did_not_begin(
    house: FactorHouse, provider: Provider
) -> None:
    """Whoever is on the way to the old one does not come back as somebody of the new one."""
    await provider.account("uma", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        back = await browser.until_callback(connected.begin(), "uma")
        await connected.change(client_id="another", client_secret="another")
        answer = await browser.get(back)
        refused(answer, await answer.text(), 400, "SIGN_IN_STALE")


async def test_a_provider_is_tried_before_anybody_uses_it(
    house: FactorHouse, provider: Provider
) -> None:
    """What it tells of itself is shown, and what is wrong with it said."""
    connected = await connect(house, provider)
    path = f"/api/v1/providers/{connected.id}/test"
    found = await house.ask("POST", path)
    assert (found.body["ok"], found.body["keys"]) == (True, 2)
    for issuer, said in (
        (f"{provider.issuer}/", "another issuer"),
        (f"{provider.issuer}/nowhere", "404"),
        ("http://127.0.0.1:49151", "cannot be reached"),
        ("https://localhost:8443", "did not do its part"),
        ("https://[::1]:8443", "private"),
        ("https://169.254.169.254", "private"),
    ):
        changed = await connected.change(issuer=issuer, client_secret="new")
        assert changed.status == 200, changed.body
        bad = await house.ask("POST", path)
        assert bad.body["ok"] is False
        assert said in bad.body["problem"], bad.body
    begun = await house.ask("GET", f"/api/v1/auth/oidc/{connected.id}/begin", key=None)
    assert (begun.status, begun.code) == (502, "PROVIDER_FAILED")


async def test_nothing_readable_is_stored_of_a_trip(house: FactorHouse, provider: Provider) -> None:
    """Neither verifier nor nonce nor the browser's secret nor the client's lies in the log."""
    await provider.account("vic", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        await browser.until_callback(connected.begin(), "vic")
        (secret,) = [
            one.value for name, one in browser.cookies().items() if name.startswith("weir-oidc")
        ]
    stored = b"".join(
        [one.data async for batch in house.platform.accounts.read(">") for one in batch]
    )
    assert secret.encode() not in stored
    assert b"verifier" not in stored


async def test_claims_may_come_from_userinfo(house: FactorHouse) -> None:
    """Where the id_token has them not."""
    with running("--claims-at-userinfo") as other:
        await other.account(
            "willa", email="willa@acme.example", email_verified=True, groups=["ops"]
        )
        connected = await connect(house, other)
        async with Browser() as browser:
            user = await who(await browser.sign_in(connected.begin(), "willa"), browser, house)
        member = await connected.member(user["user_id"])
        assert member is not None
        assert (user["email"], member.role) == ("willa@acme.example", "operator")
        assert await other.asked("/me") == 1
