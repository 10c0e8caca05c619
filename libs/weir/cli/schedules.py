"""`weir schedules`: what runs when, what became of it, and runs beside the calendar."""

from __future__ import annotations

from typing import Any

import orjson

from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.cli.place import Named, platform
from weir.cli.workflows import workflow_id
from weir.client import API
from weir.contract.errors import InvalidParameterError

SCHEDULES = "/schedules"


async def listed(where: Named, workflow: str, limit: int, *, as_json: bool) -> Code:
    """List them."""
    items: list[dict[str, Any]] = []
    async with platform(where) as client:
        query: dict[str, str | int] = {"limit": min(limit, 200)}
        if workflow:
            query["workflow_id"] = await workflow_id(client, workflow)
        async for item in client.items(SCHEDULES, query):
            items.append(item)
            if len(items) >= limit:
                break
    if as_json:
        tell({"items": items})
        return Code.OK
    if not items:
        console().print("no schedules")
        return Code.OK
    rows = [
        (
            item["id"],
            item["name"],
            item["workflow_id"],
            when(item),
            item["overlap"],
            f"paused {item['note']}".strip() if item["paused"] else item["next_at"] or "never",
        )
        for item in items
    ]
    columns = ("schedule", "name", "workflow", "when", "overlap", "next")
    console().print(table(columns, rows))
    return Code.OK


def when(item: dict[str, Any]) -> str:
    """Its times, in a line."""
    if item["cron"]:
        return f"{item['cron']} {item['timezone']}"
    return f"every {item['every']}" if item["every"] else f"at {item['at']}"


async def show(where: Named, schedule: str, *, as_json: bool) -> Code:
    """One with its next and its last times."""
    async with platform(where) as client:
        told = await client.get(f"{SCHEDULES}/{schedule}")
        fires = (await client.get(f"{SCHEDULES}/{schedule}/fires", {"limit": 10}))["items"]
    if as_json:
        tell({**told, "fires": fires})
        return Code.OK
    out = console()
    out.print(f"{told['id']} {told['name']}: {when(told)}, overlap {told['overlap']}")
    if told["paused"]:
        out.print(f"paused: {told['note'] or 'no note'}")
    out.print("next  " + "\n      ".join(told["next"] or ["never"]))
    if told["running"]:
        out.print("running " + ", ".join(told["running"]))
    if fires:
        out.print(_fires(fires))
    return Code.OK


async def fires(where: Named, schedule: str, outcome: str, limit: int, *, as_json: bool) -> Code:
    """What became of its last times."""
    items: list[dict[str, Any]] = []
    query: dict[str, str | int] = {"limit": min(limit, 200)}
    if outcome:
        query["outcome"] = outcome
    async with platform(where) as client:
        async for item in client.items(f"{SCHEDULES}/{schedule}/fires", query):
            items.append(item)
            if len(items) >= limit:
                break
    if as_json:
        tell({"items": items})
    else:
        console().print(_fires(items) if items else "nothing yet")
    return Code.OK


def _fires(items: list[dict[str, Any]]) -> Any:
    rows = [
        (
            item["scheduled_at"] + (f" and {item['times'] - 1} more" if item["times"] > 1 else ""),
            item["outcome"],
            item["why"] or (item["error"] or {}).get("code", "") or item["run_status"] or "",
            item["run_id"] or "",
        )
        for item in items
    ]
    return table(("time", "outcome", "how", "run"), rows)


async def upcoming(where: Named, schedule: str, count: int, *, as_json: bool) -> Code:
    """Its next times."""
    async with platform(where) as client:
        told = await client.get(f"{SCHEDULES}/{schedule}/next", {"count": count})
    if as_json:
        tell(told)
    else:
        console().print("\n".join(told["items"]) or "never")
    return Code.OK


async def create(
    where: Named, workflow: str, body: dict[str, Any], given: str, *, as_json: bool
) -> Code:
    """Make one; `given` is the input as JSON."""
    if given:
        try:
            body["input"] = orjson.loads(given)
        except ValueError as error:
            raise InvalidParameterError(f"--input is no JSON: {error}") from None
    async with platform(where) as client:
        body["workflow_id"] = await workflow_id(client, workflow)
        told = await client.post(SCHEDULES, body)
    if as_json:
        tell(told)
    else:
        console().print(f"{told['id']} next {told['next_at'] or 'never'}")
    return Code.OK


async def delete(where: Named, schedule: str, *, as_json: bool) -> Code:
    """Delete it as it stands."""
    async with platform(where) as client:
        path = f"{API}{SCHEDULES}/{schedule}"
        there = await client.ask("GET", path)
        await client.ask("DELETE", path, headers={"If-Match": there.headers["ETag"]})
    if as_json:
        tell({"id": schedule, "deleted": True})
    else:
        console().print(f"{schedule} deleted")
    return Code.OK


async def set_paused(where: Named, schedule: str, action: str, note: str, *, as_json: bool) -> Code:
    """Pause it, or let it go on."""
    async with platform(where) as client:
        told = await client.post(f"{SCHEDULES}/{schedule}/{action}", {"note": note})
    if as_json:
        tell(told)
    else:
        state = "paused" if told["paused"] else f"next {told['next_at'] or 'never'}"
        console().print(f"{told['id']} {state}")
    return Code.OK


async def ask(
    where: Named, schedule: str, action: str, body: dict[str, Any], *, as_json: bool
) -> Code:
    """A run now, or a range again."""
    async with platform(where) as client:
        told = await client.post(f"{SCHEDULES}/{schedule}/{action}", body)
    if as_json:
        tell(told)
    elif told["run_id"]:
        console().print(f"{told['request_id']}: weir watch {told['run_id']}")
    else:
        console().print(f"{told['request_id']}: {told['times']} times")
    return Code.OK
