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
    """One thing a run waits for, shortly."""

    kind: str = Field(description="task, timer, signal, child, person, limit, paused or scheduler")
    text: str = Field(description="For people.")
    step: str | None
    until: str | None = Field(
        description="When it is due; for a task: when the attempt is given up."
    )


class WaitingInFull(Waiting):
    """One thing a run waits for."""

    attempt: int | None
    since: str | None
    queue: str | None
    position: int | None = Field(
        description="Of a task in its queue, as of now; null if a worker has it or nobody knows."
    )
    workers: int | None = Field(
        description="How many requests of workers wait at the queue; 1 if all are at work."
    )
    run_id: str | None = Field(description="Of the run it waits for.")
    signal: str | None
    approval_id: str | None = Field(description="Of what people are asked.")


class Link(BaseModel):
    """A step of another run."""

    run_id: str
    step: str


class Inside(BaseModel):
    """Of a loop its iterations, of anything else the steps in it."""

    total: int
    done: int
    failed: int


class RunInList(BaseModel):
    """A run without its values."""

    id: str
    workflow_id: str
    workflow_name: str
    project: str | None
    version: str
    status: str
    trigger: TriggerInList
    started_by: str
    labels: dict[str, str]
    error: dict[str, Any] | None
    started_at: str
    ended_at: str | None
    duration_ms: int | None
    search: dict[str, str]
    parent_run_id: str | None
    parent_step: str | None = Field(description="Whose step it is, in the run `parent_run_id`.")
    origin_run_id: str | None
    waits_for: list[Waiting] = Field(description="At most 3 things; empty once it has ended.")


class Runs(BaseModel):
    """A page of runs."""

    items: list[RunInList]
    next_cursor: str | None


class Run(BaseModel):
    """A run."""

    id: str
    workflow_id: str
    workflow_name: str
    project: str | None
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
    search: dict[str, str] = Field(description="What it is found by: its search attributes.")
    parent: Link | None = Field(description="The step whose run this is.")
    origin: Link | None = Field(description="Where it goes on from, if it is a fork or a retry.")
    waits_for: list[WaitingInFull] = Field(
        description="At most 20 steps, and the run itself; empty once it has ended."
    )


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
    """A step of a run, or an iteration of a loop, as its last attempt left it."""

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
    waits: str | None = Field(description="signal:<name>, child:<run id>, approval:<id> or ask")
    inside: Inside | None
    duration_ms: int | None
    attempts: list[Attempt]


class Steps(BaseModel):
    """A page of steps, in the order the run reached them."""

    items: list[Step]
    next_cursor: str | None


class Short(BaseModel):
    """An error, as far as a picture shows it."""

    code: str
    message: str = Field(description="At most 300 characters of it.")


class BarAttempt(BaseModel):
    """One attempt of a step on an executor."""

    attempt: int
    status: str
    worker: str
    error: Short | None
    queued_at: str
    started_at: str | None
    ended_at: str | None


class Bar(BaseModel):
    """A step of a timeline, without its output."""

    step: str
    status: str
    attempt: int
    node_type: str
    queue: str
    port: str
    error: Short | None
    scheduled_at: str | None
    started_at: str | None
    ended_at: str | None
    wake_at: str | None
    waits: str | None
    inside: Inside | None
    duration_ms: int | None
    attempts: list[BarAttempt]
    seq: str = Field(description="Frames with a `seq` up to this tell nothing new of the step.")


class Timeline(BaseModel):
    """A page of a run's steps, in the order the run reached them, and how it stands."""

    status: str
    started_at: str
    ended_at: str | None
    seq: str = Field(description="What a socket is to be subscribed `after`: nothing is missed.")
    items: list[Bar]
    next_cursor: str | None


class Given(BaseModel):
    """What an attempt was given."""

    attempt: int
    value: Any
    evaluated: bool = Field(
        description="False: expressions too heavy for the scheduler, which the executor evaluates."
    )


class StepInFull(Step):
    """A step with what it was given and what it came to. Credentials are never in either."""

    seq: str
    inputs: list[Given] = Field(
        description="One for each time it was handed over; none for inline steps."
    )
    child_run_id: str | None = Field(description="The run that it started.")


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
