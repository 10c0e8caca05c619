"""One decision in the making: a state that moves along with what is decided.

What can be done to one step stands here: enter it, evaluate it, send an
attempt, judge a failure, end it. Which step is next is `decide`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from weir.contract import ids, times
from weir.contract.codec import INLINE_LIMIT
from weir.contract.messages import (
    AttributesSet,
    BlobRef,
    ChildStarted,
    Error,
    Event,
    Message,
    RunFailed,
    StepCompleted,
    StepEntered,
    StepFailed,
    StepSkipped,
    TaskScheduled,
    TimerSet,
    VariablesSet,
    WaitStarted,
)
from weir.core.control.behaviour import (
    Ask,
    Call,
    Completed,
    Failed,
    Listen,
    Outcome,
    Reached,
    Wait,
)
from weir.core.control.catalogue import BEHAVIOURS
from weir.core.control.sub_workflow import MAX_DEPTH
from weir.core.expressions import INLINE_BUDGET, BudgetExceededError, EvaluationError, Template
from weir.core.failing import ASKS_TOO_MUCH, RETRY_IF_HEAVY, TOO_DEEP, too_deep, unjudged
from weir.core.flow import is_out, verdict
from weir.core.frontier import Arrival
from weir.core.graph import TIME_IN_QUEUE_MS, Graph, Node
from weir.core.promise import breach
from weir.core.retry import delay_ms
from weir.core.run import apply
from weir.core.scope import (
    ByReferenceError,
    Viewed,
    carried_scope,
    outer_roots,
    reads_reference,
    run_scope,
    shown_error,
)
from weir.core.sizes import bounded, size_of
from weir.core.state import Answer, Blob, Moving, RunState, Step

TURN_BYTES = 256 * 1024

Room = Callable[[str], int]
Fetched = Callable[[str], Any]

HEAVY = object()


class Turn:
    """A run while it is being decided, and what was decided so far."""

    def __init__(
        self, state: RunState, graph: Graph, now_ms: int, room: Room, fetched: Fetched
    ) -> None:
        self.run = Moving(state)
        self.graph = graph
        self.now = now_ms
        self.room = room
        self.fetched = fetched
        self.events: list[Event] = []
        self.tasks: list[tuple[str, Event]] = []
        self.sent_at = 0  # how much was decided before the last of them
        self.taken: dict[str, int] = {}
        self.bytes = 0
        self.calls = False
        self.asks = False
        self.outer: dict[str, Any] | None = None

    def record(self, kind: Message, path: str = "", attempt: int = 0) -> None:
        """Decide that this has happened."""
        if type(kind) is RunFailed:
            kind = spared(self.graph, kind)
        event: Event
        if attempt:
            event = Event.of(kind, step=path, attempt=attempt)  # type: ignore[arg-type]
        elif path:
            event = Event.of(kind, step=path)  # type: ignore[arg-type]
        else:
            event = Event.of(kind)  # type: ignore[arg-type]
        self.events.append(event)
        apply(self.run, event, self.now)

    def free(self, queue: str) -> bool:
        """Whether a queue takes another task."""
        return self.room(queue) > self.taken.get(queue, 0)

    def node(self, path: str) -> Node | None:
        """The node of a step."""
        return self.graph.node_at(path)

    # -- one step --

    def enter(self, path: str, node: Node) -> None:
        """A step whose inputs are there, or will never be."""
        if self.is_passed_by(path, node):
            self.record(StepSkipped(), path)
        elif node.kind == "inline":
            self.evaluate(path, node)
        elif self.free(node.queue):
            self.dispatch(path, node, 1)
        else:
            self.record(StepEntered(queue=node.queue), path)

    def is_passed_by(self, path: str, node: Node) -> bool:
        """Whether a step will not run: nothing led to it, or it is switched off."""
        if node.kind == "trigger" or node.disabled:
            return True
        if not node.inbound:
            return False
        led = verdict(node, self.run.arrivals.get(path, Arrival()))
        return led == "skip" or bool(node.parent and is_out(self.run, self.graph, path, node))

    def resume(self, path: str, step: Step) -> None:
        """What the step waited for has come, or its time is over."""
        node = self.node(path)
        if step.answer is not None:
            self.answered(path, step, step.answer, node)
        elif step.status == "retrying" or step.waits.startswith(("breaker:", "rate:")):
            if node is not None:
                self.dispatch(path, node, step.attempt + 1)
        elif step.waits.startswith("signal:"):
            name = step.waits.partition(":")[2]
            message = f"no signal {name!r} came in time: send it earlier, or wait longer"
            self.fail(path, Error(code="SIGNAL_TIMEOUT", message=message, step=path))
        else:
            self.record(StepCompleted(output={"due_at": times.from_ms(step.wake_ms)}), path)

    def answered(self, path: str, step: Step, answer: Answer, node: Node | None) -> None:
        """Somebody outside has spoken."""
        match answer.verdict:
            case "received" | "succeeded":
                self.take(path, answer.value, node)
            case "retry" if node is not None and node.kind == "inline":
                self.evaluate(path, node)
            case "retry" if node is not None:
                self.dispatch(path, node, step.attempt + 1)
            case "skip":
                self.complete(path, answer.value)
            case "decided":
                port, output = answer.value
                self.record(StepCompleted(output=output, port=port), path)
            case "undecided" if answer.error is not None:
                self.fail(path, answer.error)
            case "deferred":
                self.put_off(path, answer)
            case "fail":
                error = step.error or Error(code="STEP_FAILED", message="a person let it fail")
                self.end_failed(path, error, "fail")
            case _:
                why = answer.error or Error(
                    code="CHILD_CANCELLED", message="the run it had started was cancelled"
                )
                told = f"the run it started has {answer.verdict}: {why.message}"
                self.fail(path, why.model_copy(update={"message": told, "step": path}))

    def take(self, path: str, value: Any, node: Node | None) -> None:
        """What came from outside is the step's output, if it is what the node declares."""
        schema = node.promise.get("output_schema") if node is not None else None
        wrong = "" if schema is None or isinstance(value, Blob) else breach(schema, value)
        if wrong:
            message = f"what came does not fit the node's output_schema: {wrong}"
            self.fail(path, Error(code="OUTPUT_INVALID", message=message, step=path))
        else:
            self.complete(path, value)

    def complete(self, path: str, value: Any) -> None:
        """The step is done with this value."""
        if isinstance(value, Blob):
            self.record(StepCompleted(output_ref=reference(value)), path)
        else:
            self.record(StepCompleted(output=value), path)

    def judge(self, path: str, step: Step, error: Error, asked_ms: float | None) -> None:
        """Another attempt, or the end of the step."""
        node = self.node(path)
        tried = step.attempt - step.deferred
        if node is None or node.kind == "container" or tried >= node.retry.max_attempts:
            self.fail(path, error)
            return
        if node.retry_if is not None:
            shown = {**shown_error(error), "step": path}
            wanted = self.try_evaluate(node.retry_if, Viewed(path, step.attempt, shown))
            if wanted is not True:
                answer = RETRY_IF_HEAVY if wanted is HEAVY else wanted
                self.fail(path, error if wanted is False else unjudged(answer, error))
                return
        pause = delay_ms(node.retry, self.run.start.run_id, path, tried, asked_ms)
        self.record(timer("retry", path, self.now + pause, error), path)

    def put_off(self, path: str, answer: Answer) -> None:
        """What the step calls takes no work now: wait, without counting it as an attempt."""
        what, until = answer.value
        due = max(int(until), self.now + 1)
        wait = WaitStarted(
            what=what, due_at=times.from_ms(due), timer=f"limit/{path}/{due}", error=answer.error
        )
        self.record(wait, path)

    def fail(self, path: str, error: Error) -> None:
        """There is no other attempt: the step's policy says what that means."""
        node = self.node(path)
        handling = node.on_error if node is not None else "fail"
        if node is not None and node.id in self.graph.undoes:
            handling = "undo"
        located = error if error.step else error.model_copy(update={"step": path})
        if handling == "ask" and path not in self.run.nest.blocks:
            self.record(WaitStarted(what="ask", error=bounded(located)), path)
        else:
            self.end_failed(path, located, "fail" if handling == "ask" else handling)

    def end_failed(self, path: str, error: Error, handling: str) -> None:
        """The step has failed for good."""
        failed = StepFailed(error=bounded(error), handling=handling)
        node = self.node(path)
        if node is not None and node.dead_letter:
            failed = failed.model_copy(update={"dead_letter": True})
        self.record(failed, path)

    # -- evaluating --

    def evaluate(self, path: str, node: Node) -> None:
        """Run a control node here; hand it to an executor if that would take too long."""
        sources = self.sources(path, node)
        config: Any = HEAVY
        if not (sources and any(isinstance(value, Blob) for value in sources.values())):
            config = self.try_evaluate(node.template, Viewed(path))
        if config is HEAVY:
            self.dispatch(path, node, 1)
        elif isinstance(config, Error):
            self.fail(path, config)
        else:
            outcome = BEHAVIOURS[node.type](config, Reached(self.now, sources))
            self.settle(path, node, outcome)

    def settle(self, path: str, node: Node, outcome: Outcome) -> None:
        """What a control node came to."""
        match outcome:
            # First, for it is the most frequent.
            case Completed(output, port, variables, attributes):
                also = attributes if variables is None else VariablesSet(values=variables)
                self.hand_on(path, node, output, port, also)
            case Failed(error):
                self.fail(path, error)
            case Wait(due):
                self.record(timer("delay", path, due), path)
            case Listen(name, due):
                self.listen(path, name, due)
            case Ask(asked):
                self.ask(path, asked)
            case Call():
                self.call(path, outcome)
            case _:
                raise AssertionError(f"{node.type} is no node of this place")

    def hand_on(
        self,
        path: str,
        node: Node,
        output: Any,
        port: str,
        also: VariablesSet | AttributesSet | None = None,
    ) -> None:
        """Record an outcome, if the log takes it."""
        size = size_of(output, INLINE_LIMIT)
        if size > INLINE_LIMIT:
            self.dispatch(path, node, self.next_attempt(path))
        elif too_deep(output, size):
            self.fail(path, TOO_DEEP)
        else:
            self.bytes += size
            if also is not None:
                self.record(also, path)
            done = StepCompleted(output=output)
            if port != "out":
                done = StepCompleted(output=output, port=port)
            self.record(done, path)

    def listen(self, path: str, name: str, due: int) -> None:
        """Wait for a signal."""
        wait = WaitStarted(what=f"signal:{name}")
        if due:
            wait = WaitStarted(
                what=f"signal:{name}", due_at=times.from_ms(due), timer=f"signal/{path}/{due}"
            )
        self.record(wait, path)

    def ask(self, path: str, asked: Mapping[str, Any]) -> None:
        """Wait for people; whoever asks them learns of it from this record."""
        size = size_of(asked, INLINE_LIMIT)
        if size > INLINE_LIMIT or too_deep(asked, size):
            self.fail(path, ASKS_TOO_MUCH)
            return
        self.bytes += size
        attempt = self.next_attempt(path)
        task = ids.derived("apr", self.run.start.run_id, path, str(attempt))
        self.asks = True
        self.record(WaitStarted(what=f"approval:{task}", approval=dict(asked)), path, attempt)

    def call(self, path: str, outcome: Call) -> None:
        """Start a run of another workflow, once this is recorded (P6)."""
        start = self.run.start
        depth = (start.parent.depth if start.parent is not None else 0) + 1
        size = size_of(outcome.input, INLINE_LIMIT)
        if depth > MAX_DEPTH:
            message = f"{MAX_DEPTH} runs are above this one: does the workflow call itself?"
            self.fail(path, Error(code="CHILD_TOO_DEEP", message=message, step=path))
            return
        if size > INLINE_LIMIT or too_deep(outcome.input, size):
            message = "what the other workflow is given is more than 64 kB: hand on a reference"
            self.fail(path, Error(code="CHILD_INPUT_TOO_LARGE", message=message, step=path))
            return
        self.bytes += size
        attempt = self.next_attempt(path)
        child = ChildStarted(
            run_id=ids.derived("run", start.run_id, path, str(attempt)),
            workflow_id=outcome.workflow_id,
            version=outcome.version,
            input=outcome.input,
            depth=depth,
        )
        self.calls = True
        self.record(child, path, attempt)

    def sources(self, path: str, node: Node) -> dict[str, Any]:
        """Outputs of the taken branches, first finished first."""
        if node.type != "merge":
            return {}
        prefix, steps = path[: len(path) - len(node.id)], self.run.steps
        led = [
            (step.ended_ms, source, step.output)
            for source in dict.fromkeys(node.sources)
            if (step := steps.get(prefix + source)) is not None
            and step.status in {"succeeded", "caught"}
            and node.id in self.graph.nodes[source].targets.get(step.port, ())
        ]
        return {source: output for _, source, output in sorted(led, key=lambda s: s[0])}

    def try_evaluate(self, template: Template, viewed: Viewed) -> Any:
        """The value, an Error, or HEAVY if this is no place to evaluate it."""
        if reads_reference(self.run, template.refs, viewed.prefix):
            return HEAVY
        if self.outer is None:
            self.outer = outer_roots(self.run)
        if viewed.prefix:
            viewed = viewed._replace(fetched=self.fetched)
        scope = run_scope(self.run, self.now, viewed, self.outer)
        try:
            return template.evaluate(scope, INLINE_BUDGET)
        except EvaluationError as failed:
            details = {"path": failed.path} if failed.path else None
            return Error(
                code=failed.code, message=failed.message, step=viewed.path, details=details
            )
        except (BudgetExceededError, ByReferenceError):
            return HEAVY

    # -- dispatching --

    def dispatch(self, path: str, node: Node, attempt: int) -> None:
        """Send one attempt of a step to its queue."""
        config: Any = HEAVY
        if node.kind == "task":
            config = self.try_evaluate(node.template, Viewed(path, attempt))
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
        viewed = Viewed(path, attempt)
        sources = self.sources(path, node)
        timeout = node.timeout_ms or 60_000.0
        task = TaskScheduled(
            node_type=node.type,
            type_version=node.type_version,
            queue=node.queue,
            config=node.config if heavy else {**config, **node.secrets},
            scope=self.carried(node.template, viewed, sources) if heavy else None,
            timeout_ms=timeout,
            deadline_at=times.from_ms(self.now + int(timeout) + TIME_IN_QUEUE_MS),
            idempotency_key=f"{self.run.start.run_id}/{path}",
            **(node.promise if node.kind == "task" else {}),
            **self.graph.bears,
        )
        self.send(task, path, attempt)

    def next_attempt(self, path: str) -> int:
        """The number of the attempt that would be sent now."""
        step = self.run.steps.get(path)
        return step.attempt + 1 if step is not None else 1

    def collect(self, path: str, value: Any) -> None:
        """A step is done with a value that is too large for the log: an executor puts it away."""
        attempt = self.next_attempt(path)
        seed = f"{self.run.start.run_id}/{path}/{attempt}"
        now = times.from_ms(self.now)
        scope = {"roots": {}, "now": now, "seed": seed, "sources": {"": value}}
        self.errand("merge", {"mode": "first"}, scope, path, attempt)

    def errand(
        self, node_type: str, config: dict[str, Any], scope: dict[str, Any], path: str, attempt: int
    ) -> None:
        """Let an executor do what is too heavy for this place."""
        task = TaskScheduled(
            node_type=node_type,
            type_version=1,
            queue="default",
            config=config,
            scope=scope,
            timeout_ms=60_000.0,
            deadline_at=times.from_ms(self.now + 60_000 + TIME_IN_QUEUE_MS),
            idempotency_key=f"{self.run.start.run_id}/{path}",
        )
        self.send(task, path, attempt)

    def carried(
        self, template: Template | None, viewed: Viewed, sources: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What an executor must be given to evaluate."""
        templates = [] if template is None else [template]
        seen = viewed._replace(fetched=self.fetched)
        return carried_scope(self.run, templates, self.now, seen, sources)

    def send(self, task: TaskScheduled, path: str, attempt: int) -> None:
        """Decide that this task goes out."""
        event = Event.of(task, step=path, attempt=attempt)
        self.tasks.append((task.queue, event))
        self.sent_at = len(self.events)
        self.taken[task.queue] = self.taken.get(task.queue, 0) + 1
        self.bytes += size_of(task.config, TURN_BYTES) + size_of(task.scope, TURN_BYTES)
        apply(self.run, event, self.now)


def spared(graph: Graph | None, end: RunFailed) -> RunFailed:
    """The same end, saying so if it is to be no dead letter."""
    if graph is None or not graph.spares(end.error.step if end.error is not None else ""):
        return end
    return end.model_copy(update={"spared": True})


def reference(blob: Blob) -> BlobRef:
    """A value's place as messages name it."""
    return BlobRef(key=blob.key, size=blob.size, media_type=blob.media_type)


def timer(reason: str, path: str, due_ms: int, error: Error | None = None) -> TimerSet:
    """A wait for a time."""
    # The id holds the due time: a schedule whose TimerSet was lost must not fire a later one early.
    name, due_at = f"{reason}/{path}/{due_ms}", times.from_ms(due_ms)
    if error is None:
        return TimerSet(timer=name, due_at=due_at, reason=reason)
    return TimerSet(timer=name, due_at=due_at, reason=reason, error=error)
