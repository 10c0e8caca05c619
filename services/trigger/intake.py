"""Start facts on their way into the log: what arrives together goes out together.

While one batch is under way the next gathers, so an idle process adds nothing
to a start's time and a busy one pays for one round trip per batch. The queue
is bounded: beyond it a start is refused at once, and nothing of it is stored.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from weir.contract.errors import OutcomeUnknownError, OverloadedError, WeirError
from weir.ports.log import Append, Log

ROOM = 5_000
BATCH = 200

_Waiting = tuple[Append, asyncio.Future[int]]


class Intake:
    """Appends in batches; from `atomic_from` on one is a single write of the broker."""

    def __init__(self, log: Log, *, atomic_from: int | None, room: int = ROOM) -> None:
        self._log = log
        self._atomic_from = atomic_from
        self._room = room
        self._waiting: deque[_Waiting] = deque()
        self._flushing: asyncio.Task[None] | None = None

    async def append(self, append: Append) -> int:
        """Store it and return its sequence.

        Raises as `Log.append`, and OverloadedError when too many wait.
        """
        if len(self._waiting) >= self._room:
            raise OverloadedError(
                f"{self._room} starts wait to be stored and this one was not taken: "
                "send it again in a moment."
            )
        stored: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, stored))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), name="store starts")
        return await stored

    async def close(self) -> None:
        """Wait until what was taken is stored or refused."""
        while self._flushing is not None:
            await asyncio.wait([self._flushing])

    async def _flush(self) -> None:
        try:
            while self._waiting:
                size = min(BATCH, len(self._waiting))
                batch = [self._waiting.popleft() for _ in range(size)]
                for (_, stored), result in zip(batch, await self._store(batch), strict=True):
                    if stored.cancelled():
                        continue
                    if isinstance(result, Exception):
                        stored.set_exception(result)
                    else:
                        stored.set_result(result)
        finally:
            self._flushing = None

    async def _store(self, batch: Sequence[_Waiting]) -> Sequence[int | Exception]:
        appends = [append for append, _ in batch]
        try:
            if self._atomic_from is not None and len(appends) >= self._atomic_from:
                try:
                    return await self._log.append_atomic(appends)
                except OutcomeUnknownError:
                    raise
                except WeirError:
                    pass  # nothing of it is stored: one by one the culprit shows
            return await self._log.append_all(appends)
        except Exception as error:  # noqa: BLE001 - every waiting start must hear of it
            return [error] * len(batch)
