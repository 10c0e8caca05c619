"""One attempt of a step, from the task message to the event that tells its outcome.

Nothing here touches the log. Whatever a node does, an outcome comes back:
what it raised on purpose keeps its code, anything else is a failure that the
step's retry policy judges.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Mapping
from typing import Any, NamedTuple

import orjson
import structlog

from weir.contract import codec, times
from weir.contract.errors import UnavailableError
from weir.contract.messages import Envelope, Error, Event, TaskFailed, TaskScheduled, TaskSucceeded
from weir.core.control.behaviour import Completed, Failed, Reached
from weir.core.control.catalogue import BEHAVIOURS
from weir.core.sizes import MESSAGE_CHARS, bounded
from weir.ports.evaluator import Evaluation, Evaluator
from weir.ports.node_context import NodeError, NotHere, Retryable, TaskNode, Terminal
from weir.runtime import telemetry
from weir.runtime.worker_context import AttemptContext, Host, no_credentials, plain_json
from weir.runtime.worker_credentials import named_in
from weir.runtime.worker_integrations import Deferred, Integrations
from weir.runtime.worker_items import FIELDS, loop_items
from weir.runtime.worker_values import load, succeeded

TRACE_CHARS = 4_000

# What these do changes the run itself: no executor can do it in the owner's place.
_OWNERS = frozenset(
    {
        *("wait_signal", "approval", "user_input", "sub_workflow", "set_variables", "set_labels"),
        *("while", "try", "scope", "race"),
    }
)

_log = structlog.get_logger()


class Attempt(NamedTuple):
    """A task as its message describes it. Its key (run, step, attempt) names it everywhere."""

    key: tuple[str, str, int]
    envelope: Envelope
    event: Event
    task: TaskScheduled
    has_references: bool


def read(data: bytes) -> Attempt:
    """The attempt in a task message; ValueError if there is none."""
    envelope = codec.decode(data)
    event = envelope.events[-1] if envelope.events else None
    task = event.task_scheduled if event is not None else None
    if event is None or task is None:
        raise ValueError("the last event of a task message is TaskScheduled")
    key = envelope.run_id, event.step, event.attempt
    return Attempt(key, envelope, event, task, b'"$blob"' in data)


class Runner:
    """Runs attempts with the node types that this worker has."""

    def __init__(
        self,
        host: Host,
        nodes: Mapping[str, TaskNode],
        evaluator: Evaluator,
        name: str,
        integrations: Integrations | None = None,
    ) -> None:
        self._host = host
        self._nodes = nodes
        self._evaluator = evaluator
        self._name = name
        self._integrations = integrations
        self._traced = telemetry.tracing()

    def context(self, attempt: Attempt) -> AttemptContext:
        """A fresh context."""
        key = attempt.task.idempotency_key
        return AttemptContext(self._host, attempt.envelope, attempt.event, key)

    def run(
        self, attempt: Attempt, ctx: AttemptContext, started_at: str
    ) -> Awaitable[TaskSucceeded | TaskFailed]:
        """The outcome. Raises NotHere, Deferred, CancelledError, and nothing else."""
        ctx.trace_parent = attempt.envelope.trace_parent
        way = self._in_span if self._traced else self._outcome
        return way(attempt, ctx, started_at)

    async def _in_span(
        self, attempt: Attempt, ctx: AttemptContext, started_at: str
    ) -> TaskSucceeded | TaskFailed:
        with telemetry.span(
            f"node {attempt.task.node_type}",
            ctx.trace_parent,
            run_id=ctx.run_id,
            step=ctx.step,
            attempt=ctx.attempt,
        ):
            ctx.trace_parent = telemetry.trace_parent()
            return await self._outcome(attempt, ctx, started_at)

    async def _outcome(
        self, attempt: Attempt, ctx: AttemptContext, started_at: str
    ) -> TaskSucceeded | TaskFailed:
        try:
            output, port = await self._output(attempt, ctx)
            promised = attempt.task.output_schema
            said = {"started_at": started_at, "worker": self._name}
            return await succeeded(output, port, ctx, promised, said)
        except (NotHere, Deferred):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a node does, it has an outcome
            return self.failed(error, ctx, started_at)
        finally:
            await ctx.end()

    async def _output(self, attempt: Attempt, ctx: AttemptContext) -> tuple[Any, str]:
        task = attempt.task
        behaves = task.node_type in BEHAVIOURS
        node = None if behaves else self._node(task.node_type)
        secret_fields = node.secret_fields if node is not None else frozenset()
        config = task.config or {}
        scope = task.scope
        if attempt.has_references:
            # A scope too large for its message was stored whole, with references of its own.
            if isinstance(scope, dict) and scope.keys() == {"$blob"}:
                scope = await load(scope, ctx.blobs)
            config, scope = await load([config, scope], ctx.blobs)
        if task.node_type in _OWNERS:
            raise _too_heavy(task.node_type)
        goes_over = task.node_type == "for_each"
        if goes_over:  # the rest of its config is read inside it
            config = {name: config[name] for name in FIELDS if name in config}
        if scope is not None:
            config = await self._evaluate(config, scope, secret_fields)
        if goes_over:
            return await loop_items(config, ctx.blobs), ""
        if node is None:
            return self._behave(task.node_type, config, scope or {})
        return await self._execute(node, config, ctx, task.limits), ""

    async def _execute(
        self, node: TaskNode, config: Mapping[str, Any], ctx: AttemptContext, limits: Any
    ) -> Any:
        """Run a node, when what it calls takes the call."""
        as_written = config
        if node.secret_fields:
            credentials = self._host.credentials
            if credentials is None:
                raise no_credentials()
            for name in sorted(named_in(config, node.secret_fields)):
                await ctx.may_use(name)
            config = await credentials.resolve(
                ctx.tenant, config, node.secret_fields, ctx.mask, ctx.run_id
            )
        work = node.execute(config, ctx)
        if self._integrations is None or not limits:
            return await work
        return await self._integrations.call(ctx.tenant, limits, as_written, work)

    async def _evaluate(
        self,
        config: Mapping[str, Any],
        scope: Mapping[str, Any],
        secret_fields: frozenset[str],
    ) -> dict[str, Any]:
        secrets = {name: config[name] for name in secret_fields & config.keys()}
        resolved = await self._evaluator.evaluate(
            Evaluation(
                config={name: config[name] for name in config.keys() - secrets.keys()},
                roots=scope["roots"],
                now_ms=times.to_ms(scope["now"]),
                seed=scope["seed"],
            )
        )
        return {**resolved, **secrets}

    def _behave(
        self, node_type: str, config: Mapping[str, Any], scope: Mapping[str, Any]
    ) -> tuple[Any, str]:
        """A pure node that was too heavy for the owner of the run."""
        now_ms = times.to_ms(scope["now"]) if "now" in scope else self._host.clock.now_ms()
        outcome = BEHAVIOURS[node_type](config, Reached(now_ms, scope.get("sources", {})))
        if isinstance(outcome, Completed):
            return outcome.output, outcome.port
        if isinstance(outcome, Failed):
            raise Terminal(
                outcome.error.message, code=outcome.error.code, details=outcome.error.details
            )
        raise Terminal(
            "the time of this delay comes out of a large value: take it out in a `set` step "
            "before, and wait for what that gives",
            code="DELAY_TOO_HEAVY",
        )

    def _node(self, node_type: str) -> TaskNode:
        node = self._nodes.get(node_type)
        if node is None:
            raise NotHere(
                f"no worker of this queue has the node type {node_type!r}: set the node's queue "
                "to one that does, or install the type there",
                code="NODE_TYPE_NOT_FOUND",
            )
        return node

    def failed(self, error: BaseException, ctx: AttemptContext, started_at: str) -> TaskFailed:
        """The fact of a failure, without secrets."""
        after: float | None = None
        if isinstance(error, NodeError):
            code, retryable, details = error.error_code, error.retryable, error.details
            message = error.message
            after = error.after if isinstance(error, Retryable) else None
        elif isinstance(error, UnavailableError):
            code, retryable, details, message = error.code, True, None, error.message
        else:
            code, retryable = "NODE_EXCEPTION", True
            message = f"{type(error).__name__}: {error}"
            lines = ctx.mask.text("".join(traceback.format_exception(error)))
            details = {"type": type(error).__name__, "traceback": lines[-TRACE_CHARS:]}
        text = ctx.mask.text(message)[:MESSAGE_CHARS]
        ctx.write("error", text, {"code": code})
        fields: dict[str, Any] = {"started_at": started_at, "worker": self._name}
        if after is not None:
            fields["retry_after_ms"] = after * 1000
        said: dict[str, Any] = {"code": code, "message": text, "step": ctx.step}
        if details is not None:
            said["details"] = orjson.loads(ctx.mask.json(plain_json(details)))
        return TaskFailed(error=bounded(Error(**said)), retryable=retryable, **fields)


def _too_heavy(node_type: str) -> Terminal:
    return Terminal(
        f"what this {node_type} step is told reads or makes a large value: take out of it what is "
        "needed in a `set` step before, and read that here",
        code="CONTROL_TOO_HEAVY",
    )
