"""Getting decided turns into the log: together where that pays, apart where one spoils it.

What the shards of a process decide goes out with one append at a time, and
what is decided while that is under way with the next: the more there is to do,
the more goes together, and the less each costs. A batch is stored or refused
as a whole; one that is refused is sent again shard by shard, so that only the
shard that has another owner by now is lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from time import perf_counter
from typing import NamedTuple, Protocol

import structlog

from weir.contract.errors import ConflictError, OutcomeUnknownError, WeirError
from weir.ports.blobs import Blobs
from weir.ports.log import Append, Log
from weir.runtime import metrics
from weir.runtime.decider.fence import DoubtError, FencedError
from weir.runtime.decider.turn import Turn, lighten

logger = structlog.get_logger(__name__)

BLOB_RETRY_S = 1.0
MOST = 500  # messages that go together; a batch takes no more than twice as many

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


class Part(NamedTuple):
    """The turns of one owner, and all their messages in order."""

    owner: Owner
    turns: Sequence[Turn]
    appends: Sequence[Append]


class Commits:
    """The way into the log for all shards of a process."""

    def __init__(self, log: Log, *, atomic_from: int | None) -> None:
        self._log = log
        self._atomic_from = atomic_from
        self._waiting: deque[Part] = deque()
        self._carrier: asyncio.Task[None] | None = None

    def add(self, owner: Owner, turns: Sequence[Turn]) -> None:
        """Append these, and tell the owner what came of it."""
        appends = [append for turn in turns for append in turn.appends]
        self._waiting.append(Part(owner, turns, appends))
        if self._carrier is None:
            self._carrier = asyncio.create_task(self._carry())

    async def _carry(self) -> None:
        try:
            while self._waiting:
                parts = [self._waiting.popleft()]
                size = len(parts[0].appends)
                while self._waiting and size + len(self._waiting[0].appends) <= MOST:
                    parts.append(self._waiting.popleft())
                    size += len(parts[-1].appends)
                await self._commit(parts)
        finally:
            self._carrier = None

    async def _commit(self, parts: Sequence[Part]) -> None:
        parts = [part for part in parts if part.owner.holds]
        appends = [append for part in parts for append in part.appends]
        if not appends:
            return
        try:
            results = iter(await store(self._log, appends, atomic_from=self._atomic_from))
        except ConflictError as error:
            if len(parts) == 1:
                parts[0].owner.failed(error)
                return
            for part in parts:  # nothing is stored; whose lease is lost shows apart
                await self._commit([part])
        except Exception as error:  # noqa: BLE001 - whatever it was, what is stored is unknown
            for part in parts:
                part.owner.failed(error)
        else:
            for part in parts:
                _settle(part, results)


def _settle(part: Part, results: Iterator[Result]) -> None:
    found = [list(islice(results, len(turn.appends))) for turn in part.turns]
    try:
        part.owner.settled(part.turns, found)
    except Exception as error:  # noqa: BLE001 - the others have theirs
        part.owner.failed(error)


async def store(
    log: Log, appends: Sequence[Append], *, atomic_from: int | None
) -> Sequence[Result]:
    """Append all of these, as one batch if they are so many; for each what came of it.

    ConflictError, OutcomeUnknownError: of a batch as a whole.
    """
    results: Sequence[Result] | None = None
    began, mode = perf_counter(), "atomic"
    if atomic_from is not None and len(appends) >= atomic_from:
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
