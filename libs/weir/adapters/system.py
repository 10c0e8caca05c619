"""The machine's own clock and its source of randomness."""

from __future__ import annotations

import os
import time

from weir.contract import ids


class SystemClock:
    """Wall time as the machine believes it; ids from the operating system's randomness."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000

    def new_id(self, prefix: str) -> str:
        """A fresh id of this kind."""
        return ids.fresh(prefix, time.time_ns() // 1_000_000, os.urandom(10))
