"""Limits on the whole platform: keys, breakers, rates, and one tenant beside another's backlog."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tests.figures import Count
from tests.integration.acceptance.house import House
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Door:
    """A server that counts who is inside, and fails while it is down."""

    def __init__(self) -> None:
        self.port = 0
        self.stay_s = 0.05
        self.down = False
        self.inside: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.calls: list[tuple[str, float]] = []

    async def take(self, request: web.Request) -> web.Response:
        """One call under a key."""
        key = request.match_info["key"]
        self.calls.append((key, time.monotonic()))
        if self.down:
            return web.Response(status=503)
        self.inside[key] = self.inside.get(key, 0) + 1
        self.most[key] = max(self.most.get(key, 0), self.inside[key])
        await asyncio.sleep(self.stay_s)
        self.inside[key] -= 1
        return web.json_response({})

    def of(self, key: str) -> list[float]:
        """When calls under a key came."""
        return [at for name, at in self.calls if name == key]


@pytest_asyncio.fixture(loop_scope="module")
async def door() -> AsyncIterator[Door]:
    """One that listens."""
    door = Door()
    app = web.Application()
    app.router.add_post("/{key}", door.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    door.port = runner.addresses[0][1]
    yield door
    await runner.cleanup()


def calling(door: Door, name: str, settings: dict[str, Any], **node: Any) -> dict[str, Any]:
    """A workflow that makes one call."""
    config = {"method": "POST", "url": f"http://127.0.0.1:{door.port}/{{{{ input.key }}}}"}
    return {
        "name": name,
        "settings": settings,
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "call", "type": "http_request", "config": config, **node},
        ],
        "edges": [{"source": "start", "target": "call"}],
    }


async def until(holds: Callable[[], bool]) -> None:
    """Until it holds."""

    async def now() -> bool:
        return holds()

    await eventually(now)


async def ended(house: House, started: dict[str, Any], key: str = "admin") -> dict[str, Any]:
    """A run once the views show its end."""
    found: dict[str, Any] = {}

    async def over() -> bool:
        answer = await house.ask("GET", f"/runs/{started['run_id']}", key=key)
        found.update(answer.body)
        return answer.status == 200 and found["status"] in {"succeeded", "failed", "cancelled"}

    await eventually(over)
    return found


async def test_no_more_runs_of_a_key_go_on_than_its_limit(house: House, door: Door) -> None:
    """Twelve runs of a key with two slots: two at a time, and all come to their end."""
    limit = {"key": "{{ input.key }}", "limit": 2}
    flow = await house.publish(calling(door, "Two at a time", {"concurrency": limit}))
    runs = [
        house.run(flow["workflow_id"], {"key": "two"}, wait="30s", priority=priority)
        for priority in ("low", "normal", "high") * 4
    ]
    assert {run["status"] for run in await asyncio.gather(*runs)} == {"succeeded"}
    assert (len(door.of("two")), door.most["two"]) == (12, 2)


async def test_a_run_too_many_is_rejected(house: House, door: Door) -> None:
    """It fails at once, without having done anything."""
    door.stay_s = 1.0
    limit = {"key": "one", "policy": "reject"}
    flow = await house.publish(calling(door, "One or none", {"concurrency": limit}))
    first = asyncio.create_task(house.run(flow["workflow_id"], {"key": "reject"}, wait="20s"))
    await until(lambda: bool(door.of("reject")))
    second = await house.run(flow["workflow_id"], {"key": "reject"}, wait="20s")
    assert second["status"] == "failed"
    assert second["error"]["code"] == "CONCURRENCY_LIMIT"
    assert (await first)["status"] == "succeeded"
    assert len(door.of("reject")) == 1


async def test_a_later_run_takes_the_place_of_the_first(house: House, door: Door) -> None:
    """The first is cancelled, the second goes on after it."""
    door.stay_s = 1.0
    limit = {"key": "newest", "policy": "replace"}
    flow = await house.publish(calling(door, "The newest", {"concurrency": limit}))
    first = await house.run(flow["workflow_id"], {"key": "replace"}, wait="")
    await until(lambda: bool(door.of("replace")))
    second = await house.run(flow["workflow_id"], {"key": "replace"}, wait="20s")
    assert second["status"] == "succeeded"
    assert (await ended(house, first))["status"] == "cancelled"


async def test_of_starts_that_follow_each_other_the_last_one_runs(house: House, door: Door) -> None:
    """Four starts within the time of a debounce make one run that does something."""
    debounce = {"key": "{{ input.key }}", "for": "500ms"}
    flow = await house.publish(calling(door, "The last one", {"debounce": debounce}))
    runs = [await house.run(flow["workflow_id"], {"key": "calm"}, wait="") for _ in range(4)]
    found = [(await ended(house, run))["status"] for run in runs]
    assert found == ["cancelled"] * 3 + ["succeeded"]
    assert len(door.of("calm")) == 1


async def test_work_waits_while_what_it_calls_is_down(
    house: House, door: Door, count: Count
) -> None:
    """The breaker opens, work waits with the reason shown, resumes by itself, no attempt lost."""
    bears = {"127.0.0.1": {"breaker": {"failures": 3, "within": "10s", "open": "1s"}}}
    retry = {"max_attempts": 5, "initial": "200ms", "factor": 1}
    flow = await house.publish(
        calling(door, "Breaker", {"integrations": bears}, retry=retry), key="other admin"
    )
    door.down = True
    runs = [
        await house.run(flow["workflow_id"], {"key": "broken"}, wait="", key="other admin")
        for _ in range(20)
    ]

    def waiting() -> list[str]:
        return [
            step.waits
            for run, log in house.in_memory()
            for step in (log.state.steps.values() if log.state is not None else ())
            if run.tenant == "other" and step.waits
        ]

    await until(lambda: "breaker:127.0.0.1" in waiting())
    tried = len(door.of("broken"))
    await until(lambda: len(door.of("broken")) >= tried + 3)  # and is closed again each time
    while_down = len(door.of("broken"))
    door.down = False
    found = [await ended(house, run, key="other admin") for run in runs]
    assert {run["status"] for run in found} == {"succeeded"}
    count("calls of 20 runs while what they call was down, behind a breaker", while_down)
    assert while_down < 20 * 5


async def test_a_rate_is_kept_by_all_together(house: House, door: Door, count: Count) -> None:
    """Thirty calls at ten in a second: never more than a block and a second's worth at once."""
    door.stay_s = 0.0
    bears = {"127.0.0.1": {"rate": {"limit": 10, "per": "1s"}}}
    flow = await house.publish(calling(door, "Rate", {"integrations": bears}))
    runs = [house.run(flow["workflow_id"], {"key": "rate"}, wait="40s") for _ in range(30)]
    assert {run["status"] for run in await asyncio.gather(*runs)} == {"succeeded"}
    came = sorted(door.of("rate"))
    busiest = max(sum(at <= other < at + 1 for other in came) for at in came)
    count("calls in the busiest second, of a rate of 10", busiest)
    assert busiest <= 20


