"""A run's whole state written down, so that a long run is read again quickly (log-protocol P3).

A snapshot is due once as many bytes were written about the run as the last
snapshot had, and no fewer than a minimum: over a run's life all its snapshots
together cost no more than its messages, and a takeover reads little more than
the states themselves. A state that is too large for a message lies in the
object store, put there before the message that names it (P23); packing and
unpacking a large one is done beside the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

import structlog
from pydantic_core import from_json, to_json

from weir.contract import times
from weir.contract.codec import INLINE_LIMIT, encode
from weir.contract.errors import (
    BlobNotFoundError,
    ConflictError,
    OutcomeUnknownError,
    WeirError,
)
from weir.contract.messages import BlobRef, Envelope, Event, SnapshotTaken
from weir.core.graph import Graph
from weir.core.snapshot import restore, take
from weir.core.state import RunState
from weir.ports.blobs import Blobs
from weir.ports.log import Append
from weir.runtime import metrics
from weir.runtime.decider.fence import Fence
from weir.runtime.decider.turn import Decider, Hot

logger = structlog.get_logger(__name__)

T = TypeVar("T")

_MANY_STEPS = 300  # from here on packing takes longer than others should wait
_JSON = "application/json"


def due(run: Hot, minimum: int) -> bool:
    """Whether a snapshot has become worth its cost."""
    return run.since >= max(minimum, run.snapped)


async def compose(run: Hot, state: RunState, fence: Fence, now_ms: int, blobs: Blobs) -> Append:
    """The run's committed state, in the place of the snapshot before it.

    Nothing of the run may be appended until it is stored: it must lie between
    two turns. Sets how large it is.
    """
    start, chain = state.start, run.log.chain.hex()
    value, packed = await beside(len(state.steps), lambda: _packed(state))
    if len(packed) > INLINE_LIMIT:
        key = await blobs.put(start.tenant, packed)
        ref = BlobRef(key=key, size=len(packed), media_type=_JSON)
        taken = SnapshotTaken(state_ref=ref)
    else:
        taken = SnapshotTaken(state=value)
    envelope = Envelope(
        id=f"{start.run_id}/snapshot.{state.turn}",
        tenant=start.tenant,
        run_id=start.run_id,
        workflow_id=start.workflow_id,
        version=start.version,
        at=times.from_ms(now_ms),
        seen=str(state.seen),
        turn=state.turn,
        chain=chain,
        events=(Event.of(taken),),
    )
    run.snapped = len(packed)
    return Append(
        run.key.snapshot,
        encode(envelope),
        expect=fence.seq,
        expect_on=fence.subject,
        rollup=True,
    )


async def store(run: Hot, state: RunState, fence: Fence, now_ms: int, decider: Decider) -> None:
    """Write the state down; one that surely cannot be now, is left for later.

    Raises what says that the lease is lost, or that the outcome is unknown.
    """
    began = perf_counter()
    try:
        taken = await compose(run, state, fence, now_ms, decider.blobs)
    except Exception as error:  # noqa: BLE001 - the log is whole without it
        logger.warning("snapshot postponed", run_id=run.key.run_id, reason=repr(error))
        return
    try:
        await decider.log.append(taken)
    except (ConflictError, OutcomeUnknownError):
        raise
    except WeirError as error:  # surely not stored
        logger.warning("snapshot postponed", run_id=run.key.run_id, reason=repr(error))
        return
    metrics.SNAPSHOT_BYTES.inc(run.snapped)
    metrics.SNAPSHOT_SECONDS.observe(perf_counter() - began)


async def read(taken: SnapshotTaken, graph: Graph | None, blobs: Blobs) -> tuple[RunState, int]:
    """The state that a snapshot holds, and its size; BlobNotFoundError if it is lost."""
    if taken.state_ref is None:
        size = len(to_json(taken.state))
        return await beside(size >> 8, lambda: restore(taken.state, graph)), size
    try:
        packed = await blobs.get(taken.state_ref.key)
    except KeyError:
        raise BlobNotFoundError(
            f"The snapshot {taken.state_ref.key} is gone from the object store: restore it, and "
            "restart the scheduler."
        ) from None
    state = await beside(len(packed) >> 8, lambda: restore(from_json(packed), graph))
    return state, len(packed)


def _packed(state: RunState) -> tuple[dict[str, Any], bytes]:
    value = take(state)
    return value, to_json(value)


async def beside(steps: int, work: Callable[[], T]) -> T:
    """Do it in a thread if it would hold up whoever else is on this loop."""
    return await asyncio.to_thread(work) if steps > _MANY_STEPS else work()
