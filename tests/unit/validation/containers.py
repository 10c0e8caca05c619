"""Nodes of definitions with containers."""

from __future__ import annotations

from typing import Any

from tests.unit.validation.catalogue import node, wire

EACH = node("each", "for_each")
GUARD = node("guard", "try")
INTO = wire("start > each")


def task(name: str, **fields: Any) -> dict[str, Any]:
    """A task."""
    return node(name, "http_request", **fields)


def inside(*nodes: dict[str, Any], parent: str = "each") -> list[dict[str, Any]]:
    """The same nodes, standing in it."""
    return [{"parent": parent, **one} for one in nodes]
