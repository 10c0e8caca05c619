"""What the routes of deliveries answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class HookDelivery(BaseModel):
    """A delivery to a webhook, and what became of it."""

    id: str
    webhook_id: str
    at: str
    verdict: str = Field(
        description="accepted: it started a run. duplicate: its id had started one before. "
        "filtered: the filter dropped it. refused: see `code`."
    )
    code: str | None = Field(description="Of a refusal.")
    reason: str | None = Field(description="Why it was refused or dropped, in words.")
    run_id: str | None
    version: str | None = Field(description="The version it was held against.")
    delivery_id: str | None = Field(description="The sender's id of it.")
    method: str
    status: int = Field(description="The HTTP status it was answered.")
    size: int = Field(description="Bytes of its body; of one that started a run, as JSON.")
    kind: str = Field(description="delivery: from outside. test, replay: sent by `by`.")
    replay_of: str | None = Field(description="Of a replay: the delivery.")
    by: str | None
    untold: int = Field(
        description="How many before it were not written down, for there were too many at once."
    )


class HookDeliveries(BaseModel):
    """A page of deliveries, the newest first."""

    items: list[HookDelivery]
    next_cursor: str | None
    counts: dict[str, int] | None = Field(
        default=None,
        description="With `counts=true`: how many the filters take, by verdict; 10,000 means at "
        "least so many.",
    )


class WholeDelivery(HookDelivery):
    """A delivery with all that is known of it."""

    headers: dict[str, str] = Field(description="By lower-case name; secrets are masked.")
    query: dict[str, str]
    address: str | None = Field(description="Where it came from.")
    verified: bool = Field(description="Whether it was proved to be the sender's.")
    truncated: bool = Field(description="Whether some of the body is missing here.")
    payload: Any = Field(description="The body as JSON, if it is JSON; by reference if large.")
    text: str | None = Field(description="The body as text, if it is no JSON.")
    replays: list[HookDelivery] = Field(description="The newest replays of it.")
