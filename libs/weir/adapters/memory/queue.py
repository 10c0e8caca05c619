"""The broker's side of a task queue: a durable consumer with explicit acknowledgement.

First in, first out; what was given back or outlived its patience comes before
what is new. A task is handed to a worker that waits for one, so a dead process
gets none. What was removed from the log is removed from the queue.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from weir.adapters.memory.matching import matcher
from weir.adapters.memory.stream import MemoryStream
from weir.ports.log import Stored
from weir.ports.tasks import Standing

FORGOTTEN_ACKS = 10
Taken = tuple[Stored, int]
"""A task and how often it was delivered."""


@dataclass(slots=True)
class Handed:
    """A task that was handed out and not acknowledged; `timer` ends the patience or the pause."""

    delivered: int
    timer: asyncio.TimerHandle | None = None


class Queue:
    """Tasks in order, who waits for one, and what is out."""

    def __init__(self, stream: MemoryStream, subject: str, patience_s: float) -> None:
        self._stream = stream
        self._matches = matcher(subject)
        self.patience_s = patience_s
        waiting = stream.matching([subject], 0, stream.last_seq)
        self._new = deque(message.seq for message in waiting)
        self._again: deque[int] = deque()
        self._handed: dict[int, Handed] = {}
        self._takers: deque[asyncio.Future[Taken | None]] = deque()
        self._done: deque[int] = deque(maxlen=FORGOTTEN_ACKS)

    def offer(self, message: Stored) -> None:
        """A message was stored."""
        if self._matches(message.subject):
            self._new.append(message.seq)
            self._dispatch()

    def take(self) -> asyncio.Future[Taken | None]:
        """The next task; to stop waiting, cancel the future or set it to None."""
        taker: asyncio.Future[Taken | None] = asyncio.get_running_loop().create_future()
        self._takers.append(taker)
        self._dispatch()
        return taker

    @property
    def last_seq(self) -> int:
        """The newest sequence of the log."""
        return self._stream.last_seq

    def standing(self, seq: int) -> Standing:
        """Where a task stands, and who waits for one."""
        waiting = sum(not taker.done() for taker in self._takers)
        workers = waiting or int(bool(self._handed))
        if seq in self._handed or seq not in self._new:
            return Standing(None, workers)
        return Standing(len(self._again) + self._new.index(seq) + 1, workers)

    def ack(self, seq: int) -> None:
        """Done."""
        self._done.append(seq)
        self.forget(seq)

    def crash(self) -> None:
        """The broker died: the newest acknowledgements and all counts of deliveries are gone."""
        for handed in self._handed.values():
            if handed.timer is not None:
                handed.timer.cancel()
        back = {*self._done, *self._handed, *self._again}
        self._new = deque(sorted(back | set(self._new)))
        self._again.clear()
        self._handed.clear()
        self._done.clear()
        self._dispatch()

    def nak(self, seq: int, delivered: int, delay_s: float) -> None:
        """Given back, unless it has been handed out again meanwhile."""
        handed = self._handed.get(seq)
        if handed is None or handed.delivered != delivered:
            return
        if delay_s > 0:
            self._time(seq, handed, delay_s)
        else:
            self._return(seq, delivered)

    def in_progress(self, seq: int, delivered: int) -> None:
        """The patience begins again."""
        handed = self._handed.get(seq)
        if handed is not None and handed.delivered == delivered:
            self._time(seq, handed, self.patience_s)

    def forget(self, seq: int) -> None:
        """The task is done, or gone from the log."""
        handed = self._handed.pop(seq, None)
        if handed is not None and handed.timer is not None:
            handed.timer.cancel()

    def _time(self, seq: int, handed: Handed, wait_s: float) -> None:
        if handed.timer is not None:
            handed.timer.cancel()
        loop = asyncio.get_running_loop()
        handed.timer = loop.call_later(wait_s, self._return, seq, handed.delivered)

    def _return(self, seq: int, delivered: int) -> None:
        handed = self._handed.get(seq)
        if handed is None or handed.delivered != delivered:
            return
        if handed.timer is not None:
            handed.timer.cancel()
            handed.timer = None
        self._again.append(seq)
        self._dispatch()

    def _dispatch(self) -> None:
        while self._takers:
            if self._takers[0].done():
                self._takers.popleft()
                continue
            message = self._next()
            if message is None:
                return
            handed = self._handed.setdefault(message.seq, Handed(0))
            handed.delivered += 1
            self._time(message.seq, handed, self.patience_s)
            self._takers.popleft().set_result((message, handed.delivered))

    def _next(self) -> Stored | None:
        while self._again or self._new:
            again = bool(self._again)
            seq = self._again.popleft() if again else self._new.popleft()
            message = self._stream.get(seq)
            # After a roll-back a sequence can belong to another message than the one noted here.
            wanted = message is not None and self._matches(message.subject)
            if wanted and again == (seq in self._handed):
                return message
        return None
