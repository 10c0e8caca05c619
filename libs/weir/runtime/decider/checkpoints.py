"""The open runs of a shard, written down whole, so that a takeover is quick (log-protocol P14).

A new owner would have to read all that its shard's log holds, nearly all of it
of runs that have ended. A checkpoint holds the committed states of the runs
that are open, the facts that wait in them, and the position up to which that
is everything; what lies behind is read as before. It is one message, fenced
and rolled up: a log that was rolled back is rolled back together with it. It
is written once so many messages have come that reading them would cost more,
and counts only as long as no run of it can have been purged since.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

import structlog
from pydantic_core import from_json, to_json

from weir.contract import times
from weir.contract.codec import decode, encode
from weir.contract.errors import ConflictError, OutcomeUnknownError, WeirError
from weir.contract.messages import CheckpointTaken, Envelope, Event
from weir.contract.subjects import RunKey, checkpoint
from weir.core.runlog import Fact
from weir.core.snapshot import take
from weir.core.state import RunState
from weir.ports.log import Append
from weir.runtime import metrics
from weir.runtime.decider.snapshots import beside
from weir.runtime.decider.turn import Decider
from weir.runtime.decider.turns import Turns

logger = structlog.get_logger(__name__)

MOST_BYTES = 768 * 1024  # of its text: the broker takes no messages over 1 MiB


class Open(NamedTuple):
    """A run in a checkpoint. The state is immutable: packing it may take its time."""

    key: RunKey
    state: RunState
    chain: bytes
    pending: tuple[Fact, ...]
    since: int
    snapped: int


class Picture(NamedTuple):
    """A shard at one moment. `away` are runs that only wait, with when they are due."""

    position: int
    open: list[Open]
    away: list[tuple[RunKey, int]]


def due(decider: Decider, turns: Turns) -> bool:
    """Whether so much has come that a checkpoint is worth it."""
    # Ended runs are not in it: what they have to tell must have been told.
    quiet = not turns.memory.loading and turns.outside.courier.idle
    return quiet and turns.traffic >= max(decider.checkpoint_messages, 4 * len(turns.memory.runs))


def look(turns: Turns) -> Picture:
    """The shard as it stands; of turns that are on their way only what was before them."""
    position, found, away = turns.position, list[Open](), turns.memory.away()
    for run in turns.memory.runs.values():
        log, state = run.log, run.log.state
        if state is None or run.trouble is not None or run.lost:
            away.append((run.key, 1))  # to be read whole, at once
            continue
        if run.busy:
            position = min(position, run.composed)
        found.append(Open(run.key, state, log.chain, tuple(log.pending), run.since, run.snapped))
    return Picture(position, found, away)


async def write(decider: Decider, shard: int, turns: Turns) -> None:
    """Put a checkpoint in the place of the last one; ConflictError, OutcomeUnknownError."""
    picture = look(turns)
    turns.traffic = 0
    packed = await beside(len(picture.open), lambda: _packed(picture))
    if len(packed) > MOST_BYTES:
        logger.info("checkpoint too large", shard=shard, runs=len(picture.open))
        return
    taken = CheckpointTaken(position=str(picture.position), runs=packed)
    fence = turns.lease.fence
    envelope = Envelope(
        id=decider.clock.new_id("chk"),
        at=times.from_ms(turns.lease.time.now_ms()),
        events=(Event.of(taken),),
    )
    append = Append(
        checkpoint(shard),
        encode(envelope),
        expect=fence.seq,
        expect_on=fence.subject,
        rollup=True,
    )
    try:
        await decider.log.append(append)
    except (ConflictError, OutcomeUnknownError):
        raise
    except WeirError as error:  # surely not stored: the last one still counts
        logger.info("checkpoint postponed", shard=shard, reason=str(error))
    else:
        metrics.CHECKPOINTS.inc()


async def read(decider: Decider, shard: int, now_ms: int) -> dict[str, Any] | None:
    """The last checkpoint, None if there is none that counts."""
    stored = await decider.log.last(checkpoint(shard))
    if stored is None:
        return None
    retention = decider.retention
    if retention is not None and now_ms - stored.at_ms >= retention.hot_ms:
        return None
    try:
        kind = decode(stored.data).events[0].kind
        if not isinstance(kind, CheckpointTaken):
            return None
        value: dict[str, Any] = from_json(zlib.decompress(b64decode(kind.runs)))
    except (ValueError, IndexError, zlib.error) as error:
        logger.warning("checkpoint not understood", shard=shard, error=repr(error))
        return None
    return {**value, "position": int(kind.position)}


def _packed(picture: Picture) -> str:
    value = {
        "open": [
            {
                "tenant": run.key.tenant,
                "run": run.key.run_id,
                "version": run.state.start.version,
                "state": take(run.state),
                "chain": run.chain.hex(),
                "pending": [
                    [fact.seq, fact.digest.hex(), encode(fact.envelope).decode()]
                    for fact in run.pending
                ],
                "since": run.since,
                "snapped": run.snapped,
            }
            for run in picture.open
        ],
        "away": [[key.tenant, key.run_id, due_ms] for key, due_ms in picture.away],
    }
    return b64encode(zlib.compress(to_json(value), 1)).decode()


def facts(value: dict[str, Any]) -> list[Fact]:
    """The facts that were waiting in a run."""
    return [
        Fact(seq, bytes.fromhex(digest), decode(data.encode()))
        for seq, digest, data in value["pending"]
    ]
