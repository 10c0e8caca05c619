"""Removes values kept outside the log that nothing refers to any more (log-protocol P23).

Values are written before the messages that name them, and some messages never
come; snapshots are replaced. Mark and sweep: of the values that were not put
for a grace, a bounded number is taken, everything that log and archive mention
is struck out, and the rest is removed. The log is read before the archive,
since runs move from one to the other. A value that is put again meanwhile is
young and stays: the store itself looks at that, at the moment of removal.
"""

from __future__ import annotations

import asyncio

import structlog

from weir.contract.errors import ArchiveDamagedError, OutcomeUnknownError, UnavailableError
from weir.ports.blobs import Blobs, hashes_in
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.runtime import metrics
from weir.runtime.archive import Archive

CANDIDATES = 50_000  # values looked at in one pass over log and archive: some 10 MB
_FIRST_S = 600.0
_LEAST_S = 3600.0
_EVER = 2**62

_log = structlog.get_logger()


class Collector:
    """Collects values that are older than `grace_ms`. `run` it while the process lives."""

    def __init__(  # noqa: PLR0913 - each is a port of its own
        self,
        logs: tuple[Log, ...],
        archive: Archive,
        blobs: Blobs,
        clock: Clock,
        *,
        grace_ms: int,
        candidates: int = CANDIDATES,
    ) -> None:
        self._logs = logs
        self._archive = archive
        self._blobs = blobs
        self._clock = clock
        self._grace_ms = grace_ms
        self._candidates = candidates

    async def run(self) -> None:
        """Sweep about once per grace until cancelled; outages are waited out."""
        await asyncio.sleep(min(_FIRST_S, self._grace_ms / 1000))
        while True:
            try:
                await self.sweep()
            except (UnavailableError, OutcomeUnknownError, OSError) as gone:
                _log.warning("collecting values interrupted", why=str(gone))
            except ArchiveDamagedError as damaged:
                # What it refers to is not known: nothing is removed until it is restored.
                _log.error("collecting values stopped", why=damaged.message)
            await asyncio.sleep(max(_LEAST_S, self._grace_ms / 1000))

    async def sweep(self) -> int:
        """Remove every value that is old and not referred to; how many those were.

        ArchiveDamagedError if an archived run cannot be read: then none is removed.
        """
        before_ms = self._clock.now_ms() - self._grace_ms
        removed, some = 0, dict[str, list[str]]()
        async for key in self._blobs.aged(before_ms):
            some.setdefault(key.rpartition("/")[2], []).append(key)
            if len(some) >= self._candidates:
                removed += await self._collect(some, before_ms)
                some = {}
        removed += await self._collect(some, before_ms)
        return removed

    async def _collect(self, some: dict[str, list[str]], before_ms: int) -> int:
        """Remove those of these values that nothing mentions."""
        for log in self._logs:
            if not some:
                return 0
            async for batch in log.read(">"):
                for message in batch:
                    for mentioned in hashes_in(message.data):
                        some.pop(mentioned, None)
                await asyncio.sleep(0)
        if some:
            async for mentioned_there in self._archive.references():
                for mentioned in mentioned_there:
                    some.pop(mentioned, None)
        if some:
            await self._strike_nested(some)
        unmentioned = [key for keys in some.values() for key in keys]
        removed = sum([await self._blobs.expire(key, before_ms) for key in unmentioned])
        metrics.BLOBS_COLLECTED.inc(removed)
        return removed

    async def _strike_nested(self, some: dict[str, list[str]]) -> None:
        """Strike out what values that stay refer to: the pages of a list, for one."""
        async for key in self._blobs.aged(_EVER):
            found = [] if key.rpartition("/")[2] in some else [key]
            while found:
                try:
                    content = await self._blobs.get(found.pop())
                except KeyError:
                    continue
                for mentioned in hashes_in(content):
                    found += some.pop(mentioned, [])
