"""An event loop on virtual time: waiting costs nothing and one seed gives one history."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


class StalledError(Exception):
    """Nothing is left to happen, yet somebody waits."""


class EndlessError(Exception):
    """More happens than ever should: it would go on without end."""


class _Selector(selectors.SelectSelector):
    """Instead of sleeping until the next timer, moves the clock to it."""

    def __init__(self, turns: int | None) -> None:
        super().__init__()
        self.now = 0.0
        self.left = turns

    def select(self, timeout: float | None = None) -> list[Any]:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None  # what is cancelled now may still end
                raise EndlessError(f"{self.now:.1f} virtual seconds took too many turns")
        if timeout is None:
            raise StalledError("every task waits and no timer is set")
        if timeout > 0:
            self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`loop.time()` starts at 0, moves only when everybody waits; EndlessError beyond `turns`."""

    def __init__(self, turns: int | None = None) -> None:
        self._virtual = _Selector(turns)
        super().__init__(self._virtual)
        # A timer is due from this far ahead: more than the distance of two floats, even of years.
        self._clock_resolution = 1e-7

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual.now


def run(main: Coroutine[Any, Any, T], *, turns: int | None = None) -> T:
    """Run to the end on a fresh loop, within so many turns of it; leftover tasks are cancelled."""
    with asyncio.Runner(loop_factory=partial(VirtualLoop, turns)) as runner:
        return runner.run(main)
