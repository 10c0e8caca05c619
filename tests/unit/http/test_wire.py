"""What callers can do to the server below HTTP: everything that is no request, or never ends."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientConnectorError, ClientError, ClientSession

from tests.certificates import signed_by_itself
from tests.http_house import House, house_on_memory, memory_platform
from tests.waiting import within
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract.errors import SettingsInvalidError
from weir.runtime.access import Permission
from weir.runtime.http import connection
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import Route
from weir.runtime.http.server import tls_context
from weir.runtime.service import run_services


async def _echo(call: Call) -> Reply:
    return Reply({"size": len(await call.body())})


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A route that reads what it gets."""
    house = house_on_memory(body_limit=1_000)
    house.extra = (Route("POST", "/echo", _echo, Permission.PUBLIC, "Echo", "t"),)
    async with house:
        yield house


async def sent(house: House, *parts: bytes) -> bytes:
    """All that the server says to these bytes until it closes."""
    reader, writer = await opened(house)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(0)
    try:
        return await within(reader.read())
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def opened(house: House) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A plain connection."""
    return await asyncio.open_connection("127.0.0.1", int(house.url.rsplit(":", 1)[1]))


def post(*lines: str, body: bytes = b"") -> bytes:
    """A request with these headers."""
    return "\r\n".join(("POST /echo HTTP/1.1", "Host: x", *lines, "", "")).encode() + body


CHUNKED = "Transfer-Encoding: chunked"

REFUSED = {
    "two lengths": post("Content-Length: 1", "Content-Length: 2", body=b"ab"),
    "two lengths alike": post("Content-Length: 2, 2", body=b"ab"),
    "a length and chunks": post("Content-Length: 3", CHUNKED, body=b"0\r\n\r\n"),
    "chunks before another coding": post("Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"),
    "a coding that nobody knows": post("Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "a negative length": post("Content-Length: -1", body=b"a"),
    "a length with a sign": post("Content-Length: +1", body=b"a"),
    "a length in hexadecimal": post("Content-Length: 0x1", body=b"a"),
    "a header without a name": post(": x"),
    "a header with a space before the colon": post("X-A : b"),
    "a header that goes on": post("X-A: b", " c"),
    "a line's end alone": b"POST /echo HTTP/1.1\nHost: x\nX-A: b\rX-B: c\n\n",
    "a zero in a header": post("X-A: a\x00b"),
    "a version that there is not": b"POST /echo HTTP/3.7\r\nHost: x\r\n\r\n",
    "a method that is none": b"PO ST /echo HTTP/1.1\r\nHost: x\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a line that is too long": b"POST /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header that is too long": post("X-A: " + "a" * 9_000),
    "too many headers": post(*(f"X-{number}: a" for number in range(200))),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_no_request_is_refused(house: House, what: str) -> None:
    """400 in the form of every refusal, without a word of what came; and the connection ends."""
    answer = await sent(house, REFUSED[what])
    assert answer.startswith(b"HTTP/1.0 400 "), answer[:200]
    assert b'"code":"BAD_REQUEST"' in answer
    assert answer.count(b"HTTP/1.") == 1
    assert b"aiohttp" not in answer
    assert b"aaaa" not in answer


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        (b"fffffffffffffffff\r\nabc", b"400"),
        (b"-1\r\n\r\n", b"400"),
        (b"1\r\nab\r\n", b"400"),
        (b"3;" + b"x" * 20_000 + b"\r\nabc\r\n0\r\n\r\n", b"200"),
        (b"1\r\na\r\n" * 1_001 + b"0\r\n\r\n", b"413"),
        (b"0\r\n" + b"X-Trailer: a\r\n" * 5_000 + b"\r\n", b"400"),
    ],
    ids=["too huge", "negative", "too short", "a long extension", "very many", "many trailers"],
)
async def test_chunks_that_are_bombs_are_refused(
    house: House, chunks: bytes, status: bytes
) -> None:
    """Nothing larger than the route takes is gathered; what chunks say beside is thrown away."""
    answer = await sent(house, post(CHUNKED, "Connection: close"), chunks)
    assert answer[9:12] == status, answer[:100]
    fine = await sent(house, post("Content-Length: 2", "Connection: close", body=b"ab"))
    assert b'{"size":2}' in fine


async def test_a_head_that_does_not_end_is_cut(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then keeps no connection: the whole head has so many seconds."""
    monkeypatch.setattr(connection, "HEAD_S", 0.1)
    reader, writer = await opened(house)
    writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\n")

    async def drip() -> None:
        while not reader.at_eof():
            writer.write(b"X-A: b\r\n")
            await asyncio.sleep(0.01)

    dripping = asyncio.create_task(drip())
    try:
        assert await within(reader.read()) == b""
    except ConnectionResetError:
        pass
    finally:
        dripping.cancel()
        writer.close()


