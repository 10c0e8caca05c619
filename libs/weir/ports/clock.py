"""Time, as an argument."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Wall time and randomness for ids."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        ...

    def new_id(self, prefix: str) -> str:
        """A fresh id of this kind."""
        ...
