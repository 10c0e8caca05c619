"""`weir audit`: what happened, listed, exported and checked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from weir.cli.exits import Code
from weir.cli.output import brief, console, table, tell
from weir.cli.place import Named, platform

AUDIT = "/audit"
VERIFY_S = 600.0
_FILTERS = ("actor", "event", "resource", "outcome", "from", "to", "text")

Query = dict[str, str | int]


def which(filters: Sequence[str], *, installation: bool) -> Query:
    """The filters as the API takes them; empty ones take all."""
    told: Query = {name: text for name, text in zip(_FILTERS, filters, strict=True) if text}
    return told | ({"installation": "true"} if installation else {})


async def listed(where: Named, asked: Query, limit: int, *, as_json: bool) -> Code:
    """List them."""
    items: list[dict[str, Any]] = []
    async with platform(where) as client:
        async for item in client.items(AUDIT, asked | {"limit": min(limit, 200)}):
            items.append(item)
            if len(items) >= limit:
                break
    if as_json:
        tell({"items": items})
        return Code.OK
    if not items:
        console().print("nothing happened that fits")
        return Code.OK
    columns = ("when", "event", "outcome", "who", "from", "what", "changes")
    console().print(table(columns, [_row(item) for item in items]))
    return Code.OK


def _row(item: dict[str, Any]) -> tuple[str, ...]:
    often = f" ({item['count']} times)" if item["count"] > 1 else ""
    why = f": {item['reason']}" if item["reason"] else ""
    return (
        item["timestamp"],
        item["event"],
        f"{item['outcome']}{why}{often}",
        item["user_id"],
        item["ip_address"],
        item["resource_id"],
        brief(item["changes"] or None),
    )


async def export(where: Named, asked: Query) -> Code:
    """Print the lines as they come."""
    async with platform(where) as client:
        async for part in client.stream(f"{AUDIT}/export", asked):
            sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
    return Code.OK


async def verify(
    where: Named, anchors: Sequence[str], *, installation: bool, as_json: bool
) -> Code:
    """Check the chain."""
    query = urlencode(
        [*(("anchor", one) for one in anchors), *([("installation", "true")] * installation)]
    )
    async with platform(where) as client:
        path = f"/api/v1{AUDIT}/verify" + (f"?{query}" if query else "")
        told = (await client.ask("GET", path, timeout_s=VERIFY_S)).body
    if as_json:
        tell(told)
    elif told["whole"]:
        console().print(f"whole: {told['links']} links with {told['entries']} entries")
        if told["anchor"]:
            console().print(f"keep this elsewhere: --anchor {told['anchor']}")
    else:
        broken = told["broken"]
        console().print(
            f"BROKEN at link {broken['number']} (sequence {broken['sequence']}): "
            f"{broken['reason']}; {told['links']} links before it are whole"
        )
    return Code.OK if told["whole"] else Code.FAILED
