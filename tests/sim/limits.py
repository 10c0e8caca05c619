"""Worlds in which runs share limits: keys of concurrency under every policy, debounces, priorities.

What must hold whatever happens: never more runs of a key between the grant and
the end than its limit says, no run begins without a grant, every run comes to
an end, and when all have ended nothing of any limit is left in the log.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from tests.sim.programs import Program
from tests.sim.scripts import Script
from tests.sim.world import SHARDS, TENANT, World
from weir.contract import ids, subjects
from weir.contract.codec import decode, encode
from weir.contract.errors import ConflictError, WeirError
from weir.contract.messages import (
    CancelRequested,
    Event,
    RegistryRecord,
    RunCancelled,
    RunFailed,
    RunStarted,
    RunSucceeded,
    SlotAnswered,
    SlotAwaited,
    TaskScheduled,
    WorkflowPublished,
)
from weir.core.state import ENDED
from weir.ports.log import Append
from weir.runtime.decider import limits

ENDS = {
    "queue": {"succeeded", "cancelled"},
    "reject": {"succeeded", "cancelled", "failed"},
    "replace": {"succeeded", "cancelled"},
    "debounce": {"succeeded", "cancelled"},
}


@dataclass
class Limited:
    """What one run was started under."""

    key: str
    policy: str
    limit: int
    told_to_end: bool = False


@dataclass
class LimitedWorld(World):
    """A world of runs that share few keys."""

    runs: int = 10
    limited: dict[str, Limited] = field(default_factory=dict)
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    cancelling: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.loose = False

    async def _play(self) -> None:
        with patch.object(limits, "IDLE_S", 5.0):
            await super()._play()

    async def _start_run(self, number: int) -> None:
        random = self.random
        key = random.choice("abc")
        if key not in self.keys:
            policy = random.choice(("queue", "queue", "reject", "replace", "debounce"))
            self.keys[key] = policy, random.choice((1, 1, 2, 3))
        policy, limit = self.keys[key]
        seconds = random.choice((0.0, 0.5, 3.0))
        made = _program(key, policy, limit, random.choice(("low", "normal", "high")), seconds)
        version = ids.derived("ver", str(self.seed), str(number))
        record = RegistryRecord.of(
            WorkflowPublished(workflow_id="wf_sim", version=version, frozen=made.frozen),
            id=version,
            tenant=TENANT,
        )
        registry = self.outside_registry()
        await registry.append(Append(subjects.version(TENANT, version), encode(record)))
        run_id = ids.derived("run", str(self.seed), str(number))
        run = subjects.run_key(TENANT, run_id, SHARDS)
        fact = Event.of(RunStarted(trigger_node="start", trigger_kind="manual", input=made.input))
        self.starts[run_id] = encode(self._envelope(run_id, version, fact))
        self.programs[run_id] = made
        self.limited[run_id] = Limited(key, policy, limit)
        await self.log.append(
            Append(run.fact(subjects.start_fact()), self.starts[run_id], expect=0)
        )
        if random.random() < 0.25:
            self.cancelling.add(asyncio.create_task(self._cancel(run, version)))

    def outside_registry(self) -> Any:
        """The registry as it is written from outside."""
        return type(self.log)(self.outside, subjects.REGISTRY)

    async def _cancel(self, run: subjects.RunKey, version: str) -> None:
        """Somebody ends the run: before it begins, or while it goes on."""
        await asyncio.sleep(self.random.random() * 8)
        self.limited[run.run_id].told_to_end = True
        wish = Event.of(CancelRequested(request_id="req_sim", reason="simulated"))
        fact = Append(
            run.fact(subjects.cancel_fact("req_sim")),
            encode(self._envelope(run.run_id, version, wish)),
            expect=0,
        )
        with contextlib.suppress(ConflictError, WeirError):
            await self.log.append(fact)

    async def judge(self) -> list[str]:
        """Everything that does not hold."""
        broken = list(self.broken)
        spans: dict[str, list[tuple[int, int]]] = {}
        for run_id, limited in self.limited.items():
            state = (await self.replay(run_id)).state
            if state is None or state.status not in ENDED:
                broken.append(f"{run_id} has not ended: {state.status if state else 'nothing'}")
                continue
            allowed = ENDS[limited.policy]
            if state.status not in allowed:
                reason = state.error.message if state.error else ""
                broken.append(f"{run_id} {state.status} under {limited.policy}: {reason}")
            meant = limited.policy == "queue" and not limited.told_to_end
            if meant and state.status != "succeeded":
                broken.append(f"{run_id} was to be queued and {state.status}")
            span = await self._span(run_id, broken)
            if span is not None and limited.policy != "debounce":
                spans.setdefault(limited.key, []).append(span)
        for key, of_key in spans.items():
            limit = self.keys[key][1]
            most = max(sum(a <= at < b for a, b in of_key) for at, _ in of_key)
            if most > limit:
                broken.append(f"{most} runs of {key} went on at once, not {limit}")
        for batch in [b async for b in self.log.read(subjects.EVERY_LIMIT)]:
            broken += [f"left of a limit: {m.subject}" for m in batch]
        return broken

    async def _span(self, run_id: str, broken: list[str]) -> tuple[int, int] | None:
        """From the grant to the end, in sequences; no task may lie outside."""
        granted = ended = 0
        counts: Counter[str] = Counter()
        messages = await self.messages(run_id)
        for message in messages:
            _, kind, _ = subjects.parse_run(message.subject)
            if kind not in subjects.FOLDED:
                continue
            for event in decode(message.data).events:
                match event.kind:
                    case SlotAwaited():
                        counts["awaited"] += 1
                    case SlotAnswered(verdict=verdict) if verdict == "granted":
                        granted = granted or message.seq
                    case RunSucceeded() | RunFailed() | RunCancelled():
                        ended = message.seq
                    case TaskScheduled() if not granted:
                        broken.append(f"{run_id} began without a slot")
        if counts["awaited"] > 1:
            broken.append(f"{run_id} waited {counts['awaited']} times for one limit")
        return (granted, ended) if granted else None


def _program(key: str, policy: str, limit: int, priority: str, seconds: float) -> Program:
    node = {
        "type_version": 1,
        "ports": ["out"],
        "secret_fields": [],
        "join": "all",
        "retry": {"max_attempts": 1},
        "timeout_ms": 60_000.0,
        "queue": "default",
        "on_error": "fail",
        "disabled": False,
    }
    settings: dict[str, Any] = {"priority": priority}
    if policy == "debounce":
        settings["debounce"] = {"key": "{{ input.key }}", "for_ms": 2_000.0}
    else:
        settings["concurrency"] = {"key": "{{ input.key }}", "limit": limit, "policy": policy}
    config = {"task": "work", "input": "{{ input.n }}"}
    frozen = {
        "schema": "weir/frozen/v1",
        "name": "limited",
        "vars": {},
        "output": None,
        "settings": settings,
        "nodes": [
            {**node, "id": "start", "type": "manual", "kind": "trigger", "config": {}},
            {**node, "id": "work", "type": "task", "kind": "task", "config": config},
        ],
        "edges": [{"source": "start", "port": "out", "target": "work"}],
    }
    script = Script(failures=0, fatal=False, seconds=seconds)
    return Program(frozen, {"work": script}, {"n": 1, "key": key})
