"""Reading and writing records: streams whose messages carry the full state of their subject.

REGISTRY and IDENTITY are such streams. A reader may be up to one second behind
a writer, never more (log-protocol P17), unless it names the revision it must
see; versions are immutable and so never stale. What is kept in memory is
bounded by number and by bytes, whatever callers ask for. A record that cannot
be read is counted and told once, and costs nobody but who asks for it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from weir.contract import codec, subjects
from weir.contract.errors import OutcomeUnknownError, RecordUnreadableError, VersionNotFoundError
from weir.contract.messages import Message, RegistryRecord, WorkflowPublished
from weir.core import callback
from weir.ports.log import Append, Log, Stored
from weir.runtime import metrics

FRESH_S = 1.0
ENTRIES = 10_000
BYTES = 32 * 1024 * 1024
TOLD = 10_000

M = TypeVar("M", bound=Message)

_log = structlog.get_logger()
_told: OrderedDict[tuple[str, int], None] = OrderedDict()


def read(kind: type[M], stored: Stored) -> M:
    """The record in a message; RecordUnreadableError, counted and logged once per message."""
    try:
        return kind.model_validate_json(stored.data)
    except ValueError as error:
        _tell(stored, error)
        raise RecordUnreadableError(
            f"The record {stored.subject} (sequence {stored.seq}) cannot be read: "
            "save it again, or see what wrote it.",
            details={"subject": stored.subject, "sequence": str(stored.seq)},
        ) from error


def _tell(stored: Stored, error: Exception) -> None:
    """Count and log that a message is no record that could be used; once, however often it is."""
    known = stored.subject, stored.seq
    if known in _told:
        return
    _told[known] = None
    if len(_told) > TOLD:
        _told.popitem(last=False)
    metrics.RECORDS_UNREADABLE.labels(stored.subject.partition(".")[0]).inc()
    problem = f"{type(error).__name__}: {error}"[:300]
    _log.error("record unreadable", subject=stored.subject, seq=stored.seq, problem=problem)


@dataclass(frozen=True, slots=True)
class Entry(Generic[M]):
    """A record and its revision: the stream sequence under which it lies."""

    revision: int
    record: M
    size: int


RegistryEntry = Entry[RegistryRecord]


@dataclass(frozen=True, slots=True)
class _Kept(Generic[M]):
    entry: Entry[M] | None
    until: float
    size: int


class Records(Generic[M]):
    """The records of one stream, by subject.

    A subject that does not exist is remembered as well, so that guessing names
    costs the broker at most one read per name and second.
    """

    def __init__(
        self,
        log: Log,
        kind: type[M],
        *,
        fresh_s: float = FRESH_S,
        entries: int = ENTRIES,
        bytes_kept: int = BYTES,
    ) -> None:
        self._log = log
        self.kind = kind
        self._fresh_s = fresh_s
        self._entries = entries
        self._bytes = bytes_kept
        self._kept: OrderedDict[str, _Kept[M]] = OrderedDict()
        self._held = 0
        self._reading: dict[str, asyncio.Task[Entry[M] | None]] = {}

    async def get(self, subject: str, *, min_revision: int = 0) -> Entry[M] | None:
        """The record as it stood at most one second ago, and not before `min_revision`.

        None if there is none. Raises UnavailableError when the broker cannot be asked,
        RecordUnreadableError.
        """
        kept = self._kept.get(subject)
        if kept is not None and asyncio.get_running_loop().time() < kept.until:
            if _reaches(kept.entry, min_revision):
                self._kept.move_to_end(subject)
                return kept.entry
            return await self.fresh(subject)
        entry = await self._shared_read(subject)
        # A reading that others began may be older than the revision asked for.
        return entry if _reaches(entry, min_revision) else await self.fresh(subject)

    async def get_all(self, subjects: Sequence[str]) -> list[Entry[M] | None]:
        """The same for several, asked for at the same time."""
        now = asyncio.get_running_loop().time()
        kept = self._kept
        missing = [one for one in subjects if one not in kept or now >= kept[one].until]
        if len(missing) > 1:
            await asyncio.gather(*map(self.get, missing))
        return [await self.get(one) for one in subjects]

    async def fresh(self, subject: str) -> Entry[M] | None:
        """The record as the stream's leader has it now."""
        # The freshness counts from before the question: the answer may be that old.
        asked_at = asyncio.get_running_loop().time()
        stored = await self._log.last(subject)
        entry = None
        if stored is not None:
            record = read(self.kind, stored)
            entry = Entry(stored.seq, record, len(stored.data))
        self._keep(subject, entry, asked_at)
        return entry

    async def put(
        self, subject: str, record: M, *, expect: int | None = None, ttl_s: int | None = None
    ) -> int:
        """Store the record and return its revision.

        With `expect` the subject's last revision must be exactly that (0: there is
        none), else ConflictError. Raises as `Log.append` otherwise; an outcome
        that is not known is looked for once before it is raised.
        """
        self.forget(subject)
        data = codec.encode(record)
        try:
            revision = await self._log.append(
                Append(subject=subject, data=data, expect=expect, ttl_s=ttl_s)
            )
        except OutcomeUnknownError:
            stored = await self._log.last(subject)
            if stored is None or stored.data != data:
                raise
            revision = stored.seq
        finally:
            # A reader may have put the old value back while the append was under way.
            self.forget(subject)
        return revision

    def forget(self, subject: str) -> None:
        """Read this subject anew at the next question."""
        self._reading.pop(subject, None)
        kept = self._kept.pop(subject, None)
        if kept is not None:
            self._held -= kept.size

    async def _shared_read(self, subject: str) -> Entry[M] | None:
        reading = self._reading.get(subject)
        if reading is None:
            reading = asyncio.create_task(self.fresh(subject), name=f"read {subject}")
            self._reading[subject] = reading
            reading.add_done_callback(lambda done: self._read_done(subject, done))
        return await asyncio.shield(reading)

    def _read_done(self, subject: str, done: asyncio.Task[Entry[M] | None]) -> None:
        if self._reading.get(subject) is done:
            del self._reading[subject]
        if not done.cancelled():
            done.exception()  # whoever waited has it; nobody may be left to wait

    def _keep(self, subject: str, entry: Entry[M] | None, asked_at: float) -> None:
        before = self._kept.pop(subject, None)
        if before is not None:
            self._held -= before.size
        size = 256 + (entry.size if entry else 0)
        self._kept[subject] = _Kept(entry, asked_at + self._fresh_s, size)
        self._held += size
        while self._kept and (len(self._kept) > self._entries or self._held > self._bytes):
            _, gone = self._kept.popitem(last=False)
            self._held -= gone.size


