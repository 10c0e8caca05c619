"""The start fact: the first message of a run, and the proof of which request made it.

Its subject is derived from the run's id and expects to be empty, so the same
start is the same run however often and however concurrently it is asked for
(log-protocol P7, P22): whoever comes second reads at the leader what the first
one left, be it the start or, after the run was purged, its tombstone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from services.trigger.intake import Intake
from weir.contract import codec, ids, subjects, times
from weir.contract.errors import ConflictError, OutcomeUnknownError, UnavailableError
from weir.contract.identity_errors import QuotaExceededError
from weir.contract.messages import RunOrder
from weir.contract.subjects import RunKey
from weir.ports.blobs import Blobs
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.runtime.access import Principal
from weir.runtime.http.idempotency import conflict
from weir.runtime.metrics import RUNS_STARTED
from weir.runtime.plans import Plan
from weir.runtime.policy import Guard
from weir.runtime.quotas import DailyRuns


class Start(NamedTuple):
    """What is to be started. `source` and `key` make the run's id where there is a key.

    `request_hash` empty: the key alone decides (a webhook's delivery id). A run that goes on from
    another one has an `origin`, that one's `env`, and perhaps its input by reference. `who` is
    nobody where a delivery to a webhook starts it.
    """

    tenant: str
    plan: Plan
    trigger_node: str
    trigger_kind: str
    input: Any
    trigger: Mapping[str, Any]
    started_by: str
    source: str
    key: str = ""
    request_hash: str = ""
    labels: Mapping[str, str] = MappingProxyType({})
    priority: str = ""
    trace_parent: str = ""
    env: Mapping[str, str] | None = None
    input_ref: Mapping[str, Any] | None = None
    origin: Mapping[str, Any] | None = None
    callback: Mapping[str, Any] | None = None
    project: str | None = None  # None: the workflow's
    order: RunOrder | None = None
    who: Principal | None = None


class Started(NamedTuple):
    """A run that exists. `purged` is its final status if only the tombstone is left."""

    key: RunKey
    version: str
    sequence: int
    duplicate: bool = False
    purged: str = ""
    at: str = ""
    project: str = ""  # of a run that was there before


class Starts:
    """Writes start facts."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a start touches
        self,
        guard: Guard,
        runs: Log,
        intake: Intake,
        blobs: Blobs,
        clock: Clock,
        env: Mapping[str, str],
        shards: int,
        daily: DailyRuns,
    ) -> None:
        self._guard = guard
        self._runs = runs
        self._intake = intake
        self._blobs = blobs
        self._clock = clock
        self._env = dict(env)
        self._shards = shards
        self._daily = daily

    def key(self, start: Start) -> RunKey:
        """The run this start makes: always the same where it has a key."""
        if start.key:
            run_id = ids.derived("run", start.tenant, start.source, start.key)
        else:
            run_id = self._clock.new_id("run")
        return subjects.run_key(start.tenant, run_id, self._shards)

    async def start(self, start: Start, key: RunKey) -> Started:
        """Store the fact, or find the run that the same start made before.

        PolicyDeniedError, PoliciesUnreadableError if policies are against it;
        IdempotencyConflictError if another request used the key; QuotaExceededError;
        OverloadedError, UnavailableError and TooLargeError: nothing is stored;
        OutcomeUnknownError: the run may or may not exist, its id is in the details.
        """
        plan, source = start.plan, start.trigger_kind if start.origin is None else "fork"
        await self._guard.start(start.who, start.tenant, plan.workflow_id, plan.version, source)
        # Without a key the run's id is fresh, and this start's alone.
        fact_id = self._clock.new_id("evt") if start.key else f"evt{key.run_id[3:]}"
        at = times.from_ms(self._clock.now_ms())
        data = await self._encode(start, key, fact_id, at)
        append = Append(key.fact(subjects.start_fact()), data, expect=0)
        if not await self._counted(start, append.subject):
            return await self._found(start, key, fact_id)
        try:
            sequence = await self._append(append)
        except ConflictError:
            self._daily.back(start.tenant)
            return await self._found(start, key, fact_id)
        except OutcomeUnknownError as error:
            raise OutcomeUnknownError(
                "The run may or may not have been started: look for it under its id, or send the "
                "same Idempotency-Key again.",
                details={"run_id": key.run_id},
            ) from error
        RUNS_STARTED.labels(start.trigger_kind).inc()
        return Started(key, start.plan.version, sequence, at=at)

    async def _counted(self, start: Start, subject: str) -> bool:
        """Count the run to its day; False if the day is used up and the run is there already."""
        if self._daily.take(start.tenant):
            return True
        try:
            await self._daily.count(start.tenant)
        except QuotaExceededError:
            if not start.key or await self._runs.last(subject) is None:
                raise
            return False
        return True

    async def _append(self, append: Append) -> int:
        try:
            return await self._intake.append(append)
        except OutcomeUnknownError:
            # Sent again it is stored once: the second is refused, and reading tells whose it was.
            return await self._intake.append(append)

    async def _found(self, start: Start, key: RunKey, fact_id: str) -> Started:
        subject = key.fact(subjects.start_fact())
        stored = await self._runs.last(subject)
        if stored is None:
            raise UnavailableError("The run was removed in this very moment: send it again.")
        envelope = codec.decode(stored.data)
        if envelope.id == fact_id:
            RUNS_STARTED.labels(start.trigger_kind).inc()
            return Started(key, start.plan.version, stored.seq, at=envelope.at)
        event = envelope.events[0]
        first, tombstone = event.run_started, event.run_purged
        made = first.request_hash if first else tombstone.request_hash if tombstone else ""
        if start.request_hash and made != start.request_hash:
            raise conflict()
        return Started(
            key,
            envelope.version,
            stored.seq,
            duplicate=True,
            purged=tombstone.status if tombstone else "",
            at=envelope.at,
            project=first.project if first else "",
        )

    async def _encode(self, start: Start, key: RunKey, fact_id: str, at: str) -> bytes:
        # The contract's wire form, made without its models: this is the hot path.
        fact: dict[str, Any] = {
            "trigger_node": start.trigger_node,
            "trigger_kind": start.trigger_kind,
            "input": start.input,
            "trigger": start.trigger,
            "labels": {**start.plan.labels, **start.labels},
            "env": self._env if start.env is None else dict(start.env),
            "idempotency_key": start.key,
            "request_hash": start.request_hash,
            "started_by": start.started_by,
        }
        project = start.plan.project if start.project is None else start.project
        if project:
            fact["project"] = project
        if start.priority:
            fact["priority"] = start.priority
        if start.callback is not None:
            fact["callback"] = dict(start.callback)
        if start.origin is not None:
            fact["origin"] = start.origin
        if start.order is not None:
            fact["order"] = {"limit_id": start.order.limit_id, "key": start.order.key}
        if start.input_ref is not None:
            del fact["input"]
            fact["input_ref"] = start.input_ref
        envelope = {
            "id": fact_id,
            "tenant": start.tenant,
            "run_id": key.run_id,
            "workflow_id": start.plan.workflow_id,
            "version": start.plan.version,
            "at": at,
            "trace_parent": start.trace_parent,
            "events": [{"run_started": fact}],
        }
        data = orjson.dumps(envelope)
        if len(data) <= codec.INLINE_LIMIT or start.input_ref is not None:
            return data
        content = orjson.dumps(start.input)
        if len(content) <= codec.INLINE_LIMIT:
            return data
        # Durable before the message that names it (log-protocol P23).
        blob = await self._blobs.put(start.tenant, content)
        del fact["input"]
        fact["input_ref"] = {
            "key": blob,
            "size": len(content),
            "media_type": "application/json",
        }
        return orjson.dumps(envelope)
