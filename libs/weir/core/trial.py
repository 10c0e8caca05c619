"""A version to try out: some steps are given their output, or one node runs alone.

A frozen definition is turned into another one that differs from every
published version, so that trying out can never make a version current, and
nothing that was pinned is ever met by a run of production. What reaches
outside beside the steps themselves is left away: callbacks, dead letters,
limits shared with other runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_LOOPS = frozenset({"for_each", "while", "race"})
_DROPPED = ("callback", "debounce", "concurrency")


class TrialError(ValueError):
    """The node cannot be tried like this; the message says why."""


def trial(
    frozen: Mapping[str, Any], pins: Mapping[str, Any], only: str | None = None
) -> dict[str, Any]:
    """The form in which a definition is tried.

    `pins` gives outputs by node id. With `only` nothing else runs than this
    node with what stands in it; the pinned nodes are what it may read.
    TrialError names a node that is unknown, or that cannot be treated so.
    """
    nodes = {node["id"]: node for node in frozen["nodes"]}
    for name in pins:
        _may_pin(nodes, name)
    tried = {
        **frozen,
        "trial": True,
        "settings": {
            **{key: at for key, at in frozen["settings"].items() if key not in _DROPPED},
            "dead_letters": False,
        },
    }
    gone = {inner for name in pins for inner in _inside(nodes, name)}
    given = {name: _given(nodes[name], value) for name, value in pins.items() if name not in gone}
    if only is None:
        undone = {nodes[name].get("compensate", "") for name in given}
        kept = {**nodes, **given}
        for name in gone | undone:
            kept.pop(name, None)
        edges = [e for e in frozen["edges"] if e["source"] in kept and e["target"] in kept]
        edges = [e for e in edges if e["source"] not in given or e["port"] == "out"]
    else:
        kept, edges = _alone(nodes, frozen["edges"], given, only)
        tried |= {"output": None, "input_schema": None}
    return {**tried, "nodes": list(kept.values()), "edges": edges}


def literal(value: Any) -> Any:
    """A template that yields this JSON value, whatever stands in its texts."""
    match value:
        case str() if "{{" in value or "${" in value:
            return value.replace("{{", "\0").replace("${", "{{ '${' }}").replace("\0", "{{ '{{' }}")
        case list():
            return [literal(one) for one in value]
        case dict():
            return {name: literal(one) for name, one in value.items()}
    return value


def _may_pin(nodes: Mapping[str, Mapping[str, Any]], name: str) -> None:
    node = nodes.get(name)
    if node is None:
        raise TrialError(f"there is no node {name[:63]!r} whose output could be pinned")
    if node["kind"] == "trigger":
        raise TrialError(f"{name} is a trigger: give the run an input instead")
    if set(node["ports"]) - {"out", "error"}:
        raise TrialError(f"{name} decides which way to go: pin what it reads instead")


def _given(node: Mapping[str, Any], value: Any) -> dict[str, Any]:
    return {
        **{key: node[key] for key in ("id", "join", "parent", "section") if key in node},
        "type": "set",
        "type_version": 1,
        "kind": "inline",
        "ports": ["out"],
        "config": {"values": literal(value)},
        "secret_fields": [],
        "on_error": "fail",
        "disabled": node.get("disabled", False),
    }


def _alone(
    nodes: Mapping[str, dict[str, Any]],
    edges: list[dict[str, Any]],
    given: Mapping[str, dict[str, Any]],
    only: str,
) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    if only not in nodes:
        raise TrialError(f"there is no node {only[:63]!r}")
    if nodes[only]["kind"] == "trigger":
        raise TrialError(f"{only} is a trigger: run the workflow instead")
    for name in _around(nodes, only):
        if nodes[name]["type"] in _LOOPS:
            raise TrialError(f"{only} stands in {name}, which gives it its items: run that instead")
    inner = set(_inside(nodes, only))
    given = {name: node for name, node in given.items() if name not in inner and name != only}
    kept = {name: nodes[name] for name in nodes if name in inner}
    plain = {key: at for key, at in nodes[only].items() if key not in {"parent", "section"}}
    kept[only] = {**plain, "join": "all", "disabled": False, "compensate": ""}
    for name, node in given.items():
        free = {key: at for key, at in node.items() if key not in {"parent", "section"}}
        kept[name] = {**free, "join": "all", "disabled": False}
    within = [edge for edge in edges if edge["source"] in inner and edge["target"] in inner]
    lead = [{"source": name, "port": "out", "target": only} for name in sorted(given)]
    return kept, [*lead, *within]


def _around(nodes: Mapping[str, Mapping[str, Any]], name: str) -> Iterator[str]:
    while parent := nodes[name].get("parent"):
        yield parent
        name = parent


def _inside(nodes: Mapping[str, Mapping[str, Any]], name: str) -> Iterator[str]:
    return (other for other in nodes if name in _around(nodes, other))
