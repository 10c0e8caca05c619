"""Who is let in by OpenID Connect, against a real provider program, and what they may then."""

from __future__ import annotations

import pytest
from yarl import URL

from services.identity import addresses
from services.identity.oidc_people import outside
from tests.http_house import TENANT
from tests.integration.identity.connected import audited, connect, refused, who
from tests.integration.identity.provider_program import (
    Browser,
    Provider,
    needs_provider,
)
from tests.unit.identity.factor_house import FactorHouse
from weir.contract import subjects
from weir.contract.messages import (
    EmailClaimed,
    MemberRemoved,
    SubjectLinked,
    UserDeleted,
    UserSaved,
)

pytestmark = needs_provider


async def test_somebody_new_is_let_in_with_the_role_of_their_groups(
    house: FactorHouse, provider: Provider
) -> None:
    """An account is made, its address and name are the provider's, and the way ends here."""
    await provider.account(
        "ann", name="Ann", email="Ann@acme.example", email_verified=True, groups=["ops", "x"]
    )
    connected = await connect(house, provider)
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin("/runs?status=failed"), "ann")
        user = await who(answer, browser, house)
        assert answer.headers["Location"] == "/runs?status=failed"
        assert (user["name"], user["email"], user["status"]) == (
            "Ann",
            "ann@acme.example",
            "active",
        )
        member = await connected.member(user["user_id"])
        assert member is not None
        assert (member.role, member.source) == ("operator", connected.id)
        assert browser.cookies()["weir"]["httponly"]
        told = await audited(house, "user.signed_in")
        assert told.actor == user["user_id"]
        assert told.changes["role"]["new"] == "operator"
        assert told.changes["source"]["new"] == connected.id
        assert not [name for name in browser.cookies() if name.startswith("weir-oidc")]
    async with Browser() as other:
        again = await who(await other.sign_in(connected.begin(), "ann"), other, house)
    assert again["user_id"] == user["user_id"]


async def test_a_role_taken_there_is_taken_here(house: FactorHouse, provider: Provider) -> None:
    """At the next sign-in: lowered with the groups, and gone with the last of them."""
    await house.person("boss", role="admin")
    connected = await connect(house, provider)
    roles = []
    user_id = ""
    for groups in (["bosses", "ops"], ["ops"]):
        await provider.account("ben", groups=groups)
        async with Browser() as browser:
            answer = await browser.sign_in(connected.begin(), "ben")
            user_id = (await who(answer, browser, house))["user_id"]
        member = await connected.member(user_id)
        roles.append(member.role if member else None)
    assert roles == ["admin", "operator"]
    await provider.account("ben", groups=["strangers"])
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin(), "ben")
        refused(answer, await answer.text(), 403, "SIGN_IN_REFUSED")
    assert await connected.member(user_id) is None


