"""The machine's own clock and its source of randomness."""

from __future__ import annotations

import os
import time

from weir.contract import ids

_EACH, _AT_ONCE = 10, 256

# Asking the operating system costs more than the rest of an id, so it is asked for many.
_random: list[bytes] = []
os.register_at_fork(after_in_child=_random.clear)


class SystemClock:
    """Wall time as the machine believes it; ids from the operating system's randomness."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000

    def new_id(self, prefix: str) -> str:
        """A fresh id of this kind."""
        try:
            random = _random.pop()
        except IndexError:
            random = _draw()
        return ids.fresh(prefix, time.time_ns() // 1_000_000, random)


def _draw() -> bytes:
    drawn = os.urandom(_EACH * _AT_ONCE)
    _random.extend(drawn[at : at + _EACH] for at in range(_EACH, len(drawn), _EACH))
    return drawn[:_EACH]
