"""Lines of steps on their way to the LOGS log, many in one message.

Lines are for people: they are bounded in number and size, the oldest are
dropped while the broker is away, and losing some fails no step. How many were
dropped is said in the worker's own log.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import structlog

from weir.contract import codec, subjects
from weir.contract.errors import UnavailableError
from weir.contract.messages import LogBatch, LogLine
from weir.ports.log import Append, Log

FLUSH_S = 0.1
HELD = 10_000
BATCH_LINES = 500
BATCH_BYTES = 512 * 1024
CLOSE_S = 2.0
PER_ATTEMPT = 1_000
MESSAGE_CHARS = 4_000
FIELDS_BYTES = 8_000

_log = structlog.get_logger()


class _Line(NamedTuple):
    tenant: str
    run_id: str
    line: LogLine
    size: int


class StepLogs:
    """Collects lines of all steps of a worker and appends them in batches. Use it on its loop."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._held: deque[_Line] = deque(maxlen=HELD)
        self._flushing: asyncio.Task[None] | None = None
        self._dropped = 0

    def add(self, tenant: str, run_id: str, line: LogLine, size: int) -> None:
        """Take a line of about `size` bytes; it is appended shortly."""
        if len(self._held) == HELD:
            self._dropped += 1
        self._held.append(_Line(tenant, run_id, line, size))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), name="step logs")

    async def close(self) -> None:
        """Append what is held; give up after a moment if the broker is away."""
        if self._flushing is not None:
            await asyncio.wait([self._flushing], timeout=CLOSE_S)
        if self._flushing is not None:
            self._flushing.cancel()

    async def _flush(self) -> None:
        try:
            while self._held:
                await asyncio.sleep(FLUSH_S)
                lines, self._held = list(self._held), deque(maxlen=HELD)
                lost = await self._append(lines)
                self._keep(lost)
        finally:
            self._flushing = None

    async def _append(self, lines: list[_Line]) -> list[_Line]:
        """Append and return the lines that surely were not stored."""
        batches = list(_batches(lines))
        if not batches:
            return []
        try:
            outcomes = await self._log.append_all([append for append, _ in batches])
        except UnavailableError:
            return lines
        lost: list[_Line] = []
        for (_, batch), outcome in zip(batches, outcomes, strict=True):
            if isinstance(outcome, UnavailableError):
                lost += batch
            elif isinstance(outcome, Exception):
                # Stored or not, nobody knows: a line twice is worse than one missing.
                _log.warning("step logs not stored", lines=len(batch), error=str(outcome))
        return lost

    def _keep(self, lost: list[_Line]) -> None:
        room = HELD - len(self._held)
        if len(lost) > room:
            self._dropped += len(lost) - room
            lost = lost[len(lost) - room :]
        self._held.extendleft(reversed(lost))
        if self._dropped and not lost:
            _log.warning("step logs dropped while the broker was away", lines=self._dropped)
            self._dropped = 0


def _batches(lines: list[_Line]) -> list[tuple[Append, list[_Line]]]:
    by_run: dict[tuple[str, str], list[_Line]] = {}
    for line in lines:
        by_run.setdefault((line.tenant, line.run_id), []).append(line)
    made = []
    for (tenant, run_id), mine in by_run.items():
        for part in _parts(mine):
            batch = LogBatch(tenant=tenant, run_id=run_id, lines=[one.line for one in part])
            made.append((Append(subjects.logs(tenant, run_id), codec.encode(batch)), part))
    return made


def _parts(lines: list[_Line]) -> Iterator[list[_Line]]:
    part: list[_Line] = []
    size = 0
    for line in lines:
        if part and (len(part) == BATCH_LINES or size + line.size > BATCH_BYTES):
            yield part
            part, size = [], 0
        part.append(line)
        size += line.size
    yield part
