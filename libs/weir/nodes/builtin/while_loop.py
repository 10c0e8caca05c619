"""Container: its inside again and again, as long as a condition holds."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from weir.nodes.base import Condition, Node, NodeModel


class Config(NodeModel):
    """When it goes on, what it begins with, and where it ends at the latest."""

    condition: Condition = Field(
        description="`{{ … }}` over `acc` and `index`; the loop goes on as long as it is true."
    )
    initial: Any = Field(None, description="`acc` of the first iteration.")
    limit: int = Field(
        1_000,
        ge=1,
        le=1_000_000,
        description="After so many iterations a condition that still holds fails the loop.",
        json_schema_extra={"x-ui": {"literal": True}},
    )
    output: Any = Field(
        None,
        description="The next `acc`, read inside the iteration; else the output of its last step.",
        json_schema_extra={"x-ui": {"inside": True}},
    )


class While(Node[Config]):
    """Runs the steps inside it again and again, as long as a condition holds.

    The condition is asked before each iteration. Inside, `acc` is what the
    iteration before came to, `initial` in the first, and `index` counts from 0.
    The output is the last `acc`.
    """

    type = "while"
    title = "While"
    kind = "container"
    category = "control"
    icon = "refresh-cw"
    timeout_ms = 0
    sections = ("body",)
