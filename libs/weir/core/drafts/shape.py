"""What the parts of a document are called, how its values are told apart, and where things stand.

Shared by reading and merging, so that what one writes the other reads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pycrdt import Array, Doc, Map, Text

SCHEMA_VERSION = 1

ROOTS = ("meta", "nodes", "edges", "notes", "vars", "settings")
LISTED = ("nodes", "edges", "notes")
OWN_META = frozenset({"schema_version"})  # of the document, not of the definition
NESTED_SETTINGS = ("labels", "search", "integrations")
NESTED_NODE = ("config", "retry")
PLAIN_TEXT = frozenset({"name", "description"})  # whole texts: the last one who writes counts
DEFAULT_PORT = "out"
FORBIDDEN = frozenset({"__proto__", "constructor", "prototype"})
ROWS_AT_MOST = 500

_EXACT = 2**53
_TOKEN = re.compile(r"[A-Za-z0-9_.+:-]{0,64}")

Root = Map[Any]


def root(doc: Doc[Any], name: str) -> Root:
    """One of the roots."""
    found: Root = doc.get(name, type=Map)
    return found


def is_text(value: str) -> bool:
    """Whether several people may want to edit this string at once, by its looks."""
    return _TOKEN.fullmatch(value) is None


def edge_id(edge: Mapping[str, Any]) -> str:
    """An edge's key: who draws the same edge draws one."""
    return f"{edge['source']}:{edge.get('source_port') or DEFAULT_PORT}:{edge['target']}"


def plain(value: Any) -> Any:
    """A value as JSON has it: shared types dissolved, integral numbers as integers, keys sorted.

    A document keeps no order of keys, so one is chosen for everybody.
    """
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) <= _EXACT else value
    if isinstance(value, int):
        return value
    if isinstance(value, Map | Mapping):
        return {key: plain(value[key]) for key in sorted(value.keys())}
    if isinstance(value, Array | list | tuple):
        return [plain(one) for one in value]
    return None


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; True is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def order_of(value: Any) -> float:
    """Where an entry stands; those that do not say so come last."""
    order = value.get("order") if isinstance(value, Map | Mapping) else None
    if isinstance(order, bool) or not isinstance(order, int | float) or math.isnan(order):
        return math.inf
    return float(order)


def in_order(entries: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Entries of a map as a list has them."""
    return sorted(entries, key=lambda entry: (order_of(entry[1]), entry[0]))


def is_list(value: Any) -> bool:
    """Whether a field of a config holds rows."""
    return isinstance(value, Map) and isinstance(value.get("rows"), Map)
