"""The way every request takes, seen from outside."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError, web
from pydantic import BaseModel, Field

from tests.http_house import TENANT, House, house_on_memory
from tests.waiting import eventually, within
from weir.contract import subjects
from weir.contract.errors import OverloadedError, PortTakenError
from weir.ports.log import Append
from weir.runtime.access import Permission
from weir.runtime.authn import Authenticator
from weir.runtime.http import routing, socket
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import Route
from weir.runtime.http.server import Server


class Order(BaseModel):
    """A body."""

    qty: int = Field(ge=1)
    name: str


async def _whoami(call: Call) -> Reply:
    who = call.principal
    return Reply({"id": who.id, "tenant": who.tenant, "role": who.role})


async def _order(call: Call) -> Reply:
    order = await call.model(Order)
    return Reply(order.model_dump(), status=201, sequence=7, revision=9)


async def _echo(call: Call) -> Reply:
    return Reply(await call.json())


async def _broken(_: Call) -> Reply:
    raise RuntimeError("the secret reason")


async def _unwritable(_: Call) -> Reply:
    return Reply({"half a pair": "\ud800"})


async def _busy(_: Call) -> Reply:
    raise OverloadedError("full")


async def _slow(_: Call) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError


async def _guarded(call: Call) -> Reply:
    return Reply({"match": call.if_match(), "key": call.idempotency_key(), "n": call.limit})


async def _socket(call: Call) -> Any:
    ws = await socket.accept(call)
    await ws.send_str(call.tenant)
    await ws.close()
    return ws


async def _forgetful(_: Call) -> Reply:
    return Reply({"secret": "of another project"})


async def _forgetful_socket(call: Call) -> Any:
    return await socket.accept(call)


async def _public(_: Call) -> Reply:
    return Reply({"open": True})


ROUTES = (
    Route("GET", "/who", _whoami, Permission.RUNS_READ, "Who", "t"),
    Route("POST", "/order", _order, Permission.RUNS_START, "Order", "t", body=Order),
    Route("POST", "/echo", _echo, Permission.RUNS_READ, "Echo", "t", body_limit=20_000),
    Route("GET", "/broken", _broken, Permission.RUNS_READ, "Broken", "t"),
    Route("GET", "/unwritable", _unwritable, Permission.RUNS_READ, "Unwritable", "t"),
    Route("GET", "/busy", _busy, Permission.RUNS_READ, "Busy", "t"),
    Route("GET", "/slow", _slow, Permission.RUNS_READ, "Slow", "t", timeout_s=0.05),
    Route("PUT", "/guarded", _guarded, Permission.RUNS_READ, "Guarded", "t", changes=True),
    Route("GET", "/socket", _socket, Permission.RUNS_READ, "Socket", "t", timeout_s=0),
    Route("GET", "/forgets", _forgetful, Permission.RUNS_READ, "F", "t", by_project=True),
    Route(
        *("GET", "/forgets/live", _forgetful_socket, Permission.RUNS_READ, "F", "t"),
        by_project=True,
        timeout_s=0,
    ),
    Route("GET", "/open", _public, Permission.PUBLIC, "Open", "t"),
)


@pytest.fixture
async def house() -> Any:
    """The routes above behind a server."""
    house = house_on_memory(body_limit=1_000)
    house.extra = ROUTES
    async with house:
        yield house


async def test_a_key_names_tenant_and_role(house: House) -> None:
    """The principal is the key's, and nothing in the request changes it."""
    answer = await house.ask("GET", "/who", key="viewer")
    assert answer.status == 200
    assert answer.body["tenant"] == TENANT
    assert answer.body["role"] == "viewer"


@pytest.mark.parametrize("role", ["admin", "viewer"])
async def test_what_nobody_asked_a_project_for_is_thrown_away(house: House, role: str) -> None:
    """A handler that forgets to ask answers nobody, whatever they may."""
    answer = await house.ask("GET", "/forgets", key=role)
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert "secret" not in str(answer.body)
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError) as refused:
            await session.ws_connect(
                f"{house.url}/forgets/live",
                headers={"Authorization": f"Bearer {house.keys[role]}"},
            )
    assert refused.value.status == 500


