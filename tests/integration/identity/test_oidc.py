"""Signing in by OpenID Connect against a real provider program, and attacks on the way back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import ClientResponse
from yarl import URL

from services.identity import addresses
from services.identity.oidc_people import outside
from tests.http_house import TENANT, Answer
from tests.integration.identity.provider_program import (
    Browser,
    Provider,
    needs_provider,
    running,
)
from tests.unit.identity.factor_house import FactorHouse, factor_house
from weir.contract import subjects
from weir.contract.messages import (
    AuditEntry,
    AuditRecord,
    EmailClaimed,
    MemberRemoved,
    MemberSaved,
    ProviderDeleted,
    SubjectLinked,
    UserDeleted,
    UserSaved,
)
from weir.runtime.records import read

pytestmark = needs_provider

ROLES = {"ops": "operator", "bosses": "admin"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """The provider program, one for all tests here."""
    with running() as found:
        yield found


@pytest.fixture
async def house() -> AsyncIterator[FactorHouse]:
    """A house that may ask providers on this machine."""
    async with factor_house(oidc_allow=("127.0.0.1",)) as found:
        yield found


class Connected:
    """A provider as a tenant has connected it."""

    def __init__(self, house: FactorHouse, shown: dict[str, Any]) -> None:
        self.house = house
        self.shown = shown
        self.id: str = shown["id"]

    def begin(self, return_to: str = "") -> str:
        """Where the button leads."""
        address = f"{self.house.url}/api/v1/auth/oidc/{self.id}/begin"
        return str(URL(address).with_query({"return_to": return_to} if return_to else {}))

    async def change(self, **said: Any) -> Answer:
        """Change it as an administrator does."""
        path = f"/api/v1/providers/{self.id}"
        before = await self.house.ask("GET", path)
        kept = {
            name: value
            for name, value in before.body.items()
            if name
            in {
                "name",
                "issuer",
                "client_id",
                "groups_claim",
                "roles",
                "default_role",
                "creates_users",
                "links_users",
                "scopes",
            }
        }
        return await self.house.ask(
            "PUT", path, json=kept | said, headers={"If-Match": before.headers["ETag"]}
        )

    async def member(self, user_id: str) -> MemberSaved | None:
        """What the tenant has of somebody."""
        records = self.house.service.identity.records
        entry = await records.fresh(subjects.member(TENANT, user_id))
        return entry.record.member_saved if entry else None


async def connect(
    house: FactorHouse, provider: Provider, *, client: dict[str, Any] | None = None, **said: Any
) -> Connected:
    """Connect it: made first, for the address to come back to, then told its client."""
    asked = {
        "name": "Acme",
        "issuer": provider.issuer,
        "client_id": "to be registered",
        "groups_claim": "groups",
        "roles": ROLES,
        "creates_users": True,
        **said,
    }
    made = await house.ask("POST", "/api/v1/providers", json=asked)
    assert made.status == 201, made.body
    connected = Connected(house, made.body)
    registered = await provider.client(made.body["redirect_uri"], **(client or {}))
    changed = await connected.change(
        client_id=registered["client_id"], client_secret=registered.get("client_secret", "")
    )
    assert changed.status == 200, changed.body
    return connected


async def who(answer: ClientResponse, browser: Browser, house: FactorHouse) -> dict[str, Any]:
    """Who the browser is signed in as, after the callback."""
    assert answer.status == 303, await answer.text()
    page = await browser.get(f"{house.url}/api/v1/auth/factors")
    assert page.status == 403  # somebody, by a session that may not see this
    (session,) = [
        one async for batch in house.platform.identity.read("identity.session.>") for one in batch
    ][-1:]
    user_id = session.subject.split(".")[2]
    entry = await house.service.identity.records.fresh(subjects.user(user_id))
    assert entry is not None
    assert entry.record.user_saved is not None
    return entry.record.user_saved.model_dump()


async def audited(house: FactorHouse, event: str) -> AuditEntry:
    """What the audit was last told of an event."""
    found = [
        entry
        async for batch in house.platform.notes.read(subjects.audit_note(TENANT))
        for one in batch
        for entry in read(AuditRecord, one).audit_noted.entries
        if entry.event == event
    ]
    return found[-1]


def refused(answer: ClientResponse, text: str, status: int, code: str) -> None:
    """That an answer is this refusal, and signs nobody in."""
    assert (answer.status, code in text) == (status, True), text
    assert "weir=" not in str(answer.headers.getall("Set-Cookie", ()))


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
    await provider.account("ned", groups=["ops"])
    one = await connect(house, provider, name="one")
    with running() as second:
        await second.account("ned", groups=["bosses"])
        two = await connect(house, second, name="two")
        async with Browser() as browser:
            back = await browser.until_callback(two.begin(), "ned")
            crossed = await browser.get(back.replace(two.id, one.id))
            refused(crossed, await crossed.text(), 400, "SIGN_IN_STALE")
            named = URL(back).update_query(iss=provider.issuer)
            mixed = await browser.get(str(named))
            refused(mixed, await mixed.text(), 502, "PROVIDER_FAILED")
        async with Browser() as browser:
            silent = URL(await browser.until_callback(two.begin(), "ned"))
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
        await other.account("wil", email="wil@acme.example", email_verified=True, groups=["ops"])
        connected = await connect(house, other)
        async with Browser() as browser:
            user = await who(await browser.sign_in(connected.begin(), "wil"), browser, house)
        member = await connected.member(user["user_id"])
        assert member is not None
        assert (user["email"], member.role) == ("wil@acme.example", "operator")
        assert await other.asked("/me") == 1
