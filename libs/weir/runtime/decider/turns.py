"""Deciding the runs of a shard and appending what was decided.

Level-triggered: whatever wakes a run only marks it dirty; a drain decides all
dirty runs whose last turn is stored, and their appends go out together. A run
has at most one turn under way (P2). After an append of unknown outcome nothing
more goes out under this lease (P4). A run that cannot be decided stands still
alone (P9).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from time import perf_counter
from typing import Any

import structlog

from weir.contract.errors import ConflictError, OutcomeUnknownError, TooLargeError
from weir.contract.messages import (
    CancelRequested,
    ChildEnded,
    Envelope,
    Error,
    ResumeRequested,
    TaskDeferred,
    TaskFailed,
    TaskSucceeded,
)
from weir.contract.subjects import RunKey
from weir.core.decide import Decision, cancel_run, decide, fail_run, pause_run
from weir.core.ending import open_children as calls
from weir.core.gates import priority
from weir.core.runlog import RunLog
from weir.core.state import ENDED, RunState
from weir.ports.log import Stored
from weir.runtime import metrics
from weir.runtime.decider import snapshots
from weir.runtime.decider.broker_time import BrokerTime
from weir.runtime.decider.commits import lightened, store, verdict
from weir.runtime.decider.fence import DoubtError, Fence
from weir.runtime.decider.orphans import Orphans
from weir.runtime.decider.outside import Outside
from weir.runtime.decider.turn import Decider, Hot, Turn, compose, heavy
from weir.runtime.decider.wakes import Wakes
from weir.runtime.decider.window import Window

logger = structlog.get_logger(__name__)

DRAIN = 200  # runs decided before others on this loop get their turn
REMEMBERED = 10_000  # ended runs whose late facts are known without asking


class Turns:
    """The runs of one shard under one lease."""

    def __init__(
        self,
        decider: Decider,
        fence: Fence,
        time: BrokerTime,
        failed: asyncio.Future[None],
        recall: Callable[[RunKey], None],
    ) -> None:
        self.runs: dict[str, Hot] = {}
        self.ended: dict[str, None] = {}
        # Runs that are being read, with the facts that came meanwhile: not decided until then.
        self.loading: dict[str, list[Stored]] = {}
        self.window = Window(decider.room, self._wake_held)
        self.fence = fence
        self.time = time
        self.owner = decider.name
        self.outside = Outside(decider, time, self.aside)
        self._on = decider
        self._recall = recall  # brings back a run that was put away
        self._fence: Fence | None = fence  # None once nothing may be appended any more
        self._failed = failed
        self._dirty: dict[str, Hot] = {}
        self._wakes = Wakes(time, self._ring, self._is_of_use)
        self._open = False
        self._planned = False
        self._closing = False
        self.orphans = Orphans(time)
        self._away: dict[str, RunKey] = {}  # runs that wait and were put away
        self.position = 0  # how far the shard's facts were read
        self.traffic = 0  # messages since the last checkpoint
        self._moved = asyncio.Event()
        self._commits: set[asyncio.Task[None]] = set()
        self._side: set[asyncio.Task[None]] = set()

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that ends with this lease; if it fails, so does the ownership."""
        _spawn(self._side, self._beside(work))

    async def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the scheduler tells a defect from bad weather
            self.fail(error)

    async def finish(self, timeout_s: float = 2.0) -> None:
        """Begin no turn more and let those under way be stored."""
        self._closing = True
        if self._commits:
            await asyncio.wait(self._commits, timeout=timeout_s)

    async def stop(self) -> None:
        """Decide no more; what is under way is stored or refused by its fence."""
        self._fence = None
        self.window.close()
        self._wakes.stop()
        tasks = self._commits | self._side
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def fail(self, error: BaseException) -> None:
        """End this ownership."""
        self._fence = None
        self._moved.set()
        if not self._failed.done():
            self._failed.set_exception(error)

    def feed(self, run: Hot, message: Stored, envelope: Envelope) -> None:
        """Fold one message of a run."""
        if run.lost:
            return
        run.clock_ms = max(run.clock_ms, message.at_ms)
        self.time.seen(message.at_ms)
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

    # -- deciding --

    def begin(self, key: RunKey, log: RunLog) -> Hot:
        """A run comes into memory."""
        self._away.pop(key.run_id, None)
        run = self.runs[key.run_id] = Hot(key, log)
        return run

    def loaded(self, run: Hot, facts: Sequence[tuple[Stored, Envelope]]) -> None:
        """A run was read: fold what came meanwhile and decide."""
        for message, envelope in facts:
            self.feed(run, message, envelope)
        if run.trouble is not None and self._open:
            self._say_parked(run, run.trouble)
        self.touch(run)

    def touch(self, run: Hot) -> None:
        """Have a run decided soon; one that is parked can still be cancelled."""
        if self.runs.get(run.key.run_id) is not run:
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
        while self._fence is not None and any(run.key.run_id in self._dirty for run in runs):
            self._moved.clear()
            await self._moved.wait()

    def _plan(self) -> None:
        if not (self._planned or self._closing or self._fence is None):
            self._planned = True
            asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        """Decide what is dirty and append it all together."""
        self._planned = False
        self._moved.set()
        fence = self._fence
        if fence is None or self._closing or (self._on.atomic and self._commits):
            return
        turns: list[Turn] = []
        for run_id in list(self._dirty):
            run = self._dirty[run_id]
            if run.busy or run_id in self.loading:
                continue
            del self._dirty[run_id]
            run.dirty = False
            turn = self._decide(run, fence)
            if turn is None:
                continue
            run.hold(self.position)
            if heavy(turn):
                _spawn(self._side, self._lighten(turn))
            else:
                turns.append(turn)
            if len(turns) >= DRAIN:
                break
        if turns:
            _spawn(self._commits, self._commit(turns))
        if len(turns) >= DRAIN:
            self._plan()

    def _decide(self, run: Hot, fence: Fence) -> Turn | None:
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
            turn = compose(run, decision, fence, now) if decision.drafts else None
        except Exception as error:  # noqa: BLE001 - one run's trouble is its own
            self.park(run, error)
            return None
        metrics.DECIDE_SECONDS.observe(perf_counter() - began)
        if decision.needs and decision.needs != run.needs:
            self.aside(self._fetch(run, decision.needs))
        ready = decision.state.frontier.ready.items()
        held = {(tenant, queue) for queue, steps in ready if steps.head < steps.tail}
        self.window.hold(run.key.run_id, held, urgency)
        if turn is None:
            self._alarm_at(run, decision.wake_at)
            if state.status in ENDED:
                self.forget(run.key.run_id)
            else:
                self._put_away()
            return None
        self._count(run, decision)
        return turn

    async def _fetch(self, run: Hot, page: str) -> None:
        """Have a page of a long list at hand, then decide again."""
        run.needs = page
        try:
            await self._on.pages.have(page)
        except KeyError:
            message = f"the page {page} of a list is gone from the object store"
            error = Error(code="BLOB_NOT_FOUND", message=message)
            while run.busy:
                self._moved.clear()
                await self._moved.wait()
            self._append_alone(run, lambda state, now: fail_run(state, error, now))
        else:
            run.needs = ""
            self.touch(run)

    def _count(self, run: Hot, decision: Decision) -> None:
        """Keep the window: what goes out."""
        run_id, tenant = run.key.run_id, run.key.tenant
        for draft in decision.drafts:
            if draft.queue:
                metrics.TASKS_DISPATCHED.labels(draft.queue).inc()
                self.window.sent(run_id, draft.events[-1].step, (tenant, draft.queue))

    def _wake_held(self, run_id: str) -> None:
        run = self.runs.get(run_id)
        if run is not None:
            self.touch(run)

    async def _commit(self, turns: list[Turn]) -> None:
        try:
            await self._append(turns)
        except Exception as error:  # noqa: BLE001 - whatever it was, what is stored is unknown
            self.fail(verdict(error))

    async def _lighten(self, turn: Turn) -> None:
        """Append a turn once what is too large for it is stored: the other runs do not wait."""
        try:
            await lightened(turn, self._on.blobs)
        except Exception as error:  # noqa: BLE001 - one run's trouble is its own
            turn.run.busy = False
            self.park(turn.run, error)
            return
        if self._fence is not None and not self._closing:
            _spawn(self._commits, self._commit([turn]))

    async def _append(self, turns: list[Turn]) -> None:
        results = await store(self._on.log, turns, atomic=self._on.atomic)
        for turn, its in zip(turns, results, strict=True):
            self._settle(turn, its)
        self._moved.set()
        if self._dirty:
            # This commit still counts as under way; plan for when it does not.
            asyncio.get_running_loop().call_soon(self._plan)

    def _settle(self, turn: Turn, results: Sequence[int | Exception]) -> None:
        """What came of a turn."""
        run, decision = turn.run, turn.decision
        run.busy = False
        refusals = [result for result in results if isinstance(result, Exception)]
        self.traffic += len(turn.bodies)
        if not refusals:
            run.log.adopt(decision.state, turn.seen, turn.bodies)
            run.since += sum(map(len, turn.bodies))
            self._stored(run, decision)
            return
        for refusal in refusals:
            if isinstance(refusal, ConflictError | OutcomeUnknownError):
                self.fail(verdict(refusal))
                return
        for result, body, envelope in zip(results, turn.bodies, turn.envelopes, strict=False):
            if isinstance(result, int):
                run.log.feed(result, body, envelope)
        if any(isinstance(refusal, TooLargeError) for refusal in refusals):
            self._give_up(run, refusals[0])
        elif all(isinstance(result, int) for result in results[: len(turn.bodies)]):
            self.touch(run)  # only a timer was refused: the heap has it
            self._alarm_at(run, decision.wake_at)
        else:
            self.fail(DoubtError(str(refusals[0])))

    def _stored(self, run: Hot, decision: Decision) -> None:
        if decision.state.status in ENDED:
            self._close(run, decision.state)
            return
        self._alarm_at(run, decision.wake_at)
        self.outside.stored(run.key, decision)
        if self._fence is not None and run.log.state is not None:
            self._snap(run, run.log.state, self._fence)
        if decision.again or run.log.pending or run.dirty:
            self.touch(run)
        self._put_away()

    def _snap(self, run: Hot, state: RunState, fence: Fence) -> None:
        """Now and then write the whole state down, so that a long run is read again quickly."""
        if not snapshots.due(run, self._on.snapshot_bytes):
            return
        run.since = 0
        run.hold(self.position)  # it must lie between two turns
        _spawn(self._commits, self._append_snapshot(run, state, fence))

    async def _append_snapshot(self, run: Hot, state: RunState, fence: Fence) -> None:
        try:
            await snapshots.store(run, state, fence, self._now(run), self._on)
        except Exception as error:  # noqa: BLE001 - whatever it was, what is stored is unknown
            self.fail(verdict(error))
        else:
            self._free(run)

    def _free(self, run: Hot) -> None:
        """Turns of the run may go on."""
        run.busy = False
        if run.log.pending or run.dirty:
            self.touch(run)
        if self._dirty:
            asyncio.get_running_loop().call_soon(self._plan)

    def _close(self, run: Hot, state: RunState) -> None:
        run_id = run.key.run_id
        metrics.RUNS_ENDED.labels(state.status).inc()
        lasted = (state.ended_ms - state.start.started_ms) / 1000
        metrics.RUN_SECONDS.labels(state.status).observe(lasted)
        self.outside.ended(run.key, state, at_work=self.window.has_open(run_id))
        self.forget(run_id)

    def _put_away(self) -> None:
        """Keep the memory of a shard bounded: runs that only wait can be read again."""
        if len(self.runs) <= self._on.hot_runs:
            return
        for run_id, run in list(self.runs.items()):
            state = run.log.state
            # Facts that are pending and were looked at change nothing: they may go unread again.
            at_rest = run.looked_at and not (
                run.dirty or run.busy or run.trouble or run_id in self.loading
            )
            if at_rest and state is not None and state.status == "waiting" and not calls(state):
                del self.runs[run_id]
                self._away[run_id] = run.key
            if len(self.runs) <= self._on.hot_runs:
                return

    def put_away(self, key: RunKey, due_ms: int) -> None:
        """A run that is known to wait is not read until it is due, or something comes for it."""
        self._away[key.run_id] = key
        if due_ms:
            self._wakes.add(due_ms, key)

    def away(self) -> list[tuple[RunKey, int]]:
        """The runs that were put away, with when they are due; 0: not at any time."""
        found = self._wakes.earliest()
        return [(key, found.get(key.run_id, 0)) for key in self._away.values()]

    def forget(self, run_id: str) -> None:
        """The run has ended: keep no more than that it has."""
        self.runs.pop(run_id, None)
        self._away.pop(run_id, None)
        self._dirty.pop(run_id, None)
        self.window.ended(run_id)
        self.ended[run_id] = None
        if len(self.ended) > REMEMBERED:
            del self.ended[next(iter(self.ended))]

    # -- what goes wrong with one run --

    def park(self, run: Hot, error: Exception) -> None:
        """The run stands still, visibly if its log can still say so; the others go on."""
        logger.error("run parked", run_id=run.key.run_id, error=repr(error), exc_info=error)
        metrics.RUNS_PARKED.labels(type(error).__name__).inc()
        run.trouble = error
        self._dirty.pop(run.key.run_id, None)
        if self._open:
            self._say_parked(run, error)

    def open(self) -> None:
        """The shard is read: from now on decisions may be appended."""
        self._open = True
        self.outside.open()
        for run in list(self.runs.values()):
            if run.log.state is not None:
                self.outside.found(run.key, run.log.state)
            if run.trouble is not None:
                self._say_parked(run, run.trouble)

    def _say_parked(self, run: Hot, error: Exception) -> None:
        reason = Error(
            code="RUN_PARKED",
            message=f"deciding what comes next failed ({type(error).__name__}): the run stands"
            " still until an operator acts; nothing it has done is lost",
        )
        if run.log.state is None or run.log.state.paused is None:
            self._append_alone(run, lambda state, now: pause_run(state, reason, now))

    def _give_up(self, run: Hot, refusal: Exception) -> None:
        """What the run wants to write fits in no message."""
        error = Error(code="PAYLOAD_TOO_LARGE", message=str(refusal))
        self._append_alone(run, lambda state, now: fail_run(state, error, now))

    def _append_alone(self, run: Hot, make: Callable[[RunState, int], Decision]) -> None:
        fence = self._fence
        run_id = run.key.run_id
        if fence is None or run.busy or run_id in self.loading or self.runs.get(run_id) is not run:
            return
        now = self._now(run)
        try:
            state = run.log.tentative
            if state is None:
                return
            decision = make(state, now)
            if not decision.drafts:
                return
            turn = compose(run, decision, fence, now)
        except Exception:  # the state itself cannot be read
            logger.exception("run parked in memory only", run_id=run.key.run_id)
            return
        run.hold(self.position)
        _spawn(self._commits, self._commit([turn]))

    # -- time --

    def _now(self, run: Hot) -> int:
        """The owner's time, which is never before a fact of the run."""
        return max(self.time.now_ms(), run.clock_ms)

    def _alarm_at(self, run: Hot, due_ms: int | None) -> None:
        if due_ms is not None and not 0 < run.wake_at <= due_ms:
            run.wake_at = due_ms
            self._wakes.add(due_ms, run.key)

    def _ring(self, key: RunKey) -> None:
        run = self.runs.get(key.run_id)
        if run is not None:
            run.wake_at = 0
            self.touch(run)
        elif key.run_id in self._away:
            self._recall(key)

    def _is_of_use(self, due_ms: int, key: RunKey) -> bool:
        run = self.runs.get(key.run_id)
        return key.run_id in self._away if run is None else run.wake_at == due_ms


def _spawn(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
