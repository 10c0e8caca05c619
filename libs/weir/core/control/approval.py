"""`approval` and `user_input`: wait until people have decided, or have filled in a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract.messages import ApprovalDecided, Error
from weir.core.approvals.asked import made
from weir.core.control.behaviour import Ask, Outcome, Reached, refuse


def approval(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Ask; how it goes on is the option that was chosen."""
    return _ask("approval", config, reached)


def user_input(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Ask; what was filled in is the output."""
    return _ask("user_input", config, reached)


def _ask(kind: str, config: Mapping[str, Any], reached: Reached) -> Outcome:
    del reached
    try:
        return Ask(made(kind, config))
    except ValueError as error:
        return refuse("APPROVAL_INVALID", str(error))


def undecided(decided: ApprovalDecided, path: str) -> Error:
    """What a step fails with about which nobody decided."""
    if decided.outcome == "expired":
        message = "nobody decided in time: ask more people, remind them, or give them longer"
        return Error(code="APPROVAL_EXPIRED", message=message, step=path)
    why = f": {decided.reason}" if decided.reason else ""
    return Error(code="APPROVAL_WITHDRAWN", message=f"it was withdrawn{why}", step=path)
