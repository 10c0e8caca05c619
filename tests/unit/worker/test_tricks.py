"""What people write to reach what only our own machines can: all of it is refused."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from yarl import URL

from weir.adapters.memory.broker import Broker
from weir.adapters.memory.log import MemoryLog
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.messages import IdentityRecord, TenantSaved
from weir.ports.log import Append
from weir.ports.node_context import NodeError, Retryable, Terminal
from weir.runtime.worker_guard import parse_allowed
from weir.runtime.worker_hosts import AllowedHosts
from weir.runtime.worker_http import OutboundHttp

TRICKS = {
    "loopback": "http://127.0.0.1/",
    "loopback elsewhere": "http://127.255.1.2/",
    "a name of loopback": "http://localhost/",
    "a name of loopback with a dot": "http://localhost./",
    "a name below localhost": "http://weir.localhost/",
    "in capitals": "http://LOCALHOST/",
    "nothing": "http://0.0.0.0/",
    "this network": "http://0.1.2.3/",
    "short": "http://127.1/",
    "shorter": "http://0/",
    "decimal": "http://2130706433/",
    "hexadecimal": "http://0x7f000001/",
    "hexadecimal parts": "http://0x7f.0x0.0x0.0x1/",
    "hexadecimal and short": "http://0x7f.1/",
    "octal": "http://0177.0.0.1/",
    "octal in one": "http://017700000001/",
    "zeros before": "http://127.000.000.001/",
    "too large a part": "http://127.0.0.257/",
    "five parts": "http://127.0.0.1.1/",
    "a dot after": "http://127.0.0.1./",
    "unicode digits": "http://①②⑦.⓪.⓪.①/",
    # ruff: noqa: RUF001 - what looks like something else is what these are about
    "full-width digits": "http://１２７.0.0.1/",
    "unicode dots": "http://127。0。0。1/",
    "half-width dots": "http://127｡0｡0｡1/",
    "full-width dots": "http://127．0．0．1/",
    "unicode letters": "http://ⓛocalhost/",
    "percent signs": "http://%31%32%37.0.0.1/",
    "a percent sign in a name": "http://local%68ost/",
    "private": "http://10.0.0.1/",
    "private too": "http://172.31.255.255/",
    "private at home": "http://192.168.0.1/",
    "shared by carriers": "http://100.64.0.1/",
    "a cloud's secrets": "http://169.254.169.254/latest/meta-data/",
    "a cloud's secrets in decimal": "http://2852039166/",
    "a cloud's secrets by IPv6": "http://[fd00:ec2::254]/",
    "a cloud's secrets by name": "http://metadata.google.internal/computeMetadata/v1/",
    "another cloud's": "http://100.100.100.200/",
    "yet another cloud's": "http://168.63.129.16/",
    "many": "http://224.0.0.1/",
    "everybody": "http://255.255.255.255/",
    "for later": "http://240.0.0.1/",
    "for tests": "http://198.18.0.1/",
    "IPv6 loopback": "http://[::1]/",
    "IPv6 loopback in full": "http://[0:0:0:0:0:0:0:1]/",
    "IPv6 nothing": "http://[::]/",
    "IPv4 in IPv6": "http://[::ffff:127.0.0.1]/",
    "IPv4 in IPv6, hexadecimal": "http://[::ffff:7f00:1]/",
    "IPv4 in IPv6, compatible": "http://[::127.0.0.1]/",
    "IPv4 in IPv6, translated": "http://[::ffff:0:127.0.0.1]/",
    "NAT64": "http://[64:ff9b::7f00:1]/",
    "NAT64 of our own": "http://[64:ff9b:1::a00:1]/",
    "6to4": "http://[2002:7f00:1::]/",
    "Teredo": "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "link-local": "http://[fe80::1]/",
    "link-local with a zone": "http://[fe80::1%25eth0]/",
    "loopback with a zone": "http://[::1%25lo]/",
    "site-local": "http://[fec0::1]/",
    "unique local": "http://[fc00::1]/",
    "IPv6 of many": "http://[ff02::1]/",
    "documentation": "http://[2001:db8::1]/",
    "an end of IPv6 that is missing": "http://[::1/",
    "a user": "http://public.test@127.0.0.1/",
    "a user and a password": "http://public.test:80@127.0.0.1/",
    "a user of a public host": "http://user:word@public.test/",
    "a backslash": "http://public.test\\@127.0.0.1/",
    "backslashes": "http:\\\\127.0.0.1\\",
    "a tab": "http://127.0.\t0.1/",
    "a line's end": "http://public.test\r\nHost: 127.0.0.1/",
    "a space before": " http://127.0.0.1/",
    "a space within": "http://public.test 127.0.0.1/",
    "a zero": "http://127.0.0.1\x00.public.test/",
    "a part after a hash": "http://127.0.0.1#@public.test/",
    "a question": "http://127.0.0.1?@public.test/",
    "a file": "file:///etc/passwd",
    "a file of a host": "file://public.test/etc/passwd",
    "gopher": "gopher://public.test:6379/_FLUSHALL",
    "ftp": "ftp://public.test/",
    "data": "data:text/plain,x",
    "a script": "javascript:alert(1)",
    "no scheme": "//127.0.0.1/",
    "one slash": "http:/127.0.0.1/",
    "no host": "http:///etc/passwd",
    "a port of another protocol": "http://public.test:25/",
    "another such port": "http://public.test:6379/",
    "port zero": "http://public.test:0/",
    "a port that is too large": "http://public.test:65616/",
    "a port that is negative": "http://public.test:-1/",
    "a name that leads to loopback": "http://127.0.0.1.nip.test/",
    "a name that leads to IPv6 loopback": "http://six.test/",
    "a name that leads to both": "http://mixed.test/",
    "a name with one private among many": "http://many.test/",
    "a name that leads to a cloud's secrets": "http://secrets.test/",
    "very long": "http://public.test/" + "a" * 10_000,
}

NAMES: dict[str, tuple[str, ...]] = {
    "public.test": ("93.184.216.34",),
    "127.0.0.1.nip.test": ("127.0.0.1",),
    "six.test": ("::1",),
    "mixed.test": ("93.184.216.34", "::ffff:10.0.0.1"),
    "many.test": ("93.184.216.34", "1.1.1.1", "8.8.8.8", "192.168.1.1"),
    "secrets.test": ("169.254.169.254",),
}


class Names:
    """A name server that says what a test wants; each name may answer something else each time."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Sequence[str]]] = {}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int, **_: Any) -> Any:
        """As `getaddrinfo` answers."""
        self.asked.append(host)
        turns = self.answers.get(host)
        found = turns.pop(0) if turns else NAMES.get(host, ())
        if not found:
            raise socket.gaierror(-2, "nobody knows it")
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in found]
        return [
            (family, socket.SOCK_STREAM, 6, "", (one, port))
            for family, one in zip(families, found, strict=True)
        ]


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Instead of the system's."""
    names = Names()
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names)
    return names


