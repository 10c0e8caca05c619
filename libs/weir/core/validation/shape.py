"""Does the definition have the form of the schema? In words for people, with codes for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from weir.core.definition import LATER, SCHEMA
from weir.core.expressions.errors import suggest
from weir.core.expressions.template import escape
from weir.core.sizes import size_of
from weir.core.validation.problems import Findings

_WHERE = "not available yet in this version"
_MASK = "the value"
_SCHEMAS = "Schemas are read as draft 2020-12; they can refer to their own parts only."
LARGEST = 16 * 1024  # bytes of the schema of an output


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        SCHEMA, offline=True, mask=_MASK, pattern_options=jsonschema_rs.RegexOptions()
    )


def check_shape(raw: Any, findings: Findings) -> None:
    """Report everything the schema refuses."""
    for error in _validator().iter_errors(raw):
        path = [str(part) for part in error.instance_path]
        _report(raw, error, path, findings)
    if isinstance(raw, Mapping):
        _check_schemas(raw, findings)


def _report(raw: Any, error: Any, path: list[str], findings: Findings) -> None:
    kind = error.kind
    node = node_at(raw, path)
    at = pointer(path)
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        for name in kind.unexpected:
            _unexpected([*path, name], findings, node)
    elif isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        name = kind.property
        findings.error("DEFINITION_SCHEMA", at, f"{name} is missing", f"Add {name}.", node=node)
    elif path[2:] == ["id"] and path[0] == "nodes":
        findings.error(
            "NODE_ID_INVALID",
            at,
            "a node's id is a lower-case letter and up to 62 letters, digits or _",
            "Put what people read into name.",
            node=node,
        )
    else:
        code = "RETRY_INVALID" if path[2:3] == ["retry"] else "DEFINITION_SCHEMA"
        findings.error(code, at, plain_message(error), described(SCHEMA, path), node=node)


def _unexpected(path: list[str], findings: Findings, node: str | None) -> None:
    name, at = path[-1], pointer(path)
    place = "node" if path[0] == "nodes" and len(path) == 3 else path[0]  # noqa: PLR2004
    if name in LATER.get(place, frozenset()):
        findings.error(
            "DEFINITION_NOT_AVAILABLE", at, f"{name} is {_WHERE}", "Remove it.", node=node
        )
        return
    advice = suggest(name, _known(path[:-1])) or "Remove it."
    findings.error("DEFINITION_SCHEMA", at, f"{name} is not known here", advice, node=node)


def _known(path: list[str]) -> Iterator[str]:
    """The properties the schema has at a place."""
    schema: Any = SCHEMA
    for part in path:
        schema = schema.get("items") if part.isdecimal() else schema["properties"].get(part)
        if not isinstance(schema, dict):
            return
    yield from schema.get("properties", {})


def _check_schemas(raw: Mapping[str, Any], findings: Findings) -> None:
    said = _unreadable(raw.get("input"))
    if said:
        findings.error(
            "INPUT_SCHEMA_INVALID", "/input", f"the input is no JSON Schema: {said}", _SCHEMAS
        )
    nodes = raw.get("nodes")
    for i, node in enumerate(nodes if isinstance(nodes, list) else ()):
        schema = node.get("output_schema") if isinstance(node, dict) else None
        said = _unreadable(schema)
        if not said and isinstance(schema, dict) and size_of(schema, LARGEST) > LARGEST:
            said = f"it has more than {LARGEST >> 10} kB, and every task carries it"
        if said:
            path = ["nodes", str(i), "output_schema"]
            findings.error(
                "OUTPUT_SCHEMA_INVALID",
                pointer(path),
                f"the output is no JSON Schema: {said}",
                _SCHEMAS,
                node=node_at(raw, path),
            )


def _unreadable(schema: Any) -> str:
    """Why a schema cannot be read; empty if it can."""
    if not isinstance(schema, dict):
        return ""
    try:
        jsonschema_rs.validator_for(
            schema, offline=True, pattern_options=jsonschema_rs.RegexOptions()
        )
    except ValueError as error:
        return str(error).partition("\n")[0][:300]
    return ""


_CHOICES = (
    jsonschema_rs.ValidationErrorKind.AnyOf,
    jsonschema_rs.ValidationErrorKind.OneOfNotValid,
    jsonschema_rs.ValidationErrorKind.OneOfMultipleValid,
    jsonschema_rs.ValidationErrorKind.Pattern,
)


def plain_message(error: Any) -> str:
    """The validator's message for people, of bounded length; what is wanted is in the advice."""
    if isinstance(error.kind, _CHOICES):
        return f"{_MASK} does not fit"
    text = str(error.message)
    return text if len(text) <= 300 else f"{text[:297]}…"  # noqa: PLR2004 - about four lines


def described(schema: Any, path: list[str]) -> str:
    """What a schema says in words about a place in an instance; empty if it says nothing."""
    for part in path:
        schema = schema.get("else", schema)
        found = schema.get("items") if part.isdecimal() else schema.get("properties", {}).get(part)
        if not isinstance(found, dict):
            return ""
        schema = found
    schema = schema.get("else", schema)
    said = [one.get("description", "") for one in (schema, *schema.get("anyOf", ()))]
    return " ".join(text if text.endswith(".") else f"{text}." for text in said if text)


def pointer(path: list[str]) -> str:
    """A JSON pointer."""
    return "".join(f"/{escape(part)}" for part in path)


def node_at(raw: Any, path: list[str]) -> str | None:
    """The id of the node that a path leads into."""
    if len(path) < 2 or path[0] != "nodes":  # noqa: PLR2004 - /nodes/3
        return None
    node = _value(raw, path[:2])
    found = node.get("id") if isinstance(node, dict) else None
    return found if isinstance(found, str) else None


def _value(raw: Any, path: list[str]) -> Any:
    for part in path:
        if isinstance(raw, list):
            raw = raw[int(part)]
        elif isinstance(raw, dict):
            raw = raw.get(part)
    return raw
