"""The normal form of a definition: what a document made of it says again.

A definition may be saved with whatever its author wrote. What has no place in
a document (an entry without an id, the second of two with one id, a key that
no document may have) is left out and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from weir.core.drafts.shape import (
    DEFAULT_PORT,
    FORBIDDEN,
    NESTED_SETTINGS,
    OWN_META,
    ROOTS,
    edge_id,
    plain,
)

_KEY = 200  # characters


class Parts(NamedTuple):
    """A definition by its parts, in order; values are canonical JSON."""

    meta: dict[str, Any]
    nodes: dict[str, dict[str, Any]]
    edges: dict[str, dict[str, Any]]
    notes: dict[str, dict[str, Any]]
    vars: dict[str, Any]
    settings: dict[str, Any]
    unplaced: tuple[str, ...] = ()


NOTHING = Parts({}, {}, {}, {}, {}, {})


def parts(definition: Mapping[str, Any]) -> Parts:
    """A definition taken apart."""
    unplaced: list[str] = []
    meta = {
        key: value
        for key, value in _clean(definition, "", unplaced).items()
        if key not in OWN_META and key not in ROOTS and value is not None
    }
    nodes = _entries(definition.get("nodes"), "nodes", unplaced)
    notes = _entries(definition.get("notes"), "notes", unplaced)
    edges: dict[str, dict[str, Any]] = {}
    given = definition.get("edges")
    for at, edge in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(edge, dict) or not all(
            isinstance(edge.get(end), str) for end in ("source", "target")
        ):
            unplaced.append(f"/edges/{at}")
            continue
        told = {"source_port": DEFAULT_PORT, **_clean(edge, f"/edges/{at}", unplaced)}
        if not isinstance(told["source_port"], str):
            unplaced.append(f"/edges/{at}")
            continue
        edges.setdefault(edge_id(told), told)
    settings = _clean(definition.get("settings"), "/settings", unplaced)
    return Parts(
        meta,
        nodes,
        edges,
        notes,
        _clean(definition.get("vars"), "/vars", unplaced),
        {
            key: value
            for key, value in settings.items()
            if value is not None and not (key in NESTED_SETTINGS and value == {})
        },
        tuple(unplaced),
    )


def _entries(given: Any, where: str, unplaced: list[str]) -> dict[str, dict[str, Any]]:
    """Nodes or notes by id; the first of two counts."""
    found: dict[str, dict[str, Any]] = {}
    for at, entry in enumerate(given if isinstance(given, list) else ()):
        place = f"/{where}/{at}"
        if not isinstance(entry, dict) or not _is_key(entry.get("id")) or entry["id"] in found:
            unplaced.append(place)
            continue
        told = _clean(entry, place, unplaced)
        del told["id"]
        found[entry["id"]] = {
            key: value
            for key, value in told.items()
            if value is not None
            and not (key in {"config", "retry"} and value == {})
            and key != "order"
        }
        if where == "notes":
            found[entry["id"]].setdefault("text", "")
    return found


def _clean(given: Any, place: str, unplaced: list[str]) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        return {}
    told: dict[str, Any] = {}
    for key, value in given.items():
        if not _is_key(key) or _hostile(value):
            unplaced.append(f"{place}/{str(key)[:60]}")
        else:
            told[key] = plain(value)
    return told


def _hostile(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(key in FORBIDDEN or _hostile(one) for key, one in value.items())
    return isinstance(value, list | tuple) and any(map(_hostile, value))


def _is_key(key: Any) -> bool:
    return isinstance(key, str) and 0 < len(key) <= _KEY and key not in FORBIDDEN
