"""Inline: a run of another workflow, waited for."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from weir.nodes.base import Node, NodeModel


class Config(NodeModel):
    """Which workflow, in which version, and what it is given."""

    workflow: str = Field(
        pattern=r"^wf_\w{1,60}$",
        description="The id of the workflow, `wf_…`.",
        json_schema_extra={"x-ui": {"widget": "workflow"}},
    )
    version: str | None = Field(
        None,
        pattern=r"^ver_\w{1,60}$",
        description="The id of a version, `ver_…`; the current one if empty.",
        json_schema_extra={"x-ui": {"widget": "version"}},
    )
    input: Any = Field(None, description="What its run is given as `input`.")


class SubWorkflow(Node[Config]):
    """Starts a run of another workflow and waits for its end.

    The output is that run's output. If it fails or is cancelled, so does this
    step; if this run is cancelled, so is that one. Runs can start each other 16
    deep.
    """

    type = "sub_workflow"
    title = "Sub-workflow"
    kind = "inline"
    category = "control"
    icon = "workflow"
