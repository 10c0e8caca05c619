"""The same for many at once: each has the answer it would have had alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from services.trigger.models import Many
from weir.contract.errors import WeirError
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.problems import shown

_AT_ONCE = 20

Item = TypeVar("Item")


async def each(
    call: Call,
    asked: Many,
    found: Sequence[Item],
    named: Callable[[Item], dict[str, Any]],
    do: Callable[[Item], Awaitable[dict[str, Any]]],
) -> Reply:
    """Do it to each of what was found, up to the limit asked for; one more found says `more`.

    `named` begins an item's answer and is all of it in a dry run.
    """
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(item: Item) -> dict[str, Any]:
        if asked.dry_run:
            return named(item)
        try:
            async with room:
                told = await do(item)
        except WeirError as error:
            told = shown(error, call.request_id)
        return {**named(item), **told}

    items = await asyncio.gather(*map(one, found[: asked.limit]))
    refused = sum("error" in item for item in items)
    return Reply(
        {
            "dry_run": asked.dry_run,
            "matched": len(items),
            "done": 0 if asked.dry_run else len(items) - refused,
            "refused": refused,
            "more": len(found) > asked.limit,
            "items": items,
        }
    )
