"""Values by reference, in and out of a node.

What a node reads is loaded before it runs: JSON that was too large for the log.
Files stay references; a node asks for their bytes. What a node gives is written
to the object store, before the fact that names it, when it is too large.
"""

from __future__ import annotations

from typing import Any

import orjson

from weir.contract.codec import INLINE_LIMIT
from weir.contract.messages import BlobRef, TaskSucceeded
from weir.core.finite import not_finite
from weir.core.sizes import MAX_DEPTH, deeper
from weir.ports.node_context import Terminal
from weir.runtime.worker_context import AttemptContext, TenantBlobs
from weir.runtime.worker_promise import keep

LOAD_LIMIT = 64 * 1024 * 1024
OUTPUT_LIMIT = 64 * 1024 * 1024
JSON = "application/json"


async def load(value: Any, blobs: TenantBlobs) -> Any:
    """The value with every reference to JSON replaced by what it refers to."""
    return await _Loading(blobs).load(value)


class _Loading:
    def __init__(self, blobs: TenantBlobs) -> None:
        self._blobs = blobs
        self._left = LOAD_LIMIT
        self._loaded: dict[str, Any] = {}

    async def load(self, value: Any) -> Any:
        if isinstance(value, dict):
            if value.keys() == {"$blob"}:
                return await self._refer(value)
            return {key: await self.load(item) for key, item in value.items()}
        if isinstance(value, list):
            return [await self.load(item) for item in value]
        return value

    async def _refer(self, reference: dict[str, Any]) -> Any:
        described = reference["$blob"]
        if not isinstance(described, dict) or described.get("media_type") != JSON:
            return reference
        key = str(described.get("key"))
        if key not in self._loaded:
            data = await self._blobs.get(reference)
            self._left -= len(data)
            if self._left < 0:
                raise Terminal(
                    f"the step reads more than {LOAD_LIMIT >> 20} MB of values kept by "
                    "reference: select less, or pass files",
                    code="VALUE_TOO_LARGE",
                )
            self._loaded[key] = orjson.loads(data)
        return self._loaded[key]


async def succeeded(
    output: Any, port: str, ctx: AttemptContext, promised: Any, fields: dict[str, Any]
) -> TaskSucceeded:
    """The fact of a success, with these fields and its output.

    `promised` is the schema of the output, None if there is none.
    Terminal (OUTPUT_INVALID, VALUE_TOO_DEEP, VALUE_TOO_LARGE) if the output is none.
    """
    try:
        data = orjson.dumps(output)
    except TypeError as error:
        raise Terminal(f"the output is no JSON value: {error}", code="OUTPUT_INVALID") from None
    # Such a number has just been written as null; without a null there is none.
    if b"null" in data and (place := not_finite(output)):
        raise Terminal(
            f"the output is no JSON value: {place}, which JSON does not have: give null or a text "
            "in its place",
            code="OUTPUT_INVALID",
        )
    # Below the limit in brackets nothing can be nested deeper: the walk is for the others.
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and deeper(output, MAX_DEPTH):
        raise Terminal(
            f"the output is nested more than {MAX_DEPTH} levels deep: give it as a text or a "
            "file, or flatten it",
            code="VALUE_TOO_DEEP",
        )
    if ctx.mask:
        data = ctx.mask.json(data)
    if promised is not None:
        keep(promised, data)
    if port not in {"", "out"}:
        fields["port"] = port
    if len(data) <= INLINE_LIMIT:
        fields["output"] = orjson.loads(data)
        return TaskSucceeded(**fields)
    if len(data) > OUTPUT_LIMIT:
        raise Terminal(
            f"the output has {len(data) >> 20} MB, more than the {OUTPUT_LIMIT >> 20} MB that "
            "a step may give: keep it as a file, or give less",
            code="VALUE_TOO_LARGE",
        )
    stored = (await ctx.blobs.put(data, JSON))["$blob"]
    return TaskSucceeded(output_ref=BlobRef(**stored), **fields)
