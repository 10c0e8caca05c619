"""A tenant is deleted, or a person: nothing of them is left anywhere, and all of the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.approval.service import build as approval
from services.collab.service import build as collab
from services.identity.service import build as identity
from services.query.service import build as query
from services.registry.service import build as registry
from services.scheduler.service import build as scheduler
from services.trigger.service import build as trigger
from tests.http_house import TENANT, House, house_on_memory
from tests.unit.erasing.peopled import Peopled
from tests.waiting import eventually
from weir.contract import codec, ids, subjects
from weir.contract.messages import IdentityRecord, TenantDeleted
from weir.ports.log import Append
from weir.runtime.authn import Authenticator

OTHER = "other"
BOTH = ids.derived("usr", "both")


async def boss_of(house: House) -> str:
    """A key of another tenant that manages the installation."""
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    _, key = await issuer.issue(
        tenant="operations", name="boss", role="admin", by="test", platform=True
    )
    return key


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """All services on memory, and two tenants that share a person."""
    every = (identity, registry, trigger, scheduler, query, collab, approval)
    async with house_on_memory(*every) as made:
        for tenant in (TENANT, OTHER):
            peopled = Peopled(made, tenant, BOTH)
            await peopled.fill()
            await peopled.notified()
        yield made


async def everything(house: House, tenant: str) -> dict[str, int]:
    """What the stores themselves say a tenant has: messages that name it, and objects."""
    platform = house.platform
    found: dict[str, int] = {}
    for name in (
        "runs",
        "registry",
        "identity",
        "accounts",
        "logs",
        "notes",
        "deliveries",
        "collab",
        "approvals",
    ):
        log = getattr(platform, name)
        found[name] = 0
        async for batch in log.read(">"):
            for one in batch:
                if one.subject.startswith(("lease.", "checkpoint.", "note.position.")):
                    continue
                named = f".{tenant}." in f"{one.subject}." or f'"{tenant}"'.encode() in one.data
                found[name] += named
    found["blobs"] = len([key async for key in platform.blobs.keys(f"{tenant}/")])
    assert platform.views is not None
    found["views"] = sum((await platform.views.left(tenant)).values())
    return found


async def kept(house: House, tenant: str) -> set[tuple[str, int, bytes]]:
    """Every message that is under a tenant or says its name, as it lies there."""
    found = set()
    every = ("runs", "registry", "identity", "accounts", "logs", "deliveries", "collab")
    for name in (*every, "approvals"):
        async for batch in getattr(house.platform, name).read(">"):
            found |= {
                (name, one.seq, one.data)
                for one in batch
                if f".{tenant}." in f"{one.subject}." or f'"{tenant}"'.encode() in one.data
            }
    return found


async def settled(house: House) -> None:
    """The views have both tenants' runs."""
    views = house.platform.views
    assert views is not None

    async def there() -> bool:
        return all([(await views.left(one))["runs"] >= 2 for one in (TENANT, OTHER)])

    await eventually(there)


async def gone(house: House, tenant: str, boss: str) -> dict[str, Any]:
    """Wait until nothing is left, as the count says; the count."""
    last: dict[str, Any] = {}

    async def done() -> bool:
        nonlocal last
        last = (await house.ask("GET", f"/api/v1/tenants/{tenant}/erasure", key=boss)).body
        return bool(last["done"])

    await eventually(done)
    return last


async def test_a_tenant_is_gone_and_the_other_is_whole(house: House) -> None:
    """Every store is counted: nothing of the one, and the same as before of the other."""
    boss = await boss_of(house)
    await settled(house)
    before, messages = await everything(house, OTHER), await kept(house, OTHER)
    assert all(before[name] for name in ("runs", "registry", "identity", "logs", "blobs", "views"))
    refused = await house.ask("POST", "/api/v1/erasure", json={"confirm": "acm"})
    assert (refused.status, refused.code) == (422, "INVALID_REQUEST")
    answer = await house.ask("POST", "/api/v1/erasure", json={"confirm": TENANT})
    assert answer.status == 202
    assert answer.body["deleted_at"]
    told = await gone(house, TENANT, boss)
    assert set(told["left"].values()) == {0}
    left = await everything(house, TENANT)
    # The records that it is gone and that its audit key is: nothing but its name is in them.
    assert left == {**dict.fromkeys(left, 0), "identity": 1, "accounts": 1}
    after = await everything(house, OTHER)
    assert messages - await kept(house, OTHER) == set()
    assert {name: after[name] for name in ("registry", "identity", "logs")} == {
        name: before[name] for name in ("registry", "identity", "logs")
    }
    assert all(after[name] >= before[name] for name in ("runs", "blobs", "views"))  # its runs go on
    mine = Peopled(house, TENANT)
    for user in (mine.here, mine.robot):
        assert await house.platform.accounts.last(subjects.login(user)) is None
    assert await house.platform.accounts.last(subjects.login(BOTH)) is not None
    assert await house.platform.accounts.last(subjects.login(Peopled(house, OTHER).here))


