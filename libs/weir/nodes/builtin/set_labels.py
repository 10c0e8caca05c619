"""Inline: gives labels and search attributes of the run new values."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from weir.nodes.base import Node, NodeModel

Plain = str | bool | int | float | None


class Config(NodeModel):
    """The values, by name."""

    labels: dict[str, Plain] = Field(
        default_factory=dict,
        max_length=32,
        description="Labels, which run.labels shows from now on; null takes one away.",
        json_schema_extra={"x-ui": {"widget": "key-value"}},
    )
    search: dict[str, Plain] = Field(
        default_factory=dict,
        max_length=32,
        description="Search attributes; null takes one away.",
        json_schema_extra={"x-ui": {"widget": "key-value"}},
    )


class SetLabels(Node[Config]):
    """Gives labels and search attributes of the run new values.

    Lists of runs are filtered by them while the run goes on and afterwards.
    Values are kept as texts of at most 256 characters; names that are not said
    keep what they have. The output is what was set.
    """

    type = "set_labels"
    title = "Set labels"
    kind = "inline"
    category = "data"
    icon = "tags"

    @classmethod
    def output(cls, config: Any) -> dict[str, Any]:  # noqa: ARG003 - always the same
        """What was set, as texts."""
        texts = {"type": "object", "additionalProperties": {"type": "string"}}
        return {
            "type": "object",
            "properties": {"labels": texts, "search": texts},
            "additionalProperties": False,
        }
