"""Container: its inside once for every item of a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """What it goes over, how many at a time, and what comes of it."""

    items: list[Any] = Field(description="The list it goes over, as `{{ steps.fetch.rows }}`.")
    concurrency: int = Field(
        10, ge=1, le=1_000, description="How many iterations are open at a time."
    )
    batch: int = Field(
        1, ge=1, le=10_000, description="Items for one iteration; above 1 `item` is a list of them."
    )
    on_item_error: Literal["stop", "continue", "collect"] = Field(
        "stop",
        description=(
            "stop: the loop fails with the item's error. continue: null stands in its place. "
            "collect: an object with `error` does."
        ),
        json_schema_extra={"x-ui": {"literal": True}},
    )
    acc: Any = Field(
        None,
        description=(
            "A value to begin with. Then iterations run one at a time, each reads what the one "
            "before came to as `acc`, and the last is the output."
        ),
        json_schema_extra={"x-ui": {"advanced": True}},
    )
    output: Any = Field(
        None,
        description="What an iteration comes to, read inside it; else the output of its last step.",
        json_schema_extra={"x-ui": {"inside": True}},
    )


class ForEach(Node[Config]):
    """Runs the steps inside it once for every item of a list, several at a time.

    Inside, `item` is the item and `index` counts from 0. The output is the list
    of what the iterations came to, in the order of the items, whichever ended
    first. Lists may be long: what the log keeps of an iteration is its result.
    """

    type = "for_each"
    title = "For each"
    kind = "container"
    category = "control"
    icon = "repeat"
    timeout_ms = 0
    sections = ("body",)

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """A list, unless a value is handed from iteration to iteration."""
        return None if "acc" in config else {"type": "array"}
