"""Trigger: an event on the tenant's bus."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from weir.contract.subjects import EVENT_PATTERN
from weir.nodes.base import Condition, Node, NodeModel

Pattern = Annotated[str, StringConstraints(pattern=f"^{EVENT_PATTERN.pattern}$")]


class Batch(NodeModel):
    """Events that make one run together."""

    size: int = Field(100, ge=1, le=1_000, description="As many at most.")
    seconds: float = Field(
        5, ge=0.1, le=3_600, description="Or those that came within so long after the first."
    )


class Config(NodeModel):
    """Which events start a run, how they belong together, and where to begin."""

    subject: Pattern = Field(
        description=(
            "What is listened to: a subject without `bus.<tenant>.`, where `*` stands for one "
            "word and `>` at the end for all that follow, such as `orders.*.created`."
        ),
        json_schema_extra={"x-ui": {"literal": True}},
    )
    filter: Condition | None = Field(
        None, description="Start a run only if this is true of `trigger`; for all if empty."
    )
    ordering_key: Any = Field(
        None,
        description=(
            "Runs with the same key go on one at a time, in the order of their events; without "
            "it all at once. An expression over `trigger`."
        ),
        json_schema_extra={"x-ui": {"widget": "expression"}},
    )
    batch: Batch | None = Field(
        None,
        description="Collect events: the input is the list of what they hold.",
        json_schema_extra={"x-ui": {"literal": True}},
    )
    deliver: Literal["new", "all", "sequence", "time"] = Field(
        "new",
        description=(
            "Where to begin when the trigger is first published. new: with what comes then. "
            "all: with the oldest event that is kept. sequence, time: as named below."
        ),
        json_schema_extra={"x-ui": {"literal": True}},
    )
    sequence: int | None = Field(
        None,
        ge=1,
        description="With `sequence`: the first event, by its number on the bus.",
        json_schema_extra={"x-ui": {"literal": True}},
    )
    time: str | None = Field(
        None,
        description="With `time`: the first event is not older, as in 2026-03-01T12:00:00Z.",
        json_schema_extra={"x-ui": {"literal": True}},
    )


class Event(Node[Config]):
    """Starts a run for each event on the bus that matches.

    Events are JSON or CloudEvents, published with any NATS client or over HTTP.
    `trigger.payload` is what the event holds, `trigger.event` its attributes
    (`id`, `source`, `type`, …), `trigger.subject` where it was published and
    `trigger.event_time` when it happened. An event that comes twice starts one
    run. What cannot start one (no JSON, no CloudEvent, refused by the input
    schema, a filter that fails) becomes a dead letter.
    """

    type = "event"
    title = "Event"
    kind = "trigger"
    category = "trigger"
    icon = "radio"
