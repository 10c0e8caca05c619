"""Ten thousand credentials move under a new key on a real broker while workers read them."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import orjson

from services.registry.service import build
from tests.figures import Count
from tests.http_house import TENANT, House
from tests.nats_server import NatsServer
from weir.adapters.jetstream.connect import connect as connect_nats
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.keyfile import keys
from weir.contract import codec, subjects
from weir.contract.messages import CredentialSaved, RegistryRecord
from weir.ports.log import Append
from weir.runtime.platform import Platform
from weir.runtime.records import Records
from weir.runtime.sealing import fields_place
from weir.runtime.worker_credentials import Credentials
from weir.settings import Settings
from weir.wiring import connect

MANY = 10_000
WORKERS = 3
AT_ONCE = 500
ROTATION = "/api/v1/credentials/rotation"
NOW = "2026-01-01T00:00:00.000Z"


async def stored(platform: Platform) -> None:
    """All of them, as the registry would have written them one by one."""
    for first in range(0, MANY, AT_ONCE):
        appends = []
        for number in range(first, first + AT_ONCE):
            name = f"c{number}"
            place = fields_place(TENANT, f"cred_{number}", name, 1)
            sealed = await platform.secrets.seal(orjson.dumps({"token": name}), place)
            saved = CredentialSaved(
                credential_id=f"cred_{number}", name=name, type="bearer", sealed=sealed.data,
                key_id=sealed.key_id, created_at=NOW, version=1, given_at=NOW,
            )  # fmt: skip
            record = RegistryRecord.of(saved, id="rec", tenant=TENANT, at=NOW, by="test")
            appends.append(Append(subjects.credential(TENANT, name), codec.encode(record)))
        results = await platform.registry.append_all(appends)
        assert all(isinstance(one, int) for one in results)


async def reading(platform: Platform, first: int, reads: list[int]) -> None:
    """What steps do, without a pause: every value is the right one."""
    credentials = Credentials(Records(platform.registry, RegistryRecord), platform.secrets)
    number = first
    while True:
        for _ in range(50):
            name = f"c{number}"
            assert (await credentials.get(TENANT, name))["token"] == name
            number = (number + 7919) % MANY
            reads.append(number)
        await asyncio.sleep(0)


async def test_ten_thousand_are_rotated_while_they_are_used(count: Count) -> None:
    """Another master key and another data key; nothing that is read meanwhile fails."""
    with tempfile.TemporaryDirectory(prefix="weir-rotation-") as place:
        directory = Path(place)
        server = NatsServer(directory)
        server.start()
        try:
            link = await connect_nats(server.url, name="test")
            await ensure_streams(link, replicas=1, shards=1)
            await link.close()
            settings = Settings(
                data_dir=directory / "data", nats_url=server.url, shards=1, limits=("off",)
            )
            keys.make(settings.keys)
            async with AsyncExitStack() as stack:
                registry, *workers = [
                    await stack.enter_async_context(connect(settings, name))
                    for name in ("registry", *("executor",) * WORKERS)
                ]
                await stored(registry)
                reads: list[int] = []
                async with House(registry, [build(registry)]) as house:
                    using = [
                        asyncio.create_task(reading(one, at * 1000, reads))
                        for at, one in enumerate(workers)
                    ]
                    newest = keys.add(settings.keys)
                    begun = await house.ask("POST", ROTATION)
                    assert begun.body["secrets"] == MANY
                    state = begun.body
                    while state["stale"]:
                        assert not any(one.done() for one in using), "a worker has failed"
                        await asyncio.sleep(0.2)
                        state = (await house.ask("GET", ROTATION)).body
                    assert {one["provider_key"] for one in state["keys"]} == {newest}
                    assert not any(one.done() for one in using), "a worker has failed"
                    for one in using:
                        one.cancel()
                    await asyncio.gather(*using, return_exceptions=True)
                count("credentials moved while they were read", MANY)
                count("readings meanwhile", len(reads))
                assert len(reads) > MANY / 10
        finally:
            server.kill()
