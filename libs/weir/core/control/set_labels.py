"""`set_labels`: gives labels and search attributes of the run new values while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract.messages import AttributesSet
from weir.core.control.behaviour import Completed, Outcome, Reached
from weir.core.texts import texts


def set_labels(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Take the values over, as texts; they are the output as well. Null takes a name away."""
    del reached
    labels, search = texts(config.get("labels") or {}), texts(config.get("search") or {})
    return Completed(
        {"labels": labels, "search": search}, attributes=AttributesSet(labels=labels, search=search)
    )
