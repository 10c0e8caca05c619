"""Bodies and answers of push notices, as OpenAPI shows them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

LONGEST_ENDPOINT = 2_000
NAME = 100


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PushSubscriptionKeys(_Asked):
    """What notices are encrypted for."""

    p256dh: str = Field(min_length=80, max_length=100, description="Public key, base64url.")
    auth: str = Field(min_length=20, max_length=30, description="Shared secret, base64url.")


class PushSubscription(_Asked):
    """A browser's subscription, as its PushManager gives it."""

    endpoint: str = Field(
        min_length=1,
        max_length=LONGEST_ENDPOINT,
        description="Where its push service takes notices: an https address.",
    )
    keys: PushSubscriptionKeys
    name: str = Field("", max_length=NAME, description="What to call the device in lists.")


class PushKey(BaseModel):
    """Who may send notices."""

    key: str = Field(description="`applicationServerKey` of a subscription, base64url.")


class PushDevice(BaseModel):
    """A browser in which notices are shown."""

    id: str
    name: str
    added_at: str
    fingerprint: str = Field(description="SHA-256 of its endpoint, in hex.")


class PushDevices(BaseModel):
    """All of somebody's."""

    items: list[PushDevice]


class PushTested(BaseModel):
    """What came of a test."""

    sent: bool = Field(description="Whether the push service took it.")
    problem: str = Field(description="Why not; empty if it did.")
