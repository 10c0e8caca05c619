"""What a run must pass before its first step: its turn, a debounce, a limit of concurrency.

The run's own log says first that it waits (P6), then its limit is asked; what
the limit has decided is a fact in the run's log, and final.
"""

from __future__ import annotations

from weir.contract import ids
from weir.contract.messages import RunOrder
from weir.core.state import Gate, Moving, RunState

PRIORITIES = ("high", "normal", "low")  # in the order in which they go


def limit_id(tenant: str, kind: str, *scope: str) -> str:
    """The limit that all who name the same share."""
    return ids.derived("lim", tenant, kind, *scope)


def turn_of(order: RunOrder) -> Gate:
    """What a run waits for that goes on after others, before its log says that it waits."""
    return Gate("order", order.limit_id, order.key, limit=1, policy="queue", priority="")


def priority(state: RunState) -> str:
    """How urgent the run is: as its start has it, or its version."""
    asked = state.start.priority or (state.graph.priority if state.graph is not None else "")
    return asked if asked in PRIORITIES else "normal"


def open_gate(run: Moving | RunState) -> Gate | None:
    """The limit that the run waits for."""
    return next((gate for gate in run.nest.gates if not gate.verdict), None)


def is_held(run: Moving | RunState) -> bool:
    """Whether the run waits for a limit, and has done nothing yet."""
    return bool(run.nest.gates) and open_gate(run) is not None


def waits_for(run: Moving | RunState) -> str:
    """What a run that has not begun waits for, e.g. `limit:acme/site`; empty if for none."""
    gate = open_gate(run) if run.nest.gates else None
    if gate is None:
        return ""
    return f"{shown_kind(gate.kind)}:{gate.key}"


def shown_kind(kind: str) -> str:
    """What people are told a gate is: order, debounce, or a limit."""
    return "limit" if kind == "concurrency" else kind
