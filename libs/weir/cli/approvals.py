"""`weir approvals`: what people are asked in runs, listed and decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import typer

from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.cli.place import Named, platform

APPROVALS = "/approvals"


@dataclass(frozen=True, slots=True)
class Which:
    """Which approvals; empty takes all."""

    status: str
    mine: bool
    run: str

    def query(self) -> dict[str, str | int]:
        """As the API takes it."""
        asked: dict[str, str | int] = {"mine": "true"} if self.mine else {}
        named = (("status", self.status), ("run_id", self.run))
        return asked | {name: text for name, text in named if text}


async def listed(where: Named, which: Which, limit: int, *, as_json: bool) -> Code:
    """List them."""
    items: list[dict[str, Any]] = []
    async with platform(where) as client:
        query = which.query() | {"limit": min(limit, 200)}
        async for item in client.items(APPROVALS, query):
            items.append(item)
            if len(items) >= limit:
                break
    if as_json:
        tell({"items": items})
        return Code.OK
    if not items:
        console().print("no approvals")
        return Code.OK
    rows = [
        (
            item["id"],
            item["status"],
            item["title"],
            item["step"],
            _votes(item["tally"]),
            (item["decision"] or {}).get("option") or "",
            item["asked_at"],
            item["due_at"] or "",
        )
        for item in items
    ]
    columns = ("approval", "status", "title", "step", "votes", "decision", "asked", "due")
    console().print(table(columns, rows))
    return Code.OK


async def show(where: Named, approval: str, *, as_json: bool) -> Code:
    """Show one."""
    async with platform(where) as client:
        found = await client.get(f"{APPROVALS}/{approval}")
    return _told(found, as_json=as_json)


async def change(
    where: Named, approval: str, what: str, body: Mapping[str, Any], *, as_json: bool
) -> Code:
    """Do something with one, and show what came of it."""
    async with platform(where) as client:
        found = await client.post(f"{APPROVALS}/{approval}/{what}", dict(body))
    return _told(found, as_json=as_json)


def given(values: str) -> dict[str, Any]:
    """What a form is filled in with."""
    if not values:
        return {}
    try:
        return {"values": orjson.loads(values)}
    except ValueError as error:
        raise typer.BadParameter(f"--values is no JSON: {error}") from None


def _told(found: Mapping[str, Any], *, as_json: bool) -> Code:
    if as_json:
        tell(found)
        return Code.OK
    names, end = found["names"], found["decision"]
    lines = [
        f"{found['id']}  {found['status']}  {found['title']}",
        f"run {found['run_id']}, step {found['step']}",
        f"asked {found['asked_at']}: {', '.join(found['assignees'])}",
        *([found["message"]] if found["message"] else []),
        f"votes: {_votes(found['tally'])}",
    ]
    if end is not None:
        by = names.get(end["by"], end["by"])
        lines.append(f"{end['option'] or found['status']} by {by} at {end['at']} ({end['how']})")
    lines += [
        f"  {line['at']}  {line['what']}  {names.get(line['by'], line['by'])}"
        for line in found["history"]
    ]
    console().print("\n".join(lines), markup=False, highlight=False)
    return Code.OK


def _votes(tally: Mapping[str, int]) -> str:
    return ", ".join(f"{option} {number}" for option, number in tally.items())
