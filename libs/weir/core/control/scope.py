"""`scope`: steps that belong together; if one fails, what was done is undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract.messages import ScopeEntered
from weir.core.control.behaviour import Enter, Outcome, Reached


def scope(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Begin."""
    del config, reached
    return Enter(ScopeEntered(kind="scope"))
