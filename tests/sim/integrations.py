"""Worlds in which all tasks call one provider, whose rate they share and that is down for a while.

What must hold whatever happens: a call has a permit of its own whose time has
come, and no more of them come in any length of time than the rate lets through
in that and in the second that a call may be late; while the breaker is open
nobody calls, and while it is half open only as many as it lets through; every
run succeeds; and in the end nothing of the provider is left in the log.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

from tests.sim.programs import Program
from tests.sim.scripts import Script
from tests.sim.work import Work
from tests.sim.world import SHARDS, World
from weir.adapters.memory.clock import LoopClock
from weir.contract import subjects, times
from weir.contract.messages import IntegrationStood, LimitMessage
from weir.core import breaker
from weir.ports.log import Log
from weir.ports.node_context import NodeContext, Retryable
from weir.runtime.decider import limits
from weir.runtime.worker_attempt import Runner
from weir.runtime.worker_context import Host
from weir.runtime.worker_integrations import Integrations

HOUR_MS = 3_600_000
DOWN_MS = 40_000
OPEN_MS = 10_000
STALE_MS = 4_000  # what a worker has read is at most so old when it calls
LATEST_MS = 2_000  # and a call comes at most so long after its permit was due
FORGOTTEN_MS = 20_000
WIDTH = 3  # calls of a run at once


class Call(NamedTuple):
    """One call that the provider got."""

    run_id: str
    at_ms: int


class Provider(Work):
    """What all tasks call."""

    def __init__(self, world: IntegrationsWorld) -> None:
        super().__init__(world)
        self._on = world

    async def execute(self, config: Any, ctx: NodeContext) -> Any:
        """Answer, or fail while it is down."""
        now = self._on.clock.now_ms()
        self._on.calls.append(Call(ctx.run_id, now))
        if self._on.is_down(now):
            raise Retryable("down", code="HTTP_503")
        return await super().execute(config, ctx)


@dataclass
class IntegrationsWorld(World):
    """A world of runs that call one provider."""

    runs: int = 8
    calls: list[Call] = field(default_factory=list)
    said: list[tuple[int, IntegrationStood]] = field(default_factory=list)  # with their times

    def __post_init__(self) -> None:
        super().__post_init__()
        self.loose = False
        random = Random(self.seed + 2)
        self.limit, self.per_ms = random.choice(((2, 1_000), (10, 10_000), (100, 5_000)))
        self.down_at = random.randrange(20_000)
        self.goes_down = random.random() < 0.7
        self.has_rate = not self.goes_down or random.random() < 0.5
        self.skews = {name: random.choice((0, -HOUR_MS, HOUR_MS)) for name in "ab"}

    def is_down(self, at_ms: int) -> bool:
        """Whether calls fail at this time."""
        since = at_ms - LoopClock().now_ms() + int(asyncio.get_running_loop().time() * 1000)
        return self.goes_down and 0 <= since - self.down_at < DOWN_MS

    async def _play(self) -> None:
        listening = asyncio.create_task(self._listen())
        with (
            patch.object(limits, "IDLE_S", 5.0),
            patch.object(breaker, "FORGOTTEN_MS", FORGOTTEN_MS),
        ):
            await super()._play()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    async def _all_ended(self) -> None:
        await super()._all_ended()
        await asyncio.sleep(3 * FORGOTTEN_MS / 1000)

    async def _archive(self) -> None:
        """Nothing: what ends stays."""

    async def _segment(self) -> None:
        """Nothing: other worlds see to it."""

    async def _listen(self) -> None:
        async for batch in self.log.follow(subjects.EVERY_LIMIT):
            for message in batch:
                said = LimitMessage.model_validate_json(message.data).events[-1].integration_stood
                if said is not None:
                    self.said.append((message.at_ms, said))

    def _make(self, _: int) -> Program:
        bears: dict[str, Any] = {}
        if self.has_rate:
            bears["rate"] = {"limit": self.limit, "per_ms": float(self.per_ms)}
        if self.goes_down:
            bears["breaker"] = {"failures": 3, "within_ms": 30_000.0, "open_ms": float(OPEN_MS)}
        return _program(bears)

    def _runner(self, host: Host, log: Log, name: str) -> Runner:
        clock = LoopClock(self.seed * 1000 + self.generation)
        clock.skew_ms = self.skews[name[-1]]
        calls = Integrations(log, clock, name, SHARDS)
        return Runner(host, {"task": Provider(self)}, None, name, calls)  # type: ignore[arg-type, dict-item]

    # -- what must hold --

    async def judge(self) -> list[str]:
        """Everything that does not hold."""
        broken = [*self.broken]
        for run_id in self.programs:
            state = (await self.replay(run_id)).state
            if state is None or state.status != "succeeded":
                broken.append(f"{run_id} is {state and (state.status, state.error)}")
        broken += self._wrong_rate() if self.has_rate and not self.goes_down else ()
        broken += self._wrong_breaker()
        for batch in [b async for b in self.log.read(subjects.EVERY_LIMIT)]:
            broken += [f"left of a limit: {m.subject}" for m in batch]
        return broken

    def _wrong_rate(self) -> Iterator[str]:
        blocks = {(one.worker, one.number): one for _, said in self.said for one in said.blocks}
        permits = sorted(
            times.to_ms(one.from_at) + place * one.spread_ms / one.count
            for one in blocks.values()
            for place in range(one.count)
        )
        gap = self.per_ms / self.limit
        if any(later - one < gap - 1 for one, later in pairwise(permits)):
            yield "permits come too close"
        came = sorted(call.at_ms for call in self.calls)
        if len(came) > len(permits):
            yield f"{len(came)} calls with {len(permits)} permits"
        if any(call < permit - 1 for call, permit in zip(came, permits, strict=False)):
            yield "a call came before its permit was due"
        allowed = self.limit + LATEST_MS / gap + 1
        within = (bisect_left(came, at + self.per_ms) - place for place, at in enumerate(came))
        most = max(within, default=0)
        if most > allowed:
            yield f"{most} calls in {self.per_ms} ms, not {allowed}"

    def _wrong_breaker(self) -> Iterator[str]:
        opened_ms = until_ms = probes = 0
        granted: set[tuple[str, int]] = set()
        for at_ms, said in self.said:
            if said.state == "closed" or (said.until_at and times.to_ms(said.until_at) != until_ms):
                if opened_ms:
                    known_ms = min(opened_ms + STALE_MS, at_ms)
                    early = [c for c in self.calls if known_ms <= c.at_ms < min(until_ms, at_ms)]
                    if early:
                        yield f"{len(early)} calls while the breaker was open"
                    tried = [c for c in self.calls if known_ms <= c.at_ms < at_ms]
                    if len(tried) > probes:
                        yield f"{len(tried)} calls with {probes} probes"
                probes = 0
                opened_ms = at_ms if said.state != "closed" else 0
                until_ms = times.to_ms(said.until_at) if said.until_at else 0
            for one in said.blocks:
                if said.state == "half_open" and (one.worker, one.number) not in granted:
                    probes += one.count
                granted.add((one.worker, one.number))


def _program(bears: dict[str, Any]) -> Program:
    node = {
        "type_version": 1,
        "ports": ["out"],
        "secret_fields": [],
        "join": "all",
        "timeout_ms": 60_000.0,
        "queue": "default",
        "on_error": "fail",
        "disabled": False,
    }
    retry = {"max_attempts": 20, "initial_ms": 500.0, "factor": 1.0, "max_ms": 500.0, "jitter": 0.0}
    config = {"task": "work", "input": "{{ input.n }}"}
    names = [f"work{number}" for number in range(WIDTH)]
    frozen = {
        "schema": "weir/frozen/v1",
        "name": "bound",
        "vars": {},
        "output": None,
        "settings": {"integrations": {"work": bears}},
        "nodes": [
            {**node, "id": "start", "type": "manual", "kind": "trigger", "config": {}, "retry": {}},
            *(
                {
                    **node,
                    "id": name,
                    "type": "task",
                    "kind": "task",
                    "config": config,
                    "retry": retry,
                }
                for name in names
            ),
        ],
        "edges": [{"source": "start", "port": "out", "target": name} for name in names],
    }
    return Program(frozen, {name: Script(0, False, 0.05) for name in names}, {"n": 1})
