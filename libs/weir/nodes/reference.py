"""The page docs/reference/nodes.md, printed from the node types themselves."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

from weir.nodes.base import Node
from weir.nodes.registry import node_types

_CATEGORIES = {
    "trigger": "Triggers",
    "control": "Control flow",
    "data": "Data",
    "action": "Actions",
    "ai": "AI",
    "human": "People",
}


def reference() -> str:
    """The page."""
    lines = [
        "# Node types",
        "",
        "Printed from the code by `make docs`: do not edit.",
        "",
        (
            "Any value of a config may be an expression, `{{ … }}`. Fields of secrets are written "
            "as `{{ credentials.<name> }}` and nothing else. Retry, timeout, queue and `on_error` "
            "can be set on each node; what stands here are the defaults of its type."
        ),
    ]
    for category, title in _CATEGORIES.items():
        types = [cls for cls in node_types().values() if cls.category == category]
        if types:
            lines += ["", f"## {title}"]
        for cls in types:
            lines += ["", *_type(cls)]
    return "\n".join([*lines, ""])


def _type(cls: type[Node[Any]]) -> Iterator[str]:
    yield f"### `{cls.type}`: {cls.title}"
    yield ""
    yield inspect.getdoc(cls) or ""
    yield ""
    yield f"Ports: {', '.join(f'`{port}`' for port in cls.ports({})) or 'none'}{_more_ports(cls)}."
    if len(cls.sections) > 1:
        yield f"Sections: {', '.join(f'`{section}`' for section in cls.sections)}."
    if cls.kind == "task":
        retry = cls.retry
        tries = f"up to {retry.max_attempts} attempts" if retry.max_attempts > 1 else "one attempt"
        yield (
            f"Runs on queue `{cls.queue}`, {tries}, each at most {cls.timeout_ms / 1000:g} s. "
            f"Effect on the outside: {cls.effect}."
        )
    schema = cls.config_model().model_json_schema()
    if schema.get("properties"):
        yield ""
        yield "| field | type | default | meaning |"
        yield "|---|---|---|---|"
        yield from _fields(schema, cls.secret_fields)


def _more_ports(cls: type[Node[Any]]) -> str:
    named = cls.ports({"cases": [{"name": "name"}]})
    return " and the names of the cases" if named != cls.ports({}) else ""


def _fields(schema: Mapping[str, Any], secret_fields: frozenset[str]) -> Iterator[str]:
    definitions = schema.get("$defs", {})
    required = set(schema.get("required", ()))
    for name, field in schema["properties"].items():
        kind = "credential" if name in secret_fields else _kind(field, definitions)
        default = "required" if name in required else _default(field)
        meaning = str(field.get("description", "")).replace("\n", " ").replace("|", "\\|")
        yield f"| `{name}` | {kind} | {default} | {meaning} |"


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    return "" if value in (None, [], {}, "") else f"`{json.dumps(value, ensure_ascii=False)}`"


def _kind(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return _kind(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if "enum" in field:
        return " or ".join(f"`{choice}`" for choice in field["enum"])
    if "anyOf" in field:
        kinds = [_kind(one, definitions) for one in field["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}), definitions)}"
    if field.get("type") == "object":
        names = ", ".join(f"`{name}`" for name in field.get("properties", ()))
        return f"object with {names}" if names else "object"
    if field.get("type") == ["string", "number"]:
        return "duration"
    return {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
    }.get(str(field.get("type")), "anything")
