"""Inline: gives variables of the run new values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from weir.nodes.base import Node, NodeModel
from weir.nodes.builtin.set import named


class Config(NodeModel):
    """The values, by name."""

    values: dict[str, Any] = Field(
        description="Each variable with its value; expressions at any depth.",
        json_schema_extra={"x-ui": {"widget": "key-value"}},
    )


class SetVariables(Node[Config]):
    """Gives variables of the run new values.

    What runs afterwards reads them as `vars.<name>`; those of the definition's
    `vars` are what a run begins with. Where branches run side by side, the one
    that comes last has set it. The output is the object of the values.
    """

    type = "set_variables"
    title = "Set variables"
    kind = "inline"
    category = "data"
    icon = "variable"

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Exactly these names."""
        return named(config)
