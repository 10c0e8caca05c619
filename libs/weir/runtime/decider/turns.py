"""Deciding the runs of a shard and appending what was decided.

Level-triggered: whatever wakes a run only marks it dirty; a drain decides all
dirty runs whose last turn is stored, and their appends go out together. A run
has at most one turn under way (P2). After an append of unknown outcome nothing
more goes out under this lease (P4). A run that cannot be decided stands still
alone (P9).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from time import perf_counter

import structlog

from weir.contract.errors import ConflictError, OutcomeUnknownError, TooLargeError
from weir.contract.messages import (
    CancelRequested,
    ChildEnded,
    Envelope,
    ResumeRequested,
    TaskDeferred,
    TaskFailed,
    TaskSucceeded,
)
from weir.contract.subjects import RunKey
from weir.core.decide import Decision, cancel_run, decide
from weir.core.gates import priority
from weir.core.state import ENDED, RunState
from weir.ports.log import Stored
from weir.runtime import metrics
from weir.runtime.decider import snapshots
from weir.runtime.decider.commits import Commits, Result, lightened, verdict
from weir.runtime.decider.fence import DoubtError
from weir.runtime.decider.lease import Lease
from weir.runtime.decider.memory import Memory
from weir.runtime.decider.outside import Outside
from weir.runtime.decider.parking import Make, Parking
from weir.runtime.decider.turn import Decider, Hot, Turn, compose, heavy
from weir.runtime.decider.window import Window

logger = structlog.get_logger(__name__)

DRAIN = 200  # runs decided before others on this loop get their turn


class Turns:
    """The runs of one shard under one lease. `recall` brings back one that was put away."""

    def __init__(
        self,
        decider: Decider,
        commits: Commits,
        lease: Lease,
        recall: Callable[[RunKey], None],
    ) -> None:
        self.lease = lease
        self.owner = decider.name
        self.memory = Memory(decider.hot_runs, lease.time, self.touch, recall)
        self.window = Window(decider.room, self._wake_held)
        self.outside = Outside(decider, lease)
        self.parking = Parking(self._append_alone)
        self.position = 0  # how far the shard's facts were read
        self.traffic = 0  # messages since the last checkpoint
        self._on = decider
        self._commits = commits
        self._dirty: dict[str, Hot] = {}
        self._planned = False
        self._closing = False
        self._stopped = False
        self._under_way = 0  # appends of this shard
        self._moved = asyncio.Event()

    def open(self) -> None:
        """The shard is read: from now on decisions may be appended."""
        self.outside.open()
        runs = list(self.memory.runs.values())
        for run in runs:
            if run.log.state is not None:
                self.outside.found(run.key, run.log.state)
        self.parking.open(runs)

    async def finish(self, timeout_s: float = 2.0) -> None:
        """Begin no turn more and let those under way be stored."""
        self._closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._under_way:
                    self._moved.clear()
                    await self._moved.wait()

    async def stop(self) -> None:
        """Decide no more; what is under way is stored or refused by its fence."""
        self._stopped = True
        self.window.close()
        self.memory.stop()
        await self.lease.stop()

    # -- reading --

    def feed(self, run: Hot, message: Stored, envelope: Envelope) -> None:
        """Fold one message of a run."""
        if run.lost:
            return
        run.clock_ms = max(run.clock_ms, message.at_ms)
        self.lease.time.seen(message.at_ms)
        run.since += len(message.data)
        self.traffic += 1
        try:
            run.log.feed(message.seq, message.data, envelope)
        except Exception as error:  # noqa: BLE001 - one run's trouble is its own
            self.park(run, error)
            return
        for event in envelope.events:
            kind = event.kind
            if isinstance(kind, TaskSucceeded | TaskFailed | TaskDeferred):
                self.window.came_back(run.key.run_id, event.step)
            elif isinstance(kind, CancelRequested | ResumeRequested):
                run.trouble = None  # whatever it was, an end can be decided, or it is tried again
            elif isinstance(kind, ChildEnded):
                self.outside.children.came(kind.run_id)
            elif kind is None:
                metrics.UNKNOWN_EVENTS.inc()

    def loaded(self, run: Hot, facts: Sequence[tuple[Stored, Envelope]]) -> None:
        """A run was read: fold what came meanwhile and decide."""
        if run.log.state is not None:
            self.outside.found(run.key, run.log.state)  # it may be the first sight of it
        for message, envelope in facts:
            self.feed(run, message, envelope)
        self.parking.say(run)
        self.touch(run)

    def forget(self, run_id: str) -> None:
        """The run has ended: keep no more than that it has."""
        self.memory.forget(run_id)
        self._dirty.pop(run_id, None)
        self.window.ended(run_id)

    def park(self, run: Hot, error: Exception) -> None:
        """The run stands still; the others go on."""
        self._dirty.pop(run.key.run_id, None)
        self.parking.park(run, error)

    # -- deciding --

    def touch(self, run: Hot) -> None:
        """Have a run decided soon; one that is parked can still be cancelled."""
        if not self.memory.has(run):
            return  # put away or read anew since the caller met it: looked at, then
        if run.trouble is not None:
            self._append_alone(run, cancel_run)
            return
        run.dirty = True
        self._dirty[run.key.run_id] = run
        self._plan()

    def asks(self, run: Hot) -> bool:
        """Whether deciding the run would do anything; looks without deciding."""
        state = run.log.state
        return bool(run.log.pending) or (
            state is not None
            and bool(state.frontier.agenda.items or state.frontier.ready or state.cancel)
        )

    async def decided(self, runs: Sequence[Hot]) -> None:
        """Return when each of these runs was decided, or the lease is gone."""
        while self.lease.held and any(run.key.run_id in self._dirty for run in runs):
            self._moved.clear()
            await self._moved.wait()

    def _plan(self) -> None:
        if not self._planned and not self._closing and self.lease.held:
            self._planned = True
            asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        """Decide what is dirty and append it all together."""
        self._planned = False
        self._moved.set()
        if not self.lease.held or self._closing:
            return
        turns: list[Turn] = []
        for run_id in list(self._dirty):
            run = self._dirty[run_id]
            if run.busy or run_id in self.memory.loading:
                continue
            del self._dirty[run_id]
            run.dirty = False
            turn = self._decide(run)
            if turn is None:
                continue
            run.hold(self.position)
            if heavy(turn):
                self.lease.aside(self._lighten(turn))
            else:
                turns.append(turn)
            if len(turns) >= DRAIN:
                self._plan()
                break
        if turns:
            self._commit(turns)

    def _decide(self, run: Hot) -> Turn | None:
        now = self._now(run)
        run.looked_at = True
        tenant = run.key.tenant
        began = perf_counter()
        try:
            state = run.log.tentative
            if state is None:
                return None
            urgency = priority(state)
            decision = decide(
                state,
                now,
                lambda queue: self.window.room(tenant, queue, urgency),
                self._on.pages.at_hand,
            )
            turn = compose(run, decision, self.lease.fence, now) if decision.drafts else None
        except Exception as error:  # noqa: BLE001 - one run's trouble is its own
            self.park(run, error)
            return None
        metrics.DECIDE_SECONDS.observe(perf_counter() - began)
        if decision.needs and decision.needs != run.needs:
            self.lease.aside(self._fetch(run, decision.needs))
        ready = decision.state.frontier.ready.items()
        held = {(tenant, queue) for queue, steps in ready if steps.head < steps.tail}
        self.window.hold(run.key.run_id, held, urgency)
        if turn is None:
            self.memory.alarm(run, decision.wake_at)
            if state.status in ENDED:
                self.forget(run.key.run_id)
            else:
                self.memory.relieve()
            return None
        for draft in decision.drafts:
            if draft.queue:
                metrics.TASKS_DISPATCHED.labels(draft.queue).inc()
                step = draft.events[-1].step
                self.window.sent(run.key.run_id, step, (tenant, draft.queue))
        return turn

    async def _fetch(self, run: Hot, page: str) -> None:
        """Have a page of a long list at hand, then decide again."""
        run.needs = page
        try:
            await self._on.pages.have(page)
        except KeyError:
            while run.busy:
                self._moved.clear()
                await self._moved.wait()
            why = f"the page {page} of a list is gone from the object store"
            self.parking.give_up(run, "BLOB_NOT_FOUND", why)
        else:
            run.needs = ""
            self.touch(run)

    def _now(self, run: Hot) -> int:
        """The owner's time, which is never before a fact of the run."""
        return max(self.lease.time.now_ms(), run.clock_ms)

    def _wake_held(self, run_id: str) -> None:
        run = self.memory.runs.get(run_id)
        if run is not None:
            self.touch(run)

    # -- appending --

    @property
    def holds(self) -> bool:
        """Whether the lease still stands."""
        return self.lease.held

    def _commit(self, turns: list[Turn]) -> None:
        self._under_way += 1
        self._commits.add(self, turns)

    async def _lighten(self, turn: Turn) -> None:
        """Append a turn once what is too large for it is stored: the other runs do not wait."""
        try:
            await lightened(turn, self._on.blobs)
        except Exception as error:  # noqa: BLE001 - one run's trouble is its own
            turn.run.busy = False
            self.park(turn.run, error)
            return
        if self.lease.held and not self._closing:
            self._commit([turn])

    def _append_alone(self, run: Hot, make: Make) -> None:
        if not self.lease.held or run.busy or not self.memory.has(run):
            return
        if run.key.run_id in self.memory.loading:
            return
        now = self._now(run)
        try:
            state = run.log.tentative
            if state is None:
                return
            decision = make(state, now)
            if not decision.drafts:
                return
            turn = compose(run, decision, self.lease.fence, now)
        except Exception:  # the state itself cannot be read
            logger.exception("run parked in memory only", run_id=run.key.run_id)
            return
        run.hold(self.position)
        self._commit([turn])

    def settled(self, turns: Sequence[Turn], results: Sequence[Sequence[Result]]) -> None:
        """What came of turns that were appended together."""
        if self._stopped:
            return
        self._under_way -= 1
        for turn, its in zip(turns, results, strict=True):
            self._settle(turn, its)
        self._go_on()

    def failed(self, error: Exception) -> None:
        """What is stored is unknown, or refused as a whole."""
        if not self._stopped:
            self._under_way -= 1
            self.lease.fail(verdict(error))
            self._moved.set()

    def _go_on(self) -> None:
        """Something is no longer under way."""
        self._moved.set()
        if self._dirty:
            self._plan()

    def _settle(self, turn: Turn, results: Sequence[Result]) -> None:
        """What came of a turn."""
        run, decision = turn.run, turn.decision
        run.busy = False
        refusals = [result for result in results if isinstance(result, Exception)]
        self.traffic += len(turn.bodies)
        for refusal in refusals:
            if isinstance(refusal, ConflictError | OutcomeUnknownError):
                self.lease.fail(verdict(refusal))
                return
        if not any(isinstance(result, Exception) for result in results[: len(turn.bodies)]):
            # If anything, a timer was refused: the heap has it.
            run.log.adopt(decision.state, turn.seen, turn.bodies)
            run.since += sum(map(len, turn.bodies))
            self._stored(run, decision)
            return
        for result, body, envelope in zip(results, turn.bodies, turn.envelopes, strict=False):
            if isinstance(result, int):
                run.log.feed(result, body, envelope)
        if any(isinstance(refusal, TooLargeError) for refusal in refusals):
            self.parking.give_up(run, "PAYLOAD_TOO_LARGE", str(refusals[0]))
        else:
            self.lease.fail(DoubtError(str(refusals[0])))

    def _stored(self, run: Hot, decision: Decision) -> None:
        if decision.state.status in ENDED:
            self._close(run, decision.state)
            return
        self.memory.alarm(run, decision.wake_at)
        self.outside.stored(run.key, decision)
        if self.lease.held and run.log.state is not None:
            self._snap(run, run.log.state)
        if decision.again or run.log.pending or run.dirty:
            self.touch(run)
        self.memory.relieve()

    def _snap(self, run: Hot, state: RunState) -> None:
        """Now and then write the whole state down, so that a long run is read again quickly."""
        if not snapshots.due(run, self._on.snapshot_bytes):
            return
        run.since = 0
        run.hold(self.position)  # it must lie between two turns
        self._under_way += 1
        self.lease.aside(self._append_snapshot(run, state))

    async def _append_snapshot(self, run: Hot, state: RunState) -> None:
        try:
            await snapshots.store(run, state, self.lease.fence, self._now(run), self._on)
        except Exception as error:  # noqa: BLE001 - whatever it was, what is stored is unknown
            self.failed(error)
            return
        self._under_way -= 1
        run.busy = False
        if run.log.pending or run.dirty:
            self.touch(run)
        self._go_on()

    def _close(self, run: Hot, state: RunState) -> None:
        run_id = run.key.run_id
        metrics.RUNS_ENDED.labels(state.status).inc()
        lasted = (state.ended_ms - state.start.started_ms) / 1000
        metrics.RUN_SECONDS.labels(state.status).observe(lasted)
        self.outside.ended(run.key, state, at_work=self.window.has_open(run_id))
        self.forget(run_id)
