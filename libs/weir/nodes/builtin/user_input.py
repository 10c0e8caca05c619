"""Inline: waits until somebody has filled in a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from weir.core.approvals.asked import TITLE
from weir.nodes.base import Node
from weir.nodes.builtin.approval import Asking, decided


class Config(Asking):
    """Who fills in what."""

    form: dict[str, Any] = Field(
        description="What is filled in, as a JSON Schema; checked as it is sent."
    )
    button: str = Field("", max_length=TITLE, description="What sends it; else Send.")


class UserInput(Node[Config]):
    """Waits until one of those who are asked has filled in a form.

    What they filled in is `values` of the output, and fits the form; `by`,
    `comment` and `decided_at` stand beside it. The first who sends it counts.
    """

    type = "user_input"
    title = "User input"
    kind = "inline"
    category = "human"
    icon = "text-cursor-input"

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What was filled in, and by whom."""
        form = config.get("form")
        return decided(form if isinstance(form, Mapping) else {})
