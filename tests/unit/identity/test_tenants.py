"""Tenants: made, suspended and bounded by who runs the installation, named by their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http_house import TENANT
from tests.unit.identity.roster_house import OTHER, V1, RosterHouse
from tests.waiting import eventually
from weir.contract import subjects
from weir.contract.messages import TenantDeleted, TenantSaved

GLOBEX = {"id": OTHER, "name": "Globex"}


@pytest.fixture
async def people() -> AsyncIterator[RosterHouse]:
    """A tenant behind a server, and who runs the installation."""
    there = RosterHouse()
    async with there.house:
        there.house.keys["root"] = await there.key(platform=True)
        yield there


async def test_a_tenant_is_made_with_its_first_administrator(people: RosterHouse) -> None:
    """Who is invited, by mail; as soon as they come they administer it."""
    made = await people.made("/tenants", "root", **GLOBEX, admin="Boss@globex.example")
    assert (made["status"], made["limits"], made["quotas"]) == ("active", [], {})
    assert people.service.sent == [("boss@globex.example", OTHER)]
    key = await people.key(tenant=OTHER)
    (boss,) = (await people.get("/users", key=key)).body["items"]
    assert (boss["role"], boss["status"]) == ("admin", "invited")
    assert (await people.get("/users")).body["items"] == []
    again = await people.post("/tenants", GLOBEX, key="root")
    assert (again.status, again.code) == (409, "TENANT_EXISTS")


async def test_of_many_at_once_one_is_made(people: RosterHouse) -> None:
    """And a repetition by its key is answered as the first."""
    answers = await asyncio.gather(*(people.post("/tenants", GLOBEX, key="root") for _ in range(4)))
    assert sorted(one.status for one in answers) == [201, 409, 409, 409]
    headers = {"Idempotency-Key": "k"}
    body = {"id": "initech", "name": "Initech"}
    first = await people.ask("POST", f"{V1}/tenants", json=body, key="root", headers=headers)
    again = await people.ask("POST", f"{V1}/tenants", json=body, key="root", headers=headers)
    assert first.body == again.body


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": OTHER},
        {"id": "", "name": "x"},
        {"id": "-", "name": "x"},
        {"id": "_", "name": "x"},
        {"id": "a.b", "name": "x"},
        {"id": "a*", "name": "x"},
        {"id": "A", "name": "x"},
        {"id": "ü", "name": "x"},
        {"id": "a" * 41, "name": "x"},
        {"id": "current", "name": "x"},
        {"id": OTHER, "name": ""},
        {"id": OTHER, "name": "x", "status": "suspended"},
        {"id": OTHER, "name": "x", "limits": [{"name": "api", "count": -1}]},
        {"id": OTHER, "name": "x", "limits": [{"name": "all", "count": 1}]},
        {"id": OTHER, "name": "x", "limits": [{"name": "api", "count": 1}] * 2},
        {"id": OTHER, "name": "x", "quotas": {"members": -1}},
        {"id": OTHER, "name": "x", "quotas": {"everything": 1}},
        {"id": OTHER, "name": "x", "allowed_hosts": ["https://a.example"]},
        {"id": OTHER, "name": "x", "origins": ["*"]},
        {"id": OTHER, "name": "x", "origins": ["https://a.example/path"]},
        {"id": OTHER, "name": "x", "origins": ["https://u@a.example"]},
        {"id": OTHER, "name": "x", "admin": "nobody"},
    ],
)
async def test_what_is_no_tenant_is_refused(people: RosterHouse, body: dict[str, Any]) -> None:
    """With its place, and none is made."""
    answer = await people.post("/tenants", body or {"": 1}, key="root")
    assert (answer.status, answer.code) == (422, "INVALID_REQUEST")
    assert (await people.get("/tenants", key="root")).body["items"] == []


async def test_only_who_runs_the_installation_manages_tenants(people: RosterHouse) -> None:
    """No administrator of one does, also not of their own limits."""
    await people.made("/tenants", "root", **GLOBEX)
    for key in ("admin", await people.key(tenant=OTHER), await people.key(scopes=["audit:read"])):
        for answer in (
            await people.get("/tenants", key=key),
            await people.get(f"/tenants/{OTHER}", key=key),
            await people.put(f"/tenants/{OTHER}", {"name": "x"}, key=key),
            await people.post(f"/tenants/{OTHER}/suspend", key=key),
            await people.post(f"/tenants/{OTHER}/resume", key=key),
            await people.post("/tenants", {"id": "mine", "name": "x"}, key=key),
        ):
            assert (answer.status, answer.code) == (403, "FORBIDDEN")
    raised = await people.put("/tenants/current", {"quotas": {"members": 10**9}})
    assert raised.status == 422


async def test_a_member_reads_their_tenant_and_an_administrator_names_it(
    people: RosterHouse,
) -> None:
    """Hosts and origins too; what is not named stays; also of a tenant without a record."""
    read = await people.get("/tenants/current", key="viewer")
    assert (read.body["id"], read.body["status"], read.body["revision"]) == (TENANT, "active", "0")
    told = {"name": "Acme", "allowed_hosts": ["API.example", "*.b.example:8080"]}
    changed = await people.put("/tenants/current", told, match=read.headers["ETag"])
    assert changed.body["allowed_hosts"] == ["api.example", "*.b.example:8080"]
    stale = await people.put("/tenants/current", told, match=read.headers["ETag"])
    assert stale.code == "REVISION_MISMATCH"
    more = {"origins": ["https://app.example", "https://app.example"], "second_factor": "required"}
    changed = await people.put("/tenants/current", more)
    assert changed.body["origins"] == ["https://app.example"]
    assert (changed.body["name"], changed.body["second_factor"]) == ("Acme", "required")
    for role in ("editor", "operator", "viewer"):
        assert (await people.put("/tenants/current", told, key=role)).status == 403


async def test_limits_and_quotas_are_granted(people: RosterHouse) -> None:
    """By who runs the installation alone; the tenant sees them."""
    await people.made("/tenants", "root", **GLOBEX)
    told = {
        "limits": [{"name": "api", "count": 10, "window_ms": 1000}, {"name": "hooks", "count": 0}],
        "quotas": {"workflows": 5},
    }
    changed = await people.put(f"/tenants/{OTHER}", told, key="root")
    assert changed.body["limits"][1] == {"name": "hooks", "count": 0, "window_ms": 60_000}
    key = await people.key(tenant=OTHER)
    await people.put("/tenants/current", {"name": "G"}, key=key)
    seen = (await people.get("/tenants/current", key=key)).body
    assert (seen["name"], seen["quotas"]) == ("G", {"workflows": 5.0})
    assert seen["limits"][0]["count"] == 10


async def test_a_suspended_tenant_is_not_answered(people: RosterHouse) -> None:
    """Until it is resumed; nothing of it is lost."""
    await people.made("/tenants", "root", **GLOBEX)
    key = await people.key(tenant=OTHER)
    assert (await people.get("/tenants/current", key=key)).status == 200
    suspended = await people.post(f"/tenants/{OTHER}/suspend", key="root")
    assert suspended.body["status"] == "suspended"
    assert (await people.post(f"/tenants/{OTHER}/suspend", key="root")).status == 200

    async def is_shut() -> bool:
        answer = await people.get("/tenants/current", key=key)
        return answer.status == 403 and answer.code == "TENANT_SUSPENDED"

    await eventually(is_shut)
    listed = await people.get("/tenants?status=suspended", key="root")
    assert [one["id"] for one in listed.body["items"]] == [OTHER]
    await people.post(f"/tenants/{OTHER}/resume", key="root")

    async def is_open() -> bool:
        return (await people.get("/tenants/current", key=key)).status == 200

    await eventually(is_open)


async def test_a_tenant_that_is_not_there_is_none(people: RosterHouse) -> None:
    """Nor one that was deleted; its name is never given again."""
    for name in ("nowhere", "A", "a.b", "_", "%3E"):
        for answer in (
            await people.get(f"/tenants/{name}", key="root"),
            await people.put(f"/tenants/{name}", {"name": "x"}, key="root"),
            await people.post(f"/tenants/{name}/suspend", key="root"),
            await people.post(f"/tenants/{name}/resume", key="root"),
        ):
            assert (answer.status, answer.code) == (404, "TENANT_NOT_FOUND")
    await people.made("/tenants", "root", **GLOBEX)
    await people.record(subjects.tenant(OTHER), TenantDeleted(tenant=OTHER))
    assert (await people.get(f"/tenants/{OTHER}", key="root")).code == "TENANT_NOT_FOUND"
    assert (await people.post("/tenants", GLOBEX, key="root")).code == "TENANT_EXISTS"


async def test_tenants_are_listed_by_page(people: RosterHouse) -> None:
    """In order, found by part of name or id."""
    for number in range(7):
        saved = TenantSaved(tenant=f"t{number}", name=f"Firm {number}", status="active")
        await people.record(subjects.tenant(f"t{number}"), saved)
    names: list[str] = []
    cursor = ""
    while True:
        page = (await people.get(f"/tenants?limit=3{cursor}", key="root")).body
        names += [one["id"] for one in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert names == [f"t{number}" for number in range(7)]
    found = await people.get("/tenants?name=firm%203", key="root")
    assert [one["id"] for one in found.body["items"]] == ["t3"]
    assert (await people.get("/tenants?status=gone", key="root")).status == 400