@pytest.mark.parametrize(
    "key",
    [
        None,
        "weir_key_" + "a" * 26 + "_" + "b" * 52,
        "nonsense",
        "weir_key_x_y",
    ],
)
async def test_without_a_valid_key_nothing_is_told(house: House, key: str | None) -> None:
    """No key, an unknown one and none at all get one and the same answer."""
    answer = await house.ask("GET", "/who", key=key)
    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.body["error"]["request_id"] == answer.headers["X-Request-ID"]


async def test_a_wrong_secret_is_as_unknown_as_an_unknown_key(house: House) -> None:
    """The answer does not tell that the key's id exists."""
    good = house.keys["admin"]
    wrong = await house.ask("GET", "/who", key=good[:-4] + "aaaa")
    unknown = await house.ask("GET", "/who", key="weir_key_" + "a" * 26 + good[35:])
    assert wrong.status == unknown.status == 401
    drop = {"request_id": ""}
    assert wrong.body["error"] | drop == unknown.body["error"] | drop


async def test_a_revoked_key_ends_within_a_second(house: House) -> None:
    """What is remembered of a key is forgotten after a second at most."""
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    key_id, token = await issuer.issue(tenant=TENANT, name="x", role="viewer", by="test")
    assert (await house.ask("GET", "/who", key=token)).status == 200
    await issuer.revoke(tenant=TENANT, key_id=key_id, by="test")

    async def refused() -> bool:
        return (await house.ask("GET", "/who", key=token)).status == 401

    await eventually(refused)


async def test_a_key_whose_record_cannot_be_read_is_none(house: House) -> None:
    """Its holder is told what a stranger is told, and everybody else gets in."""
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    key_id, token = await issuer.issue(tenant=TENANT, name="x", role="viewer", by="test")
    subject = subjects.api_key(key_id)
    for broken in (b"{", b"\xff", b'{"api_key_created": {"expires_at": "soon"}}'):
        await house.platform.identity.append(Append(subject, broken))
        answer = await Authenticator(house.platform.identity, house.platform.clock).identify(token)
        assert answer is None
    refused = await house.ask("GET", "/who", key=token)
    assert (refused.status, refused.code) == (401, "UNAUTHORIZED")
    assert (await house.ask("GET", "/who")).status == 200


async def test_a_key_with_an_impossible_end_is_none(house: House) -> None:
    """A 31st of February is no time that is still to come."""
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    _, token = await issuer.issue(
        tenant=TENANT, name="x", role="viewer", by="test", expires_at="2099-02-31T00:00:00.000Z"
    )
    assert await issuer.identify(token) is None


async def test_an_expired_key_is_none(house: House) -> None:
    """The expiry is looked at in every request."""
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    _, token = await issuer.issue(
        tenant=TENANT, name="x", role="viewer", by="test", expires_at="2020-01-01T00:00:00.000Z"
    )
    assert (await house.ask("GET", "/who", key=token)).status == 401


async def test_another_tenant_is_refused(house: House) -> None:
    """X-Tenant-ID chooses among the principal's tenants, of which there is one."""
    own = await house.ask("GET", "/who", headers={"X-Tenant-ID": TENANT})
    other = await house.ask("GET", "/who", headers={"X-Tenant-ID": "other"})
    assert own.status == 200
    assert (other.status, other.code) == (403, "TENANT_FORBIDDEN")


async def test_a_role_without_the_permission_is_refused(house: House) -> None:
    """A viewer starts nothing."""
    answer = await house.ask("POST", "/order", key="viewer", json={"qty": 1, "name": "a"})
    assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_public_routes_need_no_key(house: House) -> None:
    """Health, readiness, metrics for this machine and the document are open."""
    for path in ("/open", "/health", "/ready", "/metrics", "/api/v1/openapi.json"):
        assert (await house.ask("GET", path, key=None)).status == 200, path


async def test_metrics_are_told_to_this_machine_alone() -> None:
    """A proxy on it asks for somebody else; a setting opens them."""
    asked = {"X-Forwarded-For": "203.0.113.7"}
    for public, status in ((False, 403), (True, 200)):
        async with house_on_memory(metrics_public=public) as house:
            answer = await house.ask("GET", "/metrics", key=None, headers=asked)
            assert answer.status == status


