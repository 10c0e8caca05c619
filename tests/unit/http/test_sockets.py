"""Sockets last no longer than the key they were opened with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.http_house import TENANT, House, house_on_memory
from tests.waiting import eventually, within
from weir.contract import times
from weir.contract.errors import UnavailableError
from weir.runtime.access import Permission
from weir.runtime.authn import Authenticator
from weir.runtime.http import socket
from weir.runtime.http.call import Call
from weir.runtime.http.route import Route


async def _echo(call: Call) -> Any:
    ws = await socket.accept(call)
    await ws.send_str("begun")
    async for message in ws:
        await ws.send_str(message.data)
    return ws


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A house with a socket that stays open."""
    monkeypatch.setattr(socket, "RECHECK_S", 0.05)
    house = house_on_memory()
    house.extra = (Route("GET", "/s", _echo, Permission.RUNS_READ, "Socket", "t", timeout_s=0),)
    async with house:
        yield house


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """A client."""
    async with ClientSession() as session:
        yield session


async def opened(session: ClientSession, house: House, token: str) -> ClientWebSocketResponse:
    """A socket that was begun."""
    ws = await session.ws_connect(f"{house.url}/s", headers={"Authorization": f"Bearer {token}"})
    assert (await within(ws.receive())).data == "begun"
    return ws


async def alive(ws: ClientWebSocketResponse) -> bool:
    """Whether it answers."""
    await ws.send_str("still there")
    message = await within(ws.receive())
    return message.type is WSMsgType.TEXT and message.data == "still there"


def guards() -> int:
    """How many sockets of this process are watched over."""
    return sum(task.get_name() == "guard a socket" for task in asyncio.all_tasks())


async def test_a_revoked_key_closes_its_sockets(house: House, session: ClientSession) -> None:
    """With 4401 and the reason; sockets of other keys stay."""
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    key_id, token = await issuer.issue(tenant=TENANT, name="x", role="viewer", by="test")
    ended = [await opened(session, house, token) for _ in range(3)]
    other = await opened(session, house, house.keys["viewer"])
    await issuer.revoke(tenant=TENANT, key_id=key_id, by="test")
    for ws in ended:
        message = await within(ws.receive())
        assert message.type is WSMsgType.CLOSE
        assert (message.data, ws.close_code) == (4401, 4401)
        assert message.extra == "UNAUTHORIZED: the API key was revoked or has expired"
    assert await alive(other)
    await other.close()

    async def none() -> bool:
        return guards() == 0

    await eventually(none)


async def test_an_expired_key_closes_its_sockets(house: House, session: ClientSession) -> None:
    """A key that ends by itself takes its sockets along."""
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    soon = times.from_ms(house.platform.clock.now_ms() + 400)
    _, token = await issuer.issue(
        tenant=TENANT, name="x", role="viewer", by="test", expires_at=soon
    )
    ws = await opened(session, house, token)
    assert (await within(ws.receive())).data == 4401


async def test_a_peer_that_says_nothing_is_cut_off(
    house: House, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that does not answer the close does not keep its socket."""
    monkeypatch.setattr(socket, "_ABORT_S", 0.1)
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    key_id, token = await issuer.issue(tenant=TENANT, name="x", role="viewer", by="test")
    ws = await opened(session, house, token)
    before = guards()
    transport = ws._conn.transport  # type: ignore[union-attr]
    transport.pause_reading()  # type: ignore[union-attr]
    await issuer.revoke(tenant=TENANT, key_id=key_id, by="test")

    async def gone() -> bool:
        return guards() < before

    await eventually(gone)
    transport.abort()  # type: ignore[union-attr]


async def test_nobody_is_sent_away_while_keys_cannot_be_looked_up(
    house: House, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that is away is no reason to close what goes on without asking it."""
    ws = await opened(session, house, house.keys["viewer"])
    asked = asyncio.Event()

    async def away(*_: Any) -> None:
        asked.set()
        raise UnavailableError("away")

    monkeypatch.setattr(house.platform.identity, "last", away)
    await within(asked.wait())
    assert await alive(ws)
    await ws.close()
