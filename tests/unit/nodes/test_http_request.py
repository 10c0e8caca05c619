"""The HTTP request node against a real server on loopback."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from tests.unit.nodes.fake_context import FakeContext
from weir.nodes.builtin import http_request
from weir.nodes.builtin.http_request import HttpRequest
from weir.ports.node_context import NodeError, Retryable, Terminal
from weir.runtime.worker_guard import parse_allowed
from weir.runtime.worker_http import OutboundHttp

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A server and a node that may call it."""

    def __init__(self, server: BaseTestServer, http: OutboundHttp) -> None:
        self.server = server
        self.ctx = FakeContext(http)

    def url(self, path: str = "/") -> str:
        """The address of a path."""
        return str(self.server.make_url(path))

    def call(self, path: str = "/", **config: Any) -> Awaitable[Any]:
        """The output of the node called with this config."""
        return HttpRequest().execute({"url": self.url(path), **config}, self.ctx)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A server that answers as its path says."""
    app = web.Application(client_max_size=10 * 1024 * 1024)
    app.router.add_route("*", "/echo", _echo)
    app.router.add_route("*", "/status/{status}", _status)
    app.router.add_route("*", "/to", _redirect)
    app.router.add_get("/slow", _slow)
    app.router.add_get("/round", _round)
    app.router.add_get("/big", _big)
    app.router.add_get("/type", _type)
    async with TestServer(app) as server, _open(server) as http:
        yield Site(server, http)


def _open(server: BaseTestServer) -> OutboundHttp:
    return OutboundHttp(parse_allowed([f"127.0.0.1:{server.port}"]))


async def _echo(request: web.Request) -> web.Response:
    return web.json_response(
        {
            "method": request.method,
            "query": [list(pair) for pair in request.query.items()],
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": (await request.read()).decode(),
        },
        headers={"Set-Cookie": "session=theirs"},
    )


async def _status(request: web.Request) -> web.Response:
    headers = {"Retry-After": after} if (after := request.query.get("after")) else {}
    return web.Response(
        status=int(request.match_info["status"]), text="why it is so", headers=headers
    )


async def _redirect(request: web.Request) -> web.Response:
    return web.Response(
        status=int(request.query.get("status", "302")),
        headers={"Location": request.query["location"]},
    )


async def _round(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/round"})


async def _slow(request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


async def _big(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    if request.query.get("declared"):
        response.content_length = int(request.query["bytes"])
    await response.prepare(request)
    await response.write(b"9" * int(request.query["bytes"]))
    return response


async def _type(request: web.Request) -> web.Response:
    body = bytes.fromhex(request.query["body"])
    return web.Response(body=body, headers={"Content-Type": request.query["type"]})


async def _fails(call: Awaitable[Any]) -> NodeError:
    with pytest.raises(NodeError) as failed:
        await call
    return failed.value


async def test_a_json_answer_is_parsed(site: Site) -> None:
    """The output has the status, the headers by lower-case name, and the body as a value."""
    output = await site.call("/echo", query={"a": 1, "b": ["x", True], "c": None})
    assert output["status"] == 200
    assert output["headers"]["content-type"].startswith("application/json")
    assert output["body"]["method"] == "GET"
    assert output["body"]["query"] == [["a", "1"], ["b", "x"], ["b", "true"]]


async def test_every_call_carries_the_steps_key(site: Site) -> None:
    """A receiver that looks at it acts once, however many attempts there are."""
    output = await site.call("/echo", method="POST", body={"n": 1})
    assert output["body"]["headers"]["idempotency-key"] == "run_a/call"
    own = await site.call("/echo", method="POST", headers={"Idempotency-Key": "mine"})
    assert own["body"]["headers"]["idempotency-key"] == "mine"


@pytest.mark.parametrize(
    ("body_type", "body", "media", "sent"),
    [
        ("json", {"a": [1, "ü"]}, "application/json", '{"a":[1,"ü"]}'),
        ("text", "hello", "text/plain; charset=utf-8", "hello"),
        ("text", {"a": 1}, "text/plain; charset=utf-8", '{"a":1}'),
        (
            "form",
            {"a": 1, "b": ["x", "y z"], "c": {"d": 1}},
            "application/x-www-form-urlencoded",
            "a=1&b=x&b=y+z&c=%7B%22d%22%3A1%7D",
        ),
    ],
)
async def test_a_body_is_sent_as_its_type_says(
    site: Site, body_type: str, body: Any, media: str, sent: str
) -> None:
    """JSON, text and forms, with a content type that the headers may override."""
    config = {"method": "PUT", "body": body, "body_type": body_type}
    output = await site.call("/echo", **config)
    assert output["body"]["body"] == sent
    assert output["body"]["headers"]["content-type"] == media
    own = await site.call("/echo", **config, headers={"content-type": "application/x-own"})
    assert own["body"]["headers"]["content-type"] == "application/x-own"


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"token": "abc"}, "authorization", "Bearer abc"),
        (
            {"username": "u", "password": "p", "more": 1},
            "authorization",
            "Basic " + base64.b64encode(b"u:p").decode(),
        ),
        ({"name": "X-Key", "value": "abc"}, "x-key", "abc"),
    ],
)
async def test_a_credential_becomes_a_header(
    site: Site, auth: Any, header: str, value: str
) -> None:
    """A token, a user with password, or a header of its own name."""
    output = await site.call("/echo", auth=auth)
    assert output["body"]["headers"][header] == value


async def test_a_credential_becomes_a_query_value(site: Site) -> None:
    """For services that take their key in the address."""
    output = await site.call("/echo", auth={"name": "key", "value": "a b", "place": "query"})
    assert output["body"]["query"] == [["key", "a b"]]


async def test_a_credential_that_fits_no_call_is_refused(site: Site) -> None:
    """It is not sent without authorisation."""
    failed = await _fails(site.call("/echo", auth={"something": "else"}))
    assert failed.error_code == "CONFIG_INVALID"
    assert not failed.retryable


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 429])
async def test_passing_trouble_may_be_tried_again(site: Site, status: int) -> None:
    """5xx, 408 and 429 are Retryable, with the status in the code and the answer's words."""
    failed = await _fails(site.call(f"/status/{status}"))
    assert isinstance(failed, Retryable)
    assert failed.error_code == f"HTTP_{status}"
    assert "why it is so" in failed.message


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 422])
async def test_a_refusal_ends_the_step(site: Site, status: int) -> None:
    """Other statuses are Terminal: asking again would not help."""
    failed = await _fails(site.call(f"/status/{status}"))
    assert isinstance(failed, Terminal)
    assert failed.error_code == f"HTTP_{status}"


