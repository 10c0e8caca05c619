"""Lists in a config, row by row."""

from __future__ import annotations

from typing import Any

from pycrdt import Map, Text

from weir.core.drafts.shape import in_order, is_text, plain, same
from weir.core.drafts.texts import splice


def new_rows(value: list[Any] | dict[str, Any]) -> Map[Any]:
    """A list of these rows, to be put into a document."""
    if isinstance(value, dict):
        rows = [_new(at, one, key) for at, (key, one) in enumerate(value.items(), 1)]
    else:
        rows = [_new(at, one) for at, one in enumerate(value, 1)]
    form = "map" if isinstance(value, dict) else "list"
    named = {f"r{at}": row for at, row in enumerate(rows, 1)}
    return Map({"form": form, "rows": Map(named)})


def merge_rows(field: Map[Any], before: Any, after: Any) -> bool:
    """Change the rows by what leads from one value to the other; False if they cannot say it."""
    form = "map" if field.get("form") == "map" else "list"
    if form == "map" and isinstance(after, dict) and after and all(after):
        _named(field["rows"], before if isinstance(before, dict) else {}, after)
        return True
    if form == "list" and isinstance(after, list) and after:
        _listed(field["rows"], after)
        return True
    return False


def _named(rows: Map[Any], before: dict[str, Any], after: dict[str, Any]) -> None:
    there = {plain(row.get("key")): row_id for row_id, row in in_order(rows.items())}
    for key in before.keys() - after.keys():
        if key in there:
            for row_id, row in list(rows.items()):
                if plain(row.get("key")) == key:
                    rows.pop(row_id, None)
    last = _last(rows)
    for key, value in after.items():
        if key in before and same(before[key], value):
            continue
        if key in there:
            _change(rows[there[key]], value)
        else:
            last += 1
            rows[_fresh(rows)] = _new(last, value, key)


def _listed(rows: Map[Any], after: list[Any]) -> None:
    """Rows at the beginning and the end that say the same stay; those between are changed."""
    there = in_order(rows.items())
    values = [_value(row) for _, row in there]
    head = 0
    while head < min(len(values), len(after)) and same(values[head], after[head]):
        head += 1
    tail = 0
    while tail < min(len(values), len(after)) - head and same(values[-1 - tail], after[-1 - tail]):
        tail += 1
    old = there[head : len(there) - tail]
    new = after[head : len(after) - tail]
    for (_, row), value in zip(old, new, strict=False):
        _change(row, value)
    for row_id, _ in old[len(new) :]:
        rows.pop(row_id, None)
    fresh = new[len(old) :]
    if not fresh:
        return
    before = _order(there[head + len(old) - 1][1]) if head + len(old) else 0.0
    follows = _order(there[len(there) - tail][1]) if tail else before + len(fresh) + 1
    step = (follows - before) / (len(fresh) + 1)
    if step <= 0 or before + step == before:
        for at, (_, row) in enumerate(there, 1):
            row["order"] = float(at if at <= head + len(old) else at + len(fresh))
        before, step = float(head + len(old)), 1.0
    for at, value in enumerate(fresh, 1):
        rows[_fresh(rows)] = _new(before + at * step, value)


def _value(row: Any) -> Any:
    return plain(row.get("value")) if isinstance(row, Map) else None


def _change(row: Map[Any], value: Any) -> None:
    there = row.get("value")
    if same(plain(there), value) and "value" in row:
        return
    if isinstance(there, Text) and isinstance(value, str):
        splice(there, value)
    elif isinstance(there, Map) and isinstance(value, dict):
        for key in set(there.keys()) - value.keys():
            there.pop(key, None)
        for key, one in value.items():
            at = there.get(key)
            if isinstance(at, Text) and isinstance(one, str) and one:
                splice(at, one)
            elif key not in there or not same(plain(at), one) or (isinstance(at, Text) and not one):
                there[key] = _leaf(one)
    else:
        row["value"] = _leaf(value)


def _new(order: float, value: Any, key: str | None = None) -> Map[Any]:
    told: dict[str, Any] = {"order": float(order)}
    if key is not None:
        told["key"] = key
    if key is None and isinstance(value, dict):
        told["value"] = Map({name: _leaf(one) for name, one in value.items()})
    else:
        told["value"] = _leaf(value)
    return Map(told)


def _leaf(value: Any) -> Any:
    return Text(value) if isinstance(value, str) and is_text(value) else value


def _order(row: Any) -> float:
    order = row.get("order") if isinstance(row, Map) else None
    return float(order) if isinstance(order, int | float) else 0.0


def _last(rows: Map[Any]) -> float:
    return max((_order(row) for row in rows.values()), default=0.0)


def _fresh(rows: Map[Any]) -> str:
    """A row id that is free; two who add at once may take the same only in different documents."""
    at = len(rows) + 1
    while f"r{at}" in rows:
        at += 1
    return f"r{at}"
