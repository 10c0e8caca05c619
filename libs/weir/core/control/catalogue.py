"""Which behaviour a pure node type has."""

from __future__ import annotations

from collections.abc import Mapping

from weir.core.control.assign import assign
from weir.core.control.behaviour import Behaviour
from weir.core.control.branch import branch_if, branch_switch
from weir.core.control.delay import delay
from weir.core.control.fail import fail
from weir.core.control.merge import merge
from weir.core.control.output import output

BEHAVIOURS: Mapping[str, Behaviour] = {
    "set": assign,
    "if": branch_if,
    "switch": branch_switch,
    "merge": merge,
    "delay": delay,
    "fail": fail,
    "output": output,
}
