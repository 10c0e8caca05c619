"""`race`: branches side by side; the first that comes home wins, the others are cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract.messages import Error, ScopeEntered
from weir.core.control.behaviour import Enter, Outcome, Reached


def race(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Begin."""
    del config, reached
    return Enter(ScopeEntered(kind="race"))


def lost(first: Error | None) -> Error:
    """No branch came home."""
    why = f"; the first that failed: {first.code}: {first.message}" if first is not None else ""
    return Error(code="RACE_LOST", message=f"no branch came to its end{why}")
