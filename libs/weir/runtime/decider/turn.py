"""One decision of one run on its way into the log.

Every append of an owner is fenced: it expects the owner's own lease to be the
last message of the literal lease subject, so that nothing is stored after
another owner took over. Each message is valid alone (see core/decide.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic_core import to_json

from weir.contract import subjects, times
from weir.contract.codec import INLINE_LIMIT, encode
from weir.contract.messages import Envelope, Event, TaskScheduled, TimerFired
from weir.contract.subjects import RunKey
from weir.core.decide import Decision
from weir.core.runlog import RunLog
from weir.ports.blobs import Blobs
from weir.ports.clock import Clock
from weir.ports.live import Live
from weir.ports.log import Append, Log, Schedule
from weir.runtime.decider.fence import Fence
from weir.runtime.decider.pages import Pages
from weir.runtime.decider.retention import Retention
from weir.runtime.decider.schedule_records import Scheduling
from weir.runtime.decider.window import Room
from weir.runtime.deletions import Deletions
from weir.runtime.graphs import Graphs
from weir.runtime.plans import Plans

CHECKPOINT_MESSAGES = 2_000  # of a shard, from which on a checkpoint is worth its cost
SNAPSHOT_BYTES = 256 * 1024  # written about a run, at least, before its state is written whole
HOT_RUNS = 4_000  # of a shard, in memory at once


@dataclass(frozen=True, slots=True)
class Decider:
    """What all shards of a process share.

    `atomic_from`: how many messages are committed as one batch; None: none are.
    """

    name: str
    log: Log
    live: Live
    clock: Clock
    graphs: Graphs
    blobs: Blobs
    plans: Plans
    pages: Pages
    shards: int = subjects.SHARDS
    atomic_from: int | None = None
    retention: Retention | None = None
    deletions: Deletions | None = None
    scheduling: Scheduling | None = None
    sweep_s: float = 60.0
    room: Room = field(default_factory=Room)
    hot_runs: int = HOT_RUNS
    snapshot_bytes: int = SNAPSHOT_BYTES
    checkpoint_messages: int = CHECKPOINT_MESSAGES
    checkpoint_s: float = 2.0


@dataclass(slots=True)
class Hot:
    """A run in its owner's memory."""

    key: RunKey
    log: RunLog
    busy: bool = False  # a turn is on its way
    dirty: bool = False
    looked_at: bool = False  # decided at least once since it came into memory
    trouble: Exception | None = None  # why it is parked
    clock_ms: int = 0  # the broker's time of its newest fact
    since: int = 0  # bytes of its messages since its last snapshot
    snapped: int = 0  # bytes of its last snapshot
    restored: int = 0  # sequence of the snapshot it was read from
    lost: bool = False  # its snapshot is gone: nothing can be said of it
    composed: int = 0  # how far the log was read when its last turn was made
    wake_at: int = 0  # the earliest time that is in the shard's heap
    needs: str = ""  # the page that is being fetched for it

    def hold(self, position: int) -> None:
        """Something is on its way to the log: until it is there, nothing else is decided."""
        self.busy, self.composed = True, position


@dataclass(slots=True)
class Turn:
    """What is appended for one decision."""

    run: Hot
    decision: Decision
    seen: int
    envelopes: list[Envelope]
    bodies: list[bytes]
    appends: list[Append]


def compose(run: Hot, decision: Decision, fence: Fence, now_ms: int) -> Turn:
    """The appends of a decision: its messages in order, then its timers."""
    state = decision.state
    start = state.start
    seen, number, chain = run.log.next_turn()
    at = times.from_ms(now_ms)
    trace = {"trace_parent": start.trace_parent} if start.trace_parent else {}
    turn = Turn(run, decision, seen, [], [], [])
    for index, draft in enumerate(decision.drafts):
        envelope = Envelope(
            id=f"{start.run_id}/{number}.{index}",
            tenant=start.tenant,
            run_id=start.run_id,
            workflow_id=start.workflow_id,
            version=start.version,
            at=at,
            seen=str(seen),
            turn=number,
            chain=chain.hex(),
            events=draft.events,
            **trace,
        )
        body = encode(envelope)
        turn.envelopes.append(envelope)
        turn.bodies.append(body)
        if draft.queue:
            task = draft.events[-1]
            subject = run.key.task(draft.queue)
            msg_id = f"{start.run_id}/{task.step}/{task.attempt}"
        else:
            subject, msg_id = run.key.events, None
        turn.appends.append(
            Append(subject, body, expect=fence.seq, expect_on=fence.subject, msg_id=msg_id)
        )
    for timer in decision.timers:
        fired = Envelope(
            id=f"{start.run_id}/{timer.timer}",
            tenant=start.tenant,
            run_id=start.run_id,
            workflow_id=start.workflow_id,
            version=start.version,
            at=times.from_ms(timer.due_ms),
            cause=f"{start.run_id}/{number}.0",
            events=(Event.of(TimerFired(timer=timer.timer), step=timer.step),),
        )
        target = run.key.fact(subjects.timer_fact(timer.timer))
        turn.appends.append(
            Append(
                run.key.timer(timer.timer),
                encode(fired),
                expect=fence.seq,
                expect_on=fence.subject,
                schedule=Schedule(timer.due_ms, target),
            )
        )
    return turn


def heavy(turn: Turn) -> bool:
    """Whether a task carries more than a message should."""
    return any(
        len(body) > INLINE_LIMIT and _task(envelope) is not None
        for body, envelope in zip(turn.bodies, turn.envelopes, strict=True)
    )


async def lighten(turn: Turn, blobs: Blobs) -> None:
    """Store what heavy tasks read outside the log, durably before the messages that name it (P23).

    Many values that fit one by one, such as the branches of a merge, may
    together fit no message. The state that was decided does not hold them.
    """
    for place, envelope in enumerate(turn.envelopes):
        task = _task(envelope)
        if task is None or len(turn.bodies[place]) <= INLINE_LIMIT:
            continue
        content = to_json(task.scope)
        if len(content) <= INLINE_LIMIT:
            continue
        key = await blobs.put(envelope.tenant, content)
        reference = {"key": key, "size": len(content), "media_type": "application/json"}
        event = envelope.events[-1]
        carried = task.model_copy(update={"scope": {"$blob": reference}})
        events = (*envelope.events[:-1], event.model_copy(update={"task_scheduled": carried}))
        lighter = envelope.model_copy(update={"events": events})
        turn.envelopes[place] = lighter
        turn.bodies[place] = encode(lighter)
        turn.appends[place] = turn.appends[place]._replace(data=turn.bodies[place])


def _task(envelope: Envelope) -> TaskScheduled | None:
    """The task of a message, if an executor is to evaluate it over a scope."""
    task = envelope.events[-1].task_scheduled
    return None if task is None or task.scope is None else task