async def test_nothing_is_answered_any_more(house: House) -> None:
    """Keys and webhooks of the tenant end with the record, whatever else still lies there."""
    path = await house.webhook({"scheme": "none"})
    assert (await house.ask("POST", path, key=None, json={})).status == 202
    answer = await house.ask("POST", "/api/v1/erasure", json={"confirm": TENANT})
    assert answer.status == 202

    async def refused() -> bool:
        key = await house.ask("GET", "/api/v1/workflows")
        hook = await house.ask("POST", path, key=None, json={})
        return (key.status, hook.status) == (401, 404)

    await eventually(refused)  # caches of a second


async def test_a_deletion_goes_on_at_the_next_start(house: House) -> None:
    """What a process that died left is removed by whoever finds the record."""
    boss = await boss_of(house)
    record = IdentityRecord.of(
        TenantDeleted(tenant=TENANT), id="idr_d", at="2026-01-01T00:00:00Z", by="test"
    )
    await house.platform.identity.append(Append(subjects.tenant(TENANT), codec.encode(record)))
    await gone(house, TENANT, boss)
    late = Peopled(house, TENANT)
    await late.fill()  # as from processes that had not heard yet; the tenant's record comes last
    await house.platform.identity.append(Append(subjects.tenant(TENANT), codec.encode(record)))
    told = await gone(house, TENANT, boss)
    assert set(told["left"].values()) == {0}


@pytest.mark.parametrize("role", ["editor", "operator", "viewer"])
async def test_only_administrators_delete_a_tenant(house: House, role: str) -> None:
    """And none of them another one."""
    answer = await house.ask("POST", "/api/v1/erasure", key=role, json={"confirm": TENANT})
    assert answer.status == 403
    for method in ("GET", "POST"):
        path = f"/api/v1/tenants/{OTHER}/erasure"
        assert (await house.ask(method, path, json={"confirm": OTHER})).status == 403


async def test_a_person_is_forgotten(house: House) -> None:
    """Nothing tells who they were, everywhere they were a member; the others stay."""
    boss = await boss_of(house)
    mine = Peopled(house, TENANT)
    path = f"/api/v1/people/{mine.here}/erasure"
    before = (await house.ask("GET", path, key=boss)).body
    assert before["done"] is False
    assert min(before["left"].values()) > 0
    unsure = await house.ask("POST", path, key=boss, json={"confirm": "yes"})
    assert (unsure.status, unsure.code) == (422, "INVALID_REQUEST")
    answer = await house.ask("POST", path, key=boss, json={"confirm": mine.here})
    assert answer.status == 200

    async def done() -> bool:
        return bool((await house.ask("GET", path, key=boss)).body["done"])

    await eventually(done)
    kept = house.platform.approvals.read(subjects.EVERY_DEVICES)
    owners = {one.subject.rpartition(".")[2] async for batch in kept for one in batch}
    assert owners == {BOTH, Peopled(house, OTHER).here}
    for log in (house.platform.identity, house.platform.accounts):
        texts = [one.data async for batch in log.read(">") for one in batch]
        assert not any(f"{mine.here}@example.com".encode() in text for text in texts)
    again = await house.ask("POST", path, key=boss, json={"confirm": mine.here})
    assert (again.status, again.body["done"]) == (200, True)
    assert await house.platform.accounts.last(subjects.login(BOTH)) is not None
    assert await house.platform.registry.last(subjects.workflow(TENANT, mine.workflow))


async def test_nobody_forgets_others_or_a_key(house: House) -> None:
    """Administrators of a tenant do not erase people, and a key is nobody to be erased."""
    mine = Peopled(house, TENANT)
    path = f"/api/v1/people/{mine.here}/erasure"
    assert (await house.ask("POST", path, json={"confirm": mine.here})).status == 403
    answer = await house.ask("POST", "/api/v1/auth/me/erasure", json={"confirm": "x"})
    assert answer.code == "PERSON_REQUIRED"