async def test_expected_statuses_are_successes(site: Site) -> None:
    """What is named counts as good, and only that."""
    assert (await site.call("/status/404", expect=[404]))["status"] == 404
    assert (await _fails(site.call("/status/200", expect=[404]))).error_code == "HTTP_200"


@pytest.mark.parametrize(
    ("after", "seconds"),
    [("7", 7.0), ("999999999", 86_400.0), ("soon", None), ("", None)],
)
async def test_the_answers_own_wish_for_a_pause_is_passed_on(
    site: Site, after: str, seconds: float | None
) -> None:
    """Retry-After in seconds, bounded by a day; what cannot be read is ignored."""
    failed = await _fails(site.call(f"/status/429?after={after}"))
    assert isinstance(failed, Retryable)
    assert failed.after == seconds


def test_a_date_to_try_again_counts_from_the_answers_own_clock() -> None:
    """A clock of ours that is wrong changes nothing."""
    headers = {
        "retry-after": "Fri, 31 Dec 1999 23:59:59 GMT",
        "date": "Fri, 31 Dec 1999 23:59:29 GMT",
    }
    assert http_request.retry_after(headers) == 30.0


async def test_a_slow_answer_is_given_up(site: Site) -> None:
    """HTTP_TIMEOUT, which may be tried again."""
    failed = await _fails(site.call("/slow", timeout="30ms"))
    assert isinstance(failed, Retryable)
    assert failed.error_code == "HTTP_TIMEOUT"


async def test_a_closed_port_may_be_tried_again(site: Site) -> None:
    """HTTP_UNREACHABLE: the service may come up."""
    call = site.call()
    await site.server.close()
    failed = await _fails(call)
    assert isinstance(failed, Retryable)
    assert failed.error_code == "HTTP_UNREACHABLE"


@pytest.mark.parametrize(
    "url", ["ftp://example.com/x", "file:///etc/passwd", "nothing", "http://", "http://[bad/"]
)
async def test_what_is_no_web_address_is_refused(site: Site, url: str) -> None:
    """URL_INVALID, whatever scheme it tries."""
    failed = await _fails(HttpRequest().execute({"url": url}, site.ctx))
    assert failed.error_code == "URL_INVALID"
    assert not failed.retryable


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0"]
)
async def test_our_own_machine_cannot_be_called(site: Site, host: str) -> None:
    """However loopback is written, without an allow-list nothing gets there."""
    async with OutboundHttp() as http:
        failed = await _fails(
            HttpRequest().execute(
                {"url": f"http://{host}:{site.server.port}/echo"}, FakeContext(http)
            )
        )
    assert failed.error_code in {"ADDRESS_REFUSED", "URL_INVALID"}
    assert not failed.retryable


async def test_a_redirect_into_our_own_network_is_refused(site: Site) -> None:
    """Each redirect passes the guard again."""
    async with TestServer(web.Application()) as inside:
        target = f"http://127.0.0.1:{inside.port}/"
        failed = await _fails(site.call(f"/to?location={target}"))
    assert failed.error_code == "ADDRESS_REFUSED"


@pytest.mark.parametrize(("status", "method", "body"), [(303, "GET", ""), (307, "POST", "[1]")])
async def test_a_redirect_is_followed(site: Site, status: int, method: str, body: str) -> None:
    """303 asks for the result, 307 sends the same again."""
    path = f"/to?status={status}&location=/echo"
    output = await site.call(path, method="POST", body=[1], auth={"token": "abc"})
    assert (output["body"]["method"], output["body"]["body"]) == (method, body)
    assert output["body"]["headers"]["authorization"] == "Bearer abc"


