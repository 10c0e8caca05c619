"""Definitions as their authors would write them, shortly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

RETRY = {"max_attempts": 4, "initial": "400ms", "factor": 3, "max": "20s", "jitter": 0.2}
HEAVY = "{{ range(20000).filter(x, x % 1999 == input.n).map(x, x * 2) }}"
START = {"id": "start", "type": "manual"}


def node(name: str, node_type: str, config: Any = None, **more: Any) -> dict[str, Any]:
    """A node of a definition."""
    return {"id": name, "type": node_type, "config": config or {}, **more}


def work(name: str, *, more: Mapping[str, Any] | None = None, **asked: Any) -> dict[str, Any]:
    """A task on a worker."""
    return node(name, "task", {"task": "work", "input": asked}, **(more or {}))


def flow(nodes: Sequence[Mapping[str, Any]], edges: str, **more: Any) -> dict[str, Any]:
    """A definition; edges as words `a>b` or `a:port>b`."""
    return {
        "schema": "weir/v1",
        "name": "golden",
        "nodes": [START, *map(dict, nodes)],
        "edges": [_edge(word) for word in edges.split()],
        **more,
    }


def _edge(word: str) -> dict[str, str]:
    source, target = word.split(">")
    name, _, port = source.partition(":")
    return {"source": name, "target": target, **({"source_port": port} if port else {})}
