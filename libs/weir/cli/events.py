"""`weir subscriptions` and `weir events`: the tenant's bus."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson

from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.cli.place import Named, platform
from weir.cli.workflows import workflow_id
from weir.contract.errors import InvalidJsonError

SUBSCRIPTIONS = "/subscriptions"
STRUCTURED = "application/cloudevents+json"


async def listed(where: Named, workflow: str, *, as_json: bool) -> Code:
    """List them."""
    async with platform(where) as client:
        query = {"workflow_id": await workflow_id(client, workflow)} if workflow else {}
        items = [item async for item in client.items(SUBSCRIPTIONS, query)]
    if as_json:
        tell({"items": items})
        return Code.OK
    if not items:
        console().print("no subscriptions")
        return Code.OK
    rows = [
        (
            item["id"],
            item["subject"],
            item["workflow_id"],
            item["node"],
            _stands(item),
            str(item["waiting"]),
            item["last_event_at"] or "",
        )
        for item in items
    ]
    columns = ("subscription", "subject", "workflow", "trigger", "state", "waiting", "last event")
    console().print(table(columns, rows))
    return Code.OK


async def show(where: Named, subscription: str) -> Code:
    """One, whole."""
    async with platform(where) as client:
        tell(await client.get(f"{SUBSCRIPTIONS}/{subscription}"))
    return Code.OK


async def steer(
    where: Named, subscription: str, what: str, body: dict[str, Any] | None, *, as_json: bool
) -> Code:
    """Pause, resume or replay it."""
    async with platform(where) as client:
        told = await client.post(f"{SUBSCRIPTIONS}/{subscription}/{what}", body)
    if as_json:
        tell(told)
    else:
        console().print(f"{told['id']} {_stands(told)}, {told['waiting']} events wait")
    return Code.OK


@dataclass(frozen=True, slots=True)
class Event:
    """What is published."""

    subject: str
    data: str
    id: str
    type: str
    source: str


async def publish(where: Named, event: Event, *, as_json: bool) -> Code:
    """Publish it as plain JSON, or as a CloudEvent where it has a type."""
    text = sys.stdin.read() if event.data == "-" else event.data
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidJsonError(f"What is to be published is no JSON: {error}.") from None
    name = event.id or str(uuid4())
    headers = {"Idempotency-Key": name}
    if event.type:
        headers["Content-Type"] = STRUCTURED
        value = {
            "specversion": "1.0",
            "id": name,
            "source": event.source,
            "type": event.type,
            "datacontenttype": "application/json",
            "data": value,
        }
    async with platform(where) as client:
        path = "/api/v1/events"
        query = {"subject": event.subject}
        told = (await client.ask("POST", path, query=query, body=value, headers=headers)).body
    (stored,) = told["items"]
    if as_json:
        tell(stored)
    else:
        console().print(f"{stored['subject']} is number {stored['sequence']} on the bus")
    return Code.OK


def _stands(item: dict[str, Any]) -> str:
    if not item["active"]:
        return "ended"
    return "listens" if item["enabled"] else "paused"
