"""One ownership of a shard, from its lease to the loss of it: what all who work for it share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from weir.runtime.broker_time import BrokerTime
from weir.runtime.decider.fence import Fence


class Lease:
    """`failed` gets why it ended, if it did not end in peace."""

    def __init__(self, fence: Fence, time: BrokerTime, failed: asyncio.Future[None]) -> None:
        self.fence = fence
        self.time = time
        self.held = True  # False once nothing may be appended any more
        self._failed = failed
        self._side: set[asyncio.Task[None]] = set()

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that ends with this lease; if it fails, so does the ownership."""
        task = asyncio.create_task(work)
        self._side.add(task)
        task.add_done_callback(self._ended)

    def fail(self, error: BaseException) -> None:
        """End this ownership."""
        self.held = False
        if not self._failed.done():
            self._failed.set_exception(error)

    async def stop(self) -> None:
        """End whatever goes on beside."""
        self.held = False
        for task in self._side:
            task.cancel()
        await asyncio.gather(*self._side, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._side.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail(error)  # the scheduler tells a defect from bad weather
