"""From a definition to a decision and back into the run: all services, nothing played."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from tests.http_house import House
from tests.integration.whole_house import whole_house
from tests.unit.approval.asking import user
from tests.waiting import eventually

API = "/api/v1"


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    """All services on memory, and five people."""
    async with whole_house() as made:
        yield made


def definition(**config: Any) -> dict[str, Any]:
    """Asks, inside a loop too."""
    ask = {"title": "Ship {{ input.what }}?", "assignees": "group:release team", **config}
    return {
        "name": "asks",
        "nodes": [
            {"id": "go", "type": "manual"},
            {"id": "ask", "type": "approval", "config": ask},
            {"id": "each", "type": "for_each", "config": {"items": "{{ input.items }}"}},
            {
                "id": "fill",
                "type": "user_input",
                "parent": "each",
                "config": {
                    "title": "How many of {{ item }}?",
                    "assignees": ["cy@example.com"],
                    "form": {
                        "type": "object",
                        "properties": {"n": {"type": "integer"}},
                        "required": ["n"],
                    },
                },
            },
            {"id": "sum", "type": "output", "config": {"value": "{{ steps.each }}"}},
            {"id": "no", "type": "output", "config": {"value": "{{ steps.ask.comment }}"}},
        ],
        "edges": [
            {"source": "go", "target": "ask"},
            {"source": "ask", "source_port": "approved", "target": "each"},
            {"source": "each", "target": "sum"},
            {"source": "ask", "source_port": "rejected", "target": "no"},
        ],
    }


async def started(house: House, **config: Any) -> str:
    """A run of it, started by Sam."""
    made = await house.ask("POST", f"{API}/workflows", json=definition(**config))
    assert made.status == 201, made.body
    path = f"{API}/workflows/{made.body['id']}"
    published = await house.ask("POST", f"{path}/versions", json={})
    assert published.status == 201, published.body
    given = {"input": {"what": "it", "items": ["a", "b"]}}
    answer = await house.ask("POST", f"{path}/runs", key="sam", json=given)
    assert answer.status == 202, answer.body
    run_id: str = answer.body["run_id"]
    return run_id


async def waiting(house: House, who: str, count: int) -> list[dict[str, Any]]:
    """What waits for somebody, once it is so many."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        nonlocal found
        query = {"mine": "true", "status": "open"}
        answer = await house.ask("GET", f"{API}/approvals", key=who, params=query)
        found = answer.body["items"]
        return len(found) == count

    await eventually(there)
    return found


async def ended(house: House, run_id: str) -> dict[str, Any]:
    """The run, once it has ended."""
    run: dict[str, Any] = {}

    async def over() -> bool:
        nonlocal run
        answer = await house.ask("GET", f"{API}/runs/{run_id}")
        run = answer.body if answer.status == 200 else {}
        return run.get("status") in {"succeeded", "failed", "cancelled"}

    await eventually(over)
    return run


async def test_a_run_asks_and_goes_on(house: House) -> None:
    """The run says what it waits for; what people decide and fill in is in its output."""
    run_id = await started(house)
    (one,) = await waiting(house, "ann", 1)
    assert (one["title"], one["run_id"], one["step"]) == ("Ship it?", run_id, "ask")

    async def told() -> bool:
        run = (await house.ask("GET", f"{API}/runs/{run_id}")).body
        return one["id"] in str(run)

    await eventually(told)
    path = f"{API}/approvals/{one['id']}/decision"
    refused = await house.ask("POST", path, key="sam", json={"option": "approved"})
    assert refused.code == "SELF_APPROVAL"
    assert (await house.ask("POST", path, key="ann", json={"option": "approved"})).status == 200
    for number, asked in enumerate(await waiting(house, "cy", 2), 1):
        body = {"option": "submitted", "values": {"n": number}}
        path = f"{API}/approvals/{asked['id']}/decision"
        assert (await house.ask("POST", path, key="cy", json=body)).status == 200
    run = await ended(house, run_id)
    assert run["status"] == "succeeded", run
    filled = run["output"]
    assert sorted(each["values"]["n"] for each in filled) == [1, 2]
    assert {each["by"] for each in filled} == {user("cy")}


async def test_a_cancelled_run_leaves_the_inbox(house: House) -> None:
    """At once, and what was asked is told as withdrawn."""
    run_id = await started(house)
    (one,) = await waiting(house, "ann", 1)
    answer = await house.ask("POST", f"{API}/runs/{run_id}/cancel", json={})
    assert answer.status == 202
    assert await waiting(house, "ann", 0) == []
    shown = (await house.ask("GET", f"{API}/approvals/{one['id']}", key="ann")).body
    assert (shown["status"], shown["decision"]["how"]) == ("withdrawn", "run")
    assert (await ended(house, run_id))["status"] == "cancelled"


async def test_nobody_in_time(house: House) -> None:
    """The option that is named for it is decided, and the run goes on by its port."""
    run_id = await started(house, timeout="200ms", on_timeout="rejected")
    run = await ended(house, run_id)
    assert run["status"] == "succeeded", run
