"""The owner of one shard: from its lease to the loss of it.

Promises (log-protocol): nothing is appended before the lease stands and the
whole shard was read up to it; facts are folded in the order and completeness
of the log (P1). How runs are decided is in turns.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import structlog

from weir.contract import subjects, times
from weir.contract.codec import decode, encode
from weir.contract.ends import ENDS
from weir.contract.errors import (
    BlobNotFoundError,
    ConflictError,
    OutcomeUnknownError,
    UnavailableError,
    WeirError,
)
from weir.contract.messages import (
    Envelope,
    Event,
    LeaseTaken,
    RunPurged,
    RunStarted,
    SnapshotTaken,
)
from weir.contract.subjects import RunKey
from weir.core.runlog import RunLog
from weir.core.snapshot import restore
from weir.core.state import ENDED
from weir.ports.log import Append, Stored
from weir.runtime import metrics
from weir.runtime.broker_time import BrokerTime
from weir.runtime.decider import checkpoints, snapshots
from weir.runtime.decider.commits import Commits, verdict
from weir.runtime.decider.courier import Courier
from weir.runtime.decider.erasing import Erasing
from weir.runtime.decider.facts import Facts
from weir.runtime.decider.fence import DoubtError, Fence, FencedError
from weir.runtime.decider.lease import Lease
from weir.runtime.decider.limits import Limits
from weir.runtime.decider.retention import Retention
from weir.runtime.decider.schedules import Schedules
from weir.runtime.decider.suspects import decide_carefully
from weir.runtime.decider.truncation import Truncation
from weir.runtime.decider.turn import Decider, Hot
from weir.runtime.decider.turns import Turns
from weir.runtime.pieces import in_turns

logger = structlog.get_logger(__name__)

_SEGMENT = subjects.segment_fact()
_OF_THE_ARCHIVE = {subjects.archived_fact(), _SEGMENT}

Away = dict[str, tuple[RunKey, int]]  # runs that only wait, with when they are due


class Shard:
    """One shard in this process's hands."""

    def __init__(self, number: int, decider: Decider, facts: Facts, commits: Commits) -> None:
        self.number = number
        self.ready = asyncio.Event()
        self.turns: Turns | None = None
        self._on = decider
        self._facts = facts
        self._commits = commits
        self._limits: Limits | None = None
        self._truncation: Truncation | None = None
        self._schedules: Schedules | None = None

    async def own(self) -> None:
        """Take the lease, read the shard, decide until the lease is lost.

        Raises FencedError when another owner took over, DoubtError when the
        lease must be renewed, and what the log raises when the broker is away.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        failed: asyncio.Future[None] = loop.create_future()
        fence, upto = await self._take_lease()
        time = BrokerTime(self._on.clock)
        taken = await self._on.log.last(fence.subject)
        if taken is not None:
            time.seen(taken.at_ms)
        lease = Lease(fence, time, failed)
        turns = self.turns = Turns(self._on, self._commits, lease, self._bring_back)
        limits = self._limits = Limits(self._on, lease, turns.outside.courier)
        schedules = self._schedules = self._scheduling(lease, turns.outside.courier)
        try:
            await self._rebuild(turns, upto)
            await self._read_beside(subjects.shard_limits(self.number), limits.feed, upto)
            if schedules is not None:
                beside = subjects.shard_schedules(self.number)
                await self._read_beside(beside, schedules.feed, upto)
            turns.open()
            limits.open()
            if schedules is not None:
                schedules.open()
            turns.lease.aside(self._settle_in(turns))
            turns.lease.aside(self._sweep(turns))
            turns.lease.aside(self._erase(turns))
            turns.lease.aside(self._write_checkpoints(turns))
            self.ready.set()
            metrics.TAKEOVER_SECONDS.observe(loop.time() - began)
            reading = self._facts.join(self.number, upto, partial(self._take, turns))
            try:
                await asyncio.wait({reading, failed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._facts.leave(self.number, reading)
            if failed.done():
                failed.result()
            reading.result()
        finally:
            self.ready.clear()
            if schedules is not None:
                schedules.close()
            await turns.stop()
            if failed.done() and not failed.cancelled():
                failed.exception()  # whoever waited has it

    def check_incarnation(self) -> None:
        """After a reconnect: under a broker that started anew the lease must be renewed (P8)."""
        if self.turns is not None:
            self.turns.lease.aside(self._check_incarnation(self.turns))

    async def _check_incarnation(self, turns: Turns) -> None:
        try:
            incarnation = await self._on.log.incarnation()
        except WeirError as error:
            turns.lease.fail(DoubtError(str(error)))
            return
        if not turns.lease.fence.subject.endswith(incarnation):
            turns.lease.fail(DoubtError("the broker has started anew"))

    async def finish(self) -> None:
        """Let what is under way be stored before the shard is handed over."""
        if self.turns is not None:
            await self.turns.finish()

    async def _take_lease(self) -> tuple[Fence, int]:
        """Fence every owner before this one; the lease and how far the shard must be read."""
        log, clock = self._on.log, self._on.clock
        incarnation = await log.incarnation()
        subject = subjects.lease(self.number, incarnation)
        last = await log.last(subject)
        lease = Envelope(
            id=clock.new_id("lea"),
            at=times.from_ms(clock.now_ms()),
            events=(Event.of(LeaseTaken(owner=self._on.name, incarnation=incarnation)),),
        )
        seq = await log.append(Append(subject, encode(lease), expect=last.seq if last else 0))
        # An owner from before a restart of the broker expects a lease of the old
        # incarnation: without it all its appends are refused (P8).
        await log.purge(subjects.leases(self.number), below=seq)
        return Fence(subject, seq), await log.last_seq()

    # -- the past --

    async def _rebuild(self, turns: Turns, upto: int) -> None:
        after, away = await self._resume(turns)
        snapshots = subjects.shard_snapshots(self.number)
        async for batch in self._on.log.read(snapshots, after=after, upto=upto):
            for message in batch:
                await self._restore(turns, message, away)
        shard = subjects.shard_filter(self.number)
        async for batch in self._on.log.read(shard, after=after, upto=upto):
            async for piece in in_turns(batch):  # others on this loop keep their beats
                for message in piece:
                    await self._recall(turns, message, away)
        turns.position = upto
        for key, due_ms in away.values():
            if key.run_id not in turns.memory.runs and key.run_id not in turns.memory.ended:
                turns.memory.put_away(key, due_ms)
        for run in turns.memory.runs.values():
            turns.window.found(run)

    async def _resume(self, turns: Turns) -> tuple[int, Away]:
        """Begin with the last checkpoint.

        Behind which sequence the log is to be read, and the runs that only waited then.
        """
        found = await checkpoints.read(self._on, self.number, turns.lease.time.now_ms())
        if found is None:
            return 0, {}
        for one in found["open"]:
            key = RunKey(self.number, one["tenant"], one["run"])
            trouble = await self._fetch_graph(key.tenant, one["version"])
            graph = self._on.graphs.at_hand(key.tenant, one["version"])
            log = RunLog.restored(
                restore(one["state"], graph),
                bytes.fromhex(one["chain"]),
                self._on.graphs.of,
                checkpoints.facts(one),
            )
            run = turns.memory.begin(key, log)
            run.since, run.snapped = one["since"], one["snapped"]
            if trouble is not None:
                turns.park(run, trouble)
            await asyncio.sleep(0)
        away = {
            run_id: (RunKey(self.number, tenant, run_id), due_ms)
            for tenant, run_id, due_ms in found["away"]
        }
        return int(found["position"]), away

    async def _fetch_graph(self, tenant: str, version: str) -> Exception | None:
        """Have a version at hand; why it cannot be, which is then its runs' trouble."""
        try:
            await self._on.graphs.get(tenant, version)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - a version that cannot be compiled
            return error
        return None

    async def _read_beside(self, subject: str, feed: Callable[[Stored], None], upto: int) -> None:
        """The past of what lives on the shard beside runs."""
        async for batch in self._on.log.read(subject, upto=upto):
            async for piece in in_turns(batch):
                for message in piece:
                    feed(message)

    def _scheduling(self, lease: Lease, courier: Courier) -> Schedules | None:
        shared = self._on.scheduling
        return None if shared is None else Schedules(self.number, self._on, shared, lease, courier)

    async def _restore(self, turns: Turns, message: Stored, away: Away | None = None) -> None:
        """Begin a run where its snapshot left it; what lies before that is known."""
        key, _, _ = subjects.parse_run(message.subject)
        if away is not None and key.run_id in away:
            away[key.run_id] = key, 1  # what it knew before the checkpoint is read with it
            return
        envelope = _read(message)
        kind = envelope.events[0].kind if envelope is not None else None
        if envelope is None or not isinstance(kind, SnapshotTaken):
            return
        graphs = self._on.graphs
        trouble = await self._fetch_graph(envelope.tenant, envelope.version)
        try:
            state, size = await snapshots.read(kind, graphs.of(envelope), self._on.blobs)
        except BlobNotFoundError as error:
            run = turns.memory.begin(key, RunLog(graphs.of))
            run.lost = True
            turns.park(run, error)
            return
        before = turns.memory.runs.get(key.run_id)
        known = before.log.pending if before is not None else []
        if before is not None and before.log.state and before.log.state.turn >= state.turn:
            return  # the checkpoint is younger
        waiting = [fact for fact in known if fact.seq > state.seen]
        log = RunLog.restored(state, bytes.fromhex(envelope.chain), graphs.of, waiting)
        run = turns.memory.begin(key, log)
        run.snapped, run.restored = size, message.seq
        if trouble is not None:
            turns.park(run, trouble)

    async def _recall(self, turns: Turns, message: Stored, away: Away | None = None) -> None:
        """One message of the shard's past."""
        key, kind, rest = subjects.parse_run(message.subject)
        if kind in {"timer", "snap"}:
            return
        run = turns.memory.runs.get(key.run_id)
        if run is not None and _is_known(run, kind, rest, message.seq):
            run.clock_ms = max(run.clock_ms, message.at_ms)
            turns.lease.time.seen(message.at_ms)
            run.since += len(message.data)
            turns.traffic += 1
            return
        if run is None and away is not None and key.run_id in away:
            away[key.run_id] = key, 1  # something has come: it is to be read at once, whole
            return
        envelope = _read(message)
        if envelope is None:
            return
        if rest == subjects.start_fact() and not isinstance(envelope.events[0].kind, RunPurged):
            run = run or turns.memory.begin(key, RunLog(self._on.graphs.of))
            await self._load(turns, run, envelope)
        if isinstance(envelope.events[0].kind, RunPurged):
            turns.forget(key.run_id)
            return
        if run is None:
            return  # it has ended before, or has no start (yet)
        turns.feed(run, message, envelope)
        if run.log.state is not None and run.log.state.status in ENDED:
            turns.outside.gates.found_ended(key, run.log.state)
            turns.outside.found_ended(key, run.log.state)
            turns.outside.callbacks.ended(key, run.log.state)
            turns.forget(key.run_id)

    async def _settle_in(self, turns: Turns) -> None:
        """Decide what the last owner left undecided."""
        try:
            await decide_carefully(
                self._on.log, self.number, turns, list(turns.memory.runs.values())
            )
        except WeirError as error:
            turns.lease.fail(DoubtError(str(error)))

    async def _sweep(self, turns: Turns) -> None:
        """Remove what the archive holds and nobody needs here, again and again."""
        retention = self._on.retention
        if retention is None:
            return
        truncation = self._truncation = Truncation(self._on, turns.memory)
        retention.join(self.number, turns.lease)
        try:
            while True:
                await asyncio.sleep(self._on.sweep_s)
                await self._clear(turns, truncation, retention)
        finally:
            retention.leave(self.number, turns.lease)

    async def _clear(self, turns: Turns, truncation: Truncation, retention: Retention) -> None:
        """The past of runs that go on, and what belongs to no run."""
        try:
            if truncation.may_go_on:
                await truncation.sweep(self.number, turns.lease.fence)
            for key in turns.memory.orphans.due():
                await retention.sweep_orphan(key, turns.lease.fence)
        except ConflictError as error:
            turns.lease.fail(FencedError(str(error)))
        except WeirError as error:
            logger.info("sweep postponed", shard=self.number, reason=str(error))

    async def _erase(self, turns: Turns) -> None:
        """Remove what deleted tenants had on this shard."""
        on, fence = self._on, turns.lease.fence
        if on.deletions is not None:
            settle = partial(self._checkpoint, turns)
            erasing = Erasing(on.log, on.clock, self.number, fence, turns.forget, settle)
            if self._schedules is not None:
                erasing.leaving.append(self._schedules.forget)
            try:
                await on.deletions.sweeping(erasing.sweep)
            except ConflictError as error:
                turns.lease.fail(verdict(error))

    async def _write_checkpoints(self, turns: Turns) -> None:
        """Now and then write the open runs down, for whoever takes the shard over."""
        while True:
            await asyncio.sleep(self._on.checkpoint_s)
            if checkpoints.due(self._on, turns):
                with suppress(ConflictError, OutcomeUnknownError):
                    await self._checkpoint(turns)

    async def _checkpoint(self, turns: Turns) -> None:
        """Write the open runs down; what is raised has cost the lease already."""
        try:
            await checkpoints.write(self._on, self.number, turns)
        except (ConflictError, OutcomeUnknownError) as error:
            turns.lease.fail(verdict(error))
            raise

    # -- the present --

    def _take(self, turns: Turns, message: Stored) -> None:
        """One new fact."""
        turns.position = message.seq
        if not message.subject.startswith("run."):
            self._take_beside(message)
            return
        key, _, rest = subjects.parse_run(message.subject)
        if rest == _SEGMENT and self._truncation is not None:
            self._truncation.tell()
        waiting = turns.memory.loading.get(key.run_id)
        if waiting is not None:
            waiting.append(message)
            return
        run = turns.memory.runs.get(key.run_id)
        if run is None and rest != subjects.start_fact():
            if key.run_id not in turns.memory.ended and rest not in _OF_THE_ARCHIVE:
                self._load_first(turns, key, [message], partial(self._reload, turns, key))
            return
        envelope = _read(message)
        if envelope is None or isinstance(envelope.events[0].kind, RunPurged):
            return
        if run is None:
            run = turns.memory.begin(key, RunLog(self._on.graphs.of))
            if self._on.graphs.of(envelope) is None:
                self._load_first(turns, key, [message], partial(self._load, turns, run, envelope))
                return
        turns.feed(run, message, envelope)
        turns.touch(run)

    def _take_beside(self, message: Stored) -> None:
        """One new fact of what lives on the shard beside runs."""
        owner = self._limits if subjects.is_limit(message.subject) else self._schedules
        if owner is not None:
            owner.feed(message)

    def _bring_back(self, key: RunKey) -> None:
        """A run that was put away has something due."""
        if self.turns is not None and key.run_id not in self.turns.memory.loading:
            self._load_first(self.turns, key, [], partial(self._reload, self.turns, key))

    def _load_first(
        self, turns: Turns, key: RunKey, facts: list[Stored], load: Callable[[], Awaitable[None]]
    ) -> None:
        """Fetch what a run needs; its facts wait meanwhile, in order."""
        turns.memory.loading[key.run_id] = facts
        turns.lease.aside(self._loaded(turns, key, load))

    async def _loaded(self, turns: Turns, key: RunKey, load: Callable[[], Awaitable[None]]) -> None:
        await load()
        messages = turns.memory.loading.pop(key.run_id)
        run = turns.memory.runs.get(key.run_id)
        if run is not None:  # otherwise it has ended
            read = [(message, _read(message)) for message in messages]
            turns.loaded(run, [(message, one) for message, one in read if one is not None])

    async def _load(self, turns: Turns, run: Hot, envelope: Envelope) -> None:
        """Have the graph of a run at hand before its start is folded."""
        if not isinstance(envelope.events[0].kind, RunStarted):
            return
        trouble = await self._fetch_graph(envelope.tenant, envelope.version)
        if trouble is not None:
            turns.park(run, trouble)

    async def _reload(self, turns: Turns, key: RunKey) -> None:
        """A run that is not in memory: it waits, or it has ended."""
        last = await self._on.log.last(key.events)
        envelope = _read(last) if last is not None else None
        if envelope is not None and isinstance(envelope.events[-1].kind, ENDS):
            turns.forget(key.run_id)
            return
        taken = await self._on.log.last(key.snapshot)
        if taken is not None:
            await self._restore(turns, taken)
        async for batch in self._on.log.read(key.everything):
            async for piece in in_turns(batch):
                for message in piece:
                    await self._recall(turns, message)
        if key.run_id not in turns.memory.runs and key.run_id not in turns.memory.ended:
            turns.memory.orphans.add(key)


def _is_known(run: Hot, kind: str, rest: str, seq: int) -> bool:
    """Whether the snapshot a run was read from has this: a long past is not parsed again."""
    state = run.log.state
    if not run.restored or state is None or rest == subjects.start_fact():
        return False
    return seq <= state.seen if kind == "in" else seq < run.restored


def _read(message: Stored) -> Envelope | None:
    """The envelope, or None for what this reader cannot understand."""
    try:
        envelope = decode(message.data)
    except ValueError as error:
        logger.warning(
            "message not understood", subject=message.subject, seq=message.seq, error=str(error)
        )
        return None
    return envelope if envelope.events else None
