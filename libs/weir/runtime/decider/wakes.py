"""When what must be looked at again: the backstop behind the broker's schedules (P13).

A heap with one timer of the event loop at its head. Entries of runs that have
ended stay in it until their time, or until they outnumber those of use.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Generic, TypeVar

from weir.contract.subjects import RunKey, ScheduleKey
from weir.ports.clock import Clock

STALE = 1_000  # entries of no more use that are kept at most, beside as many as are of use
LONGEST_S = 60.0  # the loop's timer is set anew at least this often: clocks are corrected


K = TypeVar("K", bound=RunKey | ScheduleKey)


class Wakes(Generic[K]):
    """The wakes of one shard. `ring(key)` is called for each when it is due."""

    def __init__(
        self, clock: Clock, ring: Callable[[K], None], of_use: Callable[[int, K], bool]
    ) -> None:
        self._clock = clock
        self._ring = ring
        self._of_use = of_use
        self._heap: list[tuple[int, K]] = []
        self._kept = STALE
        self._timer: asyncio.TimerHandle | None = None

    def add(self, due_ms: int, key: K) -> None:
        """Look at this one at that time."""
        heapq.heappush(self._heap, (due_ms, key))
        if len(self._heap) > self._kept:
            self._heap = [wake for wake in self._heap if self._of_use(*wake)]
            heapq.heapify(self._heap)
            self._kept = 2 * len(self._heap) + STALE
        if self._heap and self._heap[0][0] == due_ms:
            self._set()

    def earliest(self) -> dict[K, int]:
        """When each is due next."""
        return {key: due_ms for due_ms, key in sorted(self._heap, reverse=True)}

    def stop(self) -> None:
        """Ring no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self) -> None:
        self.stop()
        if self._heap:
            pause = max(0.0, (self._heap[0][0] - self._clock.now_ms()) / 1000)
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(pause, LONGEST_S), self._due)

    def _due(self) -> None:
        now = self._clock.now_ms()
        while self._heap and self._heap[0][0] <= now:
            self._ring(heapq.heappop(self._heap)[1])
        self._set()
