"""Rotation: all keys and secrets move, from wherever it was broken off, and everything opens."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest

from services.registry.service import build
from tests.http_house import TENANT, House, memory_platform
from tests.unit.credentials.house import ANY, PATH, make, saved
from tests.waiting import eventually
from weir.adapters.envelope.secrets import EnvelopeSecrets
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.keys import MemoryKeys
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.messages import CredentialSaved, RegistryRecord, WebhookSaved
from weir.ports.keys import KeyProvider
from weir.ports.secrets import Place, Sealed
from weir.runtime.hooks import signing_place
from weir.runtime.records import Records
from weir.runtime.worker_credentials import Credentials

ROTATION = f"{PATH}/rotation"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often."""
    monkeypatch.setattr("services.registry.rotation.LOOK_S", 0.02)


def house(connection: Connection, *providers: KeyProvider, registries: int = 1) -> House:
    """Registries whose data keys lie in the registry itself."""
    platform = memory_platform(connection)
    secrets = EnvelopeSecrets(platform.registry, platform.clock, providers)
    made = replace(platform, secrets=secrets)
    first, *others = (build(made) for _ in range(registries))
    answering = House(made, [first])
    answering.services = [first, *map(_Silent, others)]
    return answering


class _Silent:
    """A registry that answers nobody: another process of the same."""

    routes = ()

    def __init__(self, service: Any) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)


async def settled(house: House) -> dict[str, Any]:
    """How it stands once nothing is stale."""
    state: dict[str, Any] = {}

    async def done() -> bool:
        state.update((await house.ask("GET", ROTATION)).body)
        return bool(state["stale"] == state["unreadable"])

    await eventually(done)
    return state


async def hooked(house: House) -> None:
    """A webhook with a secret."""
    definition = {
        "schema": "weir/v1",
        "name": "Hooked",
        "nodes": [{"id": "hook", "type": "webhook"}],
        "edges": [],
    }
    made = await house.ask("POST", "/api/v1/workflows", json=definition)
    path = f"/api/v1/workflows/{made.body['id']}/versions"
    assert (await house.ask("POST", path, json={})).status == 201


async def test_a_rotation_moves_everything_while_it_is_used() -> None:
    """Two registries share the work; a worker that reads all the time never fails."""
    connection = Broker(SystemClock()).connect()
    async with house(connection, MemoryKeys(), registries=2) as platform:
        names = [f"c{number}" for number in range(300)]
        await asyncio.gather(*(make(platform, n, "bearer", {"token": n}) for n in names))
        await hooked(platform)
        before = {n: await saved(platform, n) for n in names}
        records = Records(platform.platform.registry, RegistryRecord, fresh_s=0.01)
        reading = asyncio.create_task(_read(platform, records, names))
        answer = await platform.ask("POST", ROTATION)
        assert answer.status == 202
        assert len(answer.body["keys"]) == 2
        state = await settled(platform)
        assert (state["secrets"], state["stale"], state["to_wrap"]) == (301, 0, 0)
        newest = state["keys"][-1]["id"]
        for name in names:
            after = await saved(platform, name)
            assert after.key_id == newest != before[name].key_id
            assert (after.version, after.given_at) == (1, before[name].given_at)
        hook = await _webhook(platform)
        place = signing_place(TENANT, hook.webhook_id)
        assert Sealed.parse(hook.secrets[0]).key_id == newest
        assert await platform.platform.secrets.open(Sealed.parse(hook.secrets[0]), place)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        # However they shared it, nothing was moved more often than there are registries.
        assert await platform.platform.registry.last_seq() < 1000 + 2 * 301


async def _read(house: House, records: Records[RegistryRecord], names: list[str]) -> None:
    while True:
        for name in names:
            reader = Credentials(records, house.platform.secrets)
            assert (await reader.get(TENANT, name))["token"] == name
            await asyncio.sleep(0)


async def _webhook(house: House) -> WebhookSaved:
    reading = house.platform.registry.read("registry.-.webhook.*")
    stored = [one async for batch in reading for one in batch]
    found = RegistryRecord.model_validate_json(stored[-1].data).webhook_saved
    assert found is not None
    return found


async def test_a_rotation_goes_on_after_an_end() -> None:
    """What a registry left undone, the next one does."""
    connection, provider = Broker(SystemClock()).connect(), MemoryKeys()
    async with house(connection, provider) as first:
        for number in range(20):
            await make(first, f"c{number}", "bearer", {"token": "t"})
    # The keys change while no registry runs.
    platform = memory_platform(connection)
    secrets = EnvelopeSecrets(platform.registry, platform.clock, [provider])
    await secrets.rotate(TENANT, fresh=True)
    async with house(connection, provider) as second:
        state = await settled(second)
        assert state["secrets"] == 20
        assert (await saved(second, "c7")).key_id == state["keys"][-1]["id"]


