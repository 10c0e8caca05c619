"""`merge`: joins branches that come together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.core.control.behaviour import Completed, Outcome, Reached


def merge(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Output all branches' outputs by step, or that of the one that finished first."""
    if config.get("mode") == "first":
        return Completed(next(iter(reached.sources.values()), None))
    return Completed(dict(reached.sources))
