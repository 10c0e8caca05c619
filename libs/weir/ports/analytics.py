"""Figures of runs, computed where the rows lie: how many, how they ended, how long they took.

Everything is bound: of a span at most `COUNTED` runs are looked at, the newest first, and what
was counted says whether it was all. Times are ms since 1970.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

COUNTED = 200_000
OPEN_COUNTED = 100_000
WORKFLOWS = 100


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """Runs that started in a span, in stretches of `bucket_ms`; 0 for the whole alone."""

    from_ms: int
    before_ms: int
    bucket_ms: int = 0
    projects: Collection[str] | None = None  # None: of all, and of none
    workflow_id: str | None = None


class Figures(NamedTuple):
    """Of one stretch, or of all. Durations are those of runs that have ended."""

    bucket: int | None  # counted from 0; None for all of the span
    started: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


class WorkflowFigures(NamedTuple):
    """Of one workflow."""

    workflow_id: str
    name: str
    started: int
    succeeded: int
    failed: int
    cancelled: int
    p50_ms: float | None
    p95_ms: float | None


class LastRun(NamedTuple):
    """The newest run of a workflow."""

    workflow_id: str
    run_id: str
    status: str
    started_ms: int
    ended_ms: int | None


class QueueFigures(NamedTuple):
    """What waits in a queue."""

    queue: str
    queued: int
    oldest_ms: int | None