async def refused(call: Any) -> NodeError:
    """Why a call was not made."""
    with pytest.raises(NodeError) as failed:
        await call
    return failed.value


@pytest.mark.parametrize("trick", TRICKS)
async def test_a_trick_reaches_nothing(names: Names, trick: str) -> None:
    """Whoever reads it how, nothing is connected to; and trying again would not help."""
    del names
    async with OutboundHttp() as http:
        failed = await refused(http.request("GET", TRICKS[trick], timeout_s=2))
    assert isinstance(failed, Terminal), failed.message
    assert failed.error_code in {"ADDRESS_REFUSED", "URL_INVALID"}


# -- redirects, against a server that may be called --------------------------------


class Outside:
    """A server on loopback that the installation allows, and a client of it."""

    def __init__(self, server: BaseTestServer, http: OutboundHttp) -> None:
        self.server = server
        self.http = http
        self.seen: list[str] = []

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """An address of it."""
        return f"http://{host}:{self.server.port}{path}"


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    """It redirects to what it is asked for, and answers bombs."""
    app = web.Application()
    seen: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        location = request.query["location"]
        return web.Response(status=int(request.query["status"]), headers={"Location": location})

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.json_response({"host": request.host})

    async def bomb(request: web.Request) -> web.Response:
        coding = request.query["coding"]
        zeros = b"\0" * 50_000_000
        body = gzip.compress(zeros) if coding == "gzip" else zlib.compress(zeros)
        return web.Response(body=body, headers={"Content-Encoding": coding})

    app.router.add_get("/to", redirect)
    app.router.add_get("/bomb", bomb)
    app.router.add_route("*", "/answer", answer)
    async with (
        TestServer(app) as server,
        OutboundHttp(parse_allowed([f"127.0.0.1:{server.port}"])) as http,
    ):
        outside = Outside(server, http)
        outside.seen = seen
        yield outside


async def test_an_allowed_host_passes(outside: Outside) -> None:
    """By number, and by a name that leads there."""
    answer = await outside.http.request("GET", outside.url("/answer"))
    assert answer.status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest/",
        "http://[::1]:8080/",
        "//10.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://public.test@127.0.0.1:9/",
        "http://127.0.0.1:9\\@public.test/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/",
        "javascript:alert(1)",
        "http://six.test/",
        "http://metadata.google.internal/",
    ],
)
async def test_a_redirect_reaches_nothing_either(
    outside: Outside, names: Names, status: int, location: str
) -> None:
    """Each address on the way is judged as the first one is."""
    del names
    path = outside.url("/to")
    query = [("status", str(status)), ("location", location)]
    failed = await refused(outside.http.request("GET", path, query=query, timeout_s=2))
    assert isinstance(failed, Terminal), failed.message
    assert failed.error_code in {"ADDRESS_REFUSED", "URL_INVALID"}


