"""What is written down of a delivery to a webhook, without what it proves itself with."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "***"
_SECRET = re.compile(
    r"authorization|cookie|secret|token|passw|api[-_]?key|signature|credential|session|jwt",
    re.IGNORECASE,
)


def masked(named: Mapping[str, str]) -> dict[str, str]:
    """Headers or query parameters, with those masked that are called like secrets."""
    return {name: MASK if _SECRET.search(name) else value for name, value in named.items()}


def unmasked(named: Mapping[str, str]) -> dict[str, str]:
    """Those that were not masked."""
    return {name: value for name, value in named.items() if value != MASK}
