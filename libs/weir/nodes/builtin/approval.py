"""Inline: waits until people have decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from weir.core.approvals.asked import ASSIGNEES, MESSAGE, TITLE
from weir.nodes.base import Duration, Node, NodeModel

LITERAL: dict[str, Any] = {"x-ui": {"literal": True}}
People = list[Any]

OptionName = Annotated[
    str,
    StringConstraints(pattern=r"^(?!(?:out|error)$)[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"),
    Field(
        description="Name of the port.", json_schema_extra={"x-ui": {"port": True, "literal": True}}
    ),
]


class Option(NodeModel):
    """A way to decide."""

    value: OptionName
    label: str = Field("", max_length=TITLE, description="On the button; else the value.")
    style: Literal["default", "primary", "success", "warning", "danger"] = Field(
        "default", description="How the button looks.", json_schema_extra=LITERAL
    )
    required: int | None = Field(
        None, ge=1, le=ASSIGNEES, description="How many must choose it; else the node's `required`."
    )
    comment: bool = Field(False, description="Whether whoever chooses it must say why.")
    form: bool = Field(True, description="Whether the form, if there is one, must be filled in.")


class Escalation(NodeModel):
    """What is done if nobody has decided by then."""

    after: Duration = Field(description="After the asking, as 24h.")
    notify: People | str | None = Field(None, description="Who is told of it.")
    reassign: People | str | None = Field(None, description="Who may decide as well from now on.")
    decide: str = Field("", description="The option that is decided by it.")


class SlackMessage(NodeModel):
    """A message with buttons."""

    credential: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,62}$",
        description="Name of a credential of type slack.",
        json_schema_extra=LITERAL,
    )
    channel: str = Field("", description="As #releases; needs a credential with a bot token.")


class Asking(NodeModel):
    """Who is asked what, and how long."""

    title: str = Field("", max_length=TITLE, description="One line; else the node's name.")
    message: str = Field("", max_length=MESSAGE, description="What it is about, in Markdown.")
    context: Any = Field(None, description="Data that is shown beside the message.")
    assignees: People | str = Field(
        description=(
            "Who decides: user:ann@example.com, group:release, role:operator (and above); a list, "
            "or an expression that gives one."
        )
    )
    self_approval: bool = Field(False, description="Whether who started the run may decide.")
    form: dict[str, Any] | None = Field(
        None, description="What is filled in, as a JSON Schema; checked as it is sent."
    )
    timeout: Duration | None = Field(
        None, description="After it the step fails with APPROVAL_EXPIRED; for ever if empty."
    )
    remind_every: Duration | None = Field(None, description="How often who is asked is reminded.")
    escalation: list[Escalation] = Field(
        default_factory=list, max_length=20, description="What is done if nobody decides."
    )
    email: bool = Field(True, description="Whether those who are asked get a mail.")
    slack: SlackMessage | None = Field(None, description="Whether Slack is told.")


class Config(Asking):
    """Who decides between what."""

    options: list[Option] = Field(
        default_factory=list,
        max_length=20,
        description="Ways to decide, each a port; approved and rejected if empty.",
    )
    required: int = Field(
        1, ge=1, le=ASSIGNEES, description="How many must choose the same option."
    )
    on_timeout: str = Field(
        "", description="The option that counts when the timeout is over, instead of failing."
    )


class Approval(Node[Config]):
    """Waits until people have decided, and goes on by the port of what they chose.

    Who is asked finds it in the inbox, in a mail, on their devices and in Slack.
    Several may have to agree; of two who decide at the same moment the first one
    counts. Who started the run does not decide in it. The wait outlives restarts. The output
    is `decision`, `by`, `comment`, `values`, `decided_at` and all `votes`.
    """

    type = "approval"
    title = "Approval"
    kind = "inline"
    category = "human"
    icon = "user-check"

    @classmethod
    def ports(cls, config: Mapping[str, Any]) -> tuple[str, ...]:
        """The options' names in order, each once."""
        options = config.get("options")
        names = [
            one["value"]
            for one in (options if isinstance(options, list) else ())
            if isinstance(one, Mapping) and isinstance(one.get("value"), str)
        ]
        return tuple(dict.fromkeys(names)) or ("approved", "rejected")

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - nearly the same
        """What was decided, by whom, and how each voted."""
        return decided({})


def decided(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The output's schema; `values` is that of what was filled in."""
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "decision": text,
            "by": text,
            "how": text,
            "comment": text,
            "values": values,
            "decided_at": text,
            "votes": {"type": "array"},
            "approval_id": text,
        },
        "required": ["decision", "by", "how", "comment", "values", "decided_at", "votes"],
        "additionalProperties": False,
    }
