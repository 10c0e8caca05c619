"""`while`: its inside again and again as long as a condition holds; the last result is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract.messages import Error, ScopeEntered
from weir.core.control.behaviour import Enter, Outcome, Reached

LIMIT = 1_000
MAX_LIMIT = 1_000_000


def while_loop(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Begin with `initial`; whether there is a first iteration the condition says."""
    del reached
    return Enter(ScopeEntered(kind="while", chained=True, acc=config.get("initial")))


def over_limit(config: Mapping[str, Any], index: int) -> Error | None:
    """Why there is no further iteration although the condition holds."""
    limit = config.get("limit", LIMIT)
    if index < limit:
        return None
    return Error(
        code="LOOP_LIMIT",
        message=f"the condition still held after {limit} iterations: check it, or raise `limit`",
    )
