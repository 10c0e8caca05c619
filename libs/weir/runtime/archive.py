"""Ended runs in the object store: every message as it lay in the log, with its sequence.

One object per run, gzip over JSON lines: a head that says which run and how
many messages, then the messages. Only a run that was read whole is stored (it
has its start and its end, and its chain holds), so any object that is there
can stand for the run when the log no longer has it. The name tells what lies
inside, so storing again after a crash changes nothing.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import zlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

import orjson

from weir.contract import codec
from weir.contract.errors import ArchiveDamagedError
from weir.contract.messages import RunStarted
from weir.contract.subjects import RunKey, parse_run, start_fact
from weir.ports.blobs import Blobs
from weir.ports.log import Log, Stored

SCHEMA = "weir/archive/v1"
# Padded numbers: the order of keys is the order of the log.
_NAME = re.compile(
    r"(?P<tenant>[a-z0-9-]+)/runs/../(?P<run_id>[^./]+)\.(?P<first>\d{20})-(?P<last>\d{20})\.gz"
)
_LARGE = 256 * 1024  # beyond it, packing would hold up the event loop


class ArchivedRun(NamedTuple):
    """An object of the archive, as its key names it."""

    key: str
    tenant: str
    run_id: str
    first_seq: int
    through: int


class Archive:
    """Stores and finds runs in an object store."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def put(self, key: RunKey, messages: Sequence[Stored]) -> ArchivedRun:
        """Store a whole run; it is durable when this returns."""
        head = {
            "schema": SCHEMA,
            "tenant": key.tenant,
            "run_id": key.run_id,
            "first_seq": messages[0].seq,
            "through": messages[-1].seq,
            "messages": len(messages),
        }
        lines = [orjson.dumps(head), *map(_line, messages)]
        if sum(map(len, lines)) > _LARGE:
            packed = await asyncio.to_thread(_pack, lines)
        else:
            packed = _pack(lines)
        first, last = messages[0].seq, messages[-1].seq
        name = f"{_folder(key.run_id)}/{key.run_id}.{first:020d}-{last:020d}.gz"
        stored = await self._blobs.put_named(key.tenant, name, packed)
        return ArchivedRun(stored, key.tenant, key.run_id, first, last)

    async def find(self, tenant: str, run_id: str) -> ArchivedRun | None:
        """The archived run of this id, the last one if the id was used again."""
        prefix = f"{tenant}/{_folder(run_id)}/{run_id}."
        found = [named async for key in self._blobs.keys(prefix) if (named := _named(key))]
        return max(found, key=lambda each: (each.first_seq, each.through), default=None)

    async def everything(self) -> AsyncIterator[ArchivedRun]:
        """Every archived run of every tenant, in the order of their keys."""
        async for key in self._blobs.keys(""):
            if (named := _named(key)) is not None:
                yield named

    async def get(self, archived: ArchivedRun) -> list[Stored]:
        """The messages of an archived run; ArchiveDamagedError if the object is not as written."""
        try:
            packed = await self._blobs.get(archived.key)
        except KeyError:
            raise ArchiveDamagedError(
                f"The archived run {archived.key} is gone from the object store: restore it."
            ) from None
        try:
            return _unpack(packed, archived)
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
            raise ArchiveDamagedError(
                f"The archived run {archived.key} is not as it was written "
                f"({type(error).__name__}): restore it from a copy of the object store."
            ) from error


async def read_run(log: Log, archive: Archive, key: RunKey) -> list[Stored]:
    """Every message of a run in order, from log and archive; empty if neither knows it.

    What both hold is given once. While the log holds the run's start it holds
    the whole run.
    """
    messages = [message async for batch in log.read(key.everything) for message in batch]
    if any(_is_start(message) for message in messages):
        return messages
    archived = await archive.find(key.tenant, key.run_id)
    if archived is None:
        return []
    old = await archive.get(archived)
    return [*old, *(message for message in messages if message.seq > archived.through)]


def _is_start(message: Stored) -> bool:
    _, kind, rest = parse_run(message.subject)
    if kind != "in" or rest != start_fact():
        return False
    events = codec.decode(message.data).events
    return bool(events) and isinstance(events[0].kind, RunStarted)


def _folder(run_id: str) -> str:
    """Runs are spread over a thousand folders: some stores list one folder slowly."""
    return f"runs/{run_id[-2:]}"


def _named(key: str) -> ArchivedRun | None:
    found = _NAME.fullmatch(key)
    if found is None:
        return None
    return ArchivedRun(
        key, found["tenant"], found["run_id"], int(found["first"]), int(found["last"])
    )


def _line(message: Stored) -> bytes:
    line: dict[str, Any] = {
        "seq": message.seq,
        "subject": message.subject,
        "at_ms": message.at_ms,
        "data": message.data.decode(),
    }
    if message.headers:
        line["headers"] = dict(message.headers)
    return orjson.dumps(line)


def _pack(lines: Sequence[bytes]) -> bytes:
    return gzip.compress(b"\n".join(lines) + b"\n", compresslevel=6, mtime=0)


def _unpack(packed: bytes, archived: ArchivedRun) -> list[Stored]:
    head, *lines = map(orjson.loads, gzip.decompress(packed).splitlines())
    messages = [
        Stored(
            line["seq"],
            line["subject"],
            line["data"].encode(),
            line["at_ms"],
            line.get("headers", {}),
        )
        for line in lines
    ]
    if (
        head["schema"] != SCHEMA
        or (head["tenant"], head["run_id"]) != (archived.tenant, archived.run_id)
        or head["messages"] != len(messages)
        or not messages
        or (messages[0].seq, messages[-1].seq) != (archived.first_seq, archived.through)
    ):
        raise ValueError("the head does not fit the messages")
    return messages
