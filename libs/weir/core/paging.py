"""The items a loop goes over: a list in the log, or pages of one in the object store.

A list that fits the log lies in it. A larger one is written in pages by the
executor that made it, and what the log holds is where they are:
`{"count": n, "pages": [{"first": 0, "blob": {…}}, …]}`. A page is content by
its key, so whoever reads it reads the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any


class AbsentError(Exception):
    """A page must be fetched before this can be decided."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def item_of(items: Any, at: int, fetched: Callable[[str], Any]) -> Any:
    """The item of an iteration."""
    if isinstance(items, Sequence):
        return items[at]
    pages = items["pages"]
    page = pages[bisect_right(pages, at, key=lambda page: page["first"]) - 1]
    key = page["blob"]["key"]
    values = fetched(key)
    if values is None:
        raise AbsentError(key)
    return values[at - page["first"]]


def count_of(items: Any) -> int:
    """How many there are."""
    return int(items["count"]) if isinstance(items, Mapping) else len(items)