async def test_the_next_head_of_a_connection_is_cut_as_well(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A good request first changes nothing; and a quick one after a slow moment is served."""
    monkeypatch.setattr(connection, "HEAD_S", 1.0)
    reader, writer = await opened(house)
    whole = post("Content-Length: 2", body=b"ab")
    for part in (whole, whole[:20], whole[20:]):
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.02)
    for _ in range(2):
        head = await within(reader.readuntil(b"\r\n\r\n"))
        assert head.startswith(b"HTTP/1.1 200")
        await within(reader.readexactly(len(b'{"size":2}')))
    writer.write(b"POST")
    assert await within(reader.read()) == b""
    writer.close()


async def test_heads_have_a_size_in_all(house: House) -> None:
    """Many headers that are each small enough are too much together."""
    lines = [f"X-{number}: {'a' * 8_000}" for number in range(20)]
    head = post(*lines)[:-2]
    head = head[: connection.HEAD_BYTES + 1_000]
    answer = await sent(house, *(head[at : at + 4_096] for at in range(0, len(head), 4_096)))
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_requests_that_come_together_are_answered_in_turn(house: House) -> None:
    """A body's end is where its length says: nothing of it is taken for a request."""
    inner = post("Content-Length: 0")
    outer = post(f"Content-Length: {len(inner)}", body=inner)
    answer = await sent(house, outer + post("Content-Length: 1", "Connection: close", body=b"a"))
    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert f'{{"size":{len(inner)}}}'.encode() in answer


# -- TLS -------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of this machine that signs itself, and its key."""
    return signed_by_itself(tmp_path)


async def test_a_certificate_makes_it_tls_13_and_nothing_older(
    certificate: tuple[Path, Path],
) -> None:
    """Who speaks 1.2, or nothing, gets no answer."""
    chain, key = certificate
    stop, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    settings = {"tls_cert_file": chain, "tls_key_file": key}
    platform = memory_platform(Broker(SystemClock()).connect(), **settings)

    async def announce(url: str) -> None:
        address.set_result(url)

    serving = asyncio.create_task(run_services(platform, [], stop=stop, announce=announce))
    url = await within(address)
    assert url.startswith("https://")
    newest, older = (
        ssl.create_default_context(cafile=chain),
        ssl.create_default_context(cafile=chain),
    )
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    async with ClientSession() as session:
        async with session.get(f"{url}/health", ssl=newest) as answer:
            assert answer.status == 200
            assert "Strict-Transport-Security" in answer.headers
        with pytest.raises(ClientConnectorError):
            await session.get(f"{url}/health", ssl=older)
        with pytest.raises(ClientError):
            await session.get(f"{url.replace('https', 'http')}/health")
    stop.set()
    await within(serving)


def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """At the start, with both files."""
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).write_text("nothing")
    with pytest.raises(SettingsInvalidError, match=r"chain\.pem"):
        tls_context(tmp_path / "chain.pem", tmp_path / "key.pem")
