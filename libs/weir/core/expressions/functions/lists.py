"""Functions on lists and maps. They return the elements as they are, in a list of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.core.expressions.budget import SLOT, Meter
from weir.core.expressions.errors import DomainError, Fault, OperandError, UnresolvedError
from weir.core.expressions.functions.table import function
from weir.core.expressions.macros import check_order
from weir.core.expressions.values import kind, sequence, to_json, want

GROUP = "Lists and maps"


def _read(meter: Meter, items: Any, who: str) -> list[Any]:
    own = sequence(items, who)
    meter.work(1 + (len(own) >> 3))
    return own


def _make(meter: Meter, items: Any, who: str) -> list[Any]:
    own = _read(meter, items, who)
    meter.make(SLOT * len(own))
    return own


@function("first", "list.first()", GROUP, ("[3, 4].first()", 3), result="part")
def first(meter: Meter, items: Any) -> Any:
    """The first element; an empty list has none."""
    del meter
    own = sequence(items, "first()")
    if own:
        return own[0]
    raise Fault(UnresolvedError, "an empty list has no first element", "Use get(list, '0', …).")


@function("last", "list.last()", GROUP, ("[3, 4].last()", 4), result="part")
def last(meter: Meter, items: Any) -> Any:
    """The last element; an empty list has none."""
    del meter
    own = sequence(items, "last()")
    if own:
        return own[-1]
    raise Fault(UnresolvedError, "an empty list has no last element", "Ask size(list) > 0 first.")


@function(
    "slice",
    "list.slice(from), list.slice(from, to)",
    GROUP,
    ("[1, 2, 3].slice(1)", [2, 3]),
    ("[1, 2, 3].slice(0, 2)", [1, 2]),
    result="made",
)
def slice_(meter: Meter, items: Any, start: Any, stop: Any = None) -> list[Any]:
    """The elements from one position up to, without, another; there may be fewer."""
    own = sequence(items, "slice()")
    begin = want(start, int, "slice()")
    end = len(own) if stop is None else want(stop, int, "slice()")
    if begin < 0 or end < 0:
        raise Fault(DomainError, "slice() counts from 0, not from the end")
    meter.make(SLOT * max(0, min(end, len(own)) - begin))
    return own[begin:end]


@function("reverse", "list.reverse()", GROUP, ("[1, 2].reverse()", [2, 1]), result="made")
def reverse(meter: Meter, items: Any) -> list[Any]:
    """The elements from the last to the first."""
    return _make(meter, items, "reverse()")[::-1]


@function("sort", "list.sort()", GROUP, ("[3, 1, 2].sort()", [1, 2, 3]), result="made")
def sort(meter: Meter, items: Any) -> list[Any]:
    """The elements in ascending order: all numbers, or all strings and so on."""
    own = _make(meter, items, "sort()")
    check_order(meter, own)
    return sorted(own)


@function(
    "distinct",
    "list.distinct()",
    GROUP,
    ("['a', 'b', 'a'].distinct()", ["a", "b"]),
    ("[1, 1.0, '1'].distinct()", [1, "1"]),
    result="made",
)
def distinct(meter: Meter, items: Any) -> list[Any]:
    """Each element once, where it stands first."""
    own = _make(meter, items, "distinct()")
    seen: set[str] = set()
    kept = []
    for item in own:
        key = type(item).__name__ + item if type(item) is str else to_json(meter, item)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


@function(
    "flatten",
    "list.flatten(), list.flatten(depth)",
    GROUP,
    ("[1, [2, [3]]].flatten()", [1, 2, [3]]),
    ("[1, [2, [3]]].flatten(2)", [1, 2, 3]),
    result="made",
)
def flatten(meter: Meter, items: Any, depth: Any = 1) -> list[Any]:
    """The elements of inner lists in place of these lists, one level deep or more."""
    own = _make(meter, items, "flatten()")
    levels = want(depth, int, "flatten()")
    for _ in range(min(levels, 100)):
        if not any(isinstance(item, list | tuple) for item in own):
            break
        flat: list[Any] = []
        for item in own:
            inner = sequence(item, "flatten()") if isinstance(item, list | tuple) else [item]
            meter.make(SLOT * len(inner))
            meter.work(1 + (len(inner) >> 3))
            flat += inner
        own = flat
    return list(own)


@function(
    "range", "range(n), range(from, to)", GROUP, ("range(3)", [0, 1, 2]), ("range(2, 4)", [2, 3])
)
def range_(meter: Meter, start: Any, stop: Any = None) -> list[int]:
    """Whole numbers from 0, or from the first, up to, without, the last."""
    first_, last_ = (0, start) if stop is None else (start, stop)
    begin, end = want(first_, int, "range()"), want(last_, int, "range()")
    count = max(0, end - begin)
    meter.work(count >> 3)
    meter.make(SLOT * count)
    return list(range(begin, end))


@function("keys", "map.keys()", GROUP, ("{'a': 1, 'b': 2}.keys()", ["a", "b"]), result="made")
def keys(meter: Meter, value: Any) -> list[Any]:
    """The keys of a map."""
    own = _mapping(meter, value, "keys()")
    return list(own)


@function("values", "map.values()", GROUP, ("{'a': 1, 'b': 2}.values()", [1, 2]), result="made")
def values(meter: Meter, value: Any) -> list[Any]:
    """The values of a map."""
    own = _mapping(meter, value, "values()")
    return list(own.values())


@function(
    "entries",
    "map.entries()",
    GROUP,
    ("{'a': 1}.entries()", [{"key": "a", "value": 1}]),
    result="made",
)
def entries(meter: Meter, value: Any) -> list[dict[str, Any]]:
    """Each key with its value, as a list to go through."""
    own = _mapping(meter, value, "entries()")
    meter.make(4 * SLOT * len(own))
    meter.work(len(own))
    return [{"key": key, "value": item} for key, item in own.items()]


@function(
    "merge",
    "merge(a, b, …)",
    GROUP,
    ("merge({'a': 1, 'b': 1}, {'b': 2})", {"a": 1, "b": 2}),
    result="made",
)
def merge(meter: Meter, first_: Any, *others: Any) -> dict[Any, Any]:
    """One map with the keys of all; where two have a key, the later one counts."""
    made: dict[Any, Any] = {}
    for value in (first_, *others):
        made |= dict(_mapping(meter, value, "merge()"))
    return made


@function(
    "pick",
    "pick(map, keys)",
    GROUP,
    ("pick(input.customer, ['name'])", {"name": "Ada"}),
    result="made",
)
def pick(meter: Meter, value: Any, names: Any) -> dict[Any, Any]:
    """The map with these keys only; a key it does not have is left out."""
    wanted = _make(meter, names, "pick()")
    own = _mapping(meter, value, "pick()")
    for name in wanted:
        want(name, str, "pick()")
    return {name: own[name] for name in wanted if name in own}


def _mapping(meter: Meter, value: Any, who: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise Fault(OperandError, f"{who} takes a map, not {kind(value)}")
    meter.work(1 + (len(value) >> 2))
    meter.make(2 * SLOT * len(value))
    return value
