"""`weir dead-letters`: work that nobody does any more, listed and dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from weir.cli.dealing import Meant, deal_with_all
from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.cli.place import Named, platform
from weir.cli.workflows import workflow_id
from weir.client import Client

LETTERS = "/dead-letters"


@dataclass(frozen=True, slots=True)
class Which:
    """Which letters; empty takes all."""

    workflow: str
    run: str
    kind: str
    code: str
    status: str

    @property
    def is_anything(self) -> bool:
        """Whether it says more than a state."""
        return bool(self.workflow or self.run or self.kind or self.code)

    async def query(self, client: Client) -> dict[str, str | int]:
        """As the API takes it."""
        asked: dict[str, str | int] = {
            name: text
            for name, text in (
                ("run_id", self.run),
                ("reason", self.kind),
                ("code", self.code),
                ("status", self.status),
            )
            if text
        }
        if self.workflow:
            asked["workflow_id"] = await workflow_id(client, self.workflow)
        return asked


async def listed(where: Named, which: Which, limit: int, *, as_json: bool) -> Code:
    """List them."""
    items: list[dict[str, Any]] = []
    async with platform(where) as client:
        query = await which.query(client) | {"limit": min(limit, 200)}
        async for item in client.items(LETTERS, query):
            items.append(item)
            if len(items) >= limit:
                break
    if as_json:
        tell({"items": items})
        return Code.OK
    if not items:
        console().print("no dead letters")
        return Code.OK
    rows = [
        (
            item["id"],
            item["status"],
            item["reason"],
            item["workflow_name"] or item["workflow_id"],
            item["step"] or "",
            (item["error"] or {}).get("code", ""),
            str(item["attempts"] or ""),
            item["last_at"],
        )
        for item in items
    ]
    columns = ("letter", "status", "reason", "workflow", "step", "error", "attempts", "last")
    console().print(table(columns, rows))
    return Code.OK


async def show(where: Named, letter: str, *, as_json: bool) -> Code:
    """One with its payload."""
    async with platform(where) as client:
        told = await client.get(f"{LETTERS}/{letter}")
    if as_json:
        tell(told)
    else:
        console().print(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    return Code.OK


async def deal(
    where: Named, action: str, meant: Meant, body: dict[str, Any], *, as_json: bool
) -> Code:
    """Retry or discard one letter, or all that a filter takes."""
    if not meant.is_one("letter", "--workflow, --run, --kind or --code"):
        path = f"{LETTERS}:{action}"
        return await deal_with_all(where, path, meant, body, _became, as_json=as_json)
    async with platform(where) as client:
        told = await client.post(f"{LETTERS}/{meant.one}/{action}", body)
    if as_json:
        tell(told)
    else:
        new = f": weir watch {told['new_run_id']}" if told["new_run_id"] else ""
        console().print(f"{told['id']} {told['action']}{new}")
    return Code.OK


def _became(item: dict[str, Any]) -> str:
    return f"{item['id']} {item.get('action') or ''}".rstrip()
