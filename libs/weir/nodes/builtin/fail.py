"""Inline: ends in an error on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """The error."""

    code: str = Field(
        "FAILED",
        pattern=r"^[A-Z][A-Z0-9_]{0,62}$",
        description="Stable and in capitals: what programs look at.",
    )
    message: str = Field(description="What people read: what happened and what to do.")
    details: Any = Field(None, description="Anything that helps.")


class Fail(Node[Config]):
    """Fails the step with a code and a message of your own.

    It is never tried again. What becomes of the run is the node's `on_error`.
    """

    type = "fail"
    title = "Fail"
    kind = "inline"
    category = "control"
    icon = "octagon-x"

    @classmethod
    def ports(cls, config: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG003 - always the same
        """None: nothing comes after it but what `on_error: route` leads to."""
        return ()