async def test_without_a_fresh_key_only_wrappings_change() -> None:
    """Another master key wraps the same data keys; no secret is written anew."""
    provider = MemoryKeys()
    async with house(Broker(SystemClock()).connect(), provider) as platform:
        await make(platform, "a", "bearer", {"token": "t"})
        before = await saved(platform, "a")
        newest = provider.add()
        assert (await platform.ask("GET", ROTATION)).body["to_wrap"] == 1
        answer = await platform.ask("POST", ROTATION, json={"fresh": False})
        assert answer.body["to_wrap"] == 0
        assert [one["provider_key"] for one in answer.body["keys"]] == [newest]
        await settled(platform)
        assert await saved(platform, "a") == before


async def test_what_cannot_be_opened_is_counted_and_left() -> None:
    """The others move all the same, and nobody tries it again and again."""
    async with house(Broker(SystemClock()).connect(), MemoryKeys()) as platform:
        await make(platform, "good", "bearer", {"token": "t"})
        broken = CredentialSaved(
            credential_id="cred_x", name="broken", type="bearer", sealed="AAAA", key_id="k-gone",
            created_at="2026-01-01T00:00:00Z",
        )  # fmt: skip
        await platform.record(subjects.credential(TENANT, "broken"), broken)
        await platform.ask("POST", ROTATION)

        async def counted() -> bool:
            state = (await platform.ask("GET", ROTATION)).body
            return (state["stale"], state["unreadable"]) == (1, 1)

        await eventually(counted)
        assert (await saved(platform, "broken")) == broken


async def test_legacy_values_move_under_a_data_key() -> None:
    """What was sealed without a version gets one, and opens."""
    async with house(Broker(SystemClock()).connect(), MemoryKeys()) as platform:
        secrets = platform.platform.secrets
        sealed = await secrets.seal(orjson.dumps({"token": "old"}), Place(TENANT, "cred_x", "a"))
        kind = CredentialSaved(
            credential_id="cred_x", name="a", type="bearer", sealed=sealed.data,
            key_id=sealed.key_id, created_at="2026-01-01T00:00:00Z",
        )  # fmt: skip
        await platform.record(subjects.credential(TENANT, "a"), kind)
        await platform.ask("POST", ROTATION)
        await settled(platform)
        after = await saved(platform, "a")
        assert after.version == 1
        assert after.given_at is not None
        records = Records(platform.platform.registry, RegistryRecord)
        assert (await Credentials(records, secrets).get(TENANT, "a"))["token"] == "old"


async def test_a_change_meanwhile_is_not_lost() -> None:
    """Of a new value and the old one moved, the new one stays."""
    async with house(Broker(SystemClock()).connect(), MemoryKeys()) as platform:
        await asyncio.gather(
            *(make(platform, f"c{number}", "bearer", {"token": "old"}) for number in range(50))
        )
        body = {"fields": {"token": "new"}}
        await asyncio.gather(
            platform.ask("POST", ROTATION),
            *(platform.ask("PUT", f"{PATH}/c{n}", json=body, headers=ANY) for n in range(50)),
        )
        await settled(platform)
        records = Records(platform.platform.registry, RegistryRecord)
        reader = Credentials(records, platform.platform.secrets)
        held = [(await reader.get(TENANT, f"c{n}"))["token"] for n in range(50)]
        assert held == ["new"] * 50


async def test_only_administrators_rotate() -> None:
    """And everywhere only who runs the installation."""
    async with house(Broker(SystemClock()).connect(), MemoryKeys()) as platform:
        for role in ("editor", "operator", "viewer"):
            assert (await platform.ask("POST", ROTATION, key=role)).status == 403
            assert (await platform.ask("GET", ROTATION, key=role)).status == 403
        everywhere = await platform.ask("POST", ROTATION, json={"everywhere": True})
        assert everywhere.status == 403
        empty = await platform.ask("GET", ROTATION)
        assert (empty.body["keys"], empty.body["age_days"]) == ([], None)


async def test_old_keys_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """After ninety days."""
    async with house(Broker(SystemClock()).connect(), MemoryKeys()) as platform:
        await make(platform, "a", "bearer", {"token": "t"})
        state = (await platform.ask("GET", ROTATION)).body
        assert (state["age_days"], state["overdue"]) == (0.0, False)
        monkeypatch.setattr("services.registry.rotation.REMINDER_DAYS", -1)
        assert (await platform.ask("GET", ROTATION)).body["overdue"] is True
        health = await platform.ask("GET", "/health", key=None)
        assert any("weir credentials rotate" in told for told in health.body["warnings"])
