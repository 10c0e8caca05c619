"""Inline: waits until somebody outside says something."""

from __future__ import annotations

from pydantic import Field

from weir.nodes.base import Duration, Node, NodeModel


class Config(NodeModel):
    """For what, and for how long."""

    name: str = Field(
        min_length=1, max_length=200, description="The signal's name, as `order.paid`."
    )
    timeout: Duration | None = Field(
        None, description="After it the step fails with SIGNAL_TIMEOUT; for ever if empty."
    )


class WaitSignal(Node[Config]):
    """Waits until the run is sent a signal of this name.

    One that came before is kept, and counts for the first step that waits for
    it. The wait outlives restarts and costs nothing. The output is the signal's
    payload; what it may be is said with the node's `output_schema`.
    """

    type = "wait_signal"
    title = "Wait for signal"
    kind = "inline"
    category = "control"
    icon = "bell"
