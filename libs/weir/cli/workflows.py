"""Workflows by what people call them: an id, or the exact name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from weir.client import Client
from weir.contract import ids
from weir.contract.errors import InvalidRequestError, WorkflowNotFoundError


async def named(
    client: Client, name: str, place: Mapping[str, str] = MappingProxyType({})
) -> list[dict[str, Any]]:
    """The workflows of exactly this name, in this place alone if one is named."""
    items = client.items("/workflows", {"name": name, **place})
    return [item async for item in items if item["name"] == name]


async def workflow_id(client: Client, given: str) -> str:
    """The id of a workflow given by id or name.

    WorkflowNotFoundError, and InvalidRequestError if several have the name.
    """
    if ids.is_id(given, "wf"):
        return given
    found = await named(client, given)
    if not found:
        raise WorkflowNotFoundError(
            f"There is no workflow named {given!r}: `weir apply` makes one from a file."
        )
    return str(only(found, given)["id"])


def only(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The one workflow of this name; InvalidRequestError if there are several."""
    if len(found) > 1:
        several = ", ".join(item["id"] for item in found)
        raise InvalidRequestError(
            f"Several workflows are named {name!r} ({several}): say which by its id."
        )
    return found[0]
