"""The alarm before the broker has no room left: looks now and then, says so once, and in health.

Promises: a warning stands from the look that found less than a fifth free until
one that found a quarter; each of both is one line of the log. Only when nothing
is left the process is not ready. A broker that says nothing leaves everything as
it was: that it is gone shows elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import structlog

from weir.contract.errors import WeirError
from weir.ports.storage import Room, Storage
from weir.runtime import metrics
from weir.runtime.servers.disk import allowed, disk_room

EVERY_S = 15.0
LOW = 0.20
ENOUGH = 0.25
_ADVICE = "make room before it is full, docs/runbook/disk-full.md says where"

_log = structlog.get_logger()


class StorageWatch:
    """Looks at the broker's storage; `store` is its directory where that is on this machine."""

    def __init__(self, storage: Storage, store: Path | None = None) -> None:
        self._storage = storage
        self._store = store
        self._low: dict[str, Room] = {}

    @property
    def full(self) -> bool:
        """Whether the broker takes nothing more."""
        return any(not room.free for room in self._low.values())

    def warnings(self) -> list[str]:
        """What will be full soon, in words."""
        return [
            f"NATS has {100 * room.share:.0f} % of its {room.of} left: {_ADVICE}"
            for room in self._low.values()
        ]

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Look once."""
        # The disk first: a broker that has met a full one may not answer.
        if self._store is not None:
            with contextlib.suppress(FileNotFoundError):
                self._judge(await asyncio.to_thread(disk_room, self._store))
        try:
            kept = await self._storage.look()
        except WeirError as error:
            _log.debug("storage of the broker is not known", reason=str(error))
            return
        for stream, size in kept.streams.items():
            metrics.STREAM_BYTES.labels(stream).set(size)
        for room in (*kept.rooms, *self._bound(sum(kept.streams.values()))):
            self._judge(room)

    def _bound(self, kept: int) -> Iterator[Room]:
        """What our own server was allowed when it was started, whatever the disk has since."""
        limit = allowed(self._store) if self._store is not None else None
        if limit is not None:
            yield Room("store", limit, max(0, limit - kept))

    def _judge(self, room: Room) -> None:
        metrics.STORAGE_SIZE.labels(room.of).set(room.size)
        metrics.STORAGE_FREE.labels(room.of).set(room.free)
        before = self._low.get(room.of)
        if room.share < (LOW if before is None else ENOUGH):
            self._low[room.of] = room
            said = {"of": room.of, "free": room.free, "size": room.size, "advice": _ADVICE}
            if not room.free and (before is None or before.free):
                _log.error("storage of the broker is full", **said)
            elif before is None:
                _log.warning("storage of the broker is low", **said)
        elif self._low.pop(room.of, None) is not None:
            _log.info("storage of the broker is enough again", of=room.of, free=room.free)
