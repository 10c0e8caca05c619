"""Runs in the object store: every message as it lay in the log, with its sequence.

Objects are gzip over JSON lines: a head that says which run and how many
messages, then the messages. A run that goes on is stored in segments, one
behind the other; a segment counts once its confirmation is a fact of the run.
The object of an ended run names the segments before it, so that it stands for
the whole run when the log no longer has it: only a run that was read whole is
stored so. Names tell what lies inside, so storing again after a crash changes
nothing; those that end in `.plain.gz` refer to no value kept outside the log.

Whoever reads a run looks into the log first and into the archive then, so that
nothing escapes by moving meanwhile; what both hold is given once, by its
sequence (log-protocol P21).
"""

from __future__ import annotations

import asyncio
import gzip
import re
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from weir.contract import codec
from weir.contract.errors import ArchiveDamagedError
from weir.contract.messages import RunSegmentArchived, RunStarted
from weir.contract.subjects import RunKey, segment_fact, start_fact
from weir.ports.blobs import Blobs, hashes_in
from weir.ports.log import Log, Stored

SCHEMA = "weir/archive/v1"
# Padded numbers: the order of keys is the order of the log.
_RUN = r"(?P<tenant>[a-z0-9-]+)/runs/../(?P<run_id>[^./]+)\.(?P<first>\d{20})"
_NAME = re.compile(_RUN + r"-(?P<through>\d{20})(\.plain)?\.gz")
_SEGMENT = re.compile(_RUN + r"\.(?P<after>\d{20})-(?P<through>\d{20})(\.plain)?\.gz")
_PLAIN = ".plain.gz"
_GZIP = 16  # beside the bits of the window
_LEAST_BITS = 9
_LARGE = 256 * 1024  # beyond it, packing would hold up the event loop


class ArchivedRun(NamedTuple):
    """The object of an ended run, as its key names it."""

    key: str
    tenant: str
    run_id: str
    first_seq: int
    through: int


class Segment(NamedTuple):
    """A part of a run: what lies after one sequence, up to another. `first_seq` is its start's."""

    key: str
    tenant: str
    run_id: str
    first_seq: int
    after: int
    through: int


class Ended(NamedTuple):
    """An ended run to be stored: what lies behind its segments."""

    key: RunKey
    messages: Sequence[Stored]
    before: Sequence[Segment] = ()


