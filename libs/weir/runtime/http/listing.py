"""One page of a list: filtered, ordered, cut, and a cursor to go on."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from weir.contract.errors import InvalidParameterError
from weir.runtime.http import cursor
from weir.runtime.http.call import Call

T = TypeVar("T")
Key = tuple[Any, str]


def ordering(
    call: Call, keys: Mapping[str, Callable[[T], Key]], default: str
) -> tuple[Callable[[T], Key], bool]:
    """The order `?sort=` asks for, as (key, descending); `-` before a name turns it round."""
    given = call.query("sort", default)
    key = keys.get(given.removeprefix("-"))
    if key is None:
        raise InvalidParameterError(
            f"sort={given[:40]!r} is no order of this list: use "
            f"{', '.join(keys)}, with - before it for descending.",
            details={"parameter": "sort"},
        )
    return key, given.startswith("-")


def page(
    call: Call,
    items: Iterable[T],
    key: Callable[[T], Key],
    show: Callable[[T], dict[str, Any]],
    *,
    descending: bool = False,
) -> dict[str, Any]:
    """`{"items", "next_cursor"}`. The key's second part is unique, so that no item is skipped."""
    limit = call.limit
    scope = _scope(call)
    given = call.query("cursor")
    if given:
        items = list(items)
        after = tuple(cursor.read(scope, given))
        if items and [*map(type, after)] != [*map(type, key(items[0]))]:
            raise cursor.refused()
        items = (one for one in items if (key(one) < after if descending else key(one) > after))
    cut = heapq.nlargest if descending else heapq.nsmallest
    found = cut(limit + 1, items, key=key)
    more = len(found) > limit
    shown = found[:limit]
    return {
        "items": [show(one) for one in shown],
        "next_cursor": cursor.write(scope, list(key(shown[-1]))) if more else None,
    }


def _scope(call: Call) -> list[Any]:
    filters = sorted(
        (name, value)
        for name, value in call.request.query.items()
        if name not in {"limit", "cursor", "min_sequence"}
    )
    return [call.tenant, call.request.path, filters]
