"""Sockets misused: each ends with a clear status or close code, and the platform stays well."""

from __future__ import annotations

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    TCPConnector,
    WSMsgType,
    WSServerHandshakeError,
)

from services.query import peer
from services.query.sockets import SOCKETS
from tests.integration.acceptance.house import API, House, flow
from tests.waiting import eventually, within

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNKNOWN = "run_" + "a" * 26


@asynccontextmanager
async def opened(
    house: House, key: str | None = "viewer", path: str = "/ws", **headers: str
) -> AsyncIterator[ClientWebSocketResponse]:
    """A socket, greeted."""
    url = house.url + API + path
    async with house.http.ws_connect(url, headers={**house.headers(key), **headers}) as socket:
        greeting = await within(socket.receive_json())
        assert greeting["type"] == "connection:established"
        yield socket


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def well(house: House) -> AsyncIterator[None]:
    """After each test the platform is as ready as before, and no feed is left."""
    yield

    async def quiet() -> bool:
        return not any(task.get_name() == "feed" for task in asyncio.all_tasks())

    await eventually(quiet)
    assert (await house.ask("GET", "/ready", key=None)).status == 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def run(house: House) -> str:
    """A run that has ended."""
    done = {"id": "done", "type": "output", "config": {"value": "done"}}
    told = await house.publish(flow("short", done))
    return str((await house.run(told["workflow_id"]))["run_id"])


async def closed(socket: ClientWebSocketResponse) -> int | None:
    """The code it is closed with, whatever is sent before."""
    async with asyncio.timeout(20):
        while not socket.closed:
            message = await socket.receive()
            if message.type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}:
                break
    return socket.close_code


@pytest.mark.parametrize("path", ["/ws", f"/runs/{UNKNOWN}/logs"])
async def test_nobody_gets_a_socket(house: House, path: str) -> None:
    """Without a key, with a wrong one, from a foreign page: refused before the upgrade."""
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(house, None, path):
            pass
    assert refused.value.status == 401
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(house, "weir_nonsense", path):
            pass
    assert refused.value.status == 401


async def test_a_foreign_page_gets_no_socket(house: House, run: str) -> None:
    """Its Origin is another than the address, whatever key the browser adds."""
    for path in ("/ws", f"/runs/{run}/logs"):
        with pytest.raises(WSServerHandshakeError) as refused:
            async with opened(house, "viewer", path, Origin="https://elsewhere.example"):
                pass
        assert refused.value.status == 403


async def test_an_unknown_run_is_a_refusal_and_no_end(house: House, run: str) -> None:
    """On /ws a frame with the code, and the socket goes on; on a run's own lines a 404."""
    async with opened(house) as socket:
        await socket.send_json({"type": "subscribe", "run_id": UNKNOWN})
        frames = [await within(socket.receive_json()) for _ in range(2)]
        assert frames[1]["data"]["code"] == "RUN_NOT_FOUND"
        await socket.send_json({"type": "subscribe", "run_id": run})
        while (await within(socket.receive_json()))["type"] != "connection:completed":
            pass
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(house, path=f"/runs/{UNKNOWN}/logs"):
            pass
    assert refused.value.status == 404


async def test_a_giant_frame_ends_the_socket(house: House) -> None:
    """1009, without having been read whole."""
    async with opened(house) as socket:
        await socket.send_str("x" * 70_000)
        assert await closed(socket) == 1009


