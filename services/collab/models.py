"""What collab's routes answer."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Peer(BaseModel):
    """Somebody who has the document open."""

    id: str
    name: str
    read_only: bool = Field(default=False, description="Whether they only look.")


class Document(BaseModel):
    """What an editor must know before it opens the socket."""

    epoch: str = Field(description="The document's name in time: two epochs are never merged.")
    read_only: bool = Field(description="Whether the caller may only look.")
    peers: list[Peer]