async def test_a_redirect_elsewhere_takes_no_credentials_along(site: Site) -> None:
    """Another origin gets neither the authorisation nor headers of our own."""
    app = web.Application()
    app.router.add_route("*", "/echo", _echo)
    async with TestServer(app) as other:
        allowed = [f"127.0.0.1:{site.server.port}", f"127.0.0.1:{other.port}"]
        async with OutboundHttp(parse_allowed(allowed)) as http:
            site.ctx.http = http
            output = await site.call(
                f"/to?location=http://127.0.0.1:{other.port}/echo",
                auth={"token": "abc"},
                headers={"X-Own": "1", "Accept": "application/json"},
            )
    headers = output["body"]["headers"]
    assert "authorization" not in headers
    assert "x-own" not in headers
    assert headers["accept"] == "application/json"


@pytest.mark.parametrize(
    "headers", [{"X-A": "a\r\nX-B: b"}, {"X-A\r\nX-B": "a"}, {"X-A": "a\x00"}], ids=repr
)
async def test_a_header_that_holds_another_is_refused(site: Site, headers: Any) -> None:
    """Nothing is sent, and the step is not tried again."""
    failed = await _fails(site.call("/echo", headers=headers))
    assert (type(failed), failed.error_code) == (Terminal, "CONFIG_INVALID")


async def test_a_redirect_to_what_is_no_address_is_refused(site: Site) -> None:
    """Servers answer anything."""
    failed = await _fails(site.call("/to", query={"location": "http://[::1"}))
    assert failed.error_code == "URL_INVALID"


async def test_redirects_without_end_are_given_up(site: Site) -> None:
    """A loop is an error, not a hang."""
    failed = await _fails(site.call("/round"))
    assert failed.error_code == "TOO_MANY_REDIRECTS"
    assert not failed.retryable


async def test_a_large_answer_becomes_a_file(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the limit the body is kept by reference and not parsed."""
    monkeypatch.setattr(http_request, "INLINE_BYTES", 1000)
    output = await site.call("/big?bytes=1001")
    assert output["body"]["$blob"]["size"] == 1001
    assert output["body"]["$blob"]["media_type"] == "application/json"
    assert site.ctx.blobs.values == {"acme/0": b"9" * 1001}


@pytest.mark.parametrize("declared", ["", "1"])
async def test_an_answer_without_end_is_cut_off(
    site: Site, declared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RESPONSE_TOO_LARGE, whether the answer says its length or not."""
    monkeypatch.setattr(http_request, "LIMIT_BYTES", 100_000)
    failed = await _fails(site.call(f"/big?bytes=200000&declared={declared}"))
    assert failed.error_code == "RESPONSE_TOO_LARGE"
    assert not failed.retryable


@pytest.mark.parametrize(
    ("media", "body", "value"),
    [
        ("application/problem+json", b'{"a": 1}', {"a": 1}),
        ("text/csv; charset=latin-1", "ä,b".encode("latin-1"), "ä,b"),
        ("text/plain", b"\xff", "\ufffd"),
        ("application/json", b"", None),
    ],
)
async def test_text_and_json_are_read(site: Site, media: str, body: bytes, value: Any) -> None:
    """By content type, in the charset that it names."""
    output = await site.call("/type", query={"type": media, "body": body.hex()})
    assert output["body"] == value


async def test_other_types_become_files(site: Site) -> None:
    """Bytes have no place in JSON."""
    output = await site.call("/type", query={"type": "image/png", "body": b"\x89PNG".hex()})
    assert output["body"]["$blob"]["media_type"] == "image/png"


async def test_json_that_is_none_is_an_error(site: Site) -> None:
    """RESPONSE_INVALID instead of a text that later steps stumble over."""
    failed = await _fails(
        site.call("/type", query={"type": "application/json", "body": b"<html>".hex()})
    )
    assert failed.error_code == "RESPONSE_INVALID"


async def test_a_config_that_does_not_fit_is_refused_without_its_values(site: Site) -> None:
    """Places and reasons are named; values, which may be secret, are not."""
    failed = await _fails(site.call(method="FETCH", auth={"token": ["hidden-value"]}, wrong=1))
    assert failed.error_code == "CONFIG_INVALID"
    assert all(word in failed.message for word in ("method", "auth.token", "wrong"))
    assert "hidden-value" not in failed.message


async def test_cookies_do_not_pass_between_calls(site: Site) -> None:
    """One tenant's session never reaches another's request."""
    first = await site.call("/echo")
    assert "set-cookie" in first["headers"]
    second = await site.call("/echo")
    assert "cookie" not in second["body"]["headers"]


async def test_an_address_that_names_a_user_is_refused(site: Site) -> None:
    """Nothing is sent, and the password is not repeated: credentials have a place of their own."""
    url = site.url("/echo").replace("http://", "http://user:hidden@")
    failed = await _fails(HttpRequest().execute({"url": url}, site.ctx))
    assert (type(failed), failed.error_code) == (Terminal, "URL_INVALID")
    assert "hidden" not in failed.message
