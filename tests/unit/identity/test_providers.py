"""Sign-in providers through the routes: who may connect them, and what stays hidden."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http_house import TENANT, Answer
from tests.unit.identity.factor_house import FactorHouse, factor_house
from weir.contract import codec, ids, subjects
from weir.contract.messages import ApiKeyCreated
from weir.runtime.authn import Authenticator

PATH = "/api/v1/providers"
SECRET = "the-client-secret-that-nobody-sees"
ACME = {
    "name": "Acme",
    "issuer": "https://id.acme.example",
    "client_id": "weir",
    "client_secret": SECRET,
    "groups_claim": "groups",
    "roles": {"bosses": "admin"},
}


@pytest.fixture
async def house() -> AsyncIterator[FactorHouse]:
    """A house that people reach at one address."""
    async with factor_house(public_url="https://weir.example") as found:
        yield found


async def make(house: FactorHouse, **said: Any) -> Answer:
    """Connect it as an administrator."""
    return await house.ask("POST", PATH, json=ACME | said)


async def change(house: FactorHouse, made: Answer, **said: Any) -> Answer:
    """Change it on top of what was made."""
    asked = {name: value for name, value in ACME.items() if name != "client_secret"} | said
    path = f"{PATH}/{made.body['id']}"
    return await house.ask("PUT", path, json=asked, headers={"If-Match": made.headers["ETag"]})


async def stored(house: FactorHouse, provider_id: str) -> str:
    """The client secret as the sign-in opens it."""
    store = house.service.parts.store
    return await store.secret(await store.find(provider_id))


async def test_the_client_secret_is_stored_sealed_and_never_shown(house: FactorHouse) -> None:
    """Neither in an answer, nor in a record, nor in what the audit is told."""
    made = await make(house)
    assert made.status == 201
    assert made.body["has_secret"] is True
    path = f"{PATH}/{made.body['id']}"
    shown = [made, await house.ask("GET", path), await house.ask("GET", PATH)]
    changed = await change(house, made, client_secret=f"{SECRET}-2", name="Acme 2")
    assert changed.status == 200
    shown += [changed, await make(house, roles={"x": "nonsense"})]
    logs = (house.platform.accounts, house.platform.notes, house.platform.identity)
    kept = [one.data for log in logs async for one in _all(log)]
    assert kept
    for text in (*kept, *(codec.canonical(answer.body) for answer in shown)):
        assert SECRET.encode() not in text
    assert await stored(house, made.body["id"]) == f"{SECRET}-2"


async def _all(log: Any) -> Any:
    async for batch in log.read(">"):
        for one in batch:
            yield one


async def test_the_address_to_come_back_to_is_the_providers_own(house: FactorHouse) -> None:
    """Under the public address, whatever the request came to."""
    one, two = await make(house), await make(house)
    assert one.body["redirect_uri"] != two.body["redirect_uri"]
    expected = f"https://weir.example/api/v1/auth/oidc/{one.body['id']}/callback"
    assert one.body["redirect_uri"] == expected


async def test_only_who_manages_the_tenant_connects_providers(house: FactorHouse) -> None:
    """And nobody of another tenant sees one."""
    made = await make(house)
    path = f"{PATH}/{made.body['id']}"
    for role in ("editor", "operator", "viewer"):
        for method, where in (("GET", PATH), ("POST", PATH), ("GET", path), ("PUT", path)):
            answer = await house.ask(method, where, key=role, json=ACME)
            assert (answer.status, answer.code) == (403, "FORBIDDEN")
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    _, other = await issuer.issue(tenant="other", name="o", role="admin", by="test")
    assert (await house.ask("GET", PATH, key=other)).body["items"] == []
    match = {"If-Match": "*"}
    for method, where, rest in (
        ("GET", path, {}),
        ("PUT", path, {"json": ACME, "headers": match}),
        ("DELETE", path, {"headers": match}),
        ("POST", f"{path}/test", {}),
    ):
        answer = await house.ask(method, where, key=other, **rest)
        assert (answer.status, answer.code) == (404, "PROVIDER_NOT_FOUND")


async def test_nobody_gives_through_a_provider_what_they_may_not(house: FactorHouse) -> None:
    """A key that is limited to managing sign-in makes no administrators."""
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    key_id, token = await issuer.issue(tenant=TENANT, name="idp", role="admin", by="test")
    entry = await house.service.identity.records.fresh(subjects.api_key(key_id))
    assert entry is not None
    limited: ApiKeyCreated = entry.record.api_key_created.model_copy(
        update={"scopes": ("tenant:manage",)}
    )
    await house.identity(subjects.api_key(key_id), limited)
    for said in ({}, {"roles": {}, "default_role": "viewer"}):
        answer = await house.ask("POST", PATH, key=token, json=ACME | said)
        assert (answer.status, answer.code) == (403, "ROLE_TOO_HIGH")
    assert (await house.ask("POST", PATH, key=token, json=ACME | {"roles": {}})).status == 201


async def test_a_secret_follows_no_provider_elsewhere(house: FactorHouse) -> None:
    """Whoever points it at another issuer or client has to know a secret for that one."""
    made = await make(house)
    for said in ({"issuer": "https://evil.example"}, {"client_id": "another"}):
        answer = await change(house, made, **said)
        assert (answer.status, answer.code) == (422, "INVALID_REQUEST")
    moved = await change(house, made, issuer="https://evil.example", client_secret="new")
    assert moved.status == 200
    assert await stored(house, made.body["id"]) == "new"
    bare = await change(house, moved, issuer="https://id.acme.example", client_secret="")
    assert bare.body["has_secret"] is False


async def test_a_change_without_a_secret_keeps_it(house: FactorHouse) -> None:
    """And changes all else."""
    made = await make(house)
    changed = await change(house, made, name="Acme people", creates_users=True)
    assert (changed.body["name"], changed.body["creates_users"]) == ("Acme people", True)
    assert await stored(house, made.body["id"]) == SECRET
    late = await change(house, made, name="late")
    assert (late.status, late.code) == (412, "REVISION_MISMATCH")


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "http://id.acme.example"},
        {"issuer": "http://127.0.0.1:8080"},
        {"issuer": "https://user:word@id.acme.example"},
        {"issuer": "https://id.acme.example?x=1"},
        {"issuer": "https://id.acme.example#x"},
        {"issuer": "file:///etc/passwd"},
        {"issuer": "id.acme.example"},
        {"issuer": ""},
        {"issuer": "https://" + "a" * 2000},
        {"issuer": "https://[::1"},
        {"name": ""},
        {"name": "a\u202eb"},
        {"client_id": ""},
        {"roles": {"bosses": "owner"}},
        {"roles": {"": "admin"}},
        {"roles": ["admin"]},
        {"roles": {str(number): "viewer" for number in range(501)}},
        {"default_role": "owner"},
        {"scopes": ["two words"]},
        {"scopes": ['"']},
        {"creates_users": "certainly"},
        {"unknown": 1},
    ],
    ids=lambda said: str(said)[:40],
)
async def test_bad_input_is_answered_clearly(house: FactorHouse, said: dict[str, Any]) -> None:
    """Where and what is wrong stands in the answer."""
    answer = await make(house, **said)
    assert (answer.status, answer.code) == (422, "INVALID_REQUEST")
    assert answer.body["error"]["details"]["errors"][0]["path"].startswith(next(iter(said)))


async def test_a_repeated_request_makes_one(house: FactorHouse) -> None:
    """With another body it is refused, also if only the secret differs."""
    headers = {"Idempotency-Key": "one"}
    first = await house.ask("POST", PATH, json=ACME, headers=headers)
    again = await house.ask("POST", PATH, json=ACME, headers=headers)
    assert (again.status, again.body["id"]) == (201, first.body["id"])
    for said in ({"name": "Other"}, {"client_secret": "another"}):
        other = await house.ask("POST", PATH, json=ACME | said, headers=headers)
        assert (other.status, other.code) == (409, "IDEMPOTENCY_CONFLICT")
    assert len((await house.ask("GET", PATH)).body["items"]) == 1


async def test_lists_are_paged(house: FactorHouse) -> None:
    """By name, without holes."""
    for name in ("c", "a", "b"):
        await make(house, name=name)
    first = await house.ask("GET", f"{PATH}?limit=2")
    assert [one["name"] for one in first.body["items"]] == ["a", "b"]
    rest = await house.ask("GET", f"{PATH}?limit=2&cursor={first.body['next_cursor']}")
    assert [one["name"] for one in rest.body["items"]] == ["c"]


async def test_a_page_offers_what_a_tenant_has(house: FactorHouse) -> None:
    """To anybody: names and where to go, nothing else."""
    made = await make(house)
    path = "/api/v1/auth/providers"
    shown = await house.ask("GET", f"{path}?tenant={TENANT}", key=None)
    begin = f"/api/v1/auth/oidc/{made.body['id']}/begin"
    assert shown.body["items"] == [{"id": made.body["id"], "name": "Acme", "begin": begin}]
    for tenant in ("", "*", ">", "other", "a.b", "x" * 500):
        none = await house.ask("GET", path, key=None, params={"tenant": tenant})
        assert (none.status, none.body["items"]) == (200, [])


async def test_what_is_no_provider_is_not_found(house: FactorHouse) -> None:
    """However its id is written, also after it was removed."""
    made = await make(house)
    path = f"{PATH}/{made.body['id']}"
    removed = await house.ask("DELETE", path, headers={"If-Match": made.headers["ETag"]})
    assert removed.status == 204
    fresh = ids.derived("idp", "never made")
    for provider_id in (made.body["id"], fresh, "idp_x", "*", "%3E", "usr_" + "a" * 26):
        for where in ("begin", "callback"):
            answer = await house.ask("GET", f"/api/v1/auth/oidc/{provider_id}/{where}", key=None)
            assert (answer.status, answer.code) == (404, "PROVIDER_NOT_FOUND")
        assert (await house.ask("GET", f"{PATH}/{provider_id}")).status == 404
