"""What the routes of subscriptions read and answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Reason = Annotated[str, StringConstraints(max_length=2_000)]


class Asked(BaseModel):
    """Base of requests: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SubscriptionMade(BaseModel):
    """What a trigger node listens to."""

    id: str
    workflow_id: str
    node: str
    subject: str = Field(description="Without `bus.<tenant>.`; may have wildcards.")
    enabled: bool = Field(description="False: paused, events wait.")
    active: bool = Field(description="False: the current version has no such trigger.")
    generation: int = Field(description="How often it was told where to begin.")
    reason: str | None = Field(description="Why it was paused, or begins somewhere else.")
    created_at: str
    revision: str


class Subscription(SubscriptionMade):
    """A subscription, how far it has come, and what waits before it. Counts are of a generation."""

    position: str = Field(description="Everything up to this sequence of the bus is dealt with.")
    waiting: int = Field(description="Events that match and are not dealt with.")
    last_event_sequence: str | None
    last_event_at: str | None = Field(description="When the last event was published.")
    moved_at: str | None = Field(description="When the position was last written down.")
    events: int = Field(description="That matched; after a kill some are counted twice.")
    started: int = Field(description="That started a run, alone or in a batch.")
    dropped: int = Field(description="That the filter left out.")
    refused: int = Field(description="That became dead letters.")


class Subscriptions(BaseModel):
    """A page of subscriptions."""

    items: list[Subscription]
    next_cursor: str | None


class Pause(Asked):
    """Why nothing is to be started for now."""

    reason: Reason = ""


class Replay(Asked):
    """Where to begin again; each event from there on starts a run anew."""

    sequence: int | None = Field(
        default=None, ge=1, le=2**62, description="The first event, by its number on the bus."
    )
    time: str | None = Field(
        default=None, max_length=40, description="The first event is not older (RFC 3339)."
    )
    reason: Reason = ""
