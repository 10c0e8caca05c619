"""Runs of which facts came and no start: they were purged, or start in a moment."""

from __future__ import annotations

from weir.contract.subjects import RunKey
from weir.ports.clock import Clock

ORPHAN_MS = 600_000  # after this a run without a start will not get one


class Orphans:
    """Those of one shard."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[RunKey, int] = {}

    def add(self, key: RunKey) -> None:
        """Facts came for a run that has no start."""
        self._since[key] = self._clock.now_ms()

    def due(self) -> list[RunKey]:
        """Those that had time enough to get a start; they are forgotten."""
        before = self._clock.now_ms() - ORPHAN_MS
        due = [key for key, since in self._since.items() if since < before]
        for key in due:
            del self._since[key]
        return due
