"""Container: steps that belong together."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """What comes of it."""

    output: Any = Field(
        None,
        description="Read inside, when its steps have ended; else the output of its last step.",
        json_schema_extra={"x-ui": {"inside": True}},
    )


class Scope(Node[Config]):
    """Holds steps that belong together: if one fails, what was done is undone.

    A step inside names with `compensate` the node that undoes it. When the scope
    fails or the run is cancelled, these run one after the other, last done first,
    and survive restarts. Then the scope fails with the first error; what could
    not be undone is named in it.
    """

    type = "scope"
    title = "Scope"
    kind = "container"
    category = "control"
    icon = "undo-2"
    timeout_ms = 0
    sections = ("body",)
