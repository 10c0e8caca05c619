"""What a run costs in messages, counted on the services themselves.

A run costs its start and its end, a remote step its task and its result, an
inline step nothing but a share of a message that is written anyway, a timer
its record and its schedule. Time is virtual, so an hour's delay costs none.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

import services.executor.service as executor
from services.scheduler.service import build as build_scheduler
from services.trigger.intake import Intake
from services.trigger.starts import Start, Starts
from tests.http_house import TENANT, memory_platform
from tests.sim import virtual_loop
from tests.unit.contract.spied import Spied
from tests.unit.core.played import frozen, node, task
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.contract import codec, ids, subjects
from weir.contract.messages import IdentityRecord, RegistryRecord, WorkflowPublished
from weir.ports.log import Append
from weir.ports.node_context import Retryable
from weir.runtime.plans import Plan
from weir.runtime.platform import Platform
from weir.runtime.policy import Guard
from weir.runtime.quotas import DailyRuns, Quotas
from weir.runtime.records import Records
from weir.runtime.shared_rates import SharedRates

Program = dict[str, Any]
RETRY = {"max_attempts": 2, "initial_ms": 5_000.0, "factor": 2.0, "max_ms": 60_000.0, "jitter": 0.0}


def plain(name: str) -> dict[str, Any]:
    """A step that the owner evaluates."""
    return node(name, "set", {"values": {"name": name}})


def inline(count: int) -> Program:
    """Steps that the owner evaluates, one after the other."""
    names = [f"s{n}" for n in range(count)]
    return frozen(
        [node("start", "manual"), *map(plain, names)],
        ["start>s0", *(f"{a}>{b}" for a, b in pairwise(names))],
    )


def remote(count: int, config: Any = None, **more: Any) -> Program:
    """Remote steps one after the other, with inline ones between them."""
    names = [name for n in range(count) for name in (f"s{n}", f"r{n}")]
    nodes = [
        node(name, "task", config, **more) if name[0] == "r" else plain(name) for name in names
    ]
    return frozen(
        [node("start", "manual"), *nodes],
        ["start>s0", *(f"{a}>{b}" for a, b in pairwise(names))],
    )


def fan_out(count: int) -> Program:
    """Remote steps side by side, behind an inline one and before another."""
    names = [f"r{n}" for n in range(count)]
    return frozen(
        [node("start", "manual"), plain("s"), *map(task, names), node("end", "merge")],
        ["start>s", *(f"s>{name}" for name in names), *(f"{name}>end" for name in names)],
    )


DELAY = frozen(
    [node("start", "manual"), node("wait", "delay", {"duration": "10m"}), plain("s")],
    ["start>wait", "wait>s"],
)

BUDGET: dict[str, tuple[Program, dict[str, int]]] = {
    "an inline step": (inline(1), {"start": 1, "ev": 1}),
    "many inline steps": (inline(40), {"start": 1, "ev": 1}),
    "a remote step": (remote(1), {"start": 1, "task": 1, "result": 1, "ev": 1}),
    "remote steps in a row": (remote(5), {"start": 1, "task": 5, "result": 5, "ev": 1}),
    # Outcomes that several tasks rest on go first, in one message of their own.
    "a fan-out": (fan_out(6), {"start": 1, "task": 6, "result": 6, "ev": 2}),
    "a timer": (DELAY, {"start": 1, "timer": 1, "ev": 2}),
    "another attempt": (
        remote(1, {"fail": True}, retry=RETRY),
        {"start": 1, "task": 2, "result": 2, "timer": 1, "ev": 2},
    ),
}


class Work:
    """The remote step: takes a moment, fails as often as it is told."""

    secret_fields: frozenset[str] = frozenset()

    async def execute(self, config: Any, ctx: Any) -> Any:
        """End as told."""
        await asyncio.sleep(0.1)
        if config.get("fail") and ctx.attempt == 1:
            raise Retryable("as told", code="FLAKY")
        return {"fine": True}

    async def close(self) -> None:
        """Nothing is held."""


class NoEvaluator:
    """Nothing here is too heavy for the owner."""

    async def evaluate(self, evaluation: Any) -> Any:
        """Never asked."""
        raise AssertionError(evaluation)

    async def close(self) -> None:
        """Nothing is held."""


async def messages(program: Program, runs: int) -> Counter[str]:
    """How many messages the services wrote while so many runs went to their ends, by class."""
    clock = LoopClock()
    broker, spied = Broker(clock), Spied()
    shared = dataclasses.replace(
        memory_platform(broker.connect(), executor_capacity=400), clock=clock
    )
    built = [
        build_scheduler(spied.platform("scheduler", broker, shared)),
        executor.build(spied.platform("executor", broker, shared), NoEvaluator()),
    ]
    for service in built:
        await service.start()
    await asyncio.sleep(2)  # the scheduler has heard how much the executor takes
    version = await publish(shared, program)
    plan = Plan("wf_a", version, {"start": "manual"}, {}, {}, {}, {}, None)
    trigger = spied.platform("trigger", broker, shared)
    starts = Starts(
        Guard(trigger.identity, trigger.registry, clock),
        trigger.runs,
        Intake(trigger.runs, atomic_from=None),
        trigger.blobs,
        clock,
        {},
        shared.settings.shards,
        DailyRuns(
            SharedRates(trigger.rates), Quotas(Records(trigger.identity, IdentityRecord), {}), clock
        ),
    )
    start = Start(TENANT, plan, "start", "manual", {}, {}, "key_a", "key_a")
    started = await asyncio.gather(*(starts.start(start, starts.key(start)) for _ in range(runs)))
    async with asyncio.timeout(7_200):
        for one in started:
            while not await succeeded(shared, one.key):  # noqa: ASYNC110 - virtual seconds
                await asyncio.sleep(1)
    await asyncio.sleep(600)  # whatever would come after the end
    for service in built:
        await service.stop()
    return Counter(
        class_of(append.subject)
        for _, append in spied.appends
        if append.subject.startswith("run.")  # neither leases nor the lines of steps
    )


async def publish(platform: Platform, program: Program) -> str:
    """The program as a version."""
    version = ids.derived("ver", codec.canonical(program).decode())
    made = WorkflowPublished(workflow_id="wf_a", version=version, number=1, frozen=program)
    record = RegistryRecord.of(made, id="rec_a", tenant=TENANT)
    subject = subjects.version(TENANT, version)
    await platform.registry.append(Append(subject, codec.encode(record)))
    return version


async def succeeded(platform: Platform, key: subjects.RunKey) -> bool:
    """Whether the run's last decision says so."""
    last = await platform.runs.last(key.events)
    return last is not None and codec.decode(last.data).events[-1].run_succeeded is not None


def class_of(subject: str) -> str:
    """`ev`, `task`, `timer`; for a fact its name."""
    _, kind, rest = subjects.parse_run(subject)
    return rest.split(".")[0] if kind == "in" else kind


@pytest.mark.parametrize("runs", [1, 25])
@pytest.mark.parametrize("name", BUDGET)
def test_a_run_costs_no_more_than_its_budget(
    name: str, runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exactly these messages, for one run and for many at once."""
    monkeypatch.setattr(executor, "task_nodes", lambda: {"task": Work()})
    program, budget = BUDGET[name]
    counted = virtual_loop.run(messages(program, runs))
    assert counted == {kind: count * runs for kind, count in budget.items()}
