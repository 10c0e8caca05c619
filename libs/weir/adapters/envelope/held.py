"""Data keys in memory: few, for minutes, and overwritten when they go.

A key that is asked for by many at once is fetched once. Overwriting reaches
our own copy; what a library made of it for one operation ends with that.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

HELD = 1_000
HELD_S = 300.0


class Held:
    """Keys by id, the one unused longest first to go."""

    def __init__(self, *, most: int = HELD, held_s: float = HELD_S) -> None:
        self._most = most
        self._held_s = held_s
        self._keys: OrderedDict[str, tuple[float, bytearray]] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[None]] = {}

    async def get(self, key_id: str, fetch: Callable[[], Awaitable[bytes]]) -> bytearray:
        """The key; use it before anything else is awaited, and never keep it."""
        while True:
            self._drop_old(asyncio.get_running_loop().time())
            known = self._keys.get(key_id)
            if known is not None:
                self._keys.move_to_end(key_id)
                return known[1]
            fetching = self._fetching.get(key_id)
            if fetching is None:
                fetching = asyncio.create_task(self._fetch(key_id, fetch), name=f"unwrap {key_id}")
                self._fetching[key_id] = fetching
                fetching.add_done_callback(lambda done: self._fetched(key_id, done))
            # Before we go on the key may have had to make room: then it is zeros, so look again.
            await asyncio.shield(fetching)

    def forget(self) -> None:
        """Hold none any more."""
        while self._keys:
            _overwrite(self._keys.popitem()[1][1])

    async def _fetch(self, key_id: str, fetch: Callable[[], Awaitable[bytes]]) -> None:
        key = bytearray(await fetch())
        self._keys[key_id] = (asyncio.get_running_loop().time() + self._held_s, key)
        while len(self._keys) > self._most:
            _overwrite(self._keys.popitem(last=False)[1][1])

    def _fetched(self, key_id: str, done: asyncio.Task[None]) -> None:
        self._fetching.pop(key_id, None)
        if not done.cancelled():
            done.exception()  # whoever waited has it; nobody may be left to wait

    def _drop_old(self, now: float) -> None:
        for key_id in [one for one, (until, _) in self._keys.items() if until <= now]:
            _overwrite(self._keys.pop(key_id)[1])


def _overwrite(key: bytearray) -> None:
    key[:] = bytes(len(key))
