"""Waiting until a projection has reached a sequence: what makes a reader see its own writes.

A projector in this process says at once how far it has come; where another
process projects, its stored position is asked for again and again.
"""

from __future__ import annotations

import asyncio

from weir.contract.errors import ViewsBehindError
from weir.ports.views import Name, Views

PATIENCE_S = 2.0
_ASK_S = 0.05


class Progress:
    """How far a projection is known to have come."""

    def __init__(self, views: Views, name: Name, patience_s: float = PATIENCE_S) -> None:
        self.patience_s = patience_s
        self._views = views
        self._name: Name = name
        self._reached = 0
        self._moved = asyncio.Event()

    @property
    def reached(self) -> int:
        """The last sequence known to be in the views."""
        return self._reached

    def advance(self, sequence: int) -> None:
        """The projection holds everything up to this sequence."""
        if sequence > self._reached:
            self._reached = sequence
            self._moved.set()
            self._moved = asyncio.Event()

    def begin_again(self) -> None:
        """The projection was emptied."""
        self._reached = 0

    async def wait(self, sequence: int, patience_s: float | None = None) -> None:
        """Return once the views hold everything up to a sequence; ViewsBehindError too late."""
        try:
            async with asyncio.timeout(self.patience_s if patience_s is None else patience_s):
                while self._reached < sequence:
                    await self._step()
        except TimeoutError:
            raise ViewsBehindError(
                f"The views have reached {self._reached}, not yet {sequence}: "
                "ask again, or without min_sequence.",
                details={"wanted": str(sequence), "reached": str(self._reached)},
            ) from None

    async def _step(self) -> None:
        moved = self._moved
        position = await self._views.position(self._name)
        if position is not None:
            self.advance(position.sequence)
        if not moved.is_set():
            try:
                async with asyncio.timeout(_ASK_S):
                    await moved.wait()
            except TimeoutError:
                return
