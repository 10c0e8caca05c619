"""`set_variables`: gives variables of the run new values; what runs afterwards reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.core.control.behaviour import Completed, Outcome, Reached


def set_variables(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Take the values over; they are the output as well."""
    del reached
    values = config["values"]
    return Completed(values, variables=values)
