"""What the head of a workflow tells of its draft; made alike by whoever saves one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LIMIT = 400 * 1024  # bytes of a definition


def told(definition: dict[str, Any]) -> dict[str, Any]:
    """The fields of a head that come from its draft, saved as a whole."""
    return {
        "name": definition["name"],
        "description": definition.get("description", ""),
        "labels": labels_of(definition),
        "definition": definition,
        "drawn": "",
    }


def labels_of(definition: Mapping[str, Any]) -> dict[str, str]:
    """The labels lists filter by: those that are plain text."""
    settings = definition.get("settings", {})
    labels = settings.get("labels", {}) if isinstance(settings, dict) else {}
    if not isinstance(labels, dict):
        return {}
    return {
        str(name): value
        for name, value in labels.items()
        if isinstance(value, str) and "{{" not in value
    }
