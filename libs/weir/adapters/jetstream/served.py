"""Whether the server at the other end still serves: one that only answers pings is left.

A node of a cluster that lost sight of the others keeps its clients and answers
their pings, but what they append is never acknowledged and what they ask has
no answer, or the answer that nobody is there (503, or 10008: no leader). Goal
(log-protocol P14): such a node is left within some seconds, for another of the
servers that were named. Answers of one kind do not excuse the other: a leader
that was cut off still answers questions when it cannot store any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LEAVE_S = 4.0
_MAX_PATIENCE_S = 32.0
_SECOND_LOOK_S = 0.25
_NOBODY = b"503"
_NO_LEADER = b'"err_code":10008'


class Served:
    """Judges answers and their absence; `leave` is told why."""

    def __init__(self, leave: Callable[[str], None]) -> None:
        self._leave = leave
        self._unserved: dict[str, float] = {}  # kind -> since when
        self._patience_s = LEAVE_S

    def renewed(self) -> None:
        """Another connection, which has nothing against it."""
        self._unserved.clear()

    def answered(self, kind: str, header: bytes, data: bytes) -> None:
        """An answer came, whatever it says."""
        if (not data and header[9:12] == _NOBODY) or _NO_LEADER in data:
            self._fail(kind, asyncio.get_running_loop().time())
        else:
            self._unserved.pop(kind, None)
            self._patience_s = LEAVE_S

    def watch(self, kind: str, unanswered: Callable[[], bool]) -> asyncio.TimerHandle:
        """Something was sent now; looks after a while whether it still has no answer at all."""
        loop = asyncio.get_running_loop()
        return loop.call_later(LEAVE_S, self._look, kind, unanswered, loop.time())

    def _look(self, kind: str, unanswered: Callable[[], bool], since: float) -> None:
        # If it was this process that stood still, the answer has come and is not read yet.
        loop = asyncio.get_running_loop()
        loop.call_later(_SECOND_LOOK_S, lambda: self._fail(kind, since) if unanswered() else None)

    def _fail(self, kind: str, since: float) -> None:
        since = self._unserved.setdefault(kind, since)
        silent_s = asyncio.get_running_loop().time() - since
        if silent_s >= self._patience_s:
            # Where no server serves, there is no use in going round fast.
            self._patience_s = min(2 * self._patience_s, _MAX_PATIENCE_S)
            self._unserved.clear()
            self._leave(f"nothing of kind {kind} was served for {silent_s:.1f} s")