GARBAGE: dict[str, tuple[bytes, set[int]]] = {
    "no frame": (b"GET / HTTP/1.1\r\n\r\n" * 10, {1002, 1009}),
    "reserved bits": (b"\xf1\x80\x00\x00\x00\x00", {1002}),
    "an unknown opcode": (b"\x83\x80\x00\x00\x00\x00", {1002}),
    "text that is no text": (b"\x81\x82\x00\x00\x00\x00\xff\xfe", {1007}),
    "a length beyond all": (b"\x81\xff\x7f" + b"\xff" * 7 + b"\x00" * 4, {1009}),
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_garbage_ends_the_socket(house: House, name: str) -> None:
    """With the close code of the protocol for what is wrong."""
    data, codes = GARBAGE[name]
    async with opened(house) as socket:
        assert socket._conn is not None
        assert socket._conn.transport is not None
        socket._conn.transport.write(data)
        assert await closed(socket) in codes


async def test_nonsense_is_refused_one_by_one(house: House, run: str) -> None:
    """A thousand bad wishes get a thousand refusals; a good one after them is granted."""
    wishes: list[Any] = [
        *("{", "[]", "null", '{"type": "shout"}', '{"type": "subscribe"}'),
        '{"type": "subscribe", "run_id": "run_x", "after": "-1"}',
        '{"type": "subscribe", "run_id": "' + "x" * 60_000 + '"}',
        "[" * 30_000,
    ]
    async with opened(house) as socket:
        for number in range(1_000):
            await socket.send_str(wishes[number % len(wishes)])
            frame = await within(socket.receive_json())
            assert (frame["type"], frame["data"]["code"]) == ("error", "INVALID_REQUEST")
        await socket.send_json({"type": "subscribe", "run_id": run})
        assert (await within(socket.receive_json()))["type"] == "connection:subscribed"


async def test_a_key_holds_so_many_sockets_and_no_more(house: House) -> None:
    """Of a thousand asked for at once the rest are 429; others get theirs; closing makes room."""
    url, headers = f"{house.url}{API}/ws", house.headers("operator")

    async def ask() -> ClientWebSocketResponse | int:
        try:
            return await house.http.ws_connect(url, headers=headers)
        except WSServerHandshakeError as refused:
            return refused.status

    found = await asyncio.gather(*(ask() for _ in range(1_000)))
    held = [one for one in found if isinstance(one, ClientWebSocketResponse)]
    assert len(held) == SOCKETS
    assert {one for one in found if isinstance(one, int)} == {429}
    assert (await house.ask("GET", "/health", key=None)).status == 200
    assert (await house.ask("GET", "/runs", key="operator")).status == 200
    async with opened(house, "viewer"):
        pass
    await asyncio.gather(*(socket.close() for socket in held))

    async def room() -> bool:
        socket = await ask()
        if isinstance(socket, int):
            return False
        await socket.close()
        return True

    await eventually(room)


async def test_a_slow_reader_is_let_go_with_1013(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its feeds end and nothing piles up; when it reads again it finds why, and others saw all."""
    monkeypatch.setattr(peer, "PATIENCE_S", 0.2)
    nodes = [
        {"id": f"s{n}", "type": "set", "config": {"values": {"v": "{{ input.text }}"}}}
        for n in range(20)
    ]
    told = await house.publish(flow("wordy", *nodes, output="done"))
    runs = [
        (await house.run(told["workflow_id"], {"text": f"{n}" * 30_000}))["run_id"]
        for n in range(12)
    ]

    def narrow(address: Any) -> sockets.socket:
        made = sockets.socket(address[0], address[1], address[2])
        made.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
        return made

    def feeds() -> int:
        return sum(task.get_name() == "feed" for task in asyncio.all_tasks())

    async with ClientSession(connector=TCPConnector(socket_factory=narrow)) as client:
        url, headers = f"{house.url}{API}/ws", house.headers("viewer")
        async with client.ws_connect(url, headers=headers, max_msg_size=0) as slow:
            assert slow._conn is not None
            assert slow._conn.transport is not None
            slow._conn.transport.pause_reading()  # type: ignore[attr-defined]
            for run_id in runs:
                await slow.send_json({"type": "subscribe", "run_id": run_id})

            async def feeding() -> bool:
                return feeds() > 0

            async def let_go() -> bool:
                return feeds() == 0

            await eventually(feeding)
            async with opened(house) as quick:
                await quick.send_json({"type": "subscribe", "run_id": runs[0]})
                while (await within(quick.receive_json()))["type"] != "connection:completed":
                    pass
            await eventually(let_go)
            slow._conn.transport.resume_reading()  # type: ignore[attr-defined]
            assert await closed(slow) == 1013
