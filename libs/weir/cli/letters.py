"""`weir dead-letters`: work that nobody does any more, listed and dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.cli.place import Named, platform
from weir.cli.workflows import workflow_id
from weir.client import API, TIMEOUT_S, Client
from weir.contract.errors import InvalidParameterError

LETTERS = "/dead-letters"
AT_ONCE = 1_000


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


async def deal(  # noqa: PLR0913 - what is done to which, and how it is told
    where: Named,
    action: str,
    letter: str,
    which: Which,
    body: dict[str, Any],
    *,
    dry_run: bool,
    as_json: bool,
) -> Code:
    """Retry or discard one letter, or all that a filter takes."""
    if bool(letter) == which.is_anything or (letter and dry_run):
        raise InvalidParameterError(
            "Name one letter, or say by --workflow, --run, --kind or --code which are meant."
        )
    async with platform(where) as client:
        if letter:
            told = await client.post(f"{LETTERS}/{letter}/{action}", body)
        else:
            answer = await client.ask(
                "POST",
                f"{API}{LETTERS}:{action}",
                query=await which.query(client),
                body={**body, "dry_run": dry_run, "limit": AT_ONCE},
                timeout_s=TIMEOUT_S * 4,
            )
            told = answer.body
    if as_json:
        tell(told)
    elif letter:
        new = f": weir watch {told['new_run_id']}" if told["new_run_id"] else ""
        console().print(f"{told['id']} {told['action']}{new}")
    else:
        _show_many(told)
    return Code.FAILED if told.get("refused") else Code.OK


def _show_many(told: dict[str, Any]) -> None:
    out = console()
    for item in told["items"]:
        error = item.get("error")
        out.print(f"{item['id']} {error['code'] if error else item.get('action') or ''}")
    more = "; there are more" if told["more"] else ""
    out.print(f"{told['matched']} matched, {told['done']} done, {told['refused']} refused{more}")
