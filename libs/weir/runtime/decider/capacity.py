"""What executors can take, as they say it themselves on a core subject.

Only speed and fairness depend on it: what is lost or forged lets out too few
tasks, or too many, for a moment.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import orjson

from weir.contract import subjects
from weir.ports.live import Listening, Live

SILENT_S = 5.0


@dataclass(slots=True)
class _Executor:
    heard: float
    queues: frozenset[str]
    capacity: int


class Capacity:
    """The living executors as this process hears them."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._executors: dict[str, _Executor] = {}
        self._listening: Listening | None = None

    async def join(self) -> None:
        """Listen."""
        self._listening = await self._live.listen(subjects.beat("executor"), self._hear)

    async def leave(self) -> None:
        """Listen no more."""
        if self._listening is not None:
            await self._listening.close()

    def of(self, queue: str) -> int:
        """How many tasks of a queue all executors run at once; 0 if none is heard."""
        since = asyncio.get_running_loop().time() - SILENT_S
        return sum(
            executor.capacity
            for executor in self._executors.values()
            if queue in executor.queues and executor.heard >= since
        )

    def _hear(self, subject: str, data: bytes) -> None:
        del subject
        said = orjson.loads(data)
        now = asyncio.get_running_loop().time()
        executor = _Executor(now, frozenset(said["queues"]), int(said["capacity"]))
        self._executors[said["id"]] = executor
        gone = [n for n, one in self._executors.items() if now - one.heard > 10 * SILENT_S]
        for name in gone:
            del self._executors[name]
