"""What is missing from a run's log, seen from its state alone.

Promises: the answer depends on the state, the time and the room in the queues,
never on the message that woke the owner (level-triggered); what the log does
not show yet is decided again under the same ids; a state with nothing missing
decides nothing. One decision is bounded in steps and bytes and says `again`
when it stopped for that. Every draft is valid alone: if a turn has inline
outcomes and more than one task, the outcomes go first and the tasks follow
with the next turn, so no task can be stored without what it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from weir.contract import times
from weir.contract.codec import INLINE_LIMIT
from weir.contract.messages import (
    BlobRef,
    CancelRequested,
    Error,
    Event,
    Message,
    RunCancelled,
    RunFailed,
    RunPaused,
    RunSucceeded,
    StepCompleted,
    StepEntered,
    StepFailed,
    StepSkipped,
    TaskScheduled,
    TimerSet,
)
from weir.core.control.behaviour import Failed, Reached, Wait
from weir.core.control.catalogue import BEHAVIOURS
from weir.core.expressions import (
    INLINE_BUDGET,
    BudgetExceededError,
    EvaluationError,
    Template,
)
from weir.core.failing import RETRY_IF_HEAVY, TOO_DEEP, too_deep, unjudged
from weir.core.flow import is_waiting_for, verdict, waits_for_room, wants_decision
from weir.core.frontier import Arrival, pop
from weir.core.graph import TIME_IN_QUEUE_MS, Graph, Node
from weir.core.retry import delay_ms
from weir.core.run import apply, evolve, fold
from weir.core.scope import ByReferenceError, carried_scope, reads_reference, run_scope
from weir.core.sizes import bounded, size_of
from weir.core.state import ENDED, OUTPUT_STEP, Blob, Moving, RunState, Step

TURN_EVENTS = 256
TURN_BYTES = 256 * 1024
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
    """What to append. `state` is the run once all drafts are stored."""

    state: RunState
    drafts: tuple[Draft, ...] = ()
    timers: tuple[Timer, ...] = ()
    wake_at: int | None = None
    again: bool = False


Room = Callable[[str], int]

HEAVY = object()


def _plenty(_: str) -> int:
    return TURN_EVENTS


def decide(state: RunState, now_ms: int, room: Room = _plenty) -> Decision:
    """What to append now; `room(queue)` says how many more tasks a queue takes."""
    if state.status in ENDED:
        return Decision(state)
    if state.graph is None or state.paused is not None:
        return cancel_run(state, now_ms)
    turn = _Turn(state, state.graph, now_ms, room)
    turn.work()
    return turn.close()


def fail_run(state: RunState, error: Error, now_ms: int) -> Decision:
    """End the run with this error, whatever it was about to do."""
    return _alone(state, RunFailed(error=error), now_ms)


def pause_run(state: RunState, error: Error, now_ms: int) -> Decision:
    """Let the run stand still until somebody acts."""
    return _alone(state, RunPaused(reason=error.message, error=error), now_ms)


def cancel_run(state: RunState, now_ms: int) -> Decision:
    """End the run if somebody asked for that: also one that stands still can be cancelled."""
    if state.cancel is None:
        return Decision(state)
    return _alone(state, _cancelled(state.cancel), now_ms)


def _alone(state: RunState, kind: RunFailed | RunPaused | RunCancelled, now_ms: int) -> Decision:
    event = Event.of(kind)
    return Decision(evolve(state, event, now_ms), (Draft("", (event,)),))


class _Turn:
    """One decision in the making: a state that moves along with what is decided."""

    def __init__(self, state: RunState, graph: Graph, now_ms: int, room: Room) -> None:
        self.before = state
        self.run = Moving(state)
        self.graph = graph
        self.now = now_ms
        self.room = room
        self.events: list[Event] = []
        self.tasks: list[tuple[str, Event]] = []
        self.taken: dict[str, int] = {}
        self.bytes = 0
        self.full = False

    # -- the order of things --

    def work(self) -> None:
        if self.run.cancel is not None:
            self.record(_cancelled(self.run.cancel))
            return
        while self.step_once():
            if self.run.doomed is not None:
                self.record(RunFailed(error=self.run.doomed))
            if self.run.status in ENDED:
                return
            if len(self.events) + len(self.tasks) >= TURN_EVENTS or self.bytes >= TURN_BYTES:
                self.full = True
                return
        if self.run.doomed is not None:  # folded from the log without its end
            self.record(RunFailed(error=self.run.doomed))
        elif not (self.run.active or self.run.waiting):
            self.finish()

    def step_once(self) -> bool:
        """Decide one thing; False when nothing is missing."""
        run = self.run
        wakes = run.wakes
        if (
            wakes is not None
            and wakes[1] <= self.now
            and is_waiting_for(self.run, wakes[2], wakes[3])
        ):
            self.due(wakes[2])
            return True
        for _, path in run.agenda:
            if wants_decision(self.run, path):
                self.attend(path)
                return True
        for queue, ready in run.ready.items():
            if self.free(queue):
                for _, path in ready:
                    if waits_for_room(self.run, path):
                        self.dispatch(path, 1)
                        return True
        return False

    def free(self, queue: str) -> bool:
        return self.room(queue) > self.taken.get(queue, 0)

    def close(self) -> Decision:
        events, tasks = tuple(self.events), self.tasks
        ended = self.run.status in ENDED
        state, again = self.run.still(), self.full
        drafts: tuple[Draft, ...]
        if events and (ended or len(tasks) != 1):
            drafts = (Draft("", events),)
            if tasks:  # the outcomes first; the tasks that rest on them with the next turn
                state = fold(self.before, [(event, self.now) for event in events])
                again = again or not ended
        elif events:
            drafts = (Draft(tasks[0][0], (*events, tasks[0][1])),)
        else:
            drafts = tuple(Draft(queue, (task,)) for queue, task in tasks)
        wakes = state.frontier.wakes
        while wakes is not None and not is_waiting_for(state, wakes[2], wakes[3]):
            wakes = pop(wakes)
        return Decision(state, drafts, self.timers(), wakes[1] if wakes else None, again)

    def timers(self) -> tuple[Timer, ...]:
        return tuple(
            Timer(kind.timer, event.step, due)
            for event in self.events
            if isinstance(kind := event.kind, TimerSet)
            and (due := times.to_ms(kind.due_at)) - self.now >= SHORT_TIMER_MS
        )

    # -- what can be missing --

    def due(self, path: str) -> None:
        """A time has come: the run's, a timer's or an attempt's deadline."""
        if not path:
            limit = self.graph.timeout_ms or 0
            message = f"the run did not end within {limit / 1000:g} s: raise settings.timeout"
            self.record(RunFailed(error=Error(code="RUN_TIMEOUT", message=message)))
            return
        step = self.run.steps[path]
        if step.timer:
            self.resume(path, step)
            return
        message = (
            f"no result of attempt {step.attempt} came in time:"
            f" is a worker taking queue {step.queue!r}?"
        )
        self.judge(path, step, Error(code="STEP_TIMEOUT", message=message, step=path), None)

    def attend(self, path: str) -> None:
        """An agenda entry: a step to enter, a failure to judge, a timer that fired."""
        step = self.run.steps.get(path)
        if step is None:
            self.enter(path)
        elif step.failure is not None:
            failure = step.failure
            if failure.retryable:
                self.judge(path, step, failure.error, failure.retry_after_ms)
            else:
                self.fail(path, failure.error)
        else:
            self.resume(path, step)

    def enter(self, path: str) -> None:
        node = self.graph.nodes[path]
        if node.kind == "trigger" or node.disabled or self.must_skip(node):
            self.record(StepSkipped(), path)
        elif node.kind == "inline":
            self.evaluate(node)
        elif self.free(node.queue):
            self.dispatch(path, 1)
        else:
            self.record(StepEntered(queue=node.queue), path)

    def must_skip(self, node: Node) -> bool:
        if not node.inbound:
            return False
        return verdict(node, self.run.arrivals.get(node.id, Arrival())) == "skip"

    def resume(self, path: str, step: Step) -> None:
        """What the step waited for is over."""
        if step.status == "retrying":
            self.dispatch(path, step.attempt + 1)
        else:
            self.record(StepCompleted(output={"due_at": times.from_ms(step.wake_ms)}), path)

    def judge(self, path: str, step: Step, error: Error, asked_ms: float | None) -> None:
        """Another attempt, or the end of the step."""
        node = self.graph.nodes.get(path)
        if node is None or step.attempt >= node.retry.max_attempts:
            self.fail(path, error)
            return
        if node.retry_if is not None:
            shown = {
                "code": error.code,
                "message": error.message,
                "step": path,
                "details": error.details,
            }
            wanted = self.try_evaluate(node.retry_if, path, step.attempt, shown)
            if wanted is not True:
                answer = RETRY_IF_HEAVY if wanted is HEAVY else wanted
                self.fail(path, error if wanted is False else unjudged(answer, error))
                return
        pause = delay_ms(node.retry, self.run.start.run_id, path, step.attempt, asked_ms)
        self.record(_timer("retry", path, self.now + pause, error), path)

    def fail(self, path: str, error: Error) -> None:
        node = self.graph.nodes.get(path)
        handling = node.on_error if node is not None else "fail"
        located = error if error.step else error.model_copy(update={"step": path})
        self.record(StepFailed(error=bounded(located), handling=handling), path)

    # -- evaluating and dispatching --

    def evaluate(self, node: Node) -> None:
        """Run a pure node here; hand it to an executor if that would take too long."""
        sources = self.sources(node)
        config: Any = HEAVY
        if not any(isinstance(value, Blob) for value in sources.values()):
            config = self.try_evaluate(node.template, node.id, 1)
        if config is HEAVY:
            self.dispatch(node.id, 1)
            return
        if isinstance(config, Error):
            self.fail(node.id, config)
            return
        outcome = BEHAVIOURS[node.type](config, Reached(self.now, sources))
        if isinstance(outcome, Failed):
            self.fail(node.id, outcome.error)
        elif isinstance(outcome, Wait):
            self.record(_timer("delay", node.id, outcome.due_ms), node.id)
        elif (size := size_of(outcome.output, INLINE_LIMIT)) > INLINE_LIMIT:
            self.dispatch(node.id, 1)
        elif too_deep(outcome.output, size):
            self.fail(node.id, TOO_DEEP)
        else:
            self.bytes += size
            done = StepCompleted(output=outcome.output)
            if outcome.port != "out":
                done = StepCompleted(output=outcome.output, port=outcome.port)
            self.record(done, node.id)

    def sources(self, node: Node) -> dict[str, Any]:
        """Outputs of the taken branches, first finished first."""
        if node.type != "merge":
            return {}
        steps = self.run.steps
        led = [
            (step.ended_ms, source, step.output)
            for source in dict.fromkeys(node.sources)
            if (step := steps.get(source)) is not None
            and step.status in {"succeeded", "caught"}
            and node.id in self.graph.nodes[source].targets.get(step.port, ())
        ]
        return {source: output for _, source, output in sorted(led, key=lambda s: s[0])}

    def try_evaluate(
        self,
        template: Template,
        path: str,
        attempt: int,
        error: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value, an Error, or HEAVY if this is no place to evaluate it."""
        if reads_reference(self.run, template.refs):
            return HEAVY
        scope = run_scope(self.run, self.now, path, attempt=attempt, error=error)
        try:
            return template.evaluate(scope, INLINE_BUDGET)
        except EvaluationError as failed:
            details = {"path": failed.path} if failed.path else None
            return Error(code=failed.code, message=failed.message, step=path, details=details)
        except (BudgetExceededError, ByReferenceError):
            return HEAVY

    def dispatch(self, path: str, attempt: int) -> None:
        """Send one attempt of a step to its queue."""
        node = self.graph.nodes[path]
        config: Any = HEAVY
        if node.kind != "inline":
            config = self.try_evaluate(node.template, path, attempt)
        if isinstance(config, Error):
            self.fail(path, config)
            return
        size = 0
        if config is not HEAVY:
            size = size_of(config, INLINE_LIMIT)
            if size > INLINE_LIMIT and not node.template.is_static:
                config = HEAVY  # what it reads travels once, and by reference where it is large
            elif too_deep(config, size):
                self.fail(path, TOO_DEEP)
                return
        heavy = config is HEAVY
        task = TaskScheduled(
            node_type=node.type,
            type_version=node.type_version,
            queue=node.queue,
            config=node.config if heavy else {**config, **node.secrets},
            scope=self.carried(node.template, path, attempt, self.sources(node)) if heavy else None,
            timeout_ms=node.timeout_ms,
            deadline_at=times.from_ms(self.now + int(node.timeout_ms) + TIME_IN_QUEUE_MS),
            idempotency_key=f"{self.run.start.run_id}/{path}",
        )
        self.send(task, path, attempt)

    def dispatch_output(self, sources: Mapping[str, Any]) -> None:
        """The run's output is too heavy for this place: an executor makes it."""
        output = self.graph.output
        task = TaskScheduled(
            node_type="merge" if output is None else "output",
            type_version=1,
            queue="default",
            config={} if output is None else {"value": self.graph.output_source},
            scope=self.carried(output, OUTPUT_STEP, 1, sources),
            timeout_ms=60_000.0,
            deadline_at=times.from_ms(self.now + 60_000 + TIME_IN_QUEUE_MS),
            idempotency_key=f"{self.run.start.run_id}/{OUTPUT_STEP}",
        )
        self.send(task, OUTPUT_STEP, 1)

    def carried(
        self, template: Template | None, path: str, attempt: int, sources: Mapping[str, Any]
    ) -> dict[str, Any]:
        templates = [] if template is None else [template]
        return carried_scope(self.run, templates, self.now, path, attempt=attempt, sources=sources)

    def send(self, task: TaskScheduled, path: str, attempt: int) -> None:
        event = Event.of(task, step=path, attempt=attempt)
        self.tasks.append((task.queue, event))
        self.taken[task.queue] = self.taken.get(task.queue, 0) + 1
        self.bytes += size_of(task.config, TURN_BYTES) + size_of(task.scope, TURN_BYTES)
        apply(self.run, event, self.now)

    def record(self, kind: Message, path: str = "") -> None:
        event = Event.of(kind, step=path) if path else Event.of(kind)  # type: ignore[arg-type]
        self.events.append(event)
        apply(self.run, event, self.now)

    # -- the end --

    def finish(self) -> None:
        """Nothing is open: the run has succeeded, with its output."""
        state, graph = self.run, self.graph
        done = state.steps.get(OUTPUT_STEP)
        if done is not None:
            self.succeed(done.output)
            return
        if graph.output is not None:
            self.succeed_with(self.try_evaluate(graph.output, OUTPUT_STEP, 1), {})
            return
        named = [path for path in graph.outputs if _succeeded(state, path)]
        if len(named) == 1:
            self.succeed(state.steps[named[0]].output)
            return
        chosen = named or [path for path in graph.sinks if _succeeded(state, path)]
        outputs = {path: state.steps[path].output for path in chosen}
        shown = {k: v.show() if isinstance(v, Blob) else v for k, v in outputs.items()}
        self.succeed_with(shown, outputs)

    def succeed_with(self, output: Any, sources: Mapping[str, Any]) -> None:
        if isinstance(output, Error):
            self.record(RunFailed(error=output))
        elif output is HEAVY or (size := size_of(output, INLINE_LIMIT)) > INLINE_LIMIT:
            self.dispatch_output(sources)
        elif too_deep(output, size):
            self.record(RunFailed(error=TOO_DEEP))
        else:
            self.succeed(output)

    def succeed(self, output: Any) -> None:
        if isinstance(output, Blob):
            ref = BlobRef(key=output.key, size=output.size, media_type=output.media_type)
            self.record(RunSucceeded(output_ref=ref))
        else:
            self.record(RunSucceeded(output=output))


def _cancelled(cancel: CancelRequested) -> RunCancelled:
    return RunCancelled(reason=cancel.reason, requested_by=cancel.requested_by)


def _timer(reason: str, path: str, due_ms: int, error: Error | None = None) -> TimerSet:
    # The id holds the due time: a schedule whose TimerSet was lost must not fire a later one early.
    timer, due_at = f"{reason}/{path}/{due_ms}", times.from_ms(due_ms)
    if error is None:
        return TimerSet(timer=timer, due_at=due_at, reason=reason)
    return TimerSet(timer=timer, due_at=due_at, reason=reason, error=error)


def _succeeded(state: Moving, path: str) -> bool:
    step = state.steps.get(path)
    return step is not None and step.status in {"succeeded", "caught"}
