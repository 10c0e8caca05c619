"""Which behaviour a control node type has."""

from __future__ import annotations

from collections.abc import Mapping

from weir.core.control.approval import approval, user_input
from weir.core.control.assign import assign
from weir.core.control.behaviour import Behaviour
from weir.core.control.branch import branch_if, branch_switch
from weir.core.control.delay import delay
from weir.core.control.fail import fail
from weir.core.control.for_each import for_each
from weir.core.control.merge import merge
from weir.core.control.output import output
from weir.core.control.race import race
from weir.core.control.scope import scope
from weir.core.control.set_labels import set_labels
from weir.core.control.set_variables import set_variables
from weir.core.control.sub_workflow import sub_workflow
from weir.core.control.try_catch import try_catch
from weir.core.control.wait_signal import wait_signal
from weir.core.control.while_loop import while_loop

BEHAVIOURS: Mapping[str, Behaviour] = {
    "set": assign,
    "if": branch_if,
    "switch": branch_switch,
    "merge": merge,
    "delay": delay,
    "fail": fail,
    "output": output,
    "set_variables": set_variables,
    "set_labels": set_labels,
    "wait_signal": wait_signal,
    "approval": approval,
    "user_input": user_input,
    "sub_workflow": sub_workflow,
    "for_each": for_each,
    "while": while_loop,
    "try": try_catch,
    "scope": scope,
    "race": race,
}
