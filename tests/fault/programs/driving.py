"""Runs programs, many at once, and does to them what they wait for, whoever is dead meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.fault.cluster import leader
from tests.fault.house import NATS, EndedError, House
from tests.fault.programs.making import Code, Maker
from tests.fault.programs.model import Expected, expected
from tests.fault.programs.writing import Writer
from weir.client import ApiError
from weir.contract.errors import PlatformUnreachableError

LEAVES, CALLERS = 6, 3
PATIENCE_S = 900.0  # a busy machine starts a killed process slowly, and the next is killed by then
AGAIN_S = 0.3
STARTS = 5
_OVER = frozenset({"RUN_ENDED", "RUN_PURGED"})
_ENDS = re.compile(rb'"run_(?:succeeded|failed|cancelled)"')
_NEW = frozenset({"WORKFLOW_NOT_FOUND", "WORKFLOW_NOT_PUBLISHED", "VERSION_NOT_FOUND"})
_BEATEN = ("scheduler-1", "scheduler-2", "executor", "trigger", "registry", "query")


@dataclass(slots=True)
class Played:
    """A program that ran, or is stuck."""

    seed: int
    run_id: str
    expected: Expected
    ended: bool = False


class Ends:
    """Ends of runs, as the log has them."""

    def __init__(self, house: House) -> None:
        self._following = house.log.follow("run.*.*.*.ev")
        self._ended: dict[str, asyncio.Event] = {}
        self._task = asyncio.create_task(self._listen())

    def of(self, run_id: str) -> asyncio.Event:
        """Set when the run has ended."""
        return self._ended.setdefault(run_id, asyncio.Event())

    async def close(self) -> None:
        """Listen no more."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self._following.close()

    async def _listen(self) -> None:
        async for batch in self._following:
            for message in batch:
                if _ENDS.search(message.data):
                    self.of(message.subject.split(".")[3]).set()


class Driver:
    """Publishes and runs programs; each follows from its seed and the library's."""

    def __init__(self, house: House, seed: int) -> None:
        self._house = house
        random = Random(seed)
        leaves = [Maker(random, budget=6, child=True).code() for _ in range(LEAVES)]
        callers = [
            Maker(random, budget=6, library=LEAVES, child=True).code() for _ in range(CALLERS)
        ]
        self.library: Sequence[Code] = [*leaves, *callers]
        self._children: list[str] = []
        self._ends = Ends(house)

    async def open(self) -> None:
        """Publish what the programs call."""
        for number, code in enumerate(self.library):
            workflow = await self._publish(code, f"library-{number}")
            self._children.append(workflow)

    async def close(self) -> None:
        """Listen no more."""
        await self._ends.close()

    async def play(self, seed: int) -> Played:
        """Publish a program, run it, and see to it until it has ended."""
        random = Random(seed)
        code = Maker(random, budget=14, library=len(self.library)).code()
        n = random.randrange(1000)
        end = expected(code, n, self.library)
        workflow = await self._publish(code, f"definition-{seed}")
        path = f"/api/v1/workflows/{workflow}/runs"
        told = await self._told("trigger", path, {"input": {"n": n}}, f"program-{seed}")
        played = Played(seed, told["run_id"], end)
        payloads = {act.name: {"v": act.given["k"]} for act in code.acts() if act.kind == "signal"}
        work = [asyncio.create_task(self._signals(played.run_id, end, payloads, random))]
        if end.parked:
            work.append(asyncio.create_task(self._cancel(played)))
        elif random.random() < 0.1:
            work.append(asyncio.create_task(self._pause(played.run_id, random.random() * 2)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await self._ends.of(played.run_id).wait()
            played.ended = True
        for each in work:
            each.cancel()
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
        return played

    async def _signals(
        self, run_id: str, end: Expected, payloads: Mapping[str, Any], random: Random
    ) -> None:
        path = f"/api/v1/runs/{run_id}/signals"
        for name, count in end.signals.items():
            for number in range(count):
                await asyncio.sleep(random.choice((0.0, 0.0, 0.5, 2.0)))
                body = {"name": name, "payload": payloads[name], "id": f"{name}-{number}"}
                for _ in range(random.choice((1, 1, 2))):
                    await self._told("trigger", path, body)

    async def _cancel(self, played: Played) -> None:
        await self._house.outside.effects.until(f"{played.run_id}/{played.expected.parked}")
        body = {"reason": "as the program says"}
        await self._told("trigger", f"/api/v1/runs/{played.run_id}/cancel", body, "cancel")

    async def _pause(self, run_id: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self._told("trigger", f"/api/v1/runs/{run_id}/pause", {"reason": "tea"}, "pause")
        await asyncio.sleep(1.0)
        await self._told("trigger", f"/api/v1/runs/{run_id}/resume", {}, "resume")

    async def _publish(self, code: Code, name: str) -> str:
        writer = Writer(self._house.outside.url, self._children)
        definition = writer.definition(code, name)
        made = await self._told("registry", "/api/v1/workflows", definition, name)
        path = f"/api/v1/workflows/{made['id']}/versions"
        await self._told("registry", path, None, f"publish-{name}")
        return str(made["id"])

    async def _told(self, process: str, path: str, body: Any, key: str = "") -> Any:
        """A request that is sent again until it is answered; {} if the run has ended."""
        headers = {**self._house.authorised, **({"Idempotency-Key": key} if key else {})}
        while True:
            try:
                answer = await self._house.client(process).ask(
                    "POST", path, body=body, headers=headers
                )
            except PlatformUnreachableError:
                pass
            except ApiError as error:
                if error.code in _OVER:
                    return {}
                # Just published: the trigger has not heard of it yet.
                if error.status < 500 and error.code not in _NEW:
                    raise
            else:
                return answer.body
            await asyncio.sleep(AGAIN_S)


class Killer:
    """kill -9 of a process at random every so often, and of NATS, or its leader, more rarely."""

    def __init__(self, house: House, random: Random, every_s: float, nats_every_s: float) -> None:
        self._house = house
        self._random = random
        self._every_s = every_s
        self._nats_every_s = nats_every_s
        self.killed: list[str] = []
        self._resting = asyncio.Event()
        self._due: dict[float, float] = {}  # how often something comes, and when it is due

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Kill while the block lasts; afterwards everything is ready again."""
        self._resting.clear()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._processes())
            group.create_task(self._nats())
            try:
                yield
            finally:
                self._resting.set()

    async def once(self, name: str) -> None:
        """Kill it and start it again; as a supervisor does, if it ends because another is dead."""
        self.killed.append(name)
        await self._house.kill(name)
        for _ in range(STARTS):
            with contextlib.suppress(EndedError):
                await self._house.start(name)
                return
        await self._house.start(name)

    async def _processes(self) -> None:
        async for _ in self._beats(self._every_s):
            await self.once(self._random.choice(_BEATEN))

    async def _nats(self) -> None:
        async for _ in self._beats(self._nats_every_s):
            cluster = self._house.cluster
            await self.once(NATS if cluster is None else await leader(self._house.link))

    async def _beats(self, every_s: float) -> AsyncIterator[None]:
        """At regular times, whatever lies between the blocks, until the block is over."""
        loop = asyncio.get_running_loop()
        due = self._due.setdefault(every_s, loop.time() + every_s)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._resting.wait()
            if self._resting.is_set():
                return
            yield
            due = self._due[every_s] = max(due + every_s, loop.time() + 1)