class Archive:
    """Stores and finds runs in an object store."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def put(self, *runs: Ended) -> list[ArchivedRun]:
        """Store ended runs, as durably as the store is when this returns."""
        archived: list[ArchivedRun] = []
        objects: dict[str, bytes] = {}
        for key, messages, before in runs:
            first = before[0].first_seq if before else messages[0].seq
            last = messages[-1].seq
            head: dict[str, Any] = {"first_seq": first, "through": last}
            if before:
                head["segments"] = [segment.key for segment in before]
            name = _name(key, f"{first:020d}-{last:020d}", messages)
            objects[name] = await _pack(key, head, messages)
            archived.append(ArchivedRun(name, key.tenant, key.run_id, first, last))
        await self._blobs.put_named(objects)
        return archived

    async def put_segment(
        self, key: RunKey, first: int, after: int, through: int, messages: Sequence[Stored]
    ) -> Segment:
        """Store a part of a run that goes on; it is durable when this returns."""
        head = {"first_seq": first, "after": after, "through": through}
        name = _name(key, f"{first:020d}.{after:020d}-{through:020d}", messages)
        await self._blobs.put_named({name: await _pack(key, head, messages)})
        return Segment(name, key.tenant, key.run_id, first, after, through)

    async def find(self, tenant: str, run_id: str) -> ArchivedRun | None:
        """The archived run of this id, the last one if the id was used again."""
        prefix = f"{tenant}/{_folder(run_id)}/{run_id}."
        found = [named async for key in self._blobs.keys(prefix) if (named := _named(key))]
        return max(found, key=lambda each: (each.first_seq, each.through), default=None)

    async def segments(self, last: str) -> list[Segment]:
        """The segments up to the one with this key, in order; ArchiveDamagedError for a hole."""
        segment = _segment(last)
        if segment is None:
            raise ArchiveDamagedError(f"{last} is no key of a part of an archived run.")
        chain = [segment]
        if segment.after:
            prefix = last[: last.rindex(".", 0, last.rindex("-"))]
            known = [one async for key in self._blobs.keys(prefix) if (one := _segment(key))]
            reaching: Mapping[int, Segment] = {one.through: one for one in known}
            while chain[-1].after:
                before = reaching.get(chain[-1].after)
                if before is None:
                    raise ArchiveDamagedError(
                        f"The part of an archived run before {chain[-1].key} is gone from the "
                        "object store: restore it."
                    )
                chain.append(before)
        return chain[::-1]

    async def everything(self, tenant: str = "") -> AsyncIterator[ArchivedRun]:
        """Every ended run, of every tenant or of one, in the order of their keys."""
        async for key in self._blobs.keys(f"{tenant}/runs/" if tenant else ""):
            if (named := _named(key)) is not None:
                yield named

    async def get(self, archived: ArchivedRun) -> list[Stored]:
        """The messages of an ended run; ArchiveDamagedError if an object is not as written."""
        return [message async for part in self.parts(archived) for message in part]

    async def parts(self, archived: ArchivedRun) -> AsyncIterator[list[Stored]]:
        """The same, one part after the other: no more than one is held."""
        head, messages = await self._get(archived)
        for key in head.get("segments", ()):
            segment = _segment(key)
            if segment is None:
                raise _damaged(archived.key, ValueError("it names no segment"))
            yield await self.get_segment(segment)
        yield messages

    async def get_segment(self, segment: Segment) -> list[Stored]:
        """The messages of a segment; ArchiveDamagedError if the object is not as written."""
        _, messages = await self._get(segment)
        return messages

    async def references(self) -> AsyncIterator[set[str]]:
        """The hashes of values that each object refers to, object by object."""
        async for key in self._blobs.keys(""):
            if key.endswith(_PLAIN):
                continue
            named = _named(key) or _segment(key)
            if named is not None:
                _, messages = await self._get(named)
                yield {found for message in messages for found in hashes_in(message.data)}

    async def _get(self, archived: ArchivedRun | Segment) -> tuple[dict[str, Any], list[Stored]]:
        try:
            packed = await self._blobs.get(archived.key)
        except KeyError:
            raise ArchiveDamagedError(
                f"The archived run {archived.key} is gone from the object store: restore it."
            ) from None
        try:
            if len(packed) > _LARGE:
                return await asyncio.to_thread(_unpack, packed, archived)
            return _unpack(packed, archived)
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
            raise _damaged(archived.key, error) from error


async def read_run(
    log: Log, archive: Archive, key: RunKey, *, after: int = 0, upto: int | None = None
) -> list[Stored]:
    """Every message of a run in order, from log and archive; empty if neither knows it."""
    parts = read_parts(log, archive, key, after=after, upto=upto)
    return [message async for part in parts for message in part]


async def read_parts(
    log: Log, archive: Archive, key: RunKey, *, after: int = 0, upto: int | None = None
) -> AsyncIterator[Sequence[Stored]]:
    """The same part by part: `after < seq <= upto`, and no more than one object held."""
    rest = [message async for batch in log.read(key.everything, upto=upto) for message in batch]
    if any(map(_is_start, rest)):
        through = 0
        for segment in await confirmed(log, archive, key):
            through = segment.through
            if through > after:
                yield _within(await archive.get_segment(segment), after, upto)
        yield _within(rest, max(after, through), upto)
        return
    archived = await archive.find(key.tenant, key.run_id)
    if archived is None:
        return
    if archived.through > after:
        async for part in archive.parts(archived):
            yield _within(part, after, upto)
    yield _within(rest, max(after, archived.through), upto)


async def confirmed(log: Log, archive: Archive, key: RunKey) -> list[Segment]:
    """The parts of a run that the archive holds for certain, in order."""
    stored = await log.last(key.fact(segment_fact()))
    fact = None if stored is None else segment_told(stored)
    return [] if fact is None else await archive.segments(fact.key)


def segment_told(stored: Stored) -> RunSegmentArchived | None:
    """What a confirmation says; None if it cannot be read."""
    events = codec.decode(stored.data).events
    kind = events[0].kind if events else None
    return kind if isinstance(kind, RunSegmentArchived) else None


def _within(messages: Sequence[Stored], after: int, upto: int | None) -> Sequence[Stored]:
    return [one for one in messages if after < one.seq and (upto is None or one.seq <= upto)]


def _is_start(message: Stored) -> bool:
    if not message.subject.endswith(f".in.{start_fact()}"):
        return False
    events = codec.decode(message.data).events
    return bool(events) and isinstance(events[0].kind, RunStarted)


def _damaged(key: str, error: Exception) -> ArchiveDamagedError:
    return ArchiveDamagedError(
        f"The archived run {key} is not as it was written "
        f"({type(error).__name__}): restore it from a copy of the object store."
    )


def _folder(run_id: str) -> str:
    """Runs are spread over a thousand folders: some stores list one folder slowly."""
    return f"runs/{run_id[-2:]}"


def _named(key: str) -> ArchivedRun | None:
    found = _NAME.fullmatch(key)
    if found is None:
        return None
    first, through = int(found["first"]), int(found["through"])
    return ArchivedRun(key, found["tenant"], found["run_id"], first, through)


def _segment(key: str) -> Segment | None:
    found = _SEGMENT.fullmatch(key)
    if found is None:
        return None
    numbers = (int(found[name]) for name in ("first", "after", "through"))
    return Segment(key, found["tenant"], found["run_id"], *numbers)


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


def _name(key: RunKey, part: str, messages: Sequence[Stored]) -> str:
    end = ".gz" if any(hashes_in(message.data) for message in messages) else _PLAIN
    return f"{key.tenant}/{_folder(key.run_id)}/{key.run_id}.{part}{end}"


async def _pack(key: RunKey, head: Mapping[str, Any], messages: Sequence[Stored]) -> bytes:
    full = {
        "schema": SCHEMA,
        "tenant": key.tenant,
        "run_id": key.run_id,
        "messages": len(messages),
        **head,
    }
    text = b"\n".join([orjson.dumps(full), *map(_line, messages), b""])
    return await asyncio.to_thread(_packed, text) if len(text) > _LARGE else _packed(text)


def _packed(text: bytes) -> bytes:
    """As gzip packs, with a window no larger than the text.

    The usual one takes 270 kB, which the process gets from the system and gives back each time:
    that takes four times as long as to pack a short run.
    """
    bits = min(max(len(text).bit_length(), _LEAST_BITS), zlib.MAX_WBITS)
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP + bits, memLevel=bits - _LEAST_BITS + 1)
    return packer.compress(text) + packer.flush()


def _unpack(packed: bytes, archived: ArchivedRun | Segment) -> tuple[dict[str, Any], list[Stored]]:
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
    told = (head["schema"], head["tenant"], head["run_id"], head["first_seq"], head["through"])
    after = archived.after if isinstance(archived, Segment) else archived.first_seq - 1
    if (
        told != (SCHEMA, archived.tenant, archived.run_id, archived.first_seq, archived.through)
        or head["messages"] != len(messages)
        or not messages
        or not after < messages[0].seq <= messages[-1].seq <= archived.through
    ):
        raise ValueError("the head does not fit the messages")
    return head, messages
