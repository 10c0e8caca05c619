"""How much of something a tenant may have, seen from outside."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.registry.service import build as build_registry
from services.trigger.service import build as build_trigger
from tests.http_house import TENANT, House, house_on_memory
from tests.waiting import eventually
from weir.contract import codec, subjects
from weir.contract.messages import IdentityRecord, MemberSaved, TenantSaved
from weir.core.rates import DAY_MS, parse_quotas
from weir.ports.log import Append
from weir.runtime.quotas import DailyRuns, Quotas
from weir.runtime.records import Records
from weir.runtime.shared_rates import SharedRates

WORKFLOWS = "/api/v1/workflows"
NOW = "2026-01-01T00:00:00.000Z"


def definition(name: str, *hooks: str) -> dict[str, Any]:
    """A workflow with so many webhooks."""
    nodes = [{"id": hook, "type": "webhook"} for hook in hooks or ("start",)]
    if not hooks:
        nodes = [{"id": "start", "type": "manual"}]
    end = {"id": "end", "type": "set", "config": {"values": {"a": 1}}}
    edges = [{"source": node["id"], "target": "end"} for node in nodes]
    return {"name": name, "nodes": [*nodes, end], "edges": edges}


def house_with(*quotas: str) -> House:
    """Registry and trigger under these quotas."""
    return house_on_memory(build_registry, build_trigger, quotas=quotas)


async def used(house: House) -> dict[str, tuple[int, int | None]]:
    """What there is, and may be, by name."""
    answer = await house.ask("GET", "/api/v1/tenants/current/usage", key="viewer")
    assert answer.status == 200, answer.body
    return {one["name"]: (one["used"], one["limit"]) for one in answer.body["items"]}


async def becomes(house: House, name: str, count: int) -> None:
    """Lists follow within moments."""

    async def there() -> bool:
        return (await used(house))[name][0] == count

    await eventually(there)


async def test_a_tenant_has_so_many_workflows() -> None:
    """One more is refused with how many there are; repeating a request makes none; room comes."""
    async with house_with("workflows=2") as house:
        keys = [{"Idempotency-Key": f"k{number}"} for number in range(3)]
        made = [
            await house.ask("POST", WORKFLOWS, json=definition(f"w{number}"), headers=keys[number])
            for number in range(2)
        ]
        assert [one.status for one in made] == [201, 201]
        await becomes(house, "workflows", 2)
        more = await house.ask("POST", WORKFLOWS, json=definition("w2"), headers=keys[2])
        assert (more.status, more.code) == (403, "QUOTA_EXCEEDED")
        told = {"quota": "workflows", "limit": 2, "used": 2}
        assert more.body["error"]["details"] == told
        clone = await house.ask("POST", f"{WORKFLOWS}/{made[0].body['id']}/clone", json={})
        assert clone.code == "QUOTA_EXCEEDED"
        again = await house.ask("POST", WORKFLOWS, json=definition("w0"), headers=keys[0])
        assert again.body["id"] == made[0].body["id"]
        gone = await house.ask(
            "DELETE", f"{WORKFLOWS}/{made[1].body['id']}", headers={"If-Match": "*"}
        )
        assert gone.status == 204
        await becomes(house, "workflows", 1)
        assert (await house.ask("POST", WORKFLOWS, json=definition("w3"))).status == 201


async def test_a_tenant_has_so_many_webhooks_and_credentials() -> None:
    """Webhooks come by publishing; publishing again makes none."""
    async with house_with("webhooks=1", "credentials=1") as house:
        first = (await house.ask("POST", WORKFLOWS, json=definition("w0", "a"))).body["id"]
        assert (await house.ask("POST", f"{WORKFLOWS}/{first}/versions")).status == 201
        await becomes(house, "webhooks", 1)
        assert (await house.ask("POST", f"{WORKFLOWS}/{first}/versions")).status in {200, 201}
        second = (await house.ask("POST", WORKFLOWS, json=definition("w1", "b"))).body["id"]
        refused = await house.ask("POST", f"{WORKFLOWS}/{second}/versions")
        assert (refused.status, refused.code) == (403, "QUOTA_EXCEEDED")
        statuses = []
        for name in ("one", "two"):
            asked = {"name": name, "type": "bearer", "fields": {"token": "t"}}
            answer = await house.ask("POST", "/api/v1/credentials", json=asked)
            statuses.append(answer.status)
            await becomes(house, "credentials", 1)
        assert statuses == [201, 403]


async def test_a_tenant_starts_so_many_runs_a_day() -> None:
    """By whatever way; a start that is repeated is the same run, and counts once."""
    async with house_with("runs_per_day=3") as house:
        made = (await house.ask("POST", WORKFLOWS, json=definition("w"))).body["id"]
        await house.ask("POST", f"{WORKFLOWS}/{made}/versions")
        path = f"{WORKFLOWS}/{made}/runs"
        key = {"Idempotency-Key": "same"}
        found = [await house.ask("POST", path, json={}, headers=key) for _ in range(2)]
        found += [await house.ask("POST", path, json={}) for _ in range(3)]
        assert [one.status for one in found] == [202, 202, 202, 202, 403]
        assert found[4].body["error"]["details"] == {"quota": "runs_per_day", "limit": 3, "used": 3}
        again = await house.ask("POST", path, json={}, headers=key)
        assert again.body["run_id"] == found[0].body["run_id"]
        assert (await used(house))["runs_per_day"] == (3, 3)


async def test_usage_tells_everything_and_a_tenants_own_quotas() -> None:
    """What is not limited has no limit; members are counted where they are kept."""
    async with house_with("workflows=5", "members=9") as house:
        saved = TenantSaved(
            tenant=TENANT, name="x", status="active", quotas={"workflows": 7.0}, created_at=NOW
        )
        member = MemberSaved(tenant=TENANT, user_id="usr_a", role="viewer", created_at=NOW)
        for subject, kind in (
            (subjects.tenant(TENANT), saved),
            (subjects.member(TENANT, "usr_a"), member),
        ):
            record = IdentityRecord.of(kind, id="idr_a", at=NOW, by="test")
            await house.platform.identity.append(Append(subject, codec.encode(record)))
        assert await used(house) == {
            "runs_per_day": (0, None),
            "workflows": (0, 7),
            "webhooks": (0, None),
            "credentials": (0, None),
            "members": (1, 9),
            "schedules": (0, None),
        }


@pytest.mark.parametrize("quota", [1, 7, 100, 5_000])
async def test_processes_share_a_day(quota: int) -> None:
    """Never more than the quota, and all of it but what they have put by."""
    async with house_on_memory() as house:
        platform = house.platform
        words = (f"runs_per_day={quota}",)

        def process() -> DailyRuns:
            tenants = Records(platform.identity, IdentityRecord)
            quotas = Quotas(tenants, parse_quotas(words))
            return DailyRuns(SharedRates(platform.rates), quotas, platform.clock)

        day = platform.clock.now_ms() // DAY_MS
        three = [process() for _ in range(3)]

        async def starts(one: DailyRuns) -> int:
            passed = 0
            for _ in range(quota):
                try:
                    await one.count(TENANT)
                except Exception:  # noqa: BLE001 - what it is stands in the test above
                    break
                passed += 1
            return passed

        passed = sum(await asyncio.gather(*(starts(one) for one in three)))
        if platform.clock.now_ms() // DAY_MS == day:  # else midnight gave a second quota
            assert quota - 3 * max(1, quota // 64) <= passed <= quota
