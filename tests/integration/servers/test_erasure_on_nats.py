"""A tenant is erased from the streams of a real broker, each service under its own credential."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from services.identity.audit_persons import Persons
from services.identity.erasing import Erasing as FromIdentity
from services.query.erasing import Erasing as FromQuery
from services.registry.erasing import Erasing as FromRegistry
from tests.http_house import memory_platform
from tests.integration.servers.test_nats_permissions import signed_in
from tests.places import directory_for
from tests.unit.erasing.peopled import Peopled
from weir import settings
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.messages import IdentityRecord, TenantDeleted
from weir.ports.log import Append
from weir.runtime.decider.erasing import Erasing as FromShard
from weir.runtime.decider.fence import Fence
from weir.runtime.platform import Platform
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats import NatsServer

STREAMS = ("runs", "registry", "identity", "accounts", "notes", "logs", "rates", "deliveries")
FIRST = {"runs": "run", "notes": "note", "rates": "rate", "deliveries": "delivery"}
SHARDS = subjects.SHARDS


@pytest.fixture
async def server() -> AsyncIterator[NatsServer]:
    """A server with its users and streams."""
    path = directory_for("weir-data-")
    server = NatsServer(DataDir(path), settings.load(data_dir=path))
    await server.start()
    async with signed_in(server, "scheduler") as link:
        await ensure_streams(link, shards=SHARDS)
    yield server
    await server.stop()
    shutil.rmtree(path)


def seen_by(link: Link, platform: Platform) -> Platform:
    """The same platform over a connection."""
    logs: dict[str, Any] = {name: JetStreamLog(link, name.upper()) for name in STREAMS}
    return dataclasses.replace(platform, **logs)


async def until_nothing(sweep: Callable[[str], Awaitable[bool]]) -> int:
    """Passes until one finds nothing; how many there were."""
    for passes in range(10):
        if not await sweep("acme"):
            return passes
    raise AssertionError("something is found again and again")


async def nobody() -> None:
    """No checkpoint is to be written."""


async def test_each_service_may_remove_what_it_keeps(server: NatsServer) -> None:
    """No permission is missing, nothing is left of the tenant, and all of the other one."""
    plain = memory_platform(Broker(SystemClock()).connect(), shards=SHARDS)
    async with (
        signed_in(server, "embedded") as everybody,
        signed_in(server, "scheduler") as scheduler,
        signed_in(server, "registry") as registry,
        signed_in(server, "query") as query,
        signed_in(server, "identity") as identity,
    ):
        platform = seen_by(everybody, plain)
        house: Any = SimpleNamespace(platform=platform)
        for tenant in ("acme", "other"):
            await Peopled(house, tenant).fill()
        gone = IdentityRecord.of(
            TenantDeleted(tenant="acme"), id="idr_d", at="2026-01-01T00:00:00Z"
        )
        await platform.identity.append(Append(subjects.tenant("acme"), codec.encode(gone)))
        before = await counted(platform, "other")

        mine = seen_by(registry, plain)
        from_registry = FromRegistry(mine.registry, mine.runs, lambda _: None)
        assert await from_registry.sweep("acme")  # versions wait for the runs
        assert await platform.registry.last(
            subjects.version("acme", Peopled(house, "acme").version)
        )

        mine = seen_by(scheduler, plain)
        for shard in range(SHARDS):
            lease = subjects.lease(shard, "x")
            fence = Fence(lease, await mine.runs.append(Append(lease, b"", expect=0)))
            shard_of = FromShard(mine.runs, plain.clock, shard, fence, lambda _: None, nobody)
            await shard_of.sweep("acme")  # tells runs to end; nobody decides here
            shard_of._since = dict.fromkeys(shard_of._since, 0)
            await until_nothing(shard_of.sweep)
        await until_nothing(from_registry.sweep)
        mine = seen_by(query, plain)
        assert plain.views is not None
        from_query = FromQuery(plain.views, mine.runs, mine.logs, mine.deliveries, plain.blobs)
        await until_nothing(from_query.sweep)
        mine = seen_by(identity, plain)
        persons = Persons(mine.accounts, plain.secrets, plain.clock)
        await until_nothing(FromIdentity(mine, persons).tenant)

        left = await counted(platform, "acme")
        assert left == {**dict.fromkeys(left, 0), "identity": 1, "accounts": 1}
        assert await counted(platform, "other") == before


async def counted(platform: Platform, tenant: str) -> dict[str, int]:
    """How many messages of each stream are a tenant's or name it."""
    found = dict.fromkeys(STREAMS, 0)
    for name in STREAMS:
        log, first = getattr(platform, name), FIRST.get(name, name)
        # The whole stream by its name: the broker finds no end under ">" once its last is gone.
        async for batch in log.read(f"{first}.>"):
            found[name] += sum(
                f".{tenant}." in f"{one.subject}." or f'"{tenant}"'.encode() in one.data
                for one in batch
            )
    return found
