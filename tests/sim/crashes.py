"""A run that is undone, with one process of it dying at one exact message.

The same world is played again and again: once whole, to count the messages that
its schedulers and executors store, then once for each of them, with the process
that is about to store it, or has just stored it and not heard so, gone for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import NoReturn

from tests.sim.faults import FaultyLog
from tests.sim.nested import Act, Tree
from tests.sim.processes import task_factory
from tests.sim.programs import Program, written
from tests.sim.scripts import Script
from tests.sim.world import World
from weir.adapters.memory.broker import Connection
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects
from weir.ports.log import Append

OUTER, INNER = ("n0", "n1"), ("n2", "n3", "n4", "n5", "n6", "n7")
UNDONE = [*(f"saga/{name}_undo" for name in reversed(INNER)), "n1_undo", "n0_undo"]
FLAKY = UNDONE[2]  # fails once
PROCESSES = ("scheduler a", "scheduler b", "executor a", "executor b")


def saga() -> Tree:
    """Two steps, then six in a scope that fails; one of the undo steps is tried twice."""
    retry = {"max_attempts": 1, "initial_ms": 100.0, "factor": 2.0, "max_ms": 1_000.0, "jitter": 0}

    def task(name: str, undo: Script | None, *, fatal: bool = False) -> Act:
        config, extra = {"task": "work", "input": "{{ input.n }}"}, {"retry": retry}
        return Act("task", name, config, Script(0, fatal, 0.01), undo, extra)

    inner = [task(name, Script(f"saga/{name}_undo" == FLAKY, False, 0.01)) for name in INNER]
    outer = [task(name, Script(0, False, 0.01)) for name in OUTER]
    scope = Act("scope", "saga", sections={"body": ((*inner, task("stop", None, fatal=True)),)})
    return Tree(((*outer, scope),))


@dataclass
class Death:
    """Which message, counted from the first, and whether it is stored before the process goes."""

    at: int
    stored: bool


@dataclass
class Crashing(World):
    """One run, no faults but one death."""

    death: Death | None = None
    points: list[bytes] = field(default_factory=list)  # what processes stored, each time
    dying: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.faults.calm = True

    def first_undo(self) -> int:
        """The number of the first message of the compensation."""
        return next(at for at, data in enumerate(self.points) if b"compensation_started" in data)

    def undone_outside(self) -> list[tuple[str, int]]:
        """The undo steps and their attempts as the outside saw them."""
        return [(e.step, e.attempt) for e in self.effects if e.step.endswith("_undo")]

    def over(self, data: bytes) -> Death | None:
        """The death that comes with this message."""
        self.points.append(data)
        found = self.death
        return found if found is not None and found.at == len(self.points) - 1 else None

    async def end(self, name: str) -> NoReturn:
        """The end of this process; what called this goes with it."""
        self.dying.add(asyncio.create_task(self.die(name), context=Context()))
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def die(self, name: str) -> None:
        """Without a word, and for a while."""
        self.kills[name] += 1
        await self.processes.pop(name).kill()
        await asyncio.sleep(3)
        await self._ensure(name)

    def _make(self, _: int) -> Program:
        return written(saga(), {"n": 7})

    def _link(self, name: str, connection: Connection) -> FaultyLog:
        return _Deadly(MemoryLog(connection, subjects.RUNS), self, name)

    async def _play(self) -> None:
        asyncio.get_running_loop().set_task_factory(task_factory)
        for name in PROCESSES:
            await self._ensure(name)
        await self._start_run(0)
        async with asyncio.timeout(600):
            await self._all_ended()
        await asyncio.sleep(30)  # nothing comes after the end
        for process in list(self.processes.values()):
            await process.kill()


class _Deadly(FaultyLog):
    """A log whose process may die over what it stores of runs."""

    def __init__(self, inner: MemoryLog, world: Crashing, name: str) -> None:
        super().__init__(inner, world.faults)
        self._world = world
        self._name = name

    async def _store(self, append: Append) -> int | Exception:
        ours = append.subject.startswith("run.")
        death = self._world.over(append.data) if ours else None
        if death is None or death.stored:
            result = await super()._store(append)
        return result if death is None else await self._world.end(self._name)

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """All or none, and perhaps nothing after it."""
        death = self._world.over(b"".join(append.data for append in appends))
        if death is None or death.stored:
            results = await super().append_atomic(appends)
        return results if death is None else await self._world.end(self._name)
