"""Nodes of definitions with containers."""

from __future__ import annotations

from typing import Any

from tests.unit.validation.catalogue import START, definition, node, wire

EACH = node("each", "for_each")
GUARD = node("guard", "try")
INTO = wire("start > each")


def task(name: str, **fields: Any) -> dict[str, Any]:
    """A task."""
    return node(name, "http_request", **fields)


def inside(*nodes: dict[str, Any], parent: str = "each") -> list[dict[str, Any]]:
    """The same nodes, standing in it."""
    return [{"parent": parent, **one} for one in nodes]


def looped(*nodes: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A definition of a loop with these nodes in it."""
    return definition(START, EACH, *inside(*nodes), edges=INTO, **rest)
