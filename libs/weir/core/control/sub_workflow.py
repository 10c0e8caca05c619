"""`sub_workflow`: a run of another workflow, waited for; its output is the step's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.core.control.behaviour import Call, Outcome, Reached, refuse

MAX_DEPTH = 16


def sub_workflow(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Start it."""
    del reached
    workflow = config["workflow"]
    if not isinstance(workflow, str) or not workflow.startswith("wf_"):
        return refuse("WORKFLOW_NOT_FOUND", "workflow is the id of a workflow, like wf_…")
    return Call(workflow, config.get("version") or "", config.get("input"))
