"""What publishing over HTTP answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class EventBody(BaseModel):
    """What the event holds, any JSON; or a CloudEvent, alone or in a batch, by its media type."""

    model_config = ConfigDict(extra="allow")


class Published(BaseModel):
    """An event that lies on the bus."""

    id: str | None = Field(description="Of the CloudEvent; null for a plain one without a key.")
    subject: str
    sequence: str = Field(description="Its number on the bus.")


class PublishedEvents(BaseModel):
    """The events of a request, in their order."""

    items: list[Published]
