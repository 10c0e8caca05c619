"""Rules of log-protocol.md, each removed by name: what the simulation must notice.

A mutant patches one place of the engine. It stands for the defect that a
well-meant change could bring back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from weir.adapters.contiguity import Contiguity
from weir.adapters.memory.stream import MemoryStream
from weir.contract.errors import OutcomeUnknownError
from weir.contract.messages import Envelope, TimerFired
from weir.core import decide as deciding
from weir.core import run
from weir.core import snapshot as core_snapshot
from weir.core import turn as moving
from weir.core.decide import Decision, Draft
from weir.core.runlog import RunLog
from weir.core.state import Rejected, RunState
from weir.ports.log import Append
from weir.runtime.decider import snapshots, turn, turns
from weir.runtime.decider.memory import Memory
from weir.runtime.decider.retention import Retention
from weir.runtime.decider.shard import Shard
from weir.runtime.decider.truncation import Truncation
from weir.runtime.decider.turns import Turns
from weir.runtime.decider.window import Room
from weir.runtime.worker_handling import Handling

MUTANTS: dict[str, Callable[[], Any]] = {}


def mutant(make: Callable[[], Any]) -> Callable[[], Any]:
    """Register under the function's name."""
    MUTANTS[make.__name__] = make
    return make


@mutant
def edge_triggered_decide() -> Any:
    """After a takeover only runs that get a new fact are decided."""

    async def nothing(*_: Any) -> None:
        return

    return patch("weir.runtime.decider.shard.decide_carefully", nothing)


@mutant
def no_fence() -> Any:
    """Owners append without expecting their lease."""
    original = turn.compose

    def compose(*args: Any) -> Any:
        made = original(*args)
        made.appends = [
            Append(a.subject, a.data, msg_id=a.msg_id, schedule=a.schedule) for a in made.appends
        ]
        return made

    return patch.object(turns, "compose", compose)


@mutant
def no_seen() -> Any:
    """Readers count every fact that lies before an owner message, seen or not."""
    original = RunLog.feed

    def feed(self: RunLog, seq: int, data: bytes, envelope: Envelope) -> Any:
        if envelope.turn:
            envelope = envelope.model_copy(update={"seen": str(seq)})
        return original(self, seq, data, envelope)

    return patch.object(RunLog, "feed", feed)


@mutant
def retry_after_unknown_outcome() -> Any:
    """An append of unknown outcome is simply appended again under the same lease."""
    original = Turns._settle

    def settle(self: Turns, one: Any, results: Sequence[Any]) -> None:
        if any(isinstance(result, OutcomeUnknownError) for result in results):
            one.run.busy = False
            self.touch(one.run)
            return
        original(self, one, results)

    return patch.object(Turns, "_settle", settle)


@mutant
def ack_instead_of_contiguous_read() -> Any:
    """Whatever delivery comes next is taken, as if acknowledging it settled those before."""

    def accept(self: Contiguity, consumer_seq: int, stream_seq: int) -> bool:
        self._accepted = consumer_seq
        self.position = stream_seq
        return True

    return patch.multiple(Contiguity, accept=accept, has_all=lambda *_: True)


@mutant
def redelivered_task_runs_again() -> Any:
    """A task that comes again is not looked up in the log first."""

    async def settled(*_: Any) -> bool:
        return False

    return patch.object(Handling, "_settled", settled)


@mutant
def ack_before_result() -> Any:
    """A worker acknowledges a task before its result is stored."""
    original = Handling._finish

    async def finish(self: Handling, running: Any, outcome: Any) -> None:
        await self._ack(running)
        await original(self, running, outcome)

    return patch.object(Handling, "_finish", finish)


@mutant
def stale_attempts_count() -> Any:
    """A result counts whatever attempt of the step is open."""

    def accept(state: RunState, event: Any) -> Rejected | None:
        if isinstance(event.kind, TimerFired):
            return run_accept(state, event)
        step = state.steps.get(event.step)
        if event.step and step is None:
            return Rejected("", "")
        return None

    run_accept = run.accept
    return patch.object(run, "accept", accept)


@mutant
def timers_fire_whatever_they_were_set_for() -> Any:
    """Timer ids do not tell a later timer of the step from an earlier one."""
    original = moving.timer

    def timer(reason: str, path: str, due_ms: int, error: Any = None) -> Any:
        made = original(reason, path, due_ms, error)
        return made.model_copy(update={"timer": f"{reason}/{path}"})

    return patch.object(moving, "timer", timer)


@mutant
def no_heap_behind_the_schedules() -> Any:
    """A schedule that the broker lost is waited for forever."""
    return patch.object(Memory, "alarm", lambda *_: None)


