"""Task: an event onto the tenant's bus."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from pydantic import Field, StringConstraints

from weir.contract.subjects import EVENT_NAME
from weir.core.cloudevents import Event as CloudEvent
from weir.core.spec import RetryPolicy
from weir.nodes.base import Node, NodeContext, NodeModel, Terminal

Subject = Annotated[str, StringConstraints(pattern=f"^{EVENT_NAME.pattern}$")]
Attribute = str | int | bool

_NAME = re.compile(r"[a-z0-9]{1,20}")


class Config(NodeModel):
    """What happened, and where it is said."""

    subject: Subject = Field(
        description="Where it is published, without `bus.<tenant>.`, such as orders.created."
    )
    data: Any = Field(None, description="What the event holds, any JSON value.")
    type: str = Field(
        "",
        max_length=500,
        description="What happened, in the words of CloudEvents; the subject if empty.",
    )
    source: str = Field(
        "", max_length=500, description="Where it happened; the workflow and its run if empty."
    )
    id: str = Field(
        "",
        max_length=500,
        description="Of the event; without it one that is the same for every attempt.",
    )
    about: str = Field(
        "", max_length=500, description="The attribute `subject` of CloudEvents: what it is about."
    )
    extensions: dict[str, Attribute] = Field(
        default_factory=dict, max_length=32, description="Further attributes, by name."
    )


class PublishEvent(Node[Config]):
    """Publishes an event on the tenant's bus, where it can start other workflows.

    It is a CloudEvent in binary mode: its attributes are headers, its data the
    body. Every attempt has the same id, so that whoever listens acts once.
    Events that runs have made of events again and again, sixteen deep, start
    nothing any more. The output is the event's `id`, `subject` and `sequence`.
    """

    type = "publish_event"
    title = "Publish event"
    category = "action"
    icon = "megaphone"
    retry = RetryPolicy(max_attempts=5)
    timeout_ms = 30_000
    effect = "write"

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - always the same
        """The event's names."""
        text = {"type": "string"}
        return {
            "type": "object",
            "properties": {"id": text, "subject": text, "sequence": text},
            "additionalProperties": False,
        }

    async def run(self, config: Config, ctx: NodeContext) -> dict[str, Any]:
        """Publish; what is stored already under this id is not stored again for a moment."""
        wrong = [name[:64] for name in config.extensions if not _NAME.fullmatch(name)]
        if wrong:
            raise Terminal(
                f"attributes of CloudEvents have names of lower-case letters and digits, not "
                f"{', '.join(wrong)}",
                code="CONFIG_INVALID",
            )
        event = CloudEvent(
            id=config.id or ctx.idempotency_key,
            source=config.source or f"/runs/{ctx.run_id}",
            type=config.type or config.subject,
            payload=config.data,
            cloud=True,
            subject=config.about,
            media_type="application/json",
            extensions=config.extensions,
        )
        sequence = await ctx.events.publish(config.subject, event, orjson.dumps(config.data))
        ctx.log.info("published", subject=config.subject, id=event.id, sequence=str(sequence))
        return {"id": event.id, "subject": config.subject, "sequence": str(sequence)}
