"""The definition of a document.

Total: whatever a document holds gives a definition, the same for everybody who
has the same document. What people who worked at the same time left without an
end is dropped or lifted, and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pycrdt import Doc, Map, Text

from weir.core.drafts.shape import (
    DEFAULT_PORT,
    NESTED_SETTINGS,
    OWN_META,
    ROOTS,
    in_order,
    is_list,
    plain,
    root,
)

_META_FIRST = ("schema", "name", "description", "input", "output")
_NODE_FIRST = ("id", "type", "type_version", "name", "description", "config", "position")
_NOT_FIELDS = frozenset({"id", "order"})


class Dropped(NamedTuple):
    """What of a document is not in its definition: a code, and the id of the edge or node."""

    code: str
    id: str


class Read(NamedTuple):
    """A definition, and what was left out."""

    definition: dict[str, Any]
    dropped: tuple[Dropped, ...]


def read(doc: Doc[Any]) -> Read:
    """The definition that a document says."""
    dropped: list[Dropped] = []
    meta = {
        key: value
        for key, value in _fields(root(doc, "meta").items()).items()
        if key not in OWN_META and key not in ROOTS
    }
    definition = _first(meta, _META_FIRST)
    constants = _values(root(doc, "vars").items())
    settings = _settings(root(doc, "settings"))
    nodes = _nodes(root(doc, "nodes"), dropped)
    edges = _edges(root(doc, "edges"), nodes, dropped)
    notes = [
        {"id": key, "text": "", **_fields(value.items())}
        for key, value in in_order(root(doc, "notes").items())
        if isinstance(value, Map)
    ]
    for name, part in (("vars", constants), ("settings", settings)):
        if part:
            definition[name] = part
    definition |= {"nodes": list(nodes.values()), "edges": edges}
    if notes:
        definition["notes"] = notes
    return Read(definition, tuple(dropped))


def config_field(value: Any) -> Any:
    """A field of a config; an empty tuple where it is not set, which no JSON value is."""
    if is_list(value):
        return _rows(value)
    told = plain(value)
    return () if isinstance(value, Text | Map) and not told else told


def _values(entries: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Fields of which null is a value: empty shared types alone say nothing."""
    told = ((key, config_field(value)) for key, value in sorted(entries, key=_key))
    return {key: value for key, value in told if value != ()}


def _key(entry: tuple[str, Any]) -> str:
    return entry[0]


def _fields(entries: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Fields that have no null, so that it is as good as not there."""
    return {
        key: value
        for key, value in _values(entries).items()
        if value is not None and key not in _NOT_FIELDS
    }


def _rows(field: Map[Any]) -> Any:
    rows = [
        (plain(row.get("key")), _cell(row.get("value")))
        for _, row in in_order(field["rows"].items())
        if isinstance(row, Map)
    ]
    if field.get("form") != "map":
        return [value for _, value in rows] or ()
    return {key: value for key, value in rows if isinstance(key, str) and key} or ()


def _cell(value: Any) -> Any:
    return _values(value.items()) if isinstance(value, Map) else plain(value)


def _settings(settings: Map[Any]) -> dict[str, Any]:
    told = _fields(settings.items())
    for key in NESTED_SETTINGS:
        nested = settings.get(key)
        if isinstance(nested, Map) and key in told:
            told[key] = _values(nested.items())
    return {key: value for key, value in told.items() if value != {}}


def _nodes(nodes: Map[Any], dropped: list[Dropped]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for node_id, value in in_order(nodes.items()):
        if not isinstance(value, Map):
            dropped.append(Dropped("MALFORMED_NODE", node_id))
            continue
        found[node_id] = _first({"id": node_id, **_node(value)}, _NODE_FIRST)
    for node_id, node in found.items():
        if "compensate" in node and not _held(node["compensate"], found):
            del node["compensate"]
            dropped.append(Dropped("DANGLING_COMPENSATE", node_id))
    # Found first, then lifted: all of a circle come out of it, whoever is looked at first.
    lifted = [node_id for node_id in found if _unheld(node_id, found)]
    for node_id in lifted:
        del found[node_id]["parent"]
        found[node_id].pop("section", None)
        dropped.append(Dropped("LIFTED_NODE", node_id))
    return found


def _node(node: Map[Any]) -> dict[str, Any]:
    told = _fields(node.items())
    config = node.get("config")
    if isinstance(config, Map) and "config" in told:
        told["config"] = _values(config.items())
    retry = node.get("retry")
    if isinstance(retry, Map) and "retry" in told:
        told["retry"] = _fields(retry.items())
    for name in ("config", "retry"):
        if told.get(name) == {}:
            del told[name]
    return told


def _unheld(node_id: str, nodes: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a node's parent is not there, or is a node inside of it."""
    at: Any = nodes[node_id].get("parent")
    if at is None:
        return False
    if not _held(at, nodes):
        return True
    seen: set[str] = set()
    while _held(at, nodes) and at not in seen:
        if at == node_id:
            return True
        seen.add(at)
        at = nodes[at].get("parent")
    return False


def _edges(
    edges: Map[Any], nodes: Mapping[str, Any], dropped: list[Dropped]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    seen: set[tuple[str, str, str]] = set()
    for key, value in in_order(edges.items()):
        edge = plain(value)
        if not isinstance(edge, dict):
            edge = {}
        source: Any = edge.get("source")
        target: Any = edge.get("target")
        port: Any = edge.get("source_port") or DEFAULT_PORT
        if not (_held(source, nodes) and _held(target, nodes) and isinstance(port, str)):
            dropped.append(Dropped("DANGLING_EDGE", key))
            continue
        if (source, port, target) in seen:
            continue
        seen.add((source, port, target))
        said = {} if port == DEFAULT_PORT else {"source_port": port}
        found.append({"source": source, **said, "target": target})
    return found


def _held(end: Any, nodes: Mapping[str, Any]) -> bool:
    return isinstance(end, str) and end in nodes


def _first(fields: Mapping[str, Any], first: tuple[str, ...]) -> dict[str, Any]:
    """The fields in the order that people read them in, the others by name behind them."""
    known = {key: fields[key] for key in first if key in fields}
    return known | {key: fields[key] for key in sorted(fields.keys() - known.keys())}
