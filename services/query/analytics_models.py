"""What the routes of figures answer."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Figures(BaseModel):
    """Of runs by their start. Durations are of those that have ended, null if none has."""

    started: int
    succeeded: int
    failed: int
    cancelled: int
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None


class FiguresAt(Figures):
    """Of one stretch."""

    at: str


class RunFigures(BaseModel):
    """Of a span that ends now."""

    window: str
    from_: str = Field(alias="from")
    bucket_ms: int
    buckets: list[FiguresAt]
    total: Figures
    before: Figures = Field(description="Of the span of the same length before.")
    open: dict[str, int] = Field(description="How many go on now, by status.")
    complete: bool = Field(description="False: only the newest 200,000 runs were counted.")


class WorkflowFigures(BaseModel):
    """Of one workflow."""

    workflow_id: str
    workflow_name: str
    started: int
    succeeded: int
    failed: int
    cancelled: int
    p50_ms: int | None
    p95_ms: int | None


class WorkflowsFigures(BaseModel):
    """The hundred with the most runs, the one with the most first."""

    window: str
    items: list[WorkflowFigures]


class LastRun(BaseModel):
    """The newest run of a workflow."""

    workflow_id: str
    run_id: str
    status: str
    started_at: str
    ended_at: str | None


class LastRuns(BaseModel):
    """Of those workflows that have any."""

    items: list[LastRun]


class Queue(BaseModel):
    """A queue of tasks."""

    queue: str
    queued: int
    oldest_at: str | None
    workers: int | None = Field(
        description="Requests of workers that wait there; 1 if all are at work, null if unknown."
    )


class Queues(BaseModel):
    """Where something waits, and the one that is always there."""

    items: list[Queue]
