"""Subject filters: `*` stands for one token, `>` at the end for one or more."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_WILD = re.compile(r"[*>]")


@lru_cache(maxsize=4096)
def matcher(*filters: str) -> Callable[[str], object]:
    """A test of subjects that is true of what any of the filters takes."""
    if len(filters) == 1 and not _WILD.search(filters[0]):
        return filters[0].__eq__
    return re.compile("|".join(_pattern(one) for one in filters)).fullmatch


def _pattern(subject_filter: str) -> str:
    return r"\.".join(
        r"[^.]+" if part == "*" else r".+" if part == ">" else re.escape(part)
        for part in subject_filter.split(".")
    )
