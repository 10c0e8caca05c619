"""Trigger: somebody, or a program through the API, starts the run."""

from __future__ import annotations

from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """Nothing to set: what a start must bring is the definition's `input` schema."""


class Manual(Node[Config]):
    """Starts a run from the editor, the command line or the API.

    What the start brings is `input`, checked by the input schema of the
    definition.
    """

    type = "manual"
    title = "Manual start"
    kind = "trigger"
    category = "trigger"
    icon = "play"
