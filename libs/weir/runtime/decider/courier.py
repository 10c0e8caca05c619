"""Facts that an owner tells to others, once its own log says so (log-protocol P6).

A fact that is there already counts as told. What cannot be told now is told
later, for as long as the lease lasts; whoever owns the shard next finds out from
the log what was not. Facts go out together, pipelined.
"""

from __future__ import annotations

import asyncio
from collections import deque

from weir.contract.errors import ConflictError
from weir.ports.log import Append, Log

RETRY_S = 1.0
AT_ONCE = 200


class Courier:
    """Carries the facts of one shard under one lease. `run` it aside."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: deque[Append] = deque()
        self._some = asyncio.Event()

    def tell(self, append: Append) -> None:
        """Have this stored."""
        self._waiting.append(append)
        self._some.set()

    @property
    def idle(self) -> bool:
        """Whether all that was to be told is stored."""
        return not self._some.is_set()

    async def run(self) -> None:
        """Carry until cancelled."""
        while True:
            await self._some.wait()
            part = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            results = await self._log.append_all(part)
            left = [
                append
                for append, result in zip(part, results, strict=True)
                if isinstance(result, Exception) and not isinstance(result, ConflictError)
            ]
            self._waiting.extend(left)
            if not self._waiting:
                self._some.clear()
            elif left:
                await asyncio.sleep(RETRY_S)
