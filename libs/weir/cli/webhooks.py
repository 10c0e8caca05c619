"""`weir webhooks`: what was delivered, delivered again, and tried out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from weir.cli.dealing import Meant, deal_with_all
from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.cli.place import Named, platform
from weir.cli.workflows import workflow_id
from weir.client import API, Client
from weir.contract.errors import InvalidParameterError

WEBHOOKS = "/webhooks"


@dataclass(frozen=True, slots=True)
class Which:
    """Which deliveries; empty takes all."""

    verdict: str
    code: str
    delivery_id: str

    @property
    def is_anything(self) -> bool:
        """Whether they leave anything out."""
        return bool(self.verdict or self.code or self.delivery_id)

    async def query(self, client: Client) -> dict[str, str | int]:  # noqa: ARG002 - as others need it
        """As the API takes it."""
        asked = {"verdict": self.verdict, "code": self.code, "delivery_id": self.delivery_id}
        return {name: text for name, text in asked.items() if text}


@dataclass(frozen=True, slots=True)
class Sample:
    """A delivery that a person makes up, as the command line has it."""

    body: str
    file: Path | None
    headers: list[str]
    method: str
    delivery_id: str

    def asked(self) -> dict[str, Any]:
        """As the API takes it; InvalidParameterError."""
        if self.body and self.file is not None:
            raise InvalidParameterError("Give the body by --body or by --file, not by both.")
        given = {"method": self.method.upper(), "delivery_id": self.delivery_id}
        told: dict[str, Any] = {name: text for name, text in given.items() if text}
        text = self.body or (self.file.read_text() if self.file is not None else "")
        if text:
            told["text"] = text
        headers = {}
        for header in self.headers:
            name, separator, value = header.partition("=")
            if not separator:
                raise InvalidParameterError(f"--header is written NAME=VALUE, not {header!r}.")
            headers[name] = value
        return told | ({"headers": headers} if headers else {})


async def listed(where: Named, workflow: str, limit: int, *, as_json: bool) -> Code:
    """List webhooks."""
    async with platform(where) as client:
        query: dict[str, str | int] = {"limit": min(limit, 200)}
        if workflow:
            query["workflow_id"] = await workflow_id(client, workflow)
        items = await _some(client, WEBHOOKS, query, limit)
        address = client.url.rstrip("/")
    if as_json:
        tell({"items": items})
        return Code.OK
    if not items:
        console().print("no webhooks")
        return Code.OK
    rows = [
        (
            item["id"],
            item["node"],
            item["scheme"],
            "on" if item["enabled"] else "off",
            address + item["path"],
        )
        for item in items
    ]
    console().print(table(("webhook", "node", "scheme", "", "address"), rows))
    return Code.OK


async def deliveries(
    where: Named, webhook: str, which: Which, limit: int, *, as_json: bool
) -> Code:
    """List what was delivered."""
    async with platform(where) as client:
        query = await which.query(client) | {"limit": min(limit, 200)}
        items = await _some(client, f"{WEBHOOKS}/{webhook}/deliveries", query, limit)
    if as_json:
        tell({"items": items})
        return Code.OK
    if not items:
        console().print("no deliveries")
        return Code.OK
    rows = [
        (
            item["id"],
            item["at"],
            item["verdict"] + ("" if item["kind"] == "delivery" else f" ({item['kind']})"),
            item["code"] or "",
            item["delivery_id"] or "",
            item["run_id"] or "",
        )
        for item in items
    ]
    columns = ("delivery", "arrived", "became", "code", "sender's id", "run")
    console().print(table(columns, rows))
    return Code.OK


async def show(where: Named, webhook: str, delivery: str, *, as_json: bool) -> Code:
    """One with its body."""
    async with platform(where) as client:
        told = await client.get(f"{WEBHOOKS}/{webhook}/deliveries/{delivery}")
    _print(told, as_json=as_json)
    return Code.OK


async def replay(  # noqa: PLR0913 - what is made again, how, and how it is told
    where: Named, webhook: str, meant: Meant, body: dict[str, Any], key: str, *, as_json: bool
) -> Code:
    """Make one delivery once more, or all that a filter takes."""
    path = f"{WEBHOOKS}/{webhook}/deliveries"
    if not meant.is_one("delivery", "--verdict, --code or --delivery-id"):
        return await deal_with_all(where, f"{path}:replay", meant, body, _became, as_json=as_json)
    headers = {"Idempotency-Key": key} if key else {}
    async with platform(where) as client:
        answer = await client.ask(
            "POST", f"{API}{path}/{meant.one}/replay", body=body, headers=headers
        )
    told = answer.body
    if as_json:
        tell(told)
    else:
        console().print(_became({"delivery_id": told["replay_of"], **told}))
    return Code.OK


async def tried(where: Named, webhook: str, how: str, sample: Sample, *, as_json: bool) -> Code:
    """Test or simulate; a refusal is a failure."""
    asked = sample.asked()
    async with platform(where) as client:
        told = await client.post(f"{WEBHOOKS}/{webhook}/{how}", asked)
    if as_json:
        tell(told)
    else:
        why = told["dropped"] or (told["error"] or {}).get("message") or ""
        run = f": weir watch {told['run_id']}" if how == "test" and told["run_id"] else ""
        console().print(f"{told['verdict']}{run}" + (f": {why}" if why else ""))
    return Code.FAILED if told["verdict"] == "refused" else Code.OK


async def _some(
    client: Client, path: str, query: dict[str, str | int], limit: int
) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    async for item in client.items(path, query):
        items.append(item)
        if len(items) >= limit:
            break
    return items


def _became(item: dict[str, Any]) -> str:
    run = f": weir watch {item['run_id']}" if item.get("run_id") else ""
    why = f": {item['dropped']}" if item.get("dropped") else ""
    return f"{item['delivery_id']} {item.get('verdict') or ''}{run}{why}".rstrip()


def _print(told: Any, *, as_json: bool) -> None:
    if as_json:
        tell(told)
    else:
        console().print(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