async def test_what_an_administrator_gave_is_not_taken(
    house: FactorHouse, provider: Provider
) -> None:
    """Nor raised: a membership that was not made by the provider is not its to change."""
    await provider.account("cid", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        user = await who(await browser.sign_in(connected.begin(), "cid"), browser, house)
    await house.member(user["user_id"], "viewer")
    for groups in (["bosses"], []):
        await provider.account("cid", groups=groups)
        async with Browser() as browser:
            await who(await browser.sign_in(connected.begin(), "cid"), browser, house)
        member = await connected.member(user["user_id"])
        assert member is not None
        assert (member.role, member.source) == ("viewer", "")


async def test_the_last_administrator_stays_one(house: FactorHouse, provider: Provider) -> None:
    """Else nobody could repair a wrong table of roles; they are not let in by it all the same."""
    await provider.account("dan", groups=["bosses"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        user = await who(await browser.sign_in(connected.begin(), "dan"), browser, house)
    await provider.account("dan", groups=[])
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin(), "dan")
        refused(answer, await answer.text(), 403, "SIGN_IN_REFUSED")
    member = await connected.member(user["user_id"])
    assert member is not None
    assert member.role == "admin"


async def test_without_a_role_and_without_leave_nobody_comes_in(
    house: FactorHouse, provider: Provider
) -> None:
    """No account is left behind."""
    await provider.account("eli", groups=["strangers"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin(), "eli")
        refused(answer, await answer.text(), 403, "SIGN_IN_REFUSED")
    await provider.account("eli", groups=["ops"])
    await connected.change(creates_users=False)
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin(), "eli")
        refused(answer, await answer.text(), 403, "SIGN_IN_REFUSED")
    users = [
        one async for batch in house.platform.identity.read("identity.user.>") for one in batch
    ]
    assert users == []


async def test_the_default_role_lets_in_who_has_no_group(
    house: FactorHouse, provider: Provider
) -> None:
    """A public client (PKCE alone), ES256 and a secret in the body work as well."""
    await provider.account("fay")
    shapes = (
        {"token_endpoint_auth_method": "none"},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"id_token_signed_response_alg": "ES256"},
    )
    for client in shapes:
        connected = await connect(house, provider, client=client, default_role="viewer")
        async with Browser() as browser:
            user = await who(await browser.sign_in(connected.begin(), "fay"), browser, house)
        member = await connected.member(user["user_id"])
        assert member is not None
        assert member.role == "viewer"


async def claimed(house: FactorHouse, user_id: str, address: str) -> None:
    """Let an address be somebody's, as their account has it."""
    await house.account(subjects.email(addresses.hashed(address)), EmailClaimed(user_id=user_id))


OPENED = {"links": True, "belongs": True, "platform": False}


@pytest.mark.parametrize(
    "rule",
    [
        OPENED,
        OPENED | {"links": False},
        OPENED | {"belongs": False},
        OPENED | {"platform": True},
    ],
    ids=["all of it", "not trusted", "no member", "an operator"],
)
async def test_an_account_with_the_address_is_opened_by_the_rule_alone(
    house: FactorHouse, provider: Provider, rule: dict[str, bool]
) -> None:
    """Trusted by the tenant, its member, and no operator: all of them, or refused."""
    gus = await house.person("gus", password="a horse and its staple")
    await claimed(house, gus, "gus@acme.example")
    user = UserSaved(
        user_id=gus,
        name="gus",
        email="gus@acme.example",
        status="active",
        platform=rule["platform"],
    )
    await house.identity(subjects.user(gus), user)
    if not rule["belongs"]:
        left = MemberRemoved(tenant=TENANT, user_id=gus)
        await house.identity(subjects.member(TENANT, gus), left)
    login = "gus-" + "-".join(str(value) for value in rule.values())
    await provider.account(login, email="gus@acme.example", email_verified=True, groups=["bosses"])
    connected = await connect(house, provider, links_users=rule["links"])
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin(), login)
        if rule == OPENED:
            assert (await who(answer, browser, house))["user_id"] == gus
            member = await connected.member(gus)
            assert member is not None
            assert member.role == "editor"  # as the administrator gave it
        else:
            refused(answer, await answer.text(), 403, "SIGN_IN_REFUSED")


async def test_an_address_that_is_not_verified_opens_and_takes_nothing(
    house: FactorHouse, provider: Provider
) -> None:
    """Somebody else's account stays shut, and a new one has no address."""
    hal = await house.person("hal")
    await claimed(house, hal, "hal@acme.example")
    await provider.account(
        "not-hal", email="hal@acme.example", email_verified=False, groups=["ops"]
    )
    connected = await connect(house, provider, links_users=True)
    async with Browser() as browser:
        user = await who(await browser.sign_in(connected.begin(), "not-hal"), browser, house)
    assert user["user_id"] != hal
    assert user["email"] == ""


