"""Inline: a result of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from weir.core.validation.schemas import shape
from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """The result."""

    value: Any = Field(description="Any value; expressions at any depth.")


class Output(Node[Config]):
    """Names a result of the run.

    The value becomes the run's output. With several such nodes the run's output
    is an object of their values by node id; an `output` of the definition itself
    comes before both.
    """

    type = "output"
    title = "Output"
    kind = "inline"
    category = "data"
    icon = "log-out"

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What the value is written down as."""
        return shape(config.get("value"))
