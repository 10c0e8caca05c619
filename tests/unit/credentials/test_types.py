"""Types of credentials: what they take, what they say of the rest, how they are tried."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult

from weir.adapters.system import SystemClock
from weir.nodes.credentials.aws import Fields as AwsFields
from weir.nodes.credentials.aws import signed
from weir.nodes.credentials.catalogue import credential_types
from weir.ports.node_context import NodeError
from weir.runtime.worker_errands import GuardedProbe
from weir.runtime.worker_guard import parse_allowed
from weir.runtime.worker_http import OutboundHttp

TYPES = credential_types()
GOOD: dict[str, list[dict[str, str]]] = {
    "basic": [{"username": "u", "password": "s3cr3t"}],
    "bearer": [{"token": "s3cr3t", "test_url": "https://api.example/me"}],
    "api_key": [
        {"name": "X-Key", "value": "s3cr3t"},
        {"name": "k", "value": "v", "place": "query"},
    ],
    "oauth2": [
        {"token_url": "https://a.example/t", "client_id": "c", "authorization_url": "https://a/b"},
        {
            "grant": "client_credentials",
            "token_url": "https://a.example/t",
            "client_id": "c",
            "client_secret": "s3cr3t",
        },
    ],
    "postgres": [
        {"dsn": "postgresql://u:s3cr3t@h:5432/d?sslmode=require"},
        {"host": "h", "user": "u", "password": "s3cr3t", "database": "d", "port": "6432"},
    ],
    "smtp": [{"host": "h"}, {"host": "h", "port": "465", "security": "tls", "username": "u"}],
    "aws": [{"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "s3cr3t"}],
    "webhook": [{"secret": "whsec_x"}],
    "slack": [
        {"webhook_url": "https://hooks.example/services/x"},
        {"bot_token": "xoxb-s3cr3t", "signing_secret": "s3cr3t"},
    ],
    "custom": [{"anything": "goes"}],
}
BAD: list[tuple[str, dict[str, str], str]] = [
    ("basic", {"username": "a:b", "password": "s3cr3t"}, "fields.username"),
    ("basic", {"username": "a"}, "fields.password"),
    ("bearer", {"token": "s3cr3t", "tokn": "s3cr3t"}, "fields.tokn"),
    ("bearer", {"token": ""}, "fields.token"),
    ("bearer", {"token": "s3cr3t", "test_url": "file:///etc"}, "fields.test_url"),
    ("api_key", {"name": "a b", "value": "s3cr3t"}, "fields.name"),
    ("api_key", {"name": "a", "value": "s3cr3t", "place": "s3cr3t"}, "fields.place"),
    ("oauth2", {"token_url": "https://a/t", "client_id": "c"}, "fields"),
    ("oauth2", {"client_id": "s3cr3t"}, "fields.token_url"),
    ("postgres", {"dsn": "s3cr3t"}, "fields"),
    ("postgres", {"dsn": "postgresql://u:s3cr3t@h:s3cr3t/d"}, "fields"),
    ("postgres", {"dsn": "postgresql://u:s3cr3t/w@h/d"}, "fields"),
    ("postgres", {"dsn": "postgresql://u:s3cr3t@h/d?s3cr3t=s3cr3t"}, "fields"),
    ("postgres", {"dsn": "postgresql://u:p@h/d", "host": "h"}, "fields"),
    ("postgres", {"host": "h", "password": "s3cr3t"}, "fields"),
    ("smtp", {"host": "h", "port": "s3cr3t"}, "fields.port"),
    ("aws", {"access_key_id": "s3cr3t", "secret_access_key": "s3cr3t"}, "fields.access_key_id"),
]


def test_every_type_says_what_a_form_needs() -> None:
    """Title, help, fields, and which of them are secret."""
    for kind in TYPES.values():
        told = kind.describe()
        assert told["title"]
        assert told["help"]
        assert told["icon"]
        assert told["fields"]["type"] == "object"
        assert set(told["secret_fields"]) <= told["fields"].get("properties", {}).keys()
    assert set(GOOD) == set(TYPES)
    secret = {name: kind.describe()["secret_fields"] for name, kind in TYPES.items()}
    assert secret["aws"] == ["secret_access_key", "session_token"]
    assert secret["postgres"] == ["dsn", "password"]


@pytest.mark.parametrize(("name", "fields"), [(n, f) for n, all_ in GOOD.items() for f in all_])
def test_fields_that_fit_are_taken(name: str, fields: dict[str, str]) -> None:
    """As texts."""
    assert TYPES[name].misfits(fields) == []


@pytest.mark.parametrize(("name", "fields", "path"), BAD)
def test_fields_that_do_not_fit_are_named_and_not_quoted(
    name: str, fields: dict[str, str], path: str
) -> None:
    """The place and the reason, and never what was sent as a secret."""
    found = TYPES[name].misfits(fields)
    assert found[0].path == path
    assert "s3cr3t" not in str([one.message for one in found]) + str([one.code for one in found])


def probe(*allowed: str) -> GuardedProbe:
    """As a worker has it."""
    entries = parse_allowed(allowed)
    return GuardedProbe(OutboundHttp(entries), SystemClock())


@pytest.fixture
async def web_server() -> AsyncIterator[tuple[str, list[web.Request]]]:
    """Answers 200 to whom it knows, else 401."""
    seen: list[web.Request] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(request)
        auth = request.headers.get("Authorization", "")
        basic = auth.startswith("Basic ") and b64decode(auth[6:]) == b"u:good"
        good = basic or "good" in {
            auth.removeprefix("Bearer "),
            request.headers.get("X-Key"),
            request.query.get("key"),
        }
        return web.Response(status=200 if good else 401, text=str(request.headers))

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/me?a=b", seen
    await runner.cleanup()


@pytest.mark.parametrize(
    ("name", "fields", "secret"),
    [
        ("basic", {"username": "u"}, "password"),
        ("bearer", {}, "token"),
        ("api_key", {"name": "X-Key"}, "value"),
        ("api_key", {"name": "key", "place": "query"}, "value"),
    ],
)
async def test_http_types_are_tried_on_their_address(
    name: str,
    fields: dict[str, str],
    secret: str,
    web_server: tuple[str, list[web.Request]],
) -> None:
    """A good one is said to be good; a wrong one has the status, and nothing that was sent."""
    url, _ = web_server
    here = probe("127.0.0.0/8")
    good = {**fields, secret: "good", "test_url": url}
    assert "answered 200" in await TYPES[name].test(good, here)
    with pytest.raises(NodeError, match="answered 401") as told:
        await TYPES[name].test({**good, secret: "wr0ng"}, here)
    assert "wr0ng" not in str(told.value)
    assert told.value.error_code == "HTTP_401"
    with pytest.raises(NodeError) as nowhere:
        await TYPES[name].test({**fields, secret: "good"}, here)
    assert nowhere.value.error_code == "TEST_NOT_POSSIBLE"
    await here.http.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("bearer", {"token": "t", "test_url": "http://127.0.0.1:8080/"}),
        ("bearer", {"token": "t", "test_url": "http://169.254.169.254/latest"}),
        ("postgres", {"dsn": "postgresql://u:p@127.0.0.1:9/d"}),
        ("postgres", {"dsn": "postgresql://u:p@localhost:9/d?sslmode=require"}),
        ("smtp", {"host": "localhost"}),
        (
            "aws",
            {
                "access_key_id": "AKIAIOSFODNN7EXAMPLE",
                "secret_access_key": "s",
                "endpoint": "http://127.0.0.1:8080",
            },
        ),
    ],
)
async def test_no_test_reaches_what_nodes_may_not(name: str, fields: dict[str, str]) -> None:
    """Addresses that are not public are refused, whatever the protocol."""
    here = probe()
    with pytest.raises(NodeError) as told:
        await TYPES[name].test(fields, here)
    assert told.value.error_code == "ADDRESS_REFUSED"
    await here.http.close()  # type: ignore[attr-defined]


async def test_smtp_is_tried_with_its_user() -> None:
    """Who is let in is said; a wrong password and a server without TLS have codes of their own."""

    def authenticate(*given: Any) -> AuthResult:
        data = given[-1]
        return AuthResult(success=data.password == b"good", handled=False)

    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Sink(), authenticator=authenticate, auth_require_tls=False), "127.0.0.1", 0
    )
    try:
        port = str(server.sockets[0].getsockname()[1])
        here = probe("127.0.0.0/8")
        good = {
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "username": "u",
            "password": "good",
        }
        assert "lets u in" in await TYPES["smtp"].test(good, here)
        with pytest.raises(NodeError) as refused:
            await TYPES["smtp"].test({**good, "password": "wr0ng"}, here)
        assert refused.value.error_code == "SMTP_REFUSED"
        assert "wr0ng" not in str(refused.value)
        with pytest.raises(NodeError) as plain:
            await TYPES["smtp"].test({**good, "security": "starttls"}, here)
        assert plain.value.error_code == "SMTP_UNREACHABLE"
        with pytest.raises(NodeError) as gone:
            await TYPES["smtp"].test({**good, "port": "9"}, here)
        assert gone.value.error_code == "SMTP_UNREACHABLE"
    finally:
        server.close()


async def test_postgres_that_is_not_there_has_its_code() -> None:
    """And nothing of the password."""
    here = probe("127.0.0.0/8")
    with pytest.raises(NodeError) as told:
        await TYPES["postgres"].test({"dsn": "postgresql://u:s3cr3t@127.0.0.1:9/d"}, here)
    assert told.value.error_code == "POSTGRES_UNREACHABLE"
    assert "s3cr3t" not in str(told.value)


def test_aws_signatures_are_those_of_aws() -> None:
    """As botocore signs the same request at the same time."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415 - slow to load
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    fields = AwsFields(
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key="secret",
        session_token="token",
        region="eu-west-1",
    )
    url, body = "https://sts.eu-west-1.amazonaws.com/", b"Action=GetCallerIdentity"
    headers = signed(fields, url, body, 1_790_000_000_000)
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": headers["content-type"]})
    auth = SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", "secret", "token"), "sts", "eu-west-1")
    request.context["timestamp"] = headers["x-amz-date"]
    request.headers["X-Amz-Date"] = headers["x-amz-date"]
    request.headers["X-Amz-Security-Token"] = "token"
    told = auth.string_to_sign(request, auth.canonical_request(request))
    assert headers["authorization"].endswith(auth.signature(told, request))
