"""What a definition says of the runs of other workflows that it starts, and what those declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Callee = tuple[str, str]  # workflow, and version: empty for the current one


@dataclass(frozen=True, slots=True)
class Called:
    """What a version of another workflow declares."""

    input: Any  # a JSON Schema; None takes anything
    output: Mapping[str, Any] | None  # a JSON Schema, as far as it is sure
    fixed: bool


def called(frozen: Mapping[str, Any], *, fixed: bool) -> Called:
    """What a frozen definition declares; `fixed` if its version is named."""
    output = frozen.get("output")
    said = None if output is None else _shape(output)
    if said is not None and not fixed:
        said = {"properties": {name: {} for name in said.get("properties", ())}}
    return Called(frozen.get("input_schema"), said, fixed)


def callees(definition: Mapping[str, Any]) -> set[Callee]:
    """The versions that a definition, well-formed or not, calls."""
    nodes = definition.get("nodes")
    configs = [
        node.get("config")
        for node in (nodes if isinstance(nodes, list) else ())
        if isinstance(node, dict) and node.get("type") == "sub_workflow"
    ]
    found = (callee(config) for config in configs if isinstance(config, dict))
    return {one for one in found if one is not None}


def callee(config: Mapping[str, Any]) -> Callee | None:
    """What a `sub_workflow` with this config calls; None if that is not written down."""
    workflow, version = config.get("workflow"), config.get("version") or ""
    if not isinstance(workflow, str) or not isinstance(version, str):
        return None
    return None if holds_expression(workflow + version) else (workflow, version)


def holds_expression(text: str) -> bool:
    """Whether a text has an expression in it."""
    return "{{" in text or "${" in text


def _shape(value: Any) -> Mapping[str, Any]:
    """The schema of what a template yields."""
    match value:
        case None:
            return {"type": "null"}
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case str():
            return {} if holds_expression(value) else {"type": "string"}
        case list():
            return {"type": "array"}
        case Mapping():
            fields = {str(name): _shape(item) for name, item in value.items()}
            return {
                "type": "object",
                "properties": fields,
                "required": list(fields),
                "additionalProperties": False,
            }
    return {}
