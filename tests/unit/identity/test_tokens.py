"""Access tokens: what counts as one, and what never does."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

from services.identity.tokens import INSTALLATION, ROTATED_MS, Signer
from tests.http_house import TENANT
from tests.unit.identity.people_house import PeopleHouse
from tests.waiting import eventually
from weir.contract import subjects
from weir.contract.messages import (
    AccountRecord,
    GroupDeleted,
    GroupSaved,
    IdentityRecord,
    MemberRemoved,
    TenantDeleted,
    UserDeleted,
    UserSaved,
)
from weir.runtime import access_tokens
from weir.runtime.changes import Writer
from weir.runtime.records import Records

NOW_S = 1_800_000_000
NOW_MS = NOW_S * 1000
USER, SESSION, KID = "usr_" + "a" * 26, "ses_" + "b" * 26, "k1"
PRIVATE = Ed25519PrivateKey.generate()
KEY = OKPKey.import_key(PRIVATE)
KEYS = {KID: OKPKey.import_key(PRIVATE.public_key())}
HEADER = {"alg": "Ed25519", "kid": KID, "typ": "at+jwt"}
CLAIMS = {
    "iss": "weir",
    "aud": "weir-api",
    "sub": USER,
    "sid": SESSION,
    "iat": NOW_S,
    "nbf": NOW_S,
    "exp": NOW_S + 900,
}


def signed(claims: dict[str, Any], header: dict[str, Any] | None = None, key: Any = KEY) -> str:
    """A token of these claims."""
    made = HEADER | (header or {})
    return jwt.encode(made, CLAIMS | claims, key, algorithms=[made["alg"]])


def encoded(value: Any) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(header: dict[str, Any], signature: str = "") -> str:
    """A token that nobody signed."""
    return f"{encoded(HEADER | header)}.{encoded(CLAIMS)}.{signature}"


def by_public_key() -> str:
    """HS256 with what everybody may know."""
    public = PRIVATE.public_key()
    key = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{encoded(HEADER | {'alg': 'HS256'})}.{encoded(CLAIMS)}"
    made = hmac.new(key, text.encode(), "sha256").digest()
    return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


OTHER = OKPKey.generate_key("Ed25519")
GOOD = signed({})
HOSTILE = {
    "another issuer": signed({"iss": "other"}),
    "another audience": signed({"aud": "other"}),
    "several audiences": signed({"aud": ["weir-api", "other"]}),
    "another type": signed({}, {"typ": "JWT"}),
    "no type": jwt.encode(
        {"alg": "Ed25519", "kid": KID}, CLAIMS, KEY, algorithms=["Ed25519"], default_type=None
    ),
    "another key under our id": signed({}, key=OTHER),
    "alg none": unsigned({"alg": "none"}),
    "alg none with a signature": unsigned({"alg": "none"}, GOOD.rpartition(".")[2]),
    "alg NONE": unsigned({"alg": "NONE"}),
    "HS256 by the public key": by_public_key(),
    "RS256": signed({}, {"alg": "RS256"}, RSAKey.generate_key(2048)),
    "the old name of the algorithm": unsigned({"alg": "EdDSA"}, GOOD.rpartition(".")[2]),
    "a key of its own in the header": jwt.encode(
        {**HEADER, "jwk": OTHER.as_dict(private=False)}, CLAIMS, OTHER, algorithms=["Ed25519"]
    ),
    "expired": signed({"iat": NOW_S - 901, "nbf": NOW_S - 901, "exp": NOW_S - 1}),
    "ends now": signed({"iat": NOW_S - 900, "nbf": NOW_S - 900, "exp": NOW_S}),
    "not yet": signed({"nbf": NOW_S + 60}),
    "made in the future": signed({"iat": NOW_S + 60, "exp": NOW_S + 900}),
    "for a year": signed({"exp": NOW_S + 31_536_000}),
    "an end that is text": signed({"exp": str(NOW_S + 900)}),
    "an end that is true": signed({"iat": True, "exp": True}),
    "an end without end": signed({"exp": 1e300}),
    "no user": signed({"sub": ""}),
    "a user that is a list": signed({"sub": [USER]}),
    "a service account": signed({"sub": "svc_" + "a" * 26}),
    "a session elsewhere": signed({"sid": "ses_../.."}),
    "a wildcard": signed({"sid": "*"}),
    "truncated": GOOD[:-5],
    "without its signature": GOOD.rpartition(".")[0] + ".",
    "two parts": GOOD.rpartition(".")[0],
    "five parts": "a.b.c.d.e",
    "changed": GOOD[:120] + ("A" if GOOD[120] != "A" else "B") + GOOD[121:],
    "no text": "..",
    "half a character": "\udcff.\udcff.\udcff",
    "nested deep": encoded(HEADER) + "." + "W" * 1500 + ".x",
    "100 kB": signed({"more": "x" * 100_000}),
    "just too long": signed({"more": "x" * 1_400}),
}


def test_a_token_says_who_and_which_session() -> None:
    """And nothing of what they may."""
    token, life = access_tokens.sign(KEY, KID, (USER, SESSION), NOW_MS, NOW_MS + 10**9)
    claims = access_tokens.verify(token, KEYS, NOW_MS)
    assert claims == (USER, SESSION, KID, NOW_MS + 900_000)
    assert life == 900
    said = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert set(said) == {"iss", "aud", "sub", "sid", "iat", "nbf", "exp"}


def test_the_example_counts() -> None:
    """What the hostile ones are made of is right but for their one defect."""
    assert access_tokens.verify(GOOD, KEYS, NOW_MS) is not None


def test_a_token_ends_with_its_session() -> None:
    """Though its own time would be longer."""
    token, life = access_tokens.sign(KEY, KID, (USER, SESSION), NOW_MS, NOW_MS + 60_000)
    assert life == 60
    assert access_tokens.verify(token, KEYS, NOW_MS + 59_000)
    assert access_tokens.verify(token, KEYS, NOW_MS + 60_000) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_else_is_a_token(name: str) -> None:
    """Whatever is wrong, it is none, and nothing is raised."""
    assert access_tokens.verify(HOSTILE[name], KEYS, NOW_MS) is None


@pytest.mark.parametrize("kid", ["k2", "../k1", "K1", "k1 ", ""])
def test_a_token_of_an_unknown_key_may_be_of_a_new_one(kid: str) -> None:
    """So whoever asks looks for new keys; no other key is tried in its place."""
    with pytest.raises(access_tokens.UnknownKeyError):
        access_tokens.verify(signed({}, {"kid": kid}), KEYS, NOW_MS)


@pytest.mark.parametrize("kid", [None, ["k1"], {"k": 1}, 1, True])
def test_a_kid_that_is_no_text_is_none(kid: Any) -> None:
    """A token whose header is of another form is none at all."""
    token = f"{encoded(HEADER | {'kid': kid})}.{GOOD.split('.', 1)[1]}"
    assert access_tokens.verify(token, KEYS, NOW_MS) is None


@pytest.mark.parametrize("name", HOSTILE)
async def test_the_edge_refuses_them_all_alike(people: PeopleHouse, name: str) -> None:
    """401 (or 400 where the header itself is too long), never a 500."""
    token = HOSTILE[name].encode("ascii", "replace").decode()
    answer = await people.ask("GET", "/who", headers={"Authorization": f"Bearer {token}"})
    assert answer.status in ({400} if name == "100 kB" else {401}), answer.body


async def test_a_signed_in_person_asks_in_their_tenant(people: PeopleHouse) -> None:
    """With the role of their membership, in the tenant of the session."""
    user_id = await people.person("ann", role="operator")
    tokens = await people.signed_in("ann")
    answer = await people.ask("GET", "/who", key=tokens["access_token"])
    assert answer.body == {
        "id": user_id,
        "tenant": TENANT,
        "role": "operator",
        "session": tokens["session"],
    }


async def test_the_header_chooses_among_their_tenants(people: PeopleHouse) -> None:
    """And no other; an empty one, a strange one and two of them are none of theirs."""
    user_id = await people.person("ann", role="viewer")
    await people.member(user_id, "admin", "other")
    key = (await people.signed_in("ann"))["access_token"]
    there = await people.ask("GET", "/who", key=key, headers={"X-Tenant-ID": "other"})
    assert (there.body["tenant"], there.body["role"]) == ("other", "admin")
    for name in ("foreign", "", "OTHER", "*", "other.x", "other ", "ünder"):
        answer = await people.ask("GET", "/who", key=key, headers={"X-Tenant-ID": name})
        expected = {200} if name == "other " else {403}  # HTTP trims what stands around values
        assert answer.status in expected, name
    sent = [("X-Tenant-ID", "other"), ("X-Tenant-ID", TENANT), ("Authorization", f"Bearer {key}")]
    async with people._session.get(f"{people.url}/who", headers=sent) as twice:
        assert twice.status == 403


async def test_groups_give_their_highest_role(people: PeopleHouse) -> None:
    """Of the tenant and of projects; a group that is gone gives nothing."""
    group, gone = "grp_" + "a" * 26, "grp_" + "b" * 26
    user_id = await people.person("ann", role="viewer")
    await people.member(user_id, "viewer", projects={"prj_1": "editor"}, groups=(group, gone))
    saved = GroupSaved(
        group_id=group,
        tenant=TENANT,
        role="operator",
        projects={"prj_1": "viewer", "prj_2": "admin"},
    )
    await people.write(subjects.group(TENANT, group), saved)
    await people.write(subjects.group(TENANT, gone), GroupDeleted(group_id=gone, tenant=TENANT))
    key = (await people.signed_in("ann"))["access_token"]
    me = (await people.ask("GET", "/api/v1/auth/me", key=key)).body
    assert (me["role"], me["projects"]) == ("operator", {"prj_1": "editor", "prj_2": "admin"})


async def refused(people: PeopleHouse, key: str) -> int:
    """The status that follows the 200, once it does."""
    seen: list[int] = []

    async def no_longer() -> bool:
        seen.append((await people.ask("GET", "/who", key=key)).status)
        return seen[-1] != 200

    await eventually(no_longer)
    return seen[-1]


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("session", {401}),
        ("disabled", {401}),
        ("deleted", {401}),
        ("member", {403}),
        ("suspended", {403}),
        # Whoever was a member of no other tenant is erased with it, perhaps by then.
        ("tenant deleted", {401, 403}),
    ],
)
async def test_what_is_taken_is_taken_within_seconds(
    people: PeopleHouse, what: str, status: set[int]
) -> None:
    """Session, account, membership, tenant: though the token itself still counts."""
    user_id = await people.person("ann")
    key = (await people.signed_in("ann"))["access_token"]
    assert (await people.ask("GET", "/who", key=key)).status == 200
    if what == "session":
        await people.post("logout", key=key)
    elif what == "disabled":
        saved = UserSaved(user_id=user_id, name="ann", status="disabled")
        await people.write(subjects.user(user_id), saved)
    elif what == "deleted":
        await people.write(subjects.user(user_id), UserDeleted(user_id=user_id))
    elif what == "member":
        gone = MemberRemoved(tenant=TENANT, user_id=user_id)
        await people.write(subjects.member(TENANT, user_id), gone)
    elif what == "suspended":
        await people.tenant("suspended")
    else:
        await people.write(subjects.tenant(TENANT), TenantDeleted(tenant=TENANT))
    assert await refused(people, key) in status


async def test_who_is_suspended_with_their_tenant_hears_it(people: PeopleHouse) -> None:
    """Keys and people alike; whoever manages tenants still can."""
    await people.person("ann")
    await people.person("root", role="admin", platform=True)
    ann = (await people.signed_in("ann"))["access_token"]
    root = (await people.signed_in("root"))["access_token"]
    await people.tenant("suspended")
    for key in (ann, "admin"):
        answer = await people.ask("GET", "/who", key=key)
        assert (answer.status, answer.code) == (403, "TENANT_SUSPENDED")
    assert (await people.ask("GET", "/who", key=root)).code == "FORBIDDEN"
    rotated = await people.post("signing-keys/rotate", key=root)
    assert rotated.status == 200


async def test_a_weak_session_counts_for_little_where_two_factors_are_demanded(
    people: PeopleHouse,
) -> None:
    """It may do what is about itself, to set the second one up, and nothing else."""
    await people.person("ann", role="admin", platform=True)
    key = (await people.signed_in("ann"))["access_token"]
    await people.tenant(second_factor="required")
    answer = await people.ask("GET", "/who", key=key)
    assert (answer.status, answer.code) == (403, "SECOND_FACTOR_REQUIRED")
    assert (await people.ask("GET", "/api/v1/auth/me", key=key)).status == 200
    assert (await people.post("signing-keys/rotate", key=key)).status == 403


async def test_old_keys_count_until_their_tokens_are_over(people: PeopleHouse) -> None:
    """A rotation signs nobody out; with `drop` it makes everybody refresh."""
    await people.person("root", role="admin", platform=True)
    tokens = await people.signed_in("root")
    old = tokens["access_token"]
    rotated = await people.post("signing-keys/rotate", key=old)
    assert rotated.status == 200
    assert (await people.ask("GET", "/who", key=old)).status == 200
    new = (await people.post("refresh", refresh_token=tokens["refresh_token"])).body
    assert (await people.ask("GET", "/who", key=new["access_token"])).status == 200
    keys = (await people.ask("GET", "/.well-known/jwks.json", key=None)).body["keys"]
    assert keys[0]["kid"] == rotated.body["kid"]
    assert len(keys) == 2
    assert set(keys[0]) == {"kty", "crv", "x", "kid", "use", "alg"}
    dropped = await people.post("signing-keys/rotate", key=new["access_token"], drop=True)
    assert dropped.status == 200
    assert await refused(people, old) == 401
    assert await refused(people, new["access_token"]) == 401
    again = (await people.post("refresh", refresh_token=new["refresh_token"])).body
    assert (await people.ask("GET", "/who", key=again["access_token"])).status == 200


async def test_only_the_platforms_administrators_rotate(people: PeopleHouse) -> None:
    """An administrator of a tenant does not."""
    assert (await people.post("signing-keys/rotate", key="admin")).status == 403


def signer(people: PeopleHouse) -> Signer:
    """A signer as another process has it."""
    platform = people.platform
    return Signer(
        Writer(Records(platform.identity, IdentityRecord), platform.clock),
        Writer(Records(platform.accounts, AccountRecord), platform.clock),
        platform.secrets,
    )


async def test_any_number_of_processes_make_one_first_key(people: PeopleHouse) -> None:
    """And sign by it; the private part lies sealed."""
    every = [signer(people) for _ in range(5)]
    await asyncio.gather(*(one.access(USER, SESSION, NOW_MS * 2) for one in every))
    kids = {key.kid for one in every for key in await one.public()}
    assert len(kids) == 1
    stored = await people.platform.accounts.last(subjects.signing_sealed())
    assert stored is not None
    assert b"PRIVATE" not in stored.data


async def test_a_key_is_replaced_after_ninety_days(people: PeopleHouse) -> None:
    """By whoever signs next; what was replaced counts no longer than a token lives."""
    one = signer(people)
    await one.access(USER, SESSION, NOW_MS * 2)
    (first,) = await one.public()
    people.clock.later_ms = ROTATED_MS
    token, _ = await one.access(USER, SESSION, NOW_MS * 2)
    newest, before = await one.public()
    assert before.kid == first.kid
    now = people.clock.now_ms()
    assert set(access_tokens.public_keys((newest, before), now)) == {newest.kid, first.kid}
    over = now + (access_tokens.LIFE_S + access_tokens.SKEW_S + 1) * 1000
    assert set(access_tokens.public_keys((newest, before), over)) == {newest.kid}
    assert access_tokens.verify(token, access_tokens.public_keys((newest,), now), now)


async def test_a_private_key_without_a_public_one_is_published(people: PeopleHouse) -> None:
    """By whoever looks next: a process that died between the two writes leaves no gap."""
    one = signer(people)
    await one.rotate(INSTALLATION)
    await people.platform.identity.purge(subjects.signing())
    other = signer(people)
    token, _ = await other.access(USER, SESSION, NOW_MS * 2)
    keys = access_tokens.public_keys(await other.public(), people.clock.now_ms())
    assert access_tokens.verify(token, keys, people.clock.now_ms())
