"""What the routes that try webhooks out, and deliver once more, read and answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.trigger.models import Asked, Many, Reason

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{0,2000}$")]
VERSION = "original, current, or a version's id."


class Sample(Asked):
    """A delivery that a person makes up."""

    body: Any = Field(default=None, description="The body as JSON; none without it.")
    text: str | None = Field(
        default=None, description="The body as text, instead of `body`: for forms, or bad JSON."
    )
    content_type: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.+-]+/[^\x00-\x1f]*$")] = (
        Field(default="application/json", max_length=200)
    )
    method: Literal["DELETE", "GET", "PATCH", "POST", "PUT"] | None = Field(
        default=None, description="Without it POST, or the first that the webhook takes."
    )
    headers: dict[HeaderName, Line] = Field(default_factory=dict, max_length=64)
    query: dict[str, str] = Field(default_factory=dict, max_length=100)
    delivery_id: Line = Field(default="", max_length=200, description="A fresh one without it.")
    sign: bool = Field(
        default=True,
        description="Sign it as the sender would; false: check the headers as they are.",
    )


class Simulated(Sample):
    """A delivery that is judged, and starts nothing."""

    version: str | None = Field(default=None, description="A version; the current one without.")


class Verdict(BaseModel):
    """What became of it, or would."""

    verdict: str = Field(description="accepted, duplicate, filtered or refused")
    error: dict[str, Any] | None = Field(
        description="Why it is refused: code, message and details, as the sender would hear."
    )
    dropped: str | None = Field(description="Why the filter drops it.")
    version: str | None
    delivery_id: str | None
    run_id: str | None


class Said(BaseModel):
    """What the sender hears."""

    status: int
    headers: dict[str, str]
    body: Any


class Tested(Verdict):
    """What became of a test. `id` is its place in the history."""

    id: str
    answer: Said | None


class Simulation(Verdict):
    """What would become of a delivery. The run's id is the one it would have."""

    scope: dict[str, Any] | None = Field(
        description="What the filter and the response read; null if it is refused before."
    )
    answer: Said | None = Field(
        description="Of a webhook with a response of its own that answers at once."
    )


class Replay(Asked):
    """How a delivery is made once more."""

    version: str = Field(default="original", description=VERSION)
    ignore_filter: bool = Field(default=False, description="Start it whatever the filter says.")
    unverified: bool = Field(
        default=False,
        description="Also if it was never proved that the sender sent it: you vouch for it.",
    )
    reason: Reason = ""


class Replayed(BaseModel):
    """What came of a replay. `id` is its place in the history."""

    id: str | None
    replay_of: str
    verdict: str
    run_id: str | None
    version: str | None
    dropped: str | None
    duplicate: bool


class ReplayMany(Many, Replay):
    """Every delivery that the filters take."""


class ReplayedOne(BaseModel):
    """What came of one, or the reason why nothing did."""

    delivery_id: str
    id: str | None = None
    replay_of: str | None = None
    verdict: str | None = None
    run_id: str | None = None
    version: str | None = None
    dropped: str | None = None
    duplicate: bool | None = None
    error: dict[str, Any] | None = None


class ReplayedMany(BaseModel):
    """One answer per delivery. `more`: there are others that the filters take."""

    dry_run: bool
    matched: int
    done: int
    refused: int
    more: bool
    items: list[ReplayedOne]
