"""What the routes of dead letters and callbacks answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Handled(BaseModel):
    """What somebody made of a letter."""

    action: str = Field(description="retried or discarded")
    reason: str
    by: str
    at: str
    new_run_id: str | None


class DeadLetter(BaseModel):
    """Work that nobody does any more unless somebody acts."""

    id: str
    status: str = Field(
        description="open; retried or discarded, by a person; settled: the run went on by itself"
    )
    reason: str = Field(
        description="exhausted: a step had failed for good. failed: the run, without a step to "
        "blame. poison: the task was given out again and again without an outcome. parked, "
        "quarantined: the run cannot be decided. unreadable: a message of its log. event: an "
        "event of the bus could start no run."
    )
    run_id: str | None = Field(description="null for an event.")
    workflow_id: str
    workflow_name: str
    step: str | None = Field(description="For an event: the trigger node.")
    error: dict[str, Any] | None
    attempts: int
    first_at: str = Field(description="When it failed first.")
    last_at: str
    settled_at: str | None
    handled: Handled | None


class DeadLetters(BaseModel):
    """A page of dead letters, the last failure first."""

    items: list[DeadLetter]
    next_cursor: str | None


class WholeLetter(DeadLetter):
    """A dead letter with what was to be done."""

    payload: dict[str, Any] | None = Field(
        description="kind is task (node_type, queue, config, scope), start (input, trigger), "
        "event (subject, sequence, stored_at, headers, content or text or base64) or message "
        "(subject, content or text); null once log and archive no longer hold it."
    )


class Delivery(BaseModel):
    """One attempt to tell the end of a run."""

    attempt: int
    status: str = Field(description="queued, succeeded, failed or cancelled")
    http_status: int | None
    latency_ms: int | None
    error: dict[str, Any] | None
    at: str
    ended_at: str | None


class Callback(BaseModel):
    """One receiver of the end of a run, and what came of telling it."""

    id: str = Field(description="`webhook-id` of every attempt.")
    named_by: str = Field(description="version or start")
    run_id: str = Field(description="The run that does the telling.")
    url: str
    event: str = Field(description="run.succeeded, run.failed or run.cancelled")
    status: str = Field(description="pending, delivered or failed")
    next_at: str | None = Field(description="When it is tried again.")
    attempts: list[Delivery]


class Callbacks(BaseModel):
    """Who is told of the end of a run."""

    items: list[Callback]
