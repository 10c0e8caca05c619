"""Devices for push notices on a real broker, each service under its own credential."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest

from services.approval.push_crypto import Target
from services.approval.push_devices import MOST, Devices
from tests.integration.servers.test_nats_permissions import signed_in
from tests.places import directory_for
from tests.waiting import eventually
from weir import settings
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.memory.secrets import MemorySecrets
from weir.adapters.system import SystemClock
from weir.contract import ids, subjects
from weir.contract.approval_errors import PushDevicesFullError
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats import NatsServer

ADMIN, OPERATOR = ids.derived("usr", "admin"), ids.derived("usr", "operator")


@pytest.fixture
async def server() -> AsyncIterator[NatsServer]:
    """A server with its users and streams."""
    path = directory_for("weir-data-")
    made = NatsServer(DataDir(path), settings.load(data_dir=path))
    await made.start()
    async with signed_in(made, "scheduler") as link:
        await ensure_streams(link, shards=subjects.SHARDS)
    yield made
    await made.stop()
    shutil.rmtree(path)


def target(number: int) -> Target:
    """A browser's."""
    return Target(f"https://push.example.net/{number}", b"\x04" + bytes(64), bytes(16))


async def test_two_processes_keep_the_limit_and_forget_together(server: NatsServer) -> None:
    """Of twelve that come at once ten stay; each hears of the other's; what goes is gone."""
    secrets, clock = MemorySecrets(), SystemClock()
    async with (
        signed_in(server, "approval") as one_link,
        signed_in(server, "approval") as other_link,
        signed_in(server, "identity") as identity_link,
    ):
        one, other = (
            Devices(JetStreamLog(link, subjects.APPROVALS), secrets, clock)
            for link in (one_link, other_link)
        )
        await other.load()
        following = asyncio.create_task(other.run())
        answers = await asyncio.gather(
            *[one.add("acme", ADMIN, "Phone", target(number)) for number in range(6)],
            *[other.add("acme", ADMIN, "Phone", target(number)) for number in range(6, 12)],
            return_exceptions=True,
        )
        refused = [answer for answer in answers if isinstance(answer, BaseException)]
        kept = [answer for answer in answers if not isinstance(answer, BaseException)]
        assert {type(answer) for answer in refused} <= {PushDevicesFullError}
        assert (len(refused), len(kept)) == (2, MOST)
        assert {device.id for device in await one.read("acme", ADMIN)} == {
            device.id for device in kept
        }
        gone = kept[0]
        await one.remove("acme", ADMIN, gone.id)
        await one.add("acme", OPERATOR, "Desk", target(99))

        async def heard() -> bool:
            mine = {device.id for device in other.of("acme", ADMIN)}
            return gone.id not in mine and len(mine) == MOST - 1 and other.any("acme")

        await eventually(heard)
        seen = JetStreamLog(identity_link, subjects.APPROVALS)
        assert await seen.count(subjects.approval_devices("*", ADMIN)) == 1  # the newest alone

        removing = asyncio.create_task(other.removing())
        other.leave("acme", ADMIN)

        async def left() -> bool:
            return await seen.last(subjects.approval_devices("acme", ADMIN)) is None

        await eventually(left)
        assert await one.forget("acme")
        assert not await one.forget("acme")
        assert await seen.last(subjects.approval_devices("acme", OPERATOR)) is None
        for task in (following, removing):
            task.cancel()
        await asyncio.gather(following, removing, return_exceptions=True)