async def test_the_last_of_many_redirects_is_judged_too(outside: Outside) -> None:
    """Three good ones open no door for the fourth."""
    location = "http://10.0.0.1/"
    for _ in range(3):
        location = str(URL("/to").with_query(status="302", location=location))
    failed = await refused(outside.http.request("GET", outside.url(location)))
    assert failed.error_code == "ADDRESS_REFUSED"


async def test_a_name_that_changes_its_answer_gains_nothing(outside: Outside, names: Names) -> None:
    """What was checked is what is connected to; the next answer is checked again."""
    names.answers["turns.test"] = [["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"]]
    url = outside.url("/answer", "turns.test")
    assert (await outside.http.request("GET", url)).status == 200
    assert names.asked.count("turns.test") == 1
    await outside.http.close()
    failed = await refused(outside.http.request("GET", url))
    assert failed.error_code == "ADDRESS_REFUSED"
    failed = await refused(outside.http.request("GET", url))
    assert failed.error_code == "ADDRESS_REFUSED"
    assert outside.seen == ["/answer"]


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_bomb_is_not_unpacked(outside: Outside, coding: str) -> None:
    """What a few bytes unfold into counts, and reading ends at the limit."""
    call = outside.http.request(
        "GET", outside.url("/bomb"), query=[("coding", coding)], max_bytes=1_000_000
    )
    assert (await refused(call)).error_code == "RESPONSE_TOO_LARGE"


# -- the hosts of a tenant --------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "passes"),
    [
        ("api.public.test", True),
        ("deep.api.public.test", True),
        ("API.Public.Test", True),
        ("api.public.test.", True),
        ("one.test", True),
        ("public.test", False),
        ("notpublic.test", False),
        ("evilpublic.test", False),
        ("api.public.test.evil.test", False),
        ("two.test", False),
        ("127.0.0.1", False),
    ],
)
async def test_a_tenants_list_is_all_that_it_may_call(
    outside: Outside, names: Names, host: str, *, passes: bool
) -> None:
    """`*.` stands for what lies below; the installation's own list opens nothing more."""
    for name in ("api.public.test", "deep.api.public.test", "api.public.test.", "one.test"):
        names.answers[name] = [["127.0.0.1"]]
    call = outside.http.request(
        "GET", outside.url("/answer", host), hosts=["*.public.test", "one.test"]
    )
    if passes:
        assert (await call).status == 200
    else:
        failed = await refused(call)
        assert failed.error_code == "ADDRESS_REFUSED"
        assert outside.seen == []


async def test_a_redirect_out_of_the_tenants_list_is_refused(outside: Outside) -> None:
    """Also where the installation would allow it; and a port that is named is that port alone."""
    port = outside.server.port
    path = outside.url(f"/to?status=302&location=http://127.0.0.1:{port}/answer")
    assert (await outside.http.request("GET", path, hosts=[f"127.0.0.1:{port}"])).status == 200
    failed = await refused(outside.http.request("GET", path, hosts=["one.test"]))
    assert failed.error_code == "ADDRESS_REFUSED"
    failed = await refused(outside.http.request("GET", path, hosts=["127.0.0.1:1"]))
    assert failed.error_code == "ADDRESS_REFUSED"


async def test_the_list_is_that_of_the_tenants_record() -> None:
    """Another tenant's says nothing; while it cannot be read, nothing is called."""
    broker = Broker(SystemClock())
    connection = broker.connect()
    log = MemoryLog(connection, subjects.IDENTITY)
    saved = TenantSaved(
        tenant="acme",
        name="Acme",
        status="active",
        allowed_hosts=("*.example.com",),
        created_at="2026-01-01T00:00:00Z",
    )
    record = IdentityRecord.of(saved, id="idr_a", at="2026-01-01T00:00:00Z", by="test")
    await log.append(Append(subjects.tenant("acme"), codec.encode(record)))
    hosts = AllowedHosts(log)
    assert await hosts.of("acme") == ("*.example.com",)
    assert await hosts.of("other") == ()
    connection.close()
    failed = await refused(AllowedHosts(log).of("acme"))
    assert isinstance(failed, Retryable)


async def test_other_protocols_are_judged_alike(names: Names) -> None:
    """A database gets a checked address to connect to, or none."""
    names.answers["db.test"] = [["127.0.0.1"], ["10.0.0.1"]]
    async with OutboundHttp(parse_allowed(["127.0.0.1:5432"])) as http:
        assert await http.address("db.test", 5432) == "127.0.0.1"
        for host in ("db.test", "127.0.0.2", "127.1", "::1", "localhost", "169.254.169.254"):
            failed = await refused(http.address(host, 5432))
            assert failed.error_code in {"ADDRESS_REFUSED", "URL_INVALID"}, host
        failed = await refused(http.address("127.0.0.1", 5432, hosts=["db.test"]))
        assert failed.error_code == "ADDRESS_REFUSED"
