"""Task: a function in a worker of yours."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from weir.core.spec import RetryPolicy
from weir.nodes.base import Node, NodeContext, NodeModel, NotHere


class Config(NodeModel):
    """Which function, and what it gets."""

    task: str = Field(
        pattern=r"^[a-z][a-z0-9_.-]{0,62}$", description="The name the worker registered."
    )
    input: Any = Field(
        None, description="What the function is given; the worker checks it by its types."
    )


class Task(Node[Config]):
    """Calls a function that a worker of your own serves, on any machine.

    Set the node's `queue` to the one the worker takes from. The output is what
    the function returns.
    """

    type = "task"
    title = "Task"
    category = "action"
    icon = "square-function"
    retry = RetryPolicy(max_attempts=3)
    effect = "write"

    async def run(self, config: Config, ctx: NodeContext) -> Any:  # noqa: ARG002
        """Only reached on a worker that has no functions at all."""
        raise NotHere(
            f"no worker of this queue knows the task {config.task!r}: set the node's queue to the "
            "one that its worker serves, and check the name",
            code="TASK_UNKNOWN",
        )
