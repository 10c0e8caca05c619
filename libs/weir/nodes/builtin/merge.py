"""Inline: branches come together."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """What the output is made of."""

    mode: Literal["map", "first"] = Field(
        "map",
        description=(
            "map: an object of the branches' outputs by node id. "
            "first: the output of the branch that was finished first."
        ),
    )


class Merge(Node[Config]):
    """Brings branches together, as soon as the node's `join` is satisfied.

    Branches that were skipped are left out.
    """

    type = "merge"
    title = "Merge"
    kind = "inline"
    category = "control"
    icon = "merge"
