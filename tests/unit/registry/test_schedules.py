"""Schedules through the API: made, changed, paused, asked for runs, and told of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.registry.service import build as build_registry
from services.scheduler.service import build as build_scheduler
from tests.http_house import Answer, House, house_on_memory
from tests.waiting import eventually

WORKFLOWS = "/api/v1/workflows"
SCHEDULES = "/api/v1/schedules"
SELDOM = "0 0 29 2 *"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Registry and scheduler behind a server."""
    async with house_on_memory(build_registry, build_scheduler) as house:
        yield house


def definition(**config: Any) -> dict[str, Any]:
    """A workflow with a schedule."""
    return {
        "schema": "weir/v1",
        "name": "Timed",
        "nodes": [
            {"id": "tick", "type": "schedule", "config": config},
            {"id": "done", "type": "output", "config": {"value": "{{ trigger.scheduled_at }}"}},
        ],
        "edges": [{"source": "tick", "target": "done"}],
    }


async def published(house: House, **config: Any) -> tuple[str, str]:
    """A new workflow with a schedule: its id and the schedule's."""
    made = await house.ask("POST", WORKFLOWS, json=definition(**config))
    answer = await house.ask("POST", f"{WORKFLOWS}/{made.body['id']}/versions")
    assert answer.status == 201, answer.body
    (schedule,) = answer.body["schedules"]
    return made.body["id"], schedule["id"]


async def change(house: House, workflow: str, nodes: list[dict[str, Any]] | None, **to: Any) -> Any:
    """Publish another content; the answer."""
    written = definition(**to) | {"vars": {"changed": str(to)}}
    if nodes is not None:
        written |= {"nodes": nodes, "edges": []}
    match = {"If-Match": "*"}
    await house.ask("PUT", f"{WORKFLOWS}/{workflow}", json=written, headers=match)
    return (await house.ask("POST", f"{WORKFLOWS}/{workflow}/versions")).body


