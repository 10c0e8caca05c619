"""When API keys were last used, without a write for each request.

Whoever lets a key in tells identity so, on a core subject, at most once in
five minutes for each key and process; that is kept in mind for `KEYS` keys and
may be lost. Identity writes the last one down, again at most once in five
minutes. So the time it shows is older than the true one by ten minutes at most
where nothing was lost.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress

from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.ports.clock import Clock
from weir.ports.live import Live

EVERY_MS = 300_000
KEYS = 10_000


class KeyUse:
    """Tells of used keys."""

    def __init__(self, live: Live, clock: Clock) -> None:
        self._live = live
        self._clock = clock
        self._told: OrderedDict[str, int] = OrderedDict()

    async def note(self, key_id: str) -> None:
        """A key was used. Never raises, and seldom does anything."""
        now = self._clock.now_ms()
        told = self._told.get(key_id)
        # Not only later: a clock that was set back shall not keep it silent.
        if told is not None and 0 <= now - told < EVERY_MS:
            return
        self._told[key_id] = now
        self._told.move_to_end(key_id)
        if len(self._told) > KEYS:
            self._told.popitem(last=False)
        with suppress(WeirError):
            await self._live.publish(subjects.key_use(), key_id.encode())
