"""Changing a document by what changed between two definitions.

`merge` is a forward edit: only what differs between `base` and `target` is
touched, and there as little as can be, so that what others changed in the
document meanwhile stays. With an empty base and an empty document it fills the
document; with the document's own definition as base it makes both equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pycrdt import Doc, Map, Text

from weir.core.drafts.normal import Parts
from weir.core.drafts.rows import merge_rows, new_rows
from weir.core.drafts.shape import (
    NESTED_NODE,
    NESTED_SETTINGS,
    PLAIN_TEXT,
    ROWS_AT_MOST,
    SCHEMA_VERSION,
    is_list,
    is_text,
    order_of,
    plain,
    root,
    same,
)
from weir.core.drafts.texts import splice

Put = Callable[[Map[Any], str, Any, Any], None]  # where, key, what it was, what it shall be
_MISSING = object()


def merge(doc: Doc[Any], base: Parts, target: Parts) -> None:
    """Do to the document what leads from `base` to `target`; one transaction of the caller's."""
    meta = root(doc, "meta")
    if "schema_version" not in meta:
        meta["schema_version"] = SCHEMA_VERSION
    _fields(meta, base.meta, target.meta, _whole_or_text)
    _fields(root(doc, "vars"), base.vars, target.vars, _text)
    settings = root(doc, "settings")
    for key in NESTED_SETTINGS:
        if not isinstance(settings.get(key), Map) and not same(
            base.settings.get(key), target.settings.get(key)
        ):
            settings[key] = Map({})
    _fields(settings, base.settings, target.settings, _setting)
    _entries(root(doc, "nodes"), base.nodes, target.nodes, _node)
    _entries(root(doc, "notes"), base.notes, target.notes, _note)
    _edges(root(doc, "edges"), base, target)


def _fields(where: Map[Any], base: Mapping[str, Any], target: Mapping[str, Any], put: Put) -> None:
    for key in {**base, **target}:
        before, after = base.get(key, _MISSING), target.get(key, _MISSING)
        if before is not _MISSING and after is not _MISSING and same(before, after):
            continue
        if after is _MISSING:
            where.pop(key, None)
        else:
            put(where, key, None if before is _MISSING else before, after)


def _plain(where: Map[Any], key: str, before: Any, after: Any) -> None:
    del before
    if key not in where or not same(plain(where[key]), after):
        where[key] = after


def _text(where: Map[Any], key: str, before: Any, after: Any) -> None:
    there = where.get(key)
    if not isinstance(after, str):
        _plain(where, key, before, after)
    elif isinstance(there, Text) and after:
        splice(there, after)
    elif not same(plain(there) if key in where else _MISSING, after):
        where[key] = Text(after) if is_text(after) else after


def _whole_or_text(where: Map[Any], key: str, before: Any, after: Any) -> None:
    there = where.get(key)
    if key in PLAIN_TEXT and not isinstance(there, Text):
        _plain(where, key, before, after)
    else:
        _text(where, key, before, after)


def _setting(where: Map[Any], key: str, before: Any, after: Any) -> None:
    there = where.get(key)
    if isinstance(there, Map) and isinstance(after, dict):
        _fields(there, before if isinstance(before, dict) else {}, after, _text)
    else:
        _plain(where, key, before, after)


def _config_field(where: Map[Any], key: str, before: Any, after: Any) -> None:
    there: Any = where.get(key)
    if is_list(there) and merge_rows(there, before, after):
        return
    if isinstance(after, list | dict) and 0 < len(after) <= ROWS_AT_MOST:
        if key not in where or not same(plain(there), after):
            where[key] = new_rows(after)
    else:
        _text(where, key, before, after)