async def test_a_session_of_a_provider_is_good_in_its_tenant_alone(
    house: FactorHouse, provider: Provider
) -> None:
    """Whoever runs a tenant's provider becomes nobody elsewhere, whatever memberships there are."""
    await provider.account("ida", groups=["bosses"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        user = await who(await browser.sign_in(connected.begin(), "ida"), browser, house)
        await house.member(user["user_id"], "admin", "other")
        answer = await browser._session.get(
            f"{house.url}/api/v1/providers", headers={"X-Tenant-ID": "other"}
        )
        assert answer.status == 403
        own = await browser.get(f"{house.url}/api/v1/providers")
        assert own.status == 200


async def test_a_browser_that_says_nothing_of_itself_gets_cookies(
    house: FactorHouse, provider: Provider
) -> None:
    """As one does that reaches us without TLS: no token stands in what it shows."""
    await provider.account("xia", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        back = await browser.until_callback(connected.begin(), "xia")
        answer = await browser._session.get(URL(back, encoded=True), allow_redirects=False)
        assert answer.status == 303
        assert "access_token" not in await answer.text()
        assert browser.cookies()["weir"].value


async def test_who_is_known_elsewhere_is_unknown_here(
    house: FactorHouse, provider: Provider
) -> None:
    """An account of another tenant opens this one only where strangers may come in."""
    await provider.account("yan", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        user = await who(await browser.sign_in(connected.begin(), "yan"), browser, house)
    left = MemberRemoved(tenant=TENANT, user_id=user["user_id"])
    await house.identity(subjects.member(TENANT, user["user_id"]), left)
    await connected.change(creates_users=False, default_role="viewer")
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin(), "yan")
        refused(answer, await answer.text(), 403, "SIGN_IN_REFUSED")
    assert await connected.member(user["user_id"]) is None


async def test_an_invitation_is_taken_up_by_signing_in(
    house: FactorHouse, provider: Provider
) -> None:
    """With the role of the invitation; who has no role of their own and no group stays invited."""
    zoe = await house.person("zoe")
    await claimed(house, zoe, "zoe@acme.example")
    invited = UserSaved(user_id=zoe, name="zoe", email="zoe@acme.example", status="invited")
    await house.identity(subjects.user(zoe), invited)
    await provider.account("zoe", email="zoe@acme.example", email_verified=True)
    connected = await connect(house, provider, links_users=True, creates_users=False)
    async with Browser() as browser:
        user = await who(await browser.sign_in(connected.begin(), "zoe"), browser, house)
    assert (user["user_id"], user["status"]) == (zoe, "active")
    member = await connected.member(zoe)
    assert member is not None
    assert member.role == "editor"


async def test_an_account_whose_making_was_broken_off_is_made_whole(
    house: FactorHouse, provider: Provider
) -> None:
    """The address it had claimed is still its own, at the next sign-in."""
    await provider.account("abe", email="abe@acme.example", email_verified=True, groups=["ops"])
    connected = await connect(house, provider)
    lost = house.platform.clock.new_id("usr")
    await house.account(outside(provider.issuer, "abe"), SubjectLinked(user_id=lost))
    await claimed(house, lost, "abe@acme.example")
    async with Browser() as browser:
        user = await who(await browser.sign_in(connected.begin(), "abe"), browser, house)
    assert (user["user_id"], user["email"]) == (lost, "abe@acme.example")


async def test_an_account_that_was_erased_is_not_opened_again(
    house: FactorHouse, provider: Provider
) -> None:
    """Who comes back by the provider is somebody new."""
    await provider.account("bea", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        user = await who(await browser.sign_in(connected.begin(), "bea"), browser, house)
    gone = UserDeleted(user_id=user["user_id"])
    await house.identity(subjects.user(user["user_id"]), gone)
    async with Browser() as browser:
        again = await who(await browser.sign_in(connected.begin(), "bea"), browser, house)
    assert again["user_id"] != user["user_id"]


async def test_who_is_disabled_stays_out(house: FactorHouse, provider: Provider) -> None:
    """However well the provider knows them."""
    await provider.account("jim", groups=["ops"])
    connected = await connect(house, provider)
    async with Browser() as browser:
        user = await who(await browser.sign_in(connected.begin(), "jim"), browser, house)
    gone = UserSaved(user_id=user["user_id"], name="jim", status="disabled")
    await house.identity(subjects.user(user["user_id"]), gone)
    async with Browser() as browser:
        answer = await browser.sign_in(connected.begin(), "jim")
        refused(answer, await answer.text(), 403, "SIGN_IN_REFUSED")