async def test_a_tenants_task_does_not_wait_for_anothers_backlog(
    house: House, door: Door, count: Count
) -> None:
    """What is out of a tenant is what executors can take, and not its backlog."""
    door.stay_s = 0.02
    items = {"items": "{{ range(input.n) }}", "concurrency": 1000}
    config = {"method": "POST", "url": f"http://127.0.0.1:{door.port}/backlog"}
    many = {
        "name": "Backlog",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "each", "type": "for_each", "config": items},
            {"id": "call", "type": "http_request", "config": config, "parent": "each"},
        ],
        "edges": [{"source": "start", "target": "each"}],
    }
    flow = await house.publish(many)
    one = await house.publish(calling(door, "One", {}), key="other admin")
    backlog = await asyncio.gather(
        *(house.run(flow["workflow_id"], {"n": 100}, wait="") for _ in range(12))
    )
    await until(lambda: len(door.of("backlog")) > 100)
    before = len(door.of("backlog"))
    asked = time.monotonic()
    await house.run(one["workflow_id"], {"key": "single"}, wait="60s", key="other admin")
    (came,) = door.of("single")
    between = sum(at < came for at in door.of("backlog")) - before
    waited_ms = int((came - asked) * 1000)
    count("ms until another tenant's task began, beside a backlog of 1,200", waited_ms)
    capacity = house.platform.settings.executor_capacity
    assert between < 8 * capacity
    for run in backlog:
        assert (await ended(house, run))["status"] == "succeeded"
