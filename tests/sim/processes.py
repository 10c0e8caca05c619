"""Processes of a simulated world: whatever runs in one dies with it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any

from tests.sim.faults import FaultyLog
from weir.adapters.memory.broker import Connection

_process: ContextVar[Process | None] = ContextVar("process", default=None)


@dataclass
class Process:
    """One scheduler or executor with its link to the broker; dies whole."""

    name: str
    connection: Connection
    log: FaultyLog
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something in this process: whatever it starts dies with it."""
        context = copy_context()
        context.run(_process.set, self)
        return asyncio.create_task(work, context=context)

    async def kill(self) -> None:
        """Without a word: its link is cut, its tasks are gone."""
        self.connection.close()
        while self.tasks:
            tasks = list(self.tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


def task_factory(
    loop: asyncio.AbstractEventLoop, work: Any, context: Context | None = None
) -> asyncio.Task[Any]:
    """Every task belongs to the process in whose context it was made."""
    task = asyncio.Task(work, loop=loop, context=context)
    process = context.get(_process) if context is not None else _process.get()
    if process is not None:
        process.tasks.add(task)
        task.add_done_callback(process.tasks.discard)
    return task