def _reaches(entry: Entry[M] | None, revision: int) -> bool:
    return revision <= 0 or (entry is not None and entry.revision >= revision)


# The one version that nobody publishes: it is part of this code.
_CALLBACK = WorkflowPublished(
    workflow_id=callback.WORKFLOW, version=callback.VERSION, number=1, frozen=dict(callback.FROZEN)
)


class Versions:
    """Published versions by tenant and content hash; immutable, hence kept until room is needed."""

    def __init__(self, log: Log, *, bytes_kept: int = BYTES) -> None:
        self._log = log
        self._bytes = bytes_kept
        self._kept: OrderedDict[str, tuple[WorkflowPublished, int]] = OrderedDict()
        self._held = 0

    async def get(self, tenant: str, version: str) -> WorkflowPublished:
        """The version; VersionNotFoundError if this tenant never published it.

        RecordUnreadableError if it cannot be read.
        """
        if version == callback.VERSION:
            return _CALLBACK
        subject = subjects.version(tenant, version)
        kept = self._kept.get(subject)
        if kept is not None:
            self._kept.move_to_end(subject)
            return kept[0]
        stored = await self._log.last(subject)
        published = None
        if stored is not None:
            published = read(RegistryRecord, stored).workflow_published
        if stored is None or published is None:
            raise VersionNotFoundError(
                f"There is no version {version!r}: list them at /workflows/{{id}}/versions.",
                details={"version": version},
            )
        if subject not in self._kept:
            self._kept[subject] = (published, len(stored.data))
            self._held += len(stored.data)
        while self._held > self._bytes and len(self._kept) > 1:
            _, (_, size) = self._kept.popitem(last=False)
            self._held -= size
        return published

    async def frozen(self, tenant: str, version: str) -> dict[str, Any]:
        """The frozen definition of a version, as the core compiles it. Shared: never change it."""
        frozen: dict[str, Any] = (await self.get(tenant, version)).frozen
        return frozen
