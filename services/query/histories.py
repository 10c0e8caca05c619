"""A run's log over HTTP, from log and archive: its messages, and the values they refer to."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from services.query import shown
from services.query.known import KnownRuns
from services.query.runs import page
from weir.contract.errors import BlobNotFoundError, RunNotFoundError
from weir.contract.subjects import parse_run
from weir.core.canonical import to_json
from weir.ports.blobs import Blobs
from weir.ports.log import Log, Stored
from weir.runtime.archive import Archive, read_parts, read_run
from weir.runtime.http.asked import after_number, flag, readable
from weir.runtime.http.call import Call, Reply
from weir.runtime.states import States

_HASH = re.compile(r"[0-9a-f]{64}")
_PLAIN = frozenset({"application/json", "text/plain"})


class Histories:
    """The handlers."""

    def __init__(
        self, known: KnownRuns, runs: Log, archive: Archive, blobs: Blobs, states: States
    ) -> None:
        self._known = known
        self._runs = runs
        self._archive = archive
        self._blobs = blobs
        self._states = states

    async def events(self, call: Call) -> Reply:
        """GET /runs/{run_id}/events."""
        readable(call)
        key, limit, after = self._known.key(call), call.limit, after_number(call)
        raw = flag(call, "raw")
        await self._known.admit(call, key)
        rest = await read_run(self._runs, self._archive, key, after=after)
        if not rest and not (after and await read_run(self._runs, self._archive, key)):
            await self._known.start(key)
        items = [shown.message(one, parse_run(one.subject)[1], raw=raw) for one in rest[:limit]]
        return Reply(page(call, items, [rest[limit - 1].seq] if len(rest) > limit else None))

    async def state(self, call: Call) -> Reply:
        """GET /runs/{run_id}/state: the canonical state, facts nobody decided on included."""
        key = self._known.key(call)
        await self._known.admit(call, key)
        state = (await self._states.read(key)).tentative
        if state is None:
            await self._known.start(key)
            raise RunNotFoundError(f"The run {key.run_id} was removed in this very moment.")
        return Reply(await asyncio.to_thread(to_json, state))

    async def blob(self, call: Call) -> Reply:
        """GET /runs/{run_id}/blobs/{name}."""
        key, name = self._known.key(call), call.segment("name")
        wanted = f"{call.tenant}/{name}"
        await self._known.admit(call, key)
        kind, known = None, False
        async for part in read_parts(self._runs, self._archive, key):
            known = known or bool(part)
            if kind is None and _HASH.fullmatch(name):
                kind = _media_type_among(part, wanted)
        if not known:
            await self._known.start(key)
        if kind is not None:
            with contextlib.suppress(KeyError):
                content = await self._blobs.get(wanted)
                headers = {"Content-Disposition": "attachment", "Cache-Control": "private"}
                return Reply(content, media_type=kind, headers=headers)
        raise BlobNotFoundError(
            f"The run {key.run_id} refers to no value {name[:80]!r}: take the name from a "
            "`$blob` in the run's data.",
            details={"run_id": key.run_id},
        )


def _media_type_among(messages: Sequence[Stored], key: str) -> str | None:
    mentioned = (one.data for one in messages if key.encode() in one.data)
    return next((kind for data in mentioned if (kind := _media_type(data, key))), None)


def _media_type(data: bytes, key: str) -> str | None:
    """The type of the value that a message refers to by this key; None if it does not."""
    for reference in _objects(orjson.loads(data)):
        if reference.get("key") == key:
            kind = reference.get("media_type")
            # Anything else could be a page that a browser runs.
            return kind if kind in _PLAIN else "application/octet-stream"
    return None


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a JSON value, however deep."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left += one.values()
        elif isinstance(one, list):
            left += one
