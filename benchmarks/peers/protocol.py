"""What every peer can do, so that one measuring serves them all.

A peer is another engine, installed apart from Weir and run beside it with the
same workloads. Its adapter knows how it is started, which request starts a
run, how its answer is read, and what it says itself about the runs that have
ended. How it is loaded, checked and timed is not its matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.peers.processes import Processes


@dataclass(frozen=True)
class Ended:
    """What the engine says of the runs of this start of it."""

    finished: int
    failed: int


class Peer(Protocol):
    """One engine, as one set of settings runs it."""

    name: str
    """Its name and version, and the setting that tells it from its other rows."""
    durability: str
    """`power-safe` if what it has answered survives a power cut, else `kill-safe` or less."""
    settings: str
    """What was chosen, and what a reader must know to judge the figures."""
    parts: frozenset[str]
    """The workloads it can do."""
    most_starts: int
    """Starts of W5 that it ends in a bearable time: fewer than asked for, if it is slow."""
    port: int
    """Where runs are started."""
    processes: Processes

    def missing(self) -> str | None:
        """What is not installed; None if it can be started."""

    async def start(self) -> None:
        """Start it on fresh data and wait until it takes runs."""

    async def restart(self) -> None:
        """Start it again after a kill, on the same data and ports."""

    async def kill(self) -> None:
        """SIGKILL to everything of the engine at once."""

    async def stop(self) -> None:
        """End it and remove its data."""

    def call(self, part: str, given: Any) -> bytes:
        """The request that starts a run and is answered with its outcome."""

    def send(self, part: str, given: Any) -> bytes:
        """The request that is answered as soon as the start is durable, or as near as it gets."""

    def output(self, body: bytes) -> Any:
        """What the run came to, out of the answer to `call`."""

    async def ended(self) -> Ended:
        """What the engine's own records say."""

    async def outcomes(self) -> Sequence[Any] | None:
        """The recorded output of every run; None if it records none."""

    async def stored_bytes(self) -> int:
        """What it keeps of its runs."""