async def fires(house: House, schedule: str, least: int, **query: str) -> list[dict[str, Any]]:
    """What became of its times, once there are so many whose runs have ended."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        answer = await house.ask("GET", f"{SCHEDULES}/{schedule}/fires", params=query)
        found[:] = answer.body["items"]
        over = [one for one in found if one["outcome"] == "skipped" or one["run_status"]]
        return len(over) >= least

    await eventually(there)
    return found


async def asked(house: House, schedule: str, what: str, body: Any = None) -> Answer:
    """One of the things that are done to a schedule."""
    return await house.ask("POST", f"{SCHEDULES}/{schedule}/{what}", json=body or {})


async def test_a_node_becomes_a_schedule_that_begins_runs(house: House) -> None:
    """Its times are told with their runs, and how those ended."""
    workflow, schedule = await published(house, every="1s", overlap="allow", input={"n": 1})
    told = await fires(house, schedule, 2, outcome="fired")
    assert {one["run_status"] for one in told if one["run_status"]} == {"succeeded"}
    assert len({one["run_id"] for one in told}) == len(told)
    shown = (await house.ask("GET", f"{SCHEDULES}/{schedule}")).body
    assert (shown["every"], shown["trigger"], shown["from_node"]) == ("1s", "tick", True)
    assert len(shown["next"]) == 10
    listed = (await house.ask("GET", SCHEDULES, params={"workflow_id": workflow})).body["items"]
    assert [one["id"] for one in listed] == [schedule]


async def test_the_id_stays_over_versions_and_goes_with_the_node(house: House) -> None:
    """Another time in another version is the same schedule; without the node there is none."""
    workflow, schedule = await published(house, cron=SELDOM)
    again = await change(house, workflow, None, cron="@yearly")
    assert [one["id"] for one in again["schedules"]] == [schedule]
    assert (await house.ask("GET", f"{SCHEDULES}/{schedule}")).body["cron"] == "0 0 1 1 *"
    without = await change(house, workflow, [{"id": "go", "type": "manual"}])
    assert without["schedules"] == []
    assert (await house.ask("GET", f"{SCHEDULES}/{schedule}")).status == 404


async def test_schedules_go_with_their_workflow(house: House) -> None:
    """Those of nodes and those of their own."""
    workflow, _ = await published(house, cron=SELDOM)
    own = {"workflow_id": workflow, "name": "mine", "at": "2100-01-01T00:00:00Z"}
    assert (await house.ask("POST", SCHEDULES, json=own)).status == 201
    await house.ask("DELETE", f"{WORKFLOWS}/{workflow}", headers={"If-Match": "*"})
    assert (await house.ask("GET", SCHEDULES)).body["items"] == []


async def test_what_a_node_means_is_not_changed_beside_it(house: House) -> None:
    """Nor deleted; pausing is no change of meaning."""
    _, schedule = await published(house, cron=SELDOM)
    path, match = f"{SCHEDULES}/{schedule}", {"If-Match": "*"}
    put = await house.ask("PUT", path, json={"name": "x", "every": "1d"}, headers=match)
    gone = await house.ask("DELETE", path, headers=match)
    assert [one.body["error"]["code"] for one in (put, gone)] == ["SCHEDULE_OF_NODE"] * 2
    assert (await asked(house, schedule, "pause", {"note": "not now"})).body["paused"]


async def test_paused_it_still_does_what_it_is_asked(house: House) -> None:
    """One run now, whose id the answer names; the same key asks once."""
    _, schedule = await published(house, every="1s", overlap="allow")
    paused = (await asked(house, schedule, "pause", {"note": "noise"})).body
    assert (paused["paused"], paused["note"], paused["next_at"]) == (True, "noise", None)
    key = {"Idempotency-Key": "once"}
    path = f"{SCHEDULES}/{schedule}/trigger"
    first, second = [await house.ask("POST", path, headers=key) for _ in range(2)]
    assert (first.status, first.body) == (202, second.body)

    async def ran() -> bool:
        rows = (await house.ask("GET", f"{SCHEDULES}/{schedule}/fires")).body["items"]
        return any(one["run_id"] == first.body["run_id"] and one["run_status"] for one in rows)

    await eventually(ran)
    resumed = (await asked(house, schedule, "resume")).body
    assert (resumed["paused"], resumed["next_at"] is None) == (False, False)


async def test_a_range_is_answered_again_in_order(house: House) -> None:
    """Each of its times begins a run, one after the other."""
    _, schedule = await published(house, cron="0 * * * *")
    span = {"after": "2026-01-01T00:00:00Z", "upto": "2026-01-01T03:00:00Z"}
    answer = await asked(house, schedule, "backfill", span)
    assert (answer.status, answer.body["times"]) == (202, 3)
    rows = [one for one in await fires(house, schedule, 3) if one["request_id"]]
    assert [one["scheduled_at"][11:16] for one in rows] == ["03:00", "02:00", "01:00"]


async def test_a_run_that_cannot_be_is_told_with_its_reason(house: House) -> None:
    """The workflow's input is not what the schedule gives."""
    written = definition(cron=SELDOM) | {"input": {"type": "object", "required": ["day"]}}
    made = await house.ask("POST", WORKFLOWS, json=written)
    version = await house.ask("POST", f"{WORKFLOWS}/{made.body['id']}/versions")
    schedule = version.body["schedules"][0]["id"]
    await asked(house, schedule, "trigger")

    async def refused() -> bool:
        query = {"outcome": "refused"}
        rows = (await house.ask("GET", f"{SCHEDULES}/{schedule}/fires", params=query)).body["items"]
        return [one["error"]["code"] for one in rows] == ["INPUT_INVALID"]

    await eventually(refused)
    assert (await house.ask("GET", f"{SCHEDULES}/{schedule}")).body["running"] == []


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({}, ""),
        ({"cron": "* * * *"}, "cron"),
        ({"cron": "0 0 31 2 *"}, "cron"),
        ({"cron": "@daily", "timezone": "Mars/Olympus"}, "timezone"),
        ({"cron": "@daily", "every": "1h"}, ""),
        ({"every": "10ms"}, "every"),
        ({"at": "tomorrow"}, "at"),
        ({"every": "1h", "until": "never"}, "until"),
        ({"every": "1h", "catch_up": "400d"}, "catch_up"),
        ({"every": "1h", "jitter": "2d"}, "jitter"),
        ({"every": "1h", "input": "x" * 40_000}, "input"),
    ],
)
async def test_what_names_no_times_is_refused(house: House, written: Any, field: str) -> None:
    """With the field and the reason."""
    made = await house.ask("POST", WORKFLOWS, json=definition(cron=SELDOM))
    body = {"workflow_id": made.body["id"], "name": "bad", **written}
    answer = await house.ask("POST", SCHEDULES, json=body)
    error = answer.body["error"]
    assert (answer.status, error["code"]) == (422, "SCHEDULE_INVALID")
    assert error["details"]["errors"][0]["path"] == field


async def test_a_schedule_of_its_own_is_made_changed_and_deleted(house: House) -> None:
    """The same key makes one; a change needs what was seen; other times count from the change."""
    workflow, _ = await published(house, cron=SELDOM)
    body = {"workflow_id": workflow, "name": "nightly", "cron": "30 2 * * *", "input": {"n": 1}}
    key = {"Idempotency-Key": "k"}
    first, second = [await house.ask("POST", SCHEDULES, json=body, headers=key) for _ in range(2)]
    assert (first.status, first.body["id"]) == (201, second.body["id"])
    path = f"{SCHEDULES}/{first.body['id']}"
    assert (await house.ask("PUT", path, json={"name": "x", "every": "1h"})).status == 428
    stale = {"If-Match": '"1"'}
    moved = await house.ask("PUT", path, json={"name": "x", "every": "1h"}, headers=stale)
    assert moved.status == 412
    tag = {"If-Match": (await house.ask("GET", path)).headers["ETag"]}
    put = await house.ask("PUT", path, json={"name": "hourly", "every": "1h"}, headers=tag)
    assert (put.status, put.body["every"], put.body["cron"]) == (200, "1h", None)
    tag = {"If-Match": put.headers["ETag"]}
    assert (await house.ask("DELETE", path, headers=tag)).status == 204
    assert (await house.ask("GET", path)).status == 404


async def test_times_are_shown_before_anything_is_saved(house: House) -> None:
    """Over the change to summer time, as the wall has it."""
    asked = {"cron": "30 2 * * *", "timezone": "Europe/Berlin", "count": 3}
    answer = await house.ask("POST", f"{SCHEDULES}/preview", json=asked)
    assert len(answer.body["items"]) == 3
    bad = await house.ask("POST", f"{SCHEDULES}/preview", json={"cron": "x"})
    assert bad.body["error"]["code"] == "SCHEDULE_INVALID"
