"""Getting decided turns into the log: together where that pays, apart where one spoils it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

import structlog

from weir.contract.errors import ConflictError, OutcomeUnknownError, WeirError
from weir.ports.blobs import Blobs
from weir.ports.log import Log
from weir.runtime import metrics
from weir.runtime.decider.fence import DoubtError, FencedError
from weir.runtime.decider.turn import Turn, lighten

logger = structlog.get_logger(__name__)

BLOB_RETRY_S = 1.0
ATOMIC_FROM = 4  # messages from which on a batch pays, where batches are used at all


async def store(
    log: Log, turns: Sequence[Turn], *, atomic: bool
) -> list[Sequence[int | Exception]]:
    """Append all messages of these turns; for each turn what came of each of its messages.

    ConflictError, OutcomeUnknownError: of a batch as a whole.
    """
    appends = [append for turn in turns for append in turn.appends]
    results: list[int | Exception] | None = None
    began, mode = perf_counter(), "atomic"
    if atomic and len(appends) >= ATOMIC_FROM:
        try:
            results = list(await log.append_atomic(appends))
        except (ConflictError, OutcomeUnknownError):
            raise
        except WeirError:
            results = None  # one message spoils a batch: send them apart (P9)
    if results is None:
        mode = "plain"
        results = await log.append_all(appends)
    metrics.COMMIT_MESSAGES.labels(mode).observe(len(appends))
    metrics.COMMIT_SECONDS.labels(mode).observe(perf_counter() - began)
    found: list[Sequence[int | Exception]] = []
    at = 0
    for turn in turns:
        found.append(results[at : at + len(turn.appends)])
        at += len(turn.appends)
    return found


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
