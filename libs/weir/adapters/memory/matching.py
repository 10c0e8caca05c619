"""Subject filters: `*` stands for one token, `>` at the end for one or more."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache


@lru_cache(maxsize=4096)
def matcher(subject_filter: str) -> Callable[[str], bool]:
    """A test of subjects against a filter."""
    if "*" not in subject_filter and ">" not in subject_filter:
        return subject_filter.__eq__
    parts = [
        r"[^.]+" if part == "*" else r".+" if part == ">" else re.escape(part)
        for part in subject_filter.split(".")
    ]
    match = re.compile(r"\.".join(parts)).fullmatch
    return lambda subject: match(subject) is not None
