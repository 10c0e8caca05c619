"""`output`: its value becomes the run's output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.core.control.behaviour import Completed, Outcome, Reached


def output(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Output the value as written, evaluated."""
    del reached
    return Completed(config.get("value"))
