"""`fail`: ends the branch with an error of the author's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract.messages import Error
from weir.core.control.behaviour import Failed, Outcome, Reached


def fail(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Fail with the given code, message and details."""
    del reached
    return Failed(
        Error(
            code=str(config.get("code") or "FAILED"),
            message=str(config.get("message") or ""),
            details=config.get("details"),
        )
    )
