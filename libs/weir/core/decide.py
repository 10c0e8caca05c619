"""What is missing from a run's log, seen from its state alone.

Promises: the answer depends on the state, the time and the room in the queues,
never on the message that woke the owner (level-triggered); what the log does
not show yet is decided again under the same ids; a state with nothing missing
decides nothing. One decision is bounded in steps and bytes and says `again`
when it stopped for that. Every draft is valid alone: if a turn has inline
outcomes and more than one task, the outcomes go first and the tasks follow
with the next turn, so no task can be stored without what it rests on. A page
of a long list that is not at hand is asked for in `needs`; what is decided
once it is there does not depend on when that was.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from weir.contract import times
from weir.contract.messages import (
    CompensationStarted,
    Error,
    Event,
    PauseRequested,
    ResumeRequested,
    RunCancelled,
    RunFailed,
    RunPaused,
    RunResumed,
    TimerSet,
    WaitStarted,
)
from weir.core.admission import admitted
from weir.core.attributes import set_attributes, wants_attributes
from weir.core.compensation import undo_once
from weir.core.containers import ask_block, ask_scope, fail_block
from weir.core.containers import enter as enter_container
from weir.core.ending import begin_unwinding, cancelled, succeed, unwind
from weir.core.flow import is_waiting_for, tidy, waits_for_room
from weir.core.frontier import pop
from weir.core.graph import Graph
from weir.core.paging import AbsentError
from weir.core.run import evolve, fold
from weir.core.state import ENDED, NO_NEST, Moving, RunState
from weir.core.turn import TURN_BYTES, Fetched, Room, Turn, spared

__all__ = ["Decision", "Draft", "Room", "Timer", "decide"]

TURN_EVENTS = 256
SHORT_TIMER_MS = 1_000  # shorter waits live in the owner alone; the log has their due time


class Draft(NamedTuple):
    """One message to append: a task for `queue`, or a record if that is empty."""

    queue: str
    events: tuple[Event, ...]


class Timer(NamedTuple):
    """A schedule to set beside the messages."""

    timer: str
    step: str
    due_ms: int


class Decision(NamedTuple):
    """What to append. `state` is the run once all drafts are stored.

    `needs`: the blob to have at hand before this run is decided again.
    `halted`: tasks that go on somewhere although nothing waits for them.
    `calls`: whether runs of other workflows are to be started.
    """

    state: RunState
    drafts: tuple[Draft, ...] = ()
    timers: tuple[Timer, ...] = ()
    wake_at: int | None = None
    again: bool = False
    needs: str = ""
    halted: tuple[str, ...] = ()
    calls: bool = False


def _plenty(_: str) -> int:
    return TURN_EVENTS


def _nothing(_: str) -> Any:
    return None


def decide(
    state: RunState, now_ms: int, room: Room = _plenty, fetched: Fetched = _nothing
) -> Decision:
    """What to append now.

    `room(queue)` says how many more tasks a queue takes; `fetched(key)` gives
    the value of a blob that is at hand.
    """
    if state.status in ENDED:
        return Decision(state)
    if state.graph is None:
        return cancel_run(state, now_ms)
    turn = _Decider(state, state.graph, now_ms, room, fetched)
    turn.work()
    return turn.close()


def fail_run(state: RunState, error: Error, now_ms: int) -> Decision:
    """End the run with this error, whatever it was about to do."""
    return _alone(state, spared(state.graph, RunFailed(error=error)), now_ms)


def pause_run(state: RunState, error: Error, now_ms: int) -> Decision:
    """Let the run stand still until somebody acts."""
    return _alone(state, RunPaused(reason=error.message, error=error), now_ms)


def cancel_run(state: RunState, now_ms: int) -> Decision:
    """End the run if somebody asked for that: also one that stands still can be cancelled."""
    if state.cancel is None:
        return Decision(state)
    return _alone(state, cancelled(state.cancel), now_ms)


def _alone(state: RunState, kind: RunFailed | RunPaused | RunCancelled, now_ms: int) -> Decision:
    event = Event.of(kind)
    return Decision(evolve(state, event, now_ms), (Draft("", (event,)),))


class _Decider(Turn):
    """The order of things: what is looked at first, and when to stop."""

    def __init__(
        self, state: RunState, graph: Graph, now_ms: int, room: Room, fetched: Fetched
    ) -> None:
        super().__init__(state, graph, now_ms, room, fetched)
        self.before = state
        self.full = False
        self.needs = ""

    def work(self) -> None:
        try:
            while self.go_on():
                if self.run.status in ENDED:
                    return
                if len(self.events) + len(self.tasks) >= TURN_EVENTS or self.bytes >= TURN_BYTES:
                    self.full = True
                    return
        except AbsentError as absent:
            self.needs = absent.key

    def go_on(self) -> bool:
        """Decide one thing more; False when there is none, or it belongs into the next turn."""
        sent = len(self.tasks)
        if sent < 2 or self.events or not self.nested:  # noqa: PLR2004 - one goes with outcomes
            return self.may_go_on() and self.once()
        before = self.run.still()
        more = self.may_go_on() and self.once()
        if not self.events:
            return more
        # Many tasks and then an outcome: the tasks go, else they would be made again every turn.
        self.run, self.outer = Moving(before), None
        self.events.clear()
        for queue, _ in self.tasks[sent:]:
            self.taken[queue] -= 1
        del self.tasks[sent:]
        self.full = True
        return False

    @property
    def nested(self) -> bool:
        """Whether the run has anything of what only some have."""
        return self.run.nest is not NO_NEST

    @property
    def mixed(self) -> bool:
        """Whether the tasks of this turn will go with the next: no others need to be made now."""
        return len(self.tasks) > 1 and bool(self.events) and self.nested

    def may_go_on(self) -> bool:
        """Whether the run does not stand still."""
        run, wish = self.run, self.run.nest.wish
        if wish is None:
            return run.paused is None or run.cancel is not None
        if isinstance(wish, ResumeRequested):
            self.record(RunResumed(requested_by=wish.requested_by))
        elif isinstance(wish, PauseRequested) and run.cancel is None:
            self.record(RunPaused(reason=wish.reason))
        return run.paused is None or run.cancel is not None

    def once(self) -> bool:
        """Decide one thing; False when nothing is missing."""
        run = self.run
        nest = run.nest
        if (
            run.cancel is not None
            or run.doomed is not None
            or (nest.undoing and "" in nest.undoing)
        ):
            return unwind(self) or (bool(run.nest.undoing) and self.step_once())
        if wants_attributes(self):
            set_attributes(self)
        if (self.graph.gates or run.start.order is not None) and not admitted(self):
            self.ended_in_time()
            return False
        if self.step_once():
            return True
        if self.full or run.active or run.waiting or run.nest.undoing or run.nest.leaving:
            return False
        if any(run.steps[path].status == "running" for path in run.nest.blocks):
            raise AssertionError("a container is open and nothing in it can go on")
        succeed(self)
        return False

    def ended_in_time(self) -> None:
        """A run that waits for its beginning has a timeout too."""
        tidy(self.run)
        wakes, over = self.run.wakes, self.run.status in ENDED
        if wakes is not None and wakes[1] <= self.now and not wakes[2] and not over:
            self.due("")

    def step_once(self) -> bool:
        """Move one step."""
        run = self.run
        tidy(run)  # what is first now is wanted
        wakes, agenda = run.wakes, run.agenda
        if wakes is not None and wakes[1] <= self.now:
            self.due(wakes[2])
            return True
        if run.nest.undoing and undo_once(self):
            return True
        if agenda.head < agenda.tail:
            path = agenda.items[agenda.head]
            if self.mixed and self.is_task(path):
                run.agenda = agenda.drop(agenda.head)
                self.full = True
            else:
                self.attend(path)
            return True
        if self.mixed:
            return False
        for queue, ready in sorted(run.ready.items()):
            if self.free(queue):
                for _, path in ready:
                    node = self.node(path)
                    if node is not None and waits_for_room(run, path):
                        self.dispatch(path, node, 1)
                        return True
        return False

    def is_task(self, path: str) -> bool:
        """Whether an agenda entry is a task to send for the first time."""
        node = self.node(path)
        if path in self.run.steps or node is None or node.kind != "task":
            return False
        return not self.is_passed_by(path, node)

    def due(self, path: str) -> None:
        """A time has come: the run's, a timer's or an attempt's deadline."""
        if not path:
            limit = self.graph.timeout_ms or 0
            message = f"the run did not end within {limit / 1000:g} s: raise settings.timeout"
            error = Error(code="RUN_TIMEOUT", message=message)
            if not begin_unwinding(self, error):
                # Whoever lost a race and has not ended yet is waited for first (P18).
                waits = self.run.nest.leaving
                self.record(CompensationStarted(error=error) if waits else RunFailed(error=error))
            return
        step = self.run.steps[path]
        if step.timer:
            self.resume(path, step)
            return
        node = self.node(path)
        message = (
            f"it did not end within {(step.wake_ms - step.started_ms) / 1000:g} s: raise timeout"
            if step.status == "running"
            else f"no result of attempt {step.attempt} came in time:"
            f" is a worker taking queue {step.queue!r}?"
        )
        error = Error(code="STEP_TIMEOUT", message=message, step=path)
        if node is not None and node.kind == "container":
            fail_block(self, path, node, error)
        else:
            self.judge(path, step, error, None)

    def attend(self, path: str) -> None:
        """An agenda entry: a step to enter, a failure to judge, something that came, a scope."""
        step = self.run.steps.get(path)
        if step is None and path.endswith("]"):
            ask_scope(self, path)
            return
        node = self.node(path)
        if node is not None and node.kind == "container":
            if step is None and self.is_passed_by(path, node):
                self.enter(path, node)
            elif step is None or (step.answer is not None and step.answer.verdict in _ENTERS):
                enter_container(self, path, node, step)
            elif step.answer is not None:
                self.resume(path, step)
            elif step.failure is not None:
                fail_block(self, path, node, step.failure.error)
            else:
                ask_block(self, path, node)
        elif step is None:
            self.enter(path, self.graph.nodes[path.rpartition("/")[2]])
        elif step.failure is not None:
            failure = step.failure
            if failure.retryable:
                self.judge(path, step, failure.error, failure.retry_after_ms)
            else:
                self.fail(path, failure.error)
        else:
            self.resume(path, step)

    # -- what comes out --

    def close(self) -> Decision:
        events, tasks = tuple(self.events), self.open_tasks()
        ended = self.run.status in ENDED
        state, again = self.run.still(), self.full
        drafts: tuple[Draft, ...]
        # Who asks people reads what belongs to no queue.
        if events and (ended or len(tasks) != 1 or self.asks):
            drafts = (Draft("", events),)
            if self.tasks:  # the outcomes first; the tasks that rest on them with the next turn
                state = fold(self.before, [(event, self.now) for event in events])
                again = again or (bool(tasks) and not ended)
        elif events:
            queue, task = tasks[0]
            drafts = (Draft(queue, (*events, task)),)
            if self.sent_at < len(events) or len(self.tasks) > 1:  # it was not the last to be made
                state = fold(self.before, [(event, self.now) for event in (*events, task)])
        else:
            drafts = tuple(Draft(queue, (task,)) for queue, task in tasks)
        paused = state.paused is not None and state.cancel is None
        # It waits for its children to end, or to be cancelled, and then ends itself.
        leaves = (state.cancel or state.doomed) is not None and not state.nest.undoing
        # No time matters then, and one that has come must not wake the owner for nothing.
        wakes = None if paused or leaves or self.needs else state.frontier.wakes
        while wakes is not None and not is_waiting_for(state, wakes[2], wakes[3]):
            wakes = pop(wakes)
        return Decision(
            state,
            drafts,
            self.timers(),
            wakes[1] if wakes else None,
            again,
            self.needs,
            self.left_behind(state),
            self.calls,
        )

    def open_tasks(self) -> list[tuple[str, Event]]:
        """The tasks to send: not those that were cancelled by what was decided after them."""
        steps = self.run.steps
        return [
            (queue, event)
            for queue, event in self.tasks
            if (step := steps.get(event.step)) is not None
            and step.status == "queued"
            and step.attempt == event.attempt
        ]

    def timers(self) -> tuple[Timer, ...]:
        """Waits that are long enough for the broker to keep them too."""
        return tuple(
            Timer(kind.timer, event.step, due)
            for event in self.events
            if isinstance(kind := event.kind, TimerSet | WaitStarted)
            and kind.timer
            and (due := times.to_ms(kind.due_at)) - self.now >= SHORT_TIMER_MS
        )

    def left_behind(self, state: RunState) -> tuple[str, ...]:
        """Tasks that were out when a scope was closed."""
        if state.status in ENDED or not (self.before.nest.blocks or state.nest.undoing):
            return ()
        steps = state.steps
        return tuple(
            path
            for path, step in self.before.steps.items()
            if step.status == "queued"
            and step.attempt
            and ((now := steps.get(path)) is None or now.status == "cancelled")
        )


# Of a container: the list it goes over has come, or somebody wants it tried again.
_ENTERS = frozenset({"items", "retry"})
