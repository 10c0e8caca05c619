"""What no document may hold, whoever sends it, and which parts a change touched.

Looked at is what a change brought, not the whole document, so that the cost
is that of the change. Refusals are texts for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pycrdt import Array, Doc, Map, Text

from weir.core.definition import MAX_EDGES, MAX_NODES
from weir.core.drafts.shape import FORBIDDEN, root

NOTES = 1_000
ROWS = 5_000  # of one list
KEYS = 2_000  # of any other map
KEY = 200  # characters
DEPTH = 32
TEXT = 200_000  # characters of one text

_MOST = {"nodes": MAX_NODES, "edges": MAX_EDGES, "notes": NOTES, "vars": KEYS}


class Touched(NamedTuple):
    """The entries that a change touched, as `nodes/fetch`, and why it is refused if it is."""

    places: frozenset[str]
    refusal: str = ""


def look(doc: Doc[Any], changes: Iterable[tuple[str, Any]]) -> Touched:
    """Look at what happened below roots, given as (root, event) after the change."""
    places: set[str] = set()
    refusal = ""
    for name, event in changes:
        path = [str(one) for one in event.path]
        if isinstance(event.target, Map):
            places |= {"/".join([name, *path, key][:2]) for key in event.keys}
            refusal = refusal or _keys(name, path, event)
        elif isinstance(event.target, Text):
            places.add("/".join([name, *path][:2]))
            refusal = refusal or _text(event.target)
        else:
            refusal = refusal or f"a list stands in {name}, where none belongs"
    for name, most in _MOST.items():
        if len(root(doc, name)) > most:
            refusal = refusal or f"there are more than {most} {name}"
    return Touched(frozenset(places), refusal)


def _keys(name: str, path: list[str], event: Any) -> str:
    most = ROWS if path and path[-1] == "rows" else KEYS
    if path and len(event.target) > most:
        return f"{'/'.join([name, *path])[:100]} has more than {most} entries"
    for key in event.keys:
        refusal = _key(key) or (_value(event.target[key], DEPTH) if key in event.target else "")
        if refusal:
            return f"{'/'.join([name, *path])[:100]}: {refusal}"
    return ""


def _key(key: Any) -> str:
    if not isinstance(key, str) or not 0 < len(key) <= KEY:
        return f"a key has 1 to {KEY} characters"
    return f"no key may be called {key}" if key in FORBIDDEN else ""


def _value(value: Any, depth: int) -> str:
    if value is None or isinstance(value, bool | int | float):
        return ""
    if isinstance(value, str):
        return "" if len(value) <= TEXT else f"a text has more than {TEXT} characters"
    if isinstance(value, Text):
        return _text(value)
    if depth == 0:
        return f"values are more than {DEPTH} deep"
    if isinstance(value, Map | Mapping):
        if len(value) > ROWS:
            return f"an object has more than {ROWS} entries"
        return next(_of_entries(value, depth), "")
    if isinstance(value, list | Array):
        if len(value) > ROWS:
            return f"a list has more than {ROWS} entries"
        return next((found for one in value if (found := _value(one, depth - 1))), "")
    return f"a value is a {type(value).__name__}, which no definition has"


def _text(text: Text) -> str:
    # Its length is that in bytes: most need not be counted.
    long = len(text) > TEXT and len(str(text)) > TEXT
    return f"a text has more than {TEXT} characters" if long else ""


def _of_entries(value: Any, depth: int) -> Iterator[str]:
    for key, one in value.items():
        found = _key(key) or _value(one, depth - 1)
        if found:
            yield found
