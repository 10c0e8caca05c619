"""Inline: one of two ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from weir.nodes.base import Condition, Node, NodeModel


class Config(NodeModel):
    """What is asked."""

    condition: Condition = Field(description="`{{ … }}` that yields true or false.")


class If(Node[Config]):
    """Goes on by the port `true` or `false`; the other branch is skipped.

    The output is `condition`. A condition that yields neither true nor false
    fails the step: nothing is taken for true by accident.
    """

    type = "if"
    title = "If"
    kind = "inline"
    category = "control"
    icon = "split"

    @classmethod
    def ports(cls, config: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG003 - always the same
        """Both answers."""
        return ("true", "false")

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - always the same
        """The answer."""
        return {
            "type": "object",
            "properties": {"condition": {"type": "boolean"}},
            "additionalProperties": False,
        }
