"""`weir run` and `weir runs`: starting and listing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from weir.cli.exits import Code
from weir.cli.filters import Filters, duration_s, pairs
from weir.cli.life import json_of
from weir.cli.output import console, lasted, table, tell
from weir.cli.place import Named, platform
from weir.cli.workflows import workflow_id
from weir.client import API, TIMEOUT_S

ENDED = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Start:
    """What a run is started with. `input` is JSON, @FILE or @- for standard input."""

    workflow: str
    input: str
    wait: str
    key: str
    trigger: str
    labels: Sequence[str]


async def run(where: Named, start: Start, *, as_json: bool) -> Code:
    """Start a run, and wait for its end if asked to."""
    body: dict[str, Any] = {"input": _input(start.input), "labels": pairs(start.labels)}
    if start.trigger:
        body["trigger"] = start.trigger
    wait_s = duration_s("--wait", start.wait) if start.wait else 0.0
    async with platform(where) as client:
        workflow = await workflow_id(client, start.workflow)
        answer = await client.ask(
            "POST",
            f"{API}/workflows/{workflow}/runs",
            query={"wait": start.wait} if start.wait else {},
            body=body,
            headers={"Idempotency-Key": start.key} if start.key else {},
            timeout_s=TIMEOUT_S + wait_s,
        )
    told = answer.body
    if as_json:
        tell(told)
    else:
        _show(told)
    return outcome(told["status"]) if start.wait else Code.OK


def _waits(told: Sequence[Mapping[str, Any]]) -> str:
    """What a run waits for, on one line."""
    return "; ".join(str(one["text"]) for one in told)


def outcome(status: str) -> Code:
    """The code of a run that was waited for."""
    return Code.OK if status == "succeeded" else Code.FAILED


def _show(told: dict[str, Any]) -> None:
    out = console()
    again = ", started before with this key" if told["duplicate"] else ""
    out.print(f"{told['run_id']} {told['status']}{again}")
    if told.get("output") is not None:
        out.print(orjson.dumps(told["output"], option=orjson.OPT_INDENT_2).decode())
    if told.get("error"):
        out.print(f"{told['error']['code']}: {told['error'].get('message', '')}")
    if told["status"] not in ENDED:
        out.print(f"weir watch {told['run_id']}")


async def runs(where: Named, filters: Filters, limit: int, *, as_json: bool) -> Code:
    """List runs, the newest first."""
    items: list[dict[str, Any]] = []
    async with platform(where) as client:
        query = await filters.query(client) | {"limit": max(1, min(limit, 200))}
        async for item in client.items("/runs", query):
            items.append(item)
            if len(items) >= limit:
                break
    if as_json:
        tell({"items": items})
        return Code.OK
    if not items:
        console().print("no runs")
        return Code.OK
    rows = [
        (
            item["id"],
            item["status"],
            item["workflow_name"] or item["workflow_id"],
            item["trigger"]["kind"],
            item["started_at"],
            lasted(item["duration_ms"]),
            (item["error"] or {}).get("code", "") or _waits(item["waits_for"]),
        )
        for item in items
    ]
    columns = (
        "run",
        "status",
        "workflow",
        "trigger",
        "started",
        "lasted",
        "error, or what it waits for",
    )
    console().print(table(columns, rows))
    return Code.OK


def _input(given: str) -> Any:
    return json_of("--input", given) if given else {}
