"""The owner's time is the broker's, carried on by this machine's monotonic clock.

Promises (log-protocol P13, faults F9): whatever the wall clocks of the
schedulers say or jump to, nothing is due before its time by the broker, which
keeps the schedules too, and nothing waits for a clock to be put right. The
broker's stamp of a message is never later than the moment it is read, so the
largest distance seen is the best one; distances older than some minutes are
dropped, so that two clocks that run at different rates do not drift apart.
"""

from __future__ import annotations

import asyncio

from weir.ports.clock import Clock

KEPT_MS = 300_000.0


class BrokerTime:
    """A clock; until the broker's time was seen it is the machine's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._since = 0.0
        self._here: float | None = None  # broker minus monotonic, the largest of late
        self._before: float | None = None  # the largest of the time before that

    def seen(self, at_ms: int) -> None:
        """A message with this stamp of the broker's is read now."""
        now = self._loop.time() * 1000
        distance = at_ms - now
        if self._here is not None and now - self._since > KEPT_MS:
            self._here, self._before = None, self._here
        if self._here is None:
            self._here, self._since = distance, now
        elif distance > self._here:
            self._here = distance

    @property
    def is_known(self) -> bool:
        """Whether the broker's time was seen."""
        return self._here is not None

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC, by the broker."""
        if self._here is None:
            return self._clock.now_ms()
        distance = self._here if self._before is None else max(self._here, self._before)
        return int(self._loop.time() * 1000 + distance)

    def new_id(self, prefix: str) -> str:
        """A fresh id of this kind."""
        return self._clock.new_id(prefix)
