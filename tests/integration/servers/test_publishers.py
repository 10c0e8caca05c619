"""Publishers of tenants at a real NATS server: who is let in, to do what, and for how long."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import nats
import nats.errors
import pytest
from nats.aio.client import Client

from services.identity import publishers
from services.identity.publishers import Publishers
from tests.places import directory_for
from weir import settings
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.door import NatsDoor
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.ports.log import Append
from weir.runtime.authn import Authenticator
from weir.runtime.background import Background
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats import NatsServer
from weir.runtime.servers.nats_users import ISSUER, SYSTEM, inbox

HOWTO = Path(__file__).parents[3] / "docs/howto/listen-to-events.md"


class Place(NamedTuple):
    """A server with identity at its door."""

    server: NatsServer
    bus: JetStreamLog
    authenticator: Authenticator
    all: Link

    async def key(self, *scopes: str) -> tuple[str, str]:
        """A key's id and its secret."""
        key_id, token = await self.authenticator.issue(
            tenant="acme", name="p", role="operator", by="test", scopes=scopes
        )
        return key_id, token.removeprefix(f"weir_{key_id}_")

    async def come(self, user: str, password: str) -> Client:
        """A stranger's client."""
        client = Client()
        try:
            await client.connect(
                self.server.url,
                user=user,
                password=password,
                inbox_prefix=f"_INBOX.{user}".encode(),
                allow_reconnect=False,
                error_cb=_ignore,
            )
        except BaseException:
            # The library leaves the socket of one that was refused to the collector.
            writer = client._transport._io_writer  # type: ignore[union-attr]
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()
            raise
        return client


async def _ignore(_: Exception) -> None:
    pass


@asynccontextmanager
async def at_the_door() -> AsyncIterator[Place]:
    """The server, its streams, and who lets in."""
    directory = directory_for("weir-door-")
    given = settings.load(data_dir=directory, bus_subjects="factory.*.temp=acme")
    server = NatsServer(DataDir(directory), given)

    async def link(user: str, *, watched: bool = True) -> Link:
        seed = server.seed_file(user).read_text().strip()
        return await connect(server.url, nkey_seed=seed, inbox=inbox(user), watched=watched)

    background = Background()
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        await server.start()
        stack.push_async_callback(server.stop)
        everything = await link("embedded")
        stack.push_async_callback(everything.close)
        await ensure_streams(everything)
        own, system = await link("identity"), await link(SYSTEM, watched=False)
        stack.push_async_callback(own.close)
        stack.push_async_callback(system.close)
        stack.push_async_callback(background.stop)
        clock = SystemClock()
        seed = server.seed_file(ISSUER).read_text().strip()
        identity = JetStreamLog(own, subjects.IDENTITY)
        await Publishers(NatsDoor(own, seed, clock, system), identity, clock).start(background)
        bus = JetStreamLog(everything, subjects.BUS)
        yield Place(server, bus, Authenticator(identity, clock), everything)


async def test_what_the_how_to_shows_publishes() -> None:
    """The Python of the page, as it stands there, with nothing but nats-py."""
    (script,) = re.findall(r"```python\n(.*?)```", HOWTO.read_text(), re.DOTALL)
    async with at_the_door() as place:
        user, secret = await place.key("events:publish")
        run = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-c", script),
            env={**os.environ, "NATS_URL": place.server.url, "USER_ID": user, "SECRET": secret},
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await asyncio.wait_for(run.communicate(), 30)
        assert told.decode().strip() == "1"
        stored = await place.bus.last("bus.acme.orders.eu.created")
        assert stored is not None
        assert stored.headers["ce-id"] == "order-4711"


async def test_a_publisher_reaches_its_own_tenant_and_nothing_else() -> None:
    """No other's bus, no stream, nobody's answers."""
    async with at_the_door() as place:
        client = await place.come(*await place.key("events:publish"))
        stream = client.jetstream()
        assert (await stream.publish("bus.acme.a", b"{}")).seq == 1
        for closed in ("bus.other.a", "bus.acme", "registry.acme.workflow.w", "identity.key.k"):
            with pytest.raises((nats.errors.Error, asyncio.TimeoutError)):
                await stream.publish(closed, b"{}", timeout=0.3)
        with pytest.raises((nats.errors.Error, asyncio.TimeoutError)):
            await client.request("$JS.API.STREAM.INFO.BUS", b"", timeout=0.3)
        heard: list[object] = []

        async def keep(message: object) -> None:
            heard.append(message)

        await client.subscribe("_INBOX.identity.>", cb=keep)
        await place.authenticator.standing.created("key_" + "a" * 26)
        await client.flush()
        assert heard == []
        assert await place.bus.last_seq() == 1
        await client.close()


async def test_who_has_no_such_key_is_not_let_in() -> None:
    """A wrong secret, a key of other scopes, nobody at all."""
    async with at_the_door() as place:
        user, secret = await place.key("events:publish")
        other, others = await place.key("runs:read")
        wrong = "a" * len(secret)
        for name, password in ((user, wrong), (other, others), ("me", "me"), ("", "")):
            with pytest.raises(nats.errors.Error):
                await place.come(name, password)


async def test_who_loses_the_key_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection ends, and no other is let in."""
    monkeypatch.setattr(publishers, "LOOK_S", 0.05)
    async with at_the_door() as place:
        user, secret = await place.key("events:publish")
        client = await place.come(user, secret)
        await client.jetstream().publish("bus.acme.a", b"{}")
        await place.authenticator.revoke(tenant="acme", key_id=user, by="test")
        async with asyncio.timeout(20):
            while not client.is_closed:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.02)
        with pytest.raises(nats.errors.Error):
            await place.come(user, secret)


async def test_mapped_subjects_lie_on_the_bus_of_their_tenant() -> None:
    """As the setting names them."""
    async with at_the_door() as place:
        assert await place.bus.append(Append("factory.3.temp", b"21")) == 1
        stored = await place.bus.last("bus.acme.factory.3.temp")
        assert stored is not None
        assert stored.data == b"21"


async def test_no_header_of_a_publisher_removes_or_schedules_anything() -> None:
    """The stream takes neither; and ids of one tenant hide nothing of another's for long."""
    async with at_the_door() as place:
        client = await place.come(*await place.key("events:publish"))
        stream = client.jetstream()
        await stream.publish("bus.acme.a", b"1")
        for header in (
            {"Nats-Rollup": "all"},
            {"Nats-Schedule": "@at 2020-01-01T00:00:00Z", "Nats-Schedule-Target": "bus.other.a"},
            {"Nats-TTL": "1s"},
        ):
            with pytest.raises((nats.errors.Error, asyncio.TimeoutError)):
                await stream.publish("bus.acme.a", b"2", headers=header, timeout=0.5)
        assert [await place.bus.count(one) for one in ("bus.acme.>", "bus.other.>")] == [1, 0]
        await client.close()
