"""Results on their way to the run log.

Results of tasks that end together are appended together, with one flush in
flight; what ends meanwhile goes with the next. A result expects to be the first
on its own literal subject, so appending it again is always safe: an unknown
outcome or a broker that is away is tried again until it is known, and a second
result of the same attempt is refused by the broker.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Literal, NamedTuple

import structlog

from weir.contract.errors import ConflictError, OutcomeUnknownError, UnavailableError
from weir.ports.log import Append, Log

FLUSH_MESSAGES = 256
FLUSH_BYTES = 4 * 1024 * 1024
PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0

Stored = Literal["stored", "late"]

_UNKNOWN = UnavailableError, OutcomeUnknownError

_log = structlog.get_logger()


class _Waiting(NamedTuple):
    append: Append
    done: asyncio.Future[Stored]


class Results:
    """Appends facts that expect 0 on their own subject."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: deque[_Waiting] = deque()
        self._flushing: asyncio.Task[None] | None = None

    def put(self, append: Append) -> asyncio.Future[Stored]:
        """Resolves once the fact is in the log: `stored`, or `late` if another was first.

        Raises what no repetition can mend, such as TooLargeError.
        """
        done: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(append, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), name="results")
        return done

    async def close(self, grace_s: float) -> None:
        """Wait for what is under way; after the grace give up, it will be done again elsewhere."""
        if self._flushing is not None:
            await asyncio.wait([self._flushing], timeout=grace_s)
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.wait([self._flushing])

    async def _flush(self) -> None:
        pause = PAUSE_S
        try:
            while self._waiting:
                batch = self._take()
                again = self._settle(batch, await self._append(batch))
                if again:
                    self._waiting.extendleft(reversed(again))
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_S)
                else:
                    pause = PAUSE_S
        finally:
            self._flushing = None

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < FLUSH_MESSAGES and size < FLUSH_BYTES:
            one = self._waiting.popleft()
            if not one.done.done():  # its task was given up meanwhile
                batch.append(one)
                size += len(one.append.data)
        return batch

    async def _append(self, batch: list[_Waiting]) -> list[int | Exception]:
        try:
            return await self._log.append_all([one.append for one in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            return [error] * len(batch)

    def _settle(self, batch: list[_Waiting], outcomes: list[int | Exception]) -> list[_Waiting]:
        again: list[_Waiting] = []
        for one, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, _UNKNOWN):
                again.append(one)
            elif one.done.done():
                continue
            elif isinstance(outcome, ConflictError):
                one.done.set_result("late")
            elif isinstance(outcome, Exception):
                one.done.set_exception(outcome)
            else:
                one.done.set_result("stored")
        if again:
            _log.warning("results wait for the broker", waiting=len(again) + len(self._waiting))
        return again
