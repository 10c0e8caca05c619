"""What a real server says of its storage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.nats_server import NatsServer
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.storage import JetStreamStorage
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.streams import STREAMS
from weir.contract import subjects
from weir.ports.log import Append

MIB = 1024 * 1024
LIMITED = f"""
accounts {{ weir: {{
  jetstream {{ max_file: {8 * MIB} }}
  users: [
    {{ user: scheduler, password: x }}
    {{ user: other, password: x, permissions: {{ publish: {{ deny: "$JS.API.INFO" }} }} }}
  ]
}} }}
"""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    """A server whose account may keep eight MiB; its streams are there."""
    server = NatsServer(tmp_path, lines=LIMITED)
    server.start()
    link = await signed_in(server, "scheduler")
    await ensure_streams(link)
    await link.close()
    yield server
    server.kill()


async def signed_in(server: NatsServer, user: str) -> Link:
    """A connection of this user."""
    return await connect(server.url, user=user, password="x")


async def test_the_limit_of_an_account_and_what_is_kept(server: NatsServer) -> None:
    """Bytes of every stream, and what is left of what the account may keep."""
    link = await signed_in(server, "scheduler")
    storage = JetStreamStorage(link)
    empty = await storage.look()
    assert set(empty.streams) == {spec.name for spec in STREAMS}
    assert empty.rooms[0][:2] == ("account", 8 * MIB)
    log = JetStreamLog(link, subjects.RUNS)
    for number in range(10):
        await log.append(Append(f"lease.{number}.x", bytes(500_000)))
    kept = await storage.look()
    assert kept.streams["RUNS"] >= 5_000_000
    assert kept.rooms[0].free <= 8 * MIB - 5_000_000
    await link.close()


async def test_a_user_who_may_not_see_the_account_sees_the_streams(server: NatsServer) -> None:
    """Nothing is known of limits then, and nothing breaks."""
    link = await signed_in(server, "other")
    storage = JetStreamStorage(link, timeout_s=0.3)
    kept = await storage.look()
    assert set(kept.streams) == {spec.name for spec in STREAMS}
    assert kept.rooms == ()
    await link.close()
