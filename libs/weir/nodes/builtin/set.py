"""Inline: names values."""

from __future__ import annotations

from typing import Any

from pydantic import Field

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
