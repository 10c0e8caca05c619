"""Who outside is told what the audit tells: collectors of security events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol


class Pushed(NamedTuple):
    """An entry as it is shown, and the digest of the link it stands in."""

    entry: Mapping[str, Any]
    at_ms: int
    digest: str


class Receiver(Protocol):
    """One collector. What it has taken is not given to it again, what it may have taken may be."""

    @property
    def name(self) -> str:
        """Under which how far it has come is remembered: one word."""
        ...

    async def deliver(self, entries: Sequence[Pushed]) -> None:
        """Give it these, in order, and return when it has them; else UnavailableError."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...