@mutant
def tasks_without_what_they_rest_on() -> Any:
    """Inline outcomes and several tasks of a turn go out side by side."""
    original = deciding._Decider.close

    def close(self: Any) -> Decision:
        made = original(self)
        if self.events and len(self.tasks) > 1 and self.state.status == made.state.status:
            drafts = [Draft(queue, (task,)) for queue, task in self.tasks]
            drafts.append(Draft("", tuple(self.events)))
            return made._replace(state=self.state, drafts=tuple(drafts), again=self.full)
        return made

    return patch.object(deciding._Decider, "close", close)


@mutant
def two_turns_of_a_run_at_once() -> Any:
    """A run is decided again while its last turn is still on its way."""
    original = Turns._drain

    def drain(self: Turns) -> None:
        for one in self._dirty.values():
            one.busy = False
        original(self)

    return patch.object(Turns, "_drain", drain)


@mutant
def room_is_never_given_back() -> Any:
    """Steps held back for want of room are not told when there is some."""
    return patch.multiple(Room, give=lambda *_: None)


@mutant
def decide_before_the_shard_is_read() -> Any:
    """A new owner decides on what it meets, without the past of the shard."""

    async def rebuild(*_: Any) -> None:
        return

    return patch.object(Shard, "_rebuild", rebuild)


@mutant
def snapshot_forgets_what_is_under_way() -> Any:
    """A snapshot tells which steps have ended, not which were sent."""
    original = core_snapshot.take

    def take(state: RunState) -> Any:
        made = original(state)
        made["steps"] = {p: s for p, s in made["steps"].items() if s["status"] != "queued"}
        return made

    return patch.object(snapshots, "take", take)


@mutant
def put_away_is_forgotten() -> Any:
    """A waiting run that was put away is not read again when its time has come."""
    return patch.object(Shard, "_bring_back", lambda *_: None)


@mutant
def old_incarnations_stay_valid() -> Any:
    """After a restart of the broker an owner of before is not fenced."""

    async def take(self: Shard) -> Any:
        # Of this log alone: patches of the class that overlap would outlive the test.
        log = vars(self._on.log)
        log["purge"] = _no_purge
        try:
            return await original(self)
        finally:
            log.pop("purge", None)

    original = Shard._take_lease
    return patch.multiple(Shard, _take_lease=take, _check_incarnation=_no_check)


async def _no_purge(*_: Any, **__: Any) -> None:
    return


async def _no_check(*_: Any) -> None:
    return


@mutant
def one_bad_run_stops_its_shard() -> Any:
    """What cannot be decided is not set aside."""

    def park(self: Turns, _: Any, error: Exception) -> None:
        self.lease.fail(error)

    return patch.object(Turns, "park", park)


@mutant
def purge_without_tombstone() -> Any:
    """A finished run is removed and nothing remembers its id."""

    async def purge(self: Retention, runs: Any) -> None:
        for archived in runs:
            await self.log.purge(archived.key.everything)

    return patch.object(Retention, "_purge", purge)


@mutant
def half_read_runs_are_decided() -> Any:
    """A run that comes back into memory is decided before all of it was read."""

    class Nothing(dict[str, Any]):
        def __contains__(self, _: object) -> bool:
            return False

    original = Memory.__init__

    def init(self: Memory, *args: Any) -> None:
        original(self, *args)
        self.loading = Nothing()

    return patch.object(Memory, "__init__", init)


@mutant
def truncation_takes_open_tasks() -> Any:
    """The past is removed up to the snapshot, whatever tasks of it are still open."""

    async def floor(self: Truncation, key: Any, state: Any, floor: int) -> int:
        return floor

    return patch.object(Truncation, "_floor", floor)


@mutant
def truncation_without_archive() -> Any:
    """What a snapshot knows is removed beyond what the archive has confirmed."""
    original = Truncation._remove

    async def remove(self: Truncation, *args: Any) -> bool:
        return await original(self, *args[:-1], 2**53)

    return patch.object(Truncation, "_remove", remove)


@mutant
def start_is_not_expected_first() -> Any:
    """Starts are appended without expecting to be the first on their subject."""
    original = MemoryStream.append

    def append(self: MemoryStream, one: Append) -> int:
        if one.subject.endswith(".in.start") and one.expect == 0:
            one = Append(one.subject, one.data)
        return original(self, one)

    return patch.object(MemoryStream, "append", append)


@contextmanager
def active(name: str) -> Iterator[None]:
    """The engine with one rule removed."""
    with MUTANTS[name]():
        yield
