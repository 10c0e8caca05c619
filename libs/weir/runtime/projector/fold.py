"""What a projection does with messages; the loop around it is the same for all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import structlog

from weir.ports.deliveries import DeliveryRow
from weir.ports.letters import DeadRow, HandledRow
from weir.ports.log import Stored
from weir.ports.views import (
    Archived,
    AttemptRow,
    LogRow,
    Name,
    RunRow,
    StepRow,
    WorkflowRow,
)
from weir.runtime import metrics

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rows:
    """What a fold has changed since rows were last taken from it."""

    runs: Sequence[RunRow] = ()
    archived: Sequence[Archived] = ()
    steps: Sequence[StepRow] = ()
    attempts: Sequence[AttemptRow] = ()
    logs: Sequence[LogRow] = ()
    workflows: Sequence[WorkflowRow] = ()
    dead: Sequence[DeadRow] = ()
    handled: Sequence[HandledRow] = ()
    deliveries: Sequence[DeliveryRow] = ()


class Fold(Protocol):
    """One projection's meaning of its stream."""

    name: ClassVar[Name]
    stream: ClassVar[str]
    subjects: ClassVar[tuple[str, ...]]

    async def prepare(self, messages: Sequence[Stored]) -> None:
        """Fetch what folding these will need. Nothing is folded yet."""
        ...

    def add(self, messages: Sequence[Stored]) -> None:
        """Fold them. Never raises: what cannot be read is counted and left out."""
        ...

    def take(self) -> Rows:
        """The rows changed since the last time."""
        ...

    def clear(self) -> None:
        """Forget everything: the next message follows what is stored."""
        ...

    def restored(self) -> AsyncIterator[Rows]:
        """Rows of what the log no longer holds, for a projection that begins again from nothing."""
        ...


def left_out(name: Name, subject: str, seq: int, error: Exception) -> None:
    """Count and tell what a projection goes on without, in few words: there may be many."""
    metrics.PROJECTION_SKIPPED.labels(name).inc()
    problem = f"{type(error).__name__}: {error}"[:300]
    _log.error("left out of the views", name=name, subject=subject, seq=seq, problem=problem)
