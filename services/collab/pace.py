"""How fast a connection is read: what comes faster waits in its own network, and is not lost."""

from __future__ import annotations

import asyncio

FRAMES_A_SECOND = 100.0
BYTES_A_SECOND = 1024.0 * 1024
FRAMES_AT_ONCE = 200.0
BYTES_AT_ONCE = 4 * 1024.0 * 1024


class Pace:
    """Two buckets that fill again."""

    def __init__(self) -> None:
        self._frames = FRAMES_AT_ONCE
        self._bytes = BYTES_AT_ONCE
        self._at = asyncio.get_running_loop().time()

    async def take(self, size: int) -> None:
        """Wait until another frame of so many bytes may be read."""
        now = asyncio.get_running_loop().time()
        passed, self._at = now - self._at, now
        self._frames = min(FRAMES_AT_ONCE, self._frames + passed * FRAMES_A_SECOND) - 1
        self._bytes = min(BYTES_AT_ONCE, self._bytes + passed * BYTES_A_SECOND) - size
        wait = max(-self._frames / FRAMES_A_SECOND, -self._bytes / BYTES_A_SECOND)
        if wait > 0:
            await asyncio.sleep(wait)
