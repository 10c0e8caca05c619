"""`set`: its output is the object of its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.core.control.behaviour import Completed, Outcome, Reached


def assign(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Output what was written down, evaluated."""
    del reached
    return Completed(config["values"])
