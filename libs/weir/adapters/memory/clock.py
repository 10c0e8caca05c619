"""A clock that follows the running event loop, so that virtual time moves it too."""

from __future__ import annotations

import asyncio
from random import Random

from weir.contract import ids

_EPOCH_MS = 1_700_000_000_000


class LoopClock:
    """Time of the loop plus a base; ids from a seeded generator, so that a run repeats exactly.

    `skew_ms` can be set to let this clock run apart from the broker's.
    """

    def __init__(self, seed: int | str = 0, *, base_ms: int = _EPOCH_MS) -> None:
        self._random = Random(seed)
        self._base_ms = base_ms
        self.skew_ms = 0

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC, in the loop's time."""
        return self._base_ms + self.skew_ms + int(asyncio.get_running_loop().time() * 1000)

    def new_id(self, prefix: str) -> str:
        """A fresh id of this kind."""
        return ids.fresh(prefix, self.now_ms(), self._random.randbytes(10))
