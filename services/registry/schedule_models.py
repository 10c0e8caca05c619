"""What the routes of schedules read and answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.registry.models import Asked, Name

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Span = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Note = Annotated[str, StringConstraints(max_length=2_000)]
NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Overlap = Literal["skip", "buffer_one", "buffer_all", "cancel_other", "terminate_other", "allow"]
Outcome = Literal["fired", "skipped", "queued", "refused"]


class Times(Asked):
    """When: one of `cron`, `every` and `at`."""

    cron: Text | None = Field(
        default=None, description="Five fields, or one of @hourly, @daily, @weekly, @monthly …"
    )
    timezone: Text | None = Field(default=None, description="For `cron`: an IANA name.")
    every: Span | None = Field(default=None, description="An interval like 15m, 1s at least.")
    from_: Text | None = Field(
        default=None, alias="from", description="With `every`: the first time."
    )
    at: Text | None = Field(default=None, description="One time.")
    until: Text | None = Field(default=None, description="No time after this one.")


class Change(Times):
    """All of what a schedule means; what is left out is as by default."""

    name: Name = Field(description="For people.")
    trigger: NodeId | None = Field(
        default=None,
        description="The trigger node that runs begin at; without it as a start through the API.",
    )
    overlap: Overlap = "skip"
    catch_up: Span = Field(default="1h", description="How late a time may be made up for.")
    jitter: Span = Field(default="0s", description="Runs begin up to so much later.")
    input: Any = Field(default=None, description="What runs get, 32 kB at most.")


class Create(Change):
    """A schedule on a workflow."""

    workflow_id: Text
    paused: bool = False
    note: Note = ""


class Preview(Times):
    """Times to look at."""

    count: Annotated[int, Field(ge=1, le=100)] = 10


class Noted(Asked):
    """Why, for people."""

    note: Note = ""


class Trigger(Asked):
    """A run now."""

    overlap: Overlap = Field(
        default="allow", description="How it meets a run that goes on; by default both go on."
    )


class Backfill(Asked):
    """Times that lie behind, to be answered again."""

    after: Text = Field(description="Times after this one …")
    upto: Text = Field(description="… up to and with this one, which is not in the future.")
    overlap: Overlap = Field(
        default="buffer_all", description="How they meet runs: by default one after the other."
    )


class Error(BaseModel):
    """Why a run could not begin."""

    code: str
    message: str


class Fire(BaseModel):
    """What became of a time, or of several that were missed together: `times` counts them."""

    scheduled_at: str
    request_id: str
    decided_at: str
    outcome: Outcome
    why: str = Field(description="Of what was skipped: overlap, missed, queue_full, replaced.")
    times: int
    run_id: str | None
    fired_at: str | None
    run_status: str | None = Field(description="How the run ended; null while it goes on.")
    error: Error | None


class Fires(BaseModel):
    """A page of what became of the last 200 times, the last decided first."""

    items: list[Fire]
    next_cursor: str | None


class ScheduleInList(BaseModel):
    """A schedule in a list."""

    id: str
    workflow_id: str
    name: str
    trigger: str | None
    from_node: bool
    cron: str | None
    timezone: str
    every: str | None
    at: str | None
    overlap: Overlap
    paused: bool
    note: str
    next_at: str | None = Field(description="Null where none comes, or while it is paused.")
    created_at: str
    created_by: str
    revision: str


class Schedules(BaseModel):
    """A page of schedules."""

    items: list[ScheduleInList]
    next_cursor: str | None


class Schedule(ScheduleInList):
    """A schedule with how it goes on."""

    from_: str | None = Field(alias="from")
    until: str | None
    catch_up: str
    jitter: str
    input: Any
    next: list[str] = Field(description="The next ten times, also while it is paused.")
    running: list[str] = Field(description="Runs that go on.")
    waiting: list[str] = Field(description="Times that wait for those runs.")
    last: Fire | None = Field(description="The last time that was decided.")


class NextTimes(BaseModel):
    """Times to come."""

    items: list[str]


class Taken(BaseModel):
    """A wish that is stored: its owner answers it. `run_id` is what the run will be called."""

    schedule_id: str
    request_id: str
    run_id: str | None
    times: int
