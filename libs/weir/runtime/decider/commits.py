"""Getting decided turns into the log: together where that pays, apart where one spoils it.

What the shards of a process decide goes out with one append at a time, and
what is decided while that is under way with the next: the more there is to do,
the more goes together, and the less each costs. Where batches are used each
shard has its own, since a batch is stored or refused as a whole.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice
from time import perf_counter
from typing import Protocol

import structlog

from weir.contract.errors import ConflictError, OutcomeUnknownError, WeirError
from weir.ports.blobs import Blobs
from weir.ports.log import Append, Log
from weir.runtime import metrics
from weir.runtime.decider.fence import DoubtError, FencedError
from weir.runtime.decider.turn import Turn, lighten

logger = structlog.get_logger(__name__)

BLOB_RETRY_S = 1.0
ATOMIC_FROM = 4  # messages from which on a batch pays, where batches are used at all

Result = int | Exception


class Owner(Protocol):
    """Whoever decides the runs of a shard."""

    @property
    def holds(self) -> bool:
        """Whether its lease still stands: nothing more is appended under one that does not."""
        ...

    def settled(self, turns: Sequence[Turn], results: Sequence[Sequence[Result]]) -> None:
        """What came of each message of these turns."""
        ...

    def failed(self, error: Exception) -> None:
        """Its turns could not be appended, or nobody knows."""
        ...


class Commits:
    """The way into the log for all shards of a process."""

    def __init__(self, log: Log, *, atomic: bool) -> None:
        self._log = log
        self._atomic = atomic
        self._waiting: deque[tuple[Owner, list[Turn]]] = deque()
        self._carrying = False
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, owner: Owner, turns: list[Turn]) -> None:
        """Append these, and tell the owner what came of it."""
        self._waiting.append((owner, turns))
        if self._atomic or not self._carrying:
            self._carrying = True
            task = asyncio.create_task(self._carry())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self) -> None:
        try:
            while self._waiting:
                together = 1 if self._atomic else len(self._waiting)
                await self._commit([self._waiting.popleft() for _ in range(together)])
        finally:
            self._carrying = False

    async def _commit(self, parts: list[tuple[Owner, list[Turn]]]) -> None:
        parts = [part for part in parts if part[0].holds]
        appends = [append for _, turns in parts for turn in turns for append in turn.appends]
        if not appends:
            return
        try:
            results = iter(await store(self._log, appends, atomic=self._atomic))
        except Exception as error:  # noqa: BLE001 - whatever it was, what is stored is unknown
            for owner, _ in parts:
                owner.failed(error)
            return
        for owner, turns in parts:
            found = [list(islice(results, len(turn.appends))) for turn in turns]
            try:
                owner.settled(turns, found)
            except Exception as error:  # noqa: BLE001 - the others have theirs
                owner.failed(error)


async def store(log: Log, appends: Sequence[Append], *, atomic: bool) -> Sequence[Result]:
    """Append all of these; for each what came of it.

    ConflictError, OutcomeUnknownError: of a batch as a whole.
    """
    results: Sequence[Result] | None = None
    began, mode = perf_counter(), "atomic"
    if atomic and len(appends) >= ATOMIC_FROM:
        try:
            results = await log.append_atomic(appends)
        except (ConflictError, OutcomeUnknownError):
            raise
        except WeirError:
            results = None  # one message spoils a batch: send them apart (P9)
    if results is None:
        mode = "plain"
        results = await log.append_all(appends)
    metrics.COMMIT_MESSAGES.labels(mode).observe(len(appends))
    metrics.COMMIT_SECONDS.labels(mode).observe(perf_counter() - began)
    return results


async def lightened(turn: Turn, blobs: Blobs) -> None:
    """Put away what is too large for the turn's messages, as soon as the store takes it."""
    told = False
    while True:
        try:
            await lighten(turn, blobs)
        except (WeirError, OSError) as error:
            if not told:
                logger.warning("turn waits for the object store", error=str(error))
            told = True
            await asyncio.sleep(BLOB_RETRY_S)
        else:
            return


def verdict(error: Exception) -> Exception:
    """What a failed append says of the lease: it is lost, or what is stored is unknown."""
    if isinstance(error, ConflictError):
        metrics.FENCED.inc()
        return FencedError(str(error))
    metrics.UNKNOWN_OUTCOMES.inc()
    return DoubtError(repr(error))
