"""The list that a loop goes over, made where there is room for it.

What fits the log is given as it is. A longer list is written in pages, each
durable before the fact that names it; the owner of the run reads a page when
it comes to its items. What comes back has its batches made already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from weir.contract.codec import INLINE_LIMIT
from weir.core.control.behaviour import Failed, Reached
from weir.core.control.for_each import for_each, in_batches
from weir.core.finite import not_finite
from weir.core.sizes import MAX_DEPTH, deeper
from weir.ports.node_context import Terminal
from weir.runtime.worker_context import TenantBlobs
from weir.runtime.worker_values import JSON

FIELDS = ("items", "concurrency", "batch", "acc")  # what is read where the loop stands
PAGE_BYTES = 256 * 1024
ROOM = 1024  # of what the log takes, for the numbers beside the list


async def loop_items(config: Mapping[str, Any], blobs: TenantBlobs) -> dict[str, Any]:
    """What a loop is given in place of its config.

    Terminal with the code of what is wrong with the list, or VALUE_TOO_LARGE
    for a value that no page takes.
    """
    outcome = for_each(config, Reached(0, {}))
    if isinstance(outcome, Failed):
        raise Terminal(outcome.error.message, code=outcome.error.code)
    values = in_batches(config["items"], int(config.get("batch", 1)))
    beside = {name: config[name] for name in ("concurrency", "acc") if name in config}
    room = INLINE_LIMIT - ROOM - len(_encoded(beside, "what `acc` begins with", INLINE_LIMIT // 2))
    whole: list[bytes] = []
    size = 0
    for at, value in enumerate(values):
        whole.append(_encoded(value, f"item {at}", PAGE_BYTES - 2))
        size += len(whole[-1]) + 1
    if size <= room:
        return {"items": values, **beside}
    items = {"count": len(values), "pages": await _written(whole, blobs)}
    if len(orjson.dumps(items)) > room:
        raise Terminal(
            f"the list has {size >> 20} MB, more than a loop goes over: keep what is large in "
            "files, or go over it in several steps",
            code="VALUE_TOO_LARGE",
        )
    return {"items": items, **beside}


async def _written(whole: list[bytes], blobs: TenantBlobs) -> list[dict[str, Any]]:
    """The pages, in order."""
    pages = []
    first = 0
    while first < len(whole):
        end, size = first, 2
        while end < len(whole) and size + len(whole[end]) <= PAGE_BYTES:
            size += len(whole[end]) + 1
            end += 1
        stored = await blobs.put(b"[" + b",".join(whole[first:end]) + b"]", JSON)
        pages.append({"first": first, "blob": stored["$blob"]})
        first = end
    return pages


def _encoded(value: Any, what: str, most: int) -> bytes:
    data = orjson.dumps(value)
    if len(data) > most:
        raise Terminal(
            f"{what} has {len(data) >> 10} kB, more than {most >> 10} kB: take less of it, keep "
            "what is large in files, or make smaller batches",
            code="VALUE_TOO_LARGE",
        )
    if b"null" in data and (place := not_finite(value)):
        raise Terminal(
            f"{what} is no JSON value: {place}, which JSON does not have", code="OUTPUT_INVALID"
        )
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and deeper(value, MAX_DEPTH):
        raise Terminal(f"{what} is nested too deep: flatten it", code="VALUE_TOO_DEEP")
    return data
