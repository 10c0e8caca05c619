"""Values as the texts that lists are filtered by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

LONGEST = 256


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Attributes as they are kept; what is no plain value is taken away."""
    return {name: as_text(value) for name, value in values.items()}


def as_text(value: Any) -> str:
    """A value as lists are filtered by it: at most 256 characters, empty if it is no plain one."""
    if isinstance(value, str):
        return value[:LONGEST]
    if isinstance(value, bool | int | float):
        return orjson.dumps(value).decode() if abs(value) < 2**63 else str(value)
    return ""
