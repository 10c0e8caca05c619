"""Container: branches side by side, of which the first wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """Nothing to set: the branches are what stands inside."""


class Race(Node[Config]):
    """Runs branches side by side; the first that comes to its end wins.

    Each step inside that nothing leads to begins a branch. The others are
    cancelled when one has won; a branch that fails is out. The output is
    `winner`, the id of the winning branch's last step, and `output`, what it
    came to. If all fail the race does, with RACE_LOST.
    """

    type = "race"
    title = "Race"
    kind = "container"
    category = "control"
    icon = "flag"
    timeout_ms = 0
    sections = ("body",)

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - always the same
        """Who won, and with what."""
        return {
            "type": "object",
            "properties": {"winner": {"type": "string"}, "output": {}},
            "additionalProperties": False,
        }
