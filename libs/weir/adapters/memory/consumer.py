"""The broker's side of a reading: numbers what it delivers, and beats when something was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from weir.adapters.memory.matching import matcher
from weir.ports.log import Stored

HEARTBEAT_S = 5.0


class Lossy(Protocol):
    """Who decides which deliveries are lost."""

    lose: Callable[[Stored], bool] | None


class Consumer:
    """Delivers to one reading in order. `on_heartbeat` hears the last number sent."""

    def __init__(
        self, filters: Sequence[str], deliver: Callable[[int, Stored], None], network: Lossy
    ) -> None:
        self.matches = matcher(*filters)  # whether this consumer wants a subject
        self._deliver = deliver
        self._network = network
        self._sent = 0
        self.on_heartbeat: Callable[[int], None] | None = None

    def offer(self, message: Stored) -> None:
        """Send a message on its way."""
        self._sent += 1
        if self._network.lose is not None and self._network.lose(message):
            # Only after a loss does a heartbeat tell anything, so only then is one due.
            asyncio.get_running_loop().call_later(HEARTBEAT_S, self._beat)
        else:
            self._deliver(self._sent, message)

    def _beat(self) -> None:
        if self.on_heartbeat is not None:
            self.on_heartbeat(self._sent)
