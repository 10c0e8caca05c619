"""Inline: names values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from weir.core.validation.schemas import shape
from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """The values, by name."""

    values: dict[str, Any] = Field(
        description="Each name with its value; expressions at any depth.",
        json_schema_extra={"x-ui": {"widget": "key-value"}},
    )


class Set(Node[Config]):
    """Computes values and gives them names.

    The output is an object with exactly these names, so that later steps read
    `steps.<id>.<name>`. The values of one node do not see each other.
    """

    type = "set"
    title = "Set values"
    kind = "inline"
    category = "data"
    icon = "pencil-line"

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Exactly these names."""
        return named(config)


def named(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of `values`, as far as it is written down."""
    values = config.get("values")
    return shape(values) if isinstance(values, Mapping) else None
