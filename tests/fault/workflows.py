"""Definitions that the tests publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any


def mark(url: str, step: str, **more: Any) -> dict[str, Any]:
    """A step that leaves a mark outside."""
    return {
        "id": step,
        "type": "http_request",
        "config": {
            "method": "POST",
            "url": f"{url}/marks",
            "body": {"run": "{{ run.id }}", "step": step},
        },
        **more,
    }


def chain(name: str, nodes: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """A definition whose nodes follow each other."""
    ids = [node["id"] for node in nodes]
    return {
        "schema": "weir/v1",
        "name": name,
        "nodes": [dict(node) for node in nodes],
        "edges": [{"source": a, "target": b} for a, b in pairwise(ids)],
        **more,
    }


def mark_wait_mark(url: str) -> dict[str, Any]:
    """Mark A, two seconds, mark B."""
    return chain(
        "mark, wait, mark",
        [
            {"id": "start", "type": "manual"},
            mark(url, "a"),
            {"id": "pause", "type": "delay", "config": {"duration": "2s"}},
            mark(url, "b"),
        ],
        output="{{ steps.b.body.marked }}",
    )


def wide(url: str) -> dict[str, Any]:
    """Three marks side by side, joined; a choice, a short wait, a last mark."""
    branches = ("a", "b", "c")
    nodes = [
        {"id": "start", "type": "manual"},
        *(mark(url, step) for step in branches),
        {"id": "joined", "type": "merge"},
        {"id": "even", "type": "if", "config": {"condition": "{{ input.n % 2 == 0 }}"}},
        {"id": "pause", "type": "delay", "config": {"duration": "1500ms"}},
        mark(url, "d", join="any"),
    ]
    edges = [
        *({"source": "start", "target": step} for step in branches),
        *({"source": step, "target": "joined"} for step in branches),
        {"source": "joined", "target": "even"},
        {"source": "even", "source_port": "true", "target": "pause"},
        {"source": "even", "source_port": "false", "target": "d"},
        {"source": "pause", "target": "d"},
    ]
    return {"schema": "weir/v1", "name": "wide", "nodes": nodes, "edges": edges}
