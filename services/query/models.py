"""What the query's routes answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Trigger(BaseModel):
    """What started a run: the trigger node and what it saw beside the payload."""

    node: str
    kind: str = Field(description="webhook, manual, api, schedule or event")
    data: Any = None


class TriggerInList(BaseModel):
    """What started a run."""

    node: str
    kind: str


class Waiting(BaseModel):
    """One thing a run waits for."""

    reason: str = Field(description="decision, room, worker, retry, timer or resume")
    step: str | None = None
    attempt: int | None = None
    queue: str | None = None
    until: str | None = Field(
        default=None, description="When it is due; for a worker: when the attempt is given up."
    )


class RunInList(BaseModel):
    """A run without its values."""

    id: str
    workflow_id: str
    workflow_name: str
    version: str
    status: str
    trigger: TriggerInList
    started_by: str
    labels: dict[str, str]
    error: dict[str, Any] | None
    started_at: str
    ended_at: str | None
    duration_ms: int | None


class Runs(BaseModel):
    """A page of runs."""

    items: list[RunInList]
    next_cursor: str | None


class Run(BaseModel):
    """A run."""

    id: str
    workflow_id: str
    workflow_name: str
    version: str
    status: str
    trigger: Trigger
    started_by: str
    labels: dict[str, str]
    input: Any
    output: Any
    error: dict[str, Any] | None
    started_at: str
    ended_at: str | None
    duration_ms: int | None
    waiting_for: list[Waiting] = Field(description="At most 20 things; empty once it has ended.")


class Attempt(BaseModel):
    """One attempt of a step on an executor."""

    attempt: int
    status: str = Field(description="queued, succeeded, failed or cancelled")
    worker: str
    error: dict[str, Any] | None
    queued_at: str
    started_at: str | None
    ended_at: str | None


class Step(BaseModel):
    """A step of a run, as its last attempt left it."""

    step: str
    status: str
    attempt: int
    node_type: str = Field(description="Empty for inline steps: the version knows it.")
    queue: str
    port: str
    output: Any
    error: dict[str, Any] | None
    scheduled_at: str | None
    started_at: str | None
    ended_at: str | None
    wake_at: str | None
    duration_ms: int | None
    attempts: list[Attempt]


class Steps(BaseModel):
    """A page of steps, in the order the run reached them."""

    items: list[Step]
    next_cursor: str | None


class Line(BaseModel):
    """A line a step wrote. `id` is what a live tail takes as `after`."""

    id: str
    at: str
    step: str
    attempt: int
    level: str
    message: str
    fields: Any
    trace_parent: str


class Lines(BaseModel):
    """A page of log lines, the first first."""

    items: list[Line]
    next_cursor: str | None


class LoggedMessage(BaseModel):
    """A message of the run's log. `envelope` is its body as it was stored."""

    sequence: str
    kind: str = Field(description="in: a fact; ev, task: the owner's; timer; snap")
    subject: str
    stored_at: str
    envelope: Any


class Events(BaseModel):
    """A page of a run's log, the first first."""

    items: list[LoggedMessage]
    next_cursor: str | None
