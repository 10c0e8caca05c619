"""Trigger: the clock."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from pydantic.config import JsonDict

from weir.nodes.base import Duration, Node, NodeModel

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_LITERAL: JsonDict = {"x-ui": {"literal": True}}


class Config(NodeModel):
    """When runs begin: one of `cron`, `every` and `at`. Nothing here takes an expression."""

    cron: Text | None = Field(
        None,
        description=(
            "Five fields (minute, hour, day, month, day of the week) with lists, steps, names and "
            "L, or one of @hourly, @daily, @weekly, @monthly, @yearly."
        ),
        json_schema_extra=_LITERAL,
    )
    timezone: Text = Field(
        "UTC",
        title="Time zone",
        description="For `cron`: a name like Europe/Berlin. Summer time is followed.",
        json_schema_extra=_LITERAL,
    )
    every: Duration | None = Field(
        None,
        description="An interval, 1s at least; it counts from `from`, or from 1970.",
        json_schema_extra=_LITERAL,
    )
    from_: Text | None = Field(
        None,
        alias="from",
        title="From",
        description="With `every`: the first time, such as 2026-03-01T09:00:00Z.",
        json_schema_extra=_LITERAL,
    )
    at: Text | None = Field(
        None,
        description="One time, such as 2026-03-01T09:00:00Z.",
        json_schema_extra=_LITERAL,
    )
    until: Text | None = Field(
        None, description="No time after this one.", json_schema_extra=_LITERAL
    )
    overlap: Literal[
        "skip", "buffer_one", "buffer_all", "cancel_other", "terminate_other", "allow"
    ] = Field(
        "skip",
        title="If a run still goes on",
        description=(
            "skip: this time is left out. buffer_one: one time waits for the run. buffer_all: all "
            "wait, one after the other. cancel_other: the run is cancelled first. "
            "terminate_other: it is ended without undoing. allow: both go on."
        ),
        json_schema_extra=_LITERAL,
    )
    catch_up: Duration = Field(
        "1h",
        title="Catch-up window",
        validate_default=True,
        description="How late a time may be made up for after an outage; older ones are missed.",
        json_schema_extra=_LITERAL,
    )
    jitter: Duration = Field(
        "0s",
        validate_default=True,
        description="Runs begin up to so much later, each time the same for everybody.",
        json_schema_extra=_LITERAL,
    )
    input: Any = Field(
        None,
        description="What runs get as `input`, as it stands.",
        json_schema_extra={"x-ui": {"literal": True, "widget": "json"}},
    )


class Schedule(Node[Config]):
    """Starts runs at the times of a calendar, at intervals, or once.

    Each time begins one run, whatever dies. `trigger.scheduled_at` is the time
    of the calendar, `trigger.fired_at` when the run began; `input` is what the
    node says. Pausing, running now and running past times again are done on
    the schedule that publishing makes of the node.
    """

    type = "schedule"
    title = "Schedule"
    kind = "trigger"
    category = "trigger"
    icon = "calendar-clock"
