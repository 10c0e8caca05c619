"""What the registry's routes read and answer."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

from services.registry.comparing_models import Difference, Dropped
from services.registry.subscription_models import SubscriptionMade

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Scheme = Literal["none", "standard", "github", "hmac"]


class Asked(BaseModel):
    """Base of requests: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Definition(BaseModel):
    """A workflow's definition, schema weir/v1. Only what a list shows is checked at saving."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: Name
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    nodes: list[Any] = Field(default_factory=list)
    edges: list[Any] = Field(default_factory=list)


class Problem(BaseModel):
    """One located problem: a JSON pointer, and in a text with expressions line and column."""

    code: str
    path: str
    node: str | None = None
    message: str
    advice: str
    line: int | None = None
    column: int | None = None


class Verdict(BaseModel):
    """What validation found; a definition with errors cannot be published."""

    valid: bool
    errors: list[Problem]
    warnings: list[Problem]
    definition: dict[str, Any] | None = Field(
        default=None, description="What was read, where it was written in YAML."
    )


class WorkflowInList(BaseModel):
    """A workflow without its definition."""

    id: str
    name: str
    description: str
    labels: dict[str, str]
    current_version: str | None
    current_number: int | None
    created_at: str
    created_by: str
    updated_at: str
    updated_by: str
    revision: str
    project: str | None


class Workflow(WorkflowInList):
    """A workflow with its draft and what is still wrong with it."""

    definition: dict[str, Any]
    problems: list[Problem]


class Workflows(BaseModel):
    """A page of workflows."""

    items: list[WorkflowInList]
    next_cursor: str | None


class VersionInList(BaseModel):
    """A published version without its definition."""

    version: str
    workflow_id: str
    number: int
    note: str
    published_at: str
    published_by: str
    current: bool


class Version(VersionInList):
    """A published version: what its author wrote, and what runs."""

    definition: dict[str, Any]
    frozen: dict[str, Any]


class Versions(BaseModel):
    """A page of versions, the newest first."""

    items: list[VersionInList]
    next_cursor: str | None


class Publish(Asked):
    """What to say about the version."""

    note: Annotated[str, StringConstraints(max_length=2_000)] = ""
    base_version: str | None = Field(
        default=None,
        max_length=64,
        description="The current version that the draft was compared with, empty for none: if "
        "another one is current, nothing is published.",
    )
    state_vector: str | None = Field(
        default=None,
        max_length=256 * 1024,
        description="What the editor shows of the document, as Yjs encodes it, in base64: it is "
        "published when all of that is stored, within 2 s.",
    )

    @field_validator("state_vector")
    @classmethod
    def _is_base64(cls, given: str | None) -> str | None:
        if given is not None:
            base64.b64decode(given, validate=True)
        return given

    def vector(self) -> bytes | None:
        """The state vector, if one was given."""
        return None if self.state_vector is None else base64.b64decode(self.state_vector)


class Clone(Asked):
    """What the copy is called; without a name the old one and "(copy)"."""

    name: Name | None = None
    project: str | None = Field(
        default=None, description="Where the copy belongs; without it where the original does."
    )


class Move(Asked):
    """Where a workflow belongs; its runs stay where they were started."""

    project: str | None = Field(description="A project, or null for none.")


class Webhook(BaseModel):
    """The address of a trigger node."""

    id: str
    workflow_id: str
    node: str
    path: str
    enabled: bool
    scheme: Scheme
    created_at: str
    revision: str


class WebhookWithSecret(Webhook):
    """A webhook with its signing secret, which is shown this once."""

    secret: str | None = None
    previous_until: str | None = None


class Probe(BaseModel):
    """Whether a webhook is served, as it was found right after the publish."""

    state: str = Field(
        description="served: in this version, by who takes deliveries. refused: see `code`. "
        "silent: nobody answered; no trigger runs."
    )
    code: str | None
    message: str | None
    ms: int = Field(description="How long it took.")


class PublishedWebhook(WebhookWithSecret):
    """A webhook of the version that was published."""

    probe: Probe | None = Field(description="Null where the setting `webhook_probe` is 0.")


class Webhooks(BaseModel):
    """A page of webhooks."""

    items: list[Webhook]
    next_cursor: str | None


class ChangeWebhook(Asked):
    """Switch a webhook on or off; what it means is the definition's."""

    enabled: bool


class Rotate(Asked):
    """How long the old secret is accepted beside the new one, and which that is.

    Without one it is made here; senders that make their own (Stripe, Slack) say what it is. With
    the scheme basic it reads `user:password`.
    """

    overlap: str = "24h"
    secret: Annotated[SecretStr, Field(min_length=8, max_length=500)] | None = None


class ScheduleMade(BaseModel):
    """The schedule of a trigger node."""

    id: str
    trigger: str
    paused: bool
    next_at: str | None


class Published(BaseModel):
    """The version that is current now. `created` is false if this content was published before."""

    workflow_id: str
    version: str
    number: int
    created: bool
    revision: str
    warnings: list[Problem]
    webhooks: list[PublishedWebhook]
    schedules: list[ScheduleMade]
    changes: Difference = Field(description="Against the version that was current before.")
    dropped: list[Dropped] = Field(description="What of the document is in no definition.")
    subscriptions: list[SubscriptionMade]


class RunsAgain(BaseModel):
    """The version that is current now."""

    workflow_id: str
    version: str
    number: int
    revision: str


class NodeType(BaseModel):
    """A node type as the palette and the properties panel show it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    kind: str


class Schema(BaseModel):
    """A JSON Schema."""

    model_config = ConfigDict(extra="allow")


class NodeTypes(BaseModel):
    """The catalogue."""

    items: list[NodeType]
    next_cursor: str | None