async def test_readiness_says_what_is_missing(house: House) -> None:
    """A check that fails turns readiness to 503 and leaves health alone."""
    house.healthy = False
    ready = await house.ask("GET", "/ready", key=None)
    assert (ready.status, ready.body["checks"]) == (503, {"house": False})
    assert (await house.ask("GET", "/health", key=None)).status == 200


async def test_unknown_paths_and_methods_are_refused_in_the_same_form(house: House) -> None:
    """404 and 405 carry codes too, and 405 says what is allowed."""
    nowhere = await house.ask("GET", "/nowhere", key=None)
    assert (nowhere.status, nowhere.code) == (404, "ROUTE_NOT_FOUND")
    wrong = await house.ask("DELETE", "/order")
    assert (wrong.status, wrong.code) == (405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["Allow"] == "POST"


async def test_paths_are_forgotten_and_found_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered of paths is bounded, and each method of a path is its own."""
    monkeypatch.setattr(routing, "KNOWN", 1)
    for _ in range(2):
        assert (await house.ask("GET", "/who")).body["tenant"] == TENANT
        assert (await house.ask("GET", "/open", key=None)).body == {"open": True}
        head = await house.ask("HEAD", "/open", key=None)
        assert (head.status, head.body) == (200, b"")
        assert (await house.ask("POST", "/open")).code == "METHOD_NOT_ALLOWED"


async def test_what_nobody_foresaw_tells_a_stranger_nothing(house: House) -> None:
    """A 500 has the request id and no word of the exception."""
    answer = await house.ask("GET", "/broken", headers={"X-Request-ID": "my-request-1"})
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert answer.body["error"]["request_id"] == "my-request-1"
    assert "secret reason" not in str(answer.body)


async def test_an_answer_that_cannot_be_written_is_an_internal_error(house: House) -> None:
    """In the form of every refusal, not as the server library's own page."""
    answer = await house.ask("GET", "/unwritable")
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")


async def test_being_full_says_when_to_come_again(house: House) -> None:
    """503 carries Retry-After."""
    answer = await house.ask("GET", "/busy")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


async def test_an_answer_has_bounded_time(house: House) -> None:
    """A handler that hangs is answered for."""
    answer = await house.ask("GET", "/slow")
    assert (answer.status, answer.code) == (504, "ANSWER_TIMEOUT")


async def test_a_body_is_checked_with_every_place_named(house: House) -> None:
    """All wrong fields come in one answer, each with its path."""
    answer = await house.ask("POST", "/order", json={"qty": 0})
    assert (answer.status, answer.code) == (422, "INVALID_REQUEST")
    assert [one["path"] for one in answer.body["error"]["details"]["errors"]] == ["qty", "name"]


async def test_writes_tell_their_sequence_and_revision(house: House) -> None:
    """Weir-Sequence and ETag are on the answer, and the usual protections."""
    answer = await house.ask("POST", "/order", json={"qty": 1, "name": "a"})
    assert (answer.status, answer.headers["Weir-Sequence"], answer.headers["ETag"]) == (
        201,
        "7",
        '"9"',
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Server"] == "weir"


async def test_json_that_cannot_be_read_says_where(house: House) -> None:
    """Line and column are in the message and in the details."""
    answer = await house.ask(
        "POST", "/echo", data=b'{"a": 1,\n "b": }', headers={"Content-Type": "application/json"}
    )
    assert (answer.status, answer.code) == (400, "INVALID_JSON")
    assert answer.body["error"]["details"]["line"] == 2


@pytest.mark.parametrize(
    "body", [b"[NaN]", b'{"a": Infinity}', b"-Infinity", b'{"a": 1e999}', b"[-1e400]"]
)
async def test_numbers_that_json_does_not_have_are_refused(house: House, body: bytes) -> None:
    """Spelt out or too large for a double: they are no null and no largest number."""
    answer = await house.ask(
        "POST", "/echo", data=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status, answer.code) == (400, "INVALID_JSON")


@pytest.mark.parametrize("depth", [100, 101, 5_000])
async def test_json_has_a_depth(house: House, depth: int) -> None:
    """A hundred levels are read, one more is refused, however few bytes they take."""
    answer = await house.ask(
        "POST",
        "/echo",
        data=b"[" * depth + b"]" * depth,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == (200 if depth == 100 else 400)


async def test_another_content_type_is_refused(house: House) -> None:
    """415 names what the route reads."""
    answer = await house.ask("POST", "/order", data=b"a=1", headers={"Content-Type": "text/plain"})
    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.body["error"]["details"]["accepts"] == ["application/json"]


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_refused(house: House, *, chunked: bool) -> None:
    """413 whether the length is announced or shows itself on the way."""

    async def chunks() -> Any:
        for _ in range(100):
            yield b"x" * 100

    answer = await house.ask(
        "POST",
        "/order",
        data=chunks() if chunked else b"x" * 10_000,
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")
    assert answer.body["error"]["details"] == {"limit": 1_000}


async def test_a_compressed_body_is_refused(house: House) -> None:
    """A few bytes that unfold into gigabytes are never unfolded."""
    answer = await house.ask(
        "POST",
        "/echo",
        data=gzip.compress(b"[" + b"0," * 10_000_000 + b"0]"),
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )
    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_that_breaks_off_is_no_fault_of_ours(house: House) -> None:
    """Chunks that are none are a bad request."""
    head = (
        f"POST /echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.keys['admin']}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.url.rsplit(":", 1)[1]))
    writer.write(head.encode() + b"3\r\n[1,\r\n")
    await writer.drain()
    await asyncio.sleep(0)
    writer.write(b"zz\r\n")
    first = await within(reader.readline())
    writer.close()
    assert b" 400 " in first


@pytest.mark.parametrize(
    ("given", "status", "match"),
    [
        (None, 428, None),
        ('"12"', 200, 12),
        ("*", 200, None),
        ("12", 400, None),
        ('"a"', 400, None),
    ],
)
async def test_changes_name_what_they_change(
    house: House, given: str | None, status: int, match: int | None
) -> None:
    """If-Match is demanded, and read strictly."""
    answer = await house.ask("PUT", "/guarded", headers={"If-Match": given} if given else {})
    assert answer.status == status
    if status == 200:
        assert answer.body["match"] == match


@pytest.mark.parametrize("limit", ["0", "201", "a", "1.5", "²"])
async def test_limits_are_numbers_in_range(house: House, limit: str) -> None:
    """A limit that cannot be is refused, not corrected."""
    answer = await house.ask("PUT", f"/guarded?limit={limit}", headers={"If-Match": "*"})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")


async def test_an_idempotency_key_is_visible_text(house: House) -> None:
    """Spaces and empty keys are refused."""
    for bad in ("", "a b", "x" * 201):
        answer = await house.ask(
            "PUT", "/guarded", headers={"If-Match": "*", "Idempotency-Key": bad}
        )
        assert answer.status == 400


async def test_a_socket_is_identified_before_the_upgrade(house: House) -> None:
    """Without a key there is no socket; with one it knows its tenant."""
    bearer = {"Authorization": f"Bearer {house.keys['viewer']}"}
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError) as refused:
            await session.ws_connect(house.url + "/socket")
        assert refused.value.status == 401
        async with session.ws_connect(house.url + "/socket", headers=bearer) as ws:
            assert (await ws.receive()).data == TENANT


async def test_a_socket_from_another_page_is_refused(house: House) -> None:
    """Our own origin may, a stranger's may not."""
    bearer = {"Authorization": f"Bearer {house.keys['viewer']}"}
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError) as refused:
            await session.ws_connect(
                house.url + "/socket", headers=bearer | {"Origin": "https://evil.example"}
            )
        assert refused.value.status == 403
        async with session.ws_connect(
            house.url + "/socket", headers=bearer | {"Origin": house.url}
        ) as ws:
            assert (await ws.receive()).data == TENANT


async def test_a_socket_route_asked_plainly_says_so(house: House) -> None:
    """A GET without an upgrade is a bad request, not an error of ours."""
    answer = await house.ask("GET", "/socket")
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")


async def test_two_routes_cannot_claim_one_address() -> None:
    """The application is not made at all."""
    house = house_on_memory()
    house.extra = (ROUTES[0], ROUTES[0])
    with pytest.raises(ValueError, match="claimed by two"):
        await house.__aenter__()


async def test_a_port_that_is_taken_is_named(house: House) -> None:
    """The error says which address, and nothing stays open."""
    port = int(house.url.rsplit(":", 1)[1])
    server = Server(web.Application(), "127.0.0.1", port, stop_s=1)
    with pytest.raises(PortTakenError, match=str(port)):
        await server.start()
