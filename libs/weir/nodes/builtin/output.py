"""Inline: a result of the run."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """The result."""

    value: Any = Field(description="Any value; expressions at any depth.")


class Output(Node[Config]):
    """Names a result of the run.

    Its output is the value. Without an `output` of its own, a definition's
    output is that of its last steps, by id.
    """

    type = "output"
    title = "Output"
    kind = "inline"
    category = "data"
    icon = "log-out"
