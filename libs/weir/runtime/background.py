"""The tasks that a service runs between its start and its stop.

A task of a service is not allowed to die alone: the first that ends by an
exception ends the process, which then starts again from what is stored. So a
half-dead service never looks alive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """Owns tasks. `crashed` has the first exception that one of them ended by."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._crashed: asyncio.Future[BaseException] | None = None

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run this until it ends or `stop` cancels it."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    @property
    def crashed(self) -> asyncio.Future[BaseException]:
        """Resolves with the exception of the first task that failed."""
        if self._crashed is None:
            self._crashed = asyncio.get_running_loop().create_future()
        return self._crashed

    async def stop(self) -> None:
        """Cancel what still runs and wait for its end."""
        while self._tasks:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self.crashed.done():
            error.add_note(f"in the background task {task.get_name()!r}")
            self.crashed.set_result(error)
