"""The JSON Schema of a configuration as authors write it: any value may be an expression.

A model describes the resolved configuration. What stands in a definition is
checked at publish, when expressions have no value yet; so each place also
takes a text that holds one. Fields of secrets take nothing but a reference to
a credential, so that no secret is ever written into a definition; fields
marked `x-ui: {literal: true}` take no expression at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from weir.ports.node_context import CREDENTIAL as CREDENTIAL_REFERENCE

EXPRESSION = {"type": "string", "pattern": r"\{\{|\$\{"}
CREDENTIAL = {
    "type": "string",
    "pattern": f"^{CREDENTIAL_REFERENCE.pattern.replace('?P<path>', '')}$",
    "description": "{{ credentials.<name> }}",
}
LITERAL = {"pattern": r"^(?:(?!\{\{|\$\{)[\s\S])*$"}


@cache
def model_schema(model: type[BaseModel]) -> Mapping[str, Any]:
    """The JSON Schema of a resolved configuration."""
    return model.model_json_schema()


def authoring_schema(model: type[BaseModel], secret_fields: frozenset[str]) -> dict[str, Any]:
    """The schema by which publishing checks a node's config."""
    schema = _tolerant(model_schema(model))
    for field in secret_fields:
        schema["properties"][field] = CREDENTIAL
    return schema


def _tolerant(schema: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(schema)
    if "properties" in found:
        found["properties"] = {name: _place(sub) for name, sub in found["properties"].items()}
    if "$defs" in found:
        found["$defs"] = {name: _tolerant(sub) for name, sub in found["$defs"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), Mapping):
            found[key] = _place(found[key])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in found:
            found[key] = [_tolerant(sub) for sub in found[key]]
    return found


def _place(schema: Mapping[str, Any]) -> dict[str, Any]:
    if schema.get("x-ui", {}).get("literal"):
        return {**schema, "allOf": [*schema.get("allOf", ()), LITERAL]}
    if not schema.keys() - {"title", "description", "default", "x-ui"}:
        return dict(schema)
    # if/else and not anyOf: a validator then reports what the value itself lacks.
    return {"if": EXPRESSION, "else": _tolerant(schema)}
