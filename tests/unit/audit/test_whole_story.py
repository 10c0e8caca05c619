"""One person's day: signs in, edits, publishes, starts, cancels, deletes, is refused, signs out.

An administrator reads all of it; then the person is erased, and the chain is whole as before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.identity import audit_chainer, audit_runs
from services.registry.service import build as registry
from services.trigger.service import build as trigger
from tests.unit.identity.people_house import AUTH, PASSWORD, PeopleHouse, people_house
from tests.waiting import eventually
from weir.contract import subjects

API = "/api/v1"
WORKFLOWS = f"{API}/workflows"
ADDRESS = "ann@acme.example"
DEFINITION = {"name": "billing", "nodes": [{"id": "start", "type": "manual"}], "edges": []}


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PeopleHouse]:
    """Identity, registry and trigger on one memory broker; chains grow at once."""
    monkeypatch.setattr(audit_chainer, "EVERY_S", 0.01)
    monkeypatch.setattr(audit_runs, "GATHER_S", 0.01)
    made = people_house(monkeypatch)
    made.services = [*made.services, registry(made.platform), trigger(made.platform)]
    async with made:
        await made.tenant()
        yield made


async def entries(house: PeopleHouse, wanted: set[str]) -> list[dict[str, Any]]:
    """The audit, the oldest first, once these events are in it."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        answer = await house.ask("GET", f"{API}/audit?limit=200")
        found[:] = reversed(answer.body["items"])
        return wanted <= {one["event"] for one in found}

    await eventually(there)
    return found


async def day(house: PeopleHouse) -> str:
    """What Ann does; returns her id."""

    async def ask(method: str, path: str, expected: int, **rest: Any) -> Any:
        answer = await house.ask(method, path, key=token, **rest)
        assert answer.status == expected, (path, answer.status, answer.body)
        return answer

    async def run_told() -> bool:
        position = await house.platform.notes.last(subjects.audit_position("runs"))
        return position is not None

    await eventually(run_told)
    ann = await house.person("ann", role="editor")
    assert (await house.login("ann", "a wrong horse")).status == 401
    token = (await house.signed_in("ann"))["access_token"]
    made = await ask("POST", WORKFLOWS, 201, json=DEFINITION)
    path = f"{WORKFLOWS}/{made.body['id']}"
    tag = {"If-Match": made.headers["ETag"]}
    await ask("PUT", path, 200, json={**DEFINITION, "name": "invoices"}, headers=tag)
    await ask("POST", f"{path}/versions", 201, json={})
    started = await ask("POST", f"{path}/runs", 202, json={})
    await ask("POST", f"{API}/runs/{started.body['run_id']}/cancel", 202, json={})
    await ask("GET", f"{API}/audit", 403)
    tag = {"If-Match": (await ask("GET", path, 200)).headers["ETag"]}
    await ask("DELETE", path, 204, headers=tag)
    await ask("POST", f"{AUTH}/logout", 204)
    return ann


async def test_a_day_is_told_whole_and_can_be_forgotten(house: PeopleHouse) -> None:
    """Event by event, by whom and to what; no secret; after erasure no address, and still whole."""
    ann = await day(house)
    told = await entries(house, {"user.signed_out", "run.started"})
    mine = [(one["event"], one["outcome"]) for one in told if one["user_id"] == ann]
    assert sorted(mine) == sorted(
        [
            ("user.signed_in", "allowed"),
            ("workflow.created", "allowed"),
            ("workflow.updated", "allowed"),
            ("workflow.published", "allowed"),
            ("run.started", "allowed"),
            ("run.cancel_requested", "allowed"),
            ("access.denied", "denied"),
            ("workflow.deleted", "allowed"),
            ("user.signed_out", "allowed"),
        ]
    )
    asked = [one for one in told if one["event"] != "run.started"]
    assert {one["ip_address"] for one in asked} == {"127.0.0.1"}
    by_event = {one["event"]: one for one in told}
    assert by_event["workflow.updated"]["changes"]["name"] == {"old": "billing", "new": "invoices"}
    assert by_event["run.cancel_requested"]["resource_id"] == by_event["run.started"]["resource_id"]
    assert PASSWORD not in str(told)
    assert "a wrong horse" not in str(told)
    await house.service._auditing.persons.erase(ann, "test")
    forgotten = await entries(house, {"user.signed_out"})
    mine_now = [one for one in forgotten if one["user_id"] == ann]
    assert {one["ip_address"] for one in mine_now} <= {"erased", ""}
    verdict = await house.ask("GET", f"{API}/audit/verify")
    assert verdict.body["whole"] is True


async def test_wrong_passwords_are_told_to_the_installation(house: PeopleHouse) -> None:
    """Whose tenant it would have been nobody knows yet; what was guessed stands nowhere."""
    await house.person("ann", role="editor")
    for _ in range(4):
        assert (await house.login("ann", "a wrong horse")).status == 401
    chain = subjects.audit_chain(subjects.INSTALLATION)

    async def there() -> bool:
        return await house.platform.audit.last(chain) is not None

    await eventually(there)
    stored = await house.platform.audit.last(chain)
    assert stored is not None
    assert b"user.signed_in" in stored.data
    assert b"denied" in stored.data
    assert b"wrong horse" not in stored.data
    assert ADDRESS.encode() not in stored.data
