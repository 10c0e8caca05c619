"""The work queues. A task is a message of the run log; a queue delivers it to one worker at a time.

At-least-once: a delivery that is neither acknowledged nor kept alive within
the queue's patience is delivered again with `delivered` one higher.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from weir.ports.log import Stored


class Delivery(Protocol):
    """One handing-over of a task."""

    message: Stored
    delivered: int
    """How often it was handed over; 1 only if this surely is the first time.

    A broker that dies forgets its newest acknowledgements. So what was stored
    before a worker began, or before the broker was back, counts at least 2.
    """

    async def ack(self) -> None:
        """Done: never deliver again. Only after the result is stored."""
        ...

    async def nak(self, delay_s: float = 0) -> None:
        """Give back; deliver again after the delay."""
        ...

    async def in_progress(self) -> None:
        """Still working: restart the patience."""
        ...


class Worker(Protocol):
    """A running subscription; iterate it, `close` it to take no more."""

    def __aiter__(self) -> AsyncIterator[Delivery]: ...

    async def close(self) -> None:
        """Take no more."""
        ...


class Standing(NamedTuple):
    """Where a task stands in its queue, as far as can be told; it moves on while one looks."""

    position: int | None  # 1 for the one that is handed over next; None: it was handed over
    workers: int  # requests of workers that wait for a task, or 1 if all are at work


class Tasks(Protocol):
    """The queues of the run log."""

    async def work(self, queue: str, *, capacity: int, patience_s: float = 30.0) -> Worker:
        """Take tasks of a queue, at most `capacity` unacknowledged at once in this worker."""
        ...

    async def standing(self, queue: str, seq: int) -> Standing:
        """Where the task that was stored at `seq` stands; UnavailableError."""
        ...