def _node(node: Map[Any], base: Mapping[str, Any], target: Mapping[str, Any]) -> None:
    for name, put in (("config", _config_field), ("retry", _text)):
        before, after = base.get(name), target.get(name)
        if isinstance(after, dict) or name not in target:
            there = node.get(name)
            if not isinstance(there, Map):
                if after is None and not isinstance(before, dict) and base:
                    continue
                node[name] = there = Map({})
            _fields(there, before if isinstance(before, dict) else {}, after or {}, put)
        elif not same(before, after):
            _plain(node, name, before, after)
    _fields(
        node,
        {key: value for key, value in base.items() if key not in NESTED_NODE},
        {key: value for key, value in target.items() if key not in NESTED_NODE},
        _whole_or_plain,
    )


def _whole_or_plain(where: Map[Any], key: str, before: Any, after: Any) -> None:
    there = where.get(key)
    if isinstance(there, Text) and isinstance(after, str) and after:
        splice(there, after)
    else:
        _plain(where, key, before, after)


def _note(note: Map[Any], base: Mapping[str, Any], target: Mapping[str, Any]) -> None:
    text = target.get("text")
    if isinstance(text, str) and not isinstance(note.get("text"), Text):
        note["text"] = Text(text)
    _fields(note, base, target, _whole_text)


def _whole_text(where: Map[Any], key: str, before: Any, after: Any) -> None:
    there = where.get(key)
    if isinstance(there, Text) and isinstance(after, str):
        splice(there, after)
    else:
        _plain(where, key, before, after)


Fill = Callable[[Map[Any], Mapping[str, Any], Mapping[str, Any]], None]


def _entries(
    where: Map[Any],
    base: Mapping[str, Mapping[str, Any]],
    target: Mapping[str, Mapping[str, Any]],
    fill: Fill,
) -> None:
    for key in base.keys() - target.keys():
        where.pop(key, None)
    for key, entry in target.items():
        before = base.get(key)
        there = where.get(key)
        if before is not None and same(before, entry):
            continue
        if isinstance(there, Map):
            fill(there, before or {}, entry)
        else:
            where[key] = Map({})
            fill(where[key], {}, entry)
    _arrange(where, list(base), list(target), _ordered)


def _ordered(where: Map[Any], key: str, order: float) -> None:
    where[key]["order"] = order


def _edges(where: Map[Any], base: Parts, target: Parts) -> None:
    for key in base.edges.keys() - target.edges.keys():
        where.pop(key, None)
    gone = base.nodes.keys() - target.nodes.keys()
    if gone:
        for key, edge in list(where.items()):
            ends = plain(edge)
            if isinstance(ends, dict) and (
                ends.get("source") in gone or ends.get("target") in gone
            ):
                where.pop(key, None)
    for key, edge in target.edges.items():
        if key not in where and not (key in base.edges and same(base.edges[key], edge)):
            where[key] = dict(edge)
    _arrange(where, list(base.edges), list(target.edges), _edge_ordered)


def _edge_ordered(where: Map[Any], key: str, order: float) -> None:
    where[key] = {**plain(where[key]), "order": order}


Order = Callable[[Map[Any], str, float], None]


def _arrange(where: Map[Any], base: list[str], target: list[str], put: Order) -> None:
    """Have the entries stand as in `target`, where that differs from `base`."""
    there = [key for key in target if key in where]
    known = set(base)
    common = set(target) & known
    if [key for key in base if key in common] != [key for key in target if key in common]:
        for at, key in enumerate(there, 1):
            if order_of(where[key]) != at:
                put(where, key, float(at))
        return
    orders = {key: order_of(where[key]) for key in there}
    last = max((one for one in _orders(where) if math.isfinite(one)), default=0.0)
    before = 0.0
    for at, key in enumerate(there):
        if key in known or math.isfinite(orders[key]):
            if math.isfinite(orders[key]):
                before = orders[key]
            continue
        following = (orders[other] for other in there[at + 1 :])
        after = next((one for one in following if math.isfinite(one)), None)
        order = (before + after) / 2 if after is not None and after > before else last + 1
        put(where, key, order)
        orders[key] = before = order
        last = max(last, order)


def _orders(where: Map[Any]) -> Iterable[float]:
    return (order_of(value) for value in where.values())
