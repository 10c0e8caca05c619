"""Inline: waits without holding anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

from weir.nodes.base import Duration, Node, NodeModel


class Config(NodeModel):
    """How long, or until when: exactly one of the two."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["duration"]}, {"required": ["until"]}]}
    )

    duration: Duration | None = Field(None, description="How long to wait.")
    until: str | None = Field(
        None,
        description="A time with its zone, as 2027-01-31T09:00:00Z; one in the past does not wait.",
        json_schema_extra={
            "format": "date-time",
            "pattern": r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)$",
        },
    )


class Delay(Node[Config]):
    """Waits for a while, or until a time, and goes on.

    The wait outlives restarts and costs nothing while it lasts; days and months
    are fine. The output is `due_at`.
    """

    type = "delay"
    title = "Delay"
    kind = "inline"
    category = "control"
    icon = "timer"

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - always the same
        """When it was due."""
        return {
            "type": "object",
            "properties": {"due_at": {"type": "string"}},
            "additionalProperties": False,
        }
