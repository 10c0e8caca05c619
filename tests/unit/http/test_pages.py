"""What web pages may do: the headers of every answer, and pages of other origins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from tests.http_house import TENANT, Answer, House, house_on_memory
from tests.waiting import eventually
from weir.contract import codec, subjects
from weir.contract.messages import IdentityRecord, Message, TenantDeleted, TenantSaved
from weir.ports.log import Append
from weir.runtime.access import Permission
from weir.runtime.authn import Authenticator
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.headers import PAGE_POLICY
from weir.runtime.http.route import Route

OURS = "https://app.example.com"
THEIRS = "https://their.example"
EVIL = "https://evil.example"


async def _who(call: Call) -> Reply:
    return Reply({"tenant": call.tenant})


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """An installation with an origin of its own."""
    house = house_on_memory(origins=(OURS,))
    house.extra = (
        Route("GET", "/who", _who, Permission.RUNS_READ, "Who", "t"),
        Route("PUT", "/who", _who, Permission.RUNS_START, "Who", "t"),
    )
    async with house:
        yield house


async def save(house: House, kind: Message, tenant: str = TENANT) -> None:
    """Write a tenant's record past identity."""
    record = IdentityRecord.of(kind, id="idr_x", at="2026-01-01T00:00:00Z", by="test")  # type: ignore[arg-type]
    await house.platform.identity.append(Append(subjects.tenant(tenant), codec.encode(record)))


def tenant(name: str, origins: Sequence[str]) -> TenantSaved:
    """A tenant whose pages lie there."""
    return TenantSaved(
        tenant=name, name=name, status="active", origins=origins, created_at="2026-01-01T00:00:00Z"
    )


async def asks(house: House, origin: str, **headers: str) -> Answer:
    """A browser's question before a page's request."""
    sent = {"Origin": origin, "Access-Control-Request-Method": "PUT", **headers}
    return await house.ask("OPTIONS", "/who", key=None, headers=sent)


@pytest.mark.parametrize("path", ["/who", "/health", "/nowhere", "/api/v1/openapi.json"])
async def test_every_answer_forbids_what_nobody_needs(house: House, path: str) -> None:
    """Also refusals: no frame, no script, no guess at types, no camera, nothing kept."""
    for key in ("admin", None):
        headers = (await house.ask("GET", path, key=key)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; base-uri 'none'")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["Server"] == "weir"
        assert "Strict-Transport-Security" not in headers


async def test_an_https_address_lasts() -> None:
    """Whoever came once by https never comes by http again."""
    async with house_on_memory(public_url="https://weir.example.com") as house:
        headers = (await house.ask("GET", "/health", key=None)).headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_page_of_ours_runs_nothing_inline() -> None:
    """No unsafe word, no wildcard, no scheme that anybody can write."""
    assert "unsafe" not in PAGE_POLICY
    assert "*" not in PAGE_POLICY
    assert "https:" not in PAGE_POLICY


async def test_a_page_that_may_is_told_so(house: House) -> None:
    """With what it may send; never with cookies, never with a wildcard."""
    answer = await asks(house, OURS)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, PUT"
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Vary"].startswith("Origin")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    read = await house.ask("GET", "/who", headers={"Origin": OURS})
    assert read.headers["Access-Control-Allow-Origin"] == OURS
    assert "X-RateLimit-Remaining" in read.headers["Access-Control-Expose-Headers"]
    assert read.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in read.headers


@pytest.mark.parametrize(
    "origin",
    [
        EVIL,
        "null",
        "*",
        "https://app.example.com.evil.example",
        "http://app.example.com",
        OURS + ":8443",
    ],
)
async def test_a_page_that_may_not_is_told_nothing(house: House, origin: str) -> None:
    """Neither before nor afterwards, however like ours it looks."""
    answer = await asks(house, origin)
    assert (answer.status, answer.code) == (403, "ORIGIN_FORBIDDEN")
    assert "Access-Control-Allow-Origin" not in answer.headers
    read = await house.ask("GET", "/who", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in read.headers
    assert read.headers["Vary"] == "Origin"


async def test_a_tenants_pages_read_what_is_the_tenants(house: House) -> None:
    """Another tenant's answers stay closed to them; what is taken away is felt within a second."""
    await save(house, tenant(TENANT, [THEIRS]))
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    _, other = await issuer.issue(tenant="other", name="x", role="viewer", by="test")

    async def asked() -> bool:
        return (await asks(house, THEIRS)).status == 204

    await eventually(asked)
    sent = {"Origin": THEIRS}
    own = await house.ask("GET", "/who", headers=sent)
    assert own.headers["Access-Control-Allow-Origin"] == THEIRS
    assert own.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    foreign = await house.ask("GET", "/who", key=other, headers=sent)
    assert "Access-Control-Allow-Origin" not in foreign.headers
    await save(house, TenantDeleted(tenant=TENANT))

    async def gone() -> bool:
        return (await asks(house, THEIRS)).status == 403

    await eventually(gone)


async def test_a_question_that_no_page_asks_is_a_wrong_method(house: House) -> None:
    """OPTIONS alone is answered nowhere, and webhooks take deliveries from no page."""
    plain = await house.ask("OPTIONS", "/who", key=None)
    assert (plain.status, plain.code) == (405, "METHOD_NOT_ALLOWED")
