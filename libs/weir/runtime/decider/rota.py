"""Whose runs are decided next: the shards of a process take turns, a few runs at a time.

Between two shares the loop reads its sockets, so that what was decided goes into
the log, is answered and shown while the rest is decided. Deciding everything that
is there at once makes a convoy: scheduler, broker and trigger work one after the
other, each on the whole crowd, and all but one of the cores stand still. Of 64
runs at a time on two cores a share of six makes 7-12 % more a second than no
shares; one or two make fewer, for each share costs a look at the sockets and an
append of its own. Where each append waits for the disk, more go together.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

SHARE = 6  # runs
SYNCED_SHARE = 200  # where an append waits for the disk

Drain = Callable[[int], int]
"""Decides no more runs than that, and says how many it were."""


class Rota:
    """The order of those who have something to decide; `share` runs, then the loop is at others."""

    def __init__(self, share: int = SHARE) -> None:
        self._share = share
        self._waiting: deque[Drain] = deque()
        self._planned = False

    def join(self, drain: Drain) -> None:
        """Have it called once, soon; whoever has more to do joins again."""
        self._waiting.append(drain)
        self._plan()

    def _plan(self) -> None:
        if self._waiting and not self._planned:
            self._planned = True
            asyncio.get_running_loop().call_soon(self._go)

    def _go(self) -> None:
        self._planned = False
        left = self._share
        try:
            while self._waiting and left > 0:
                left -= self._waiting.popleft()(left)
        finally:  # one shard's trouble is its own
            self._plan()
