"""Prints docs/reference/credential-types.md from the types themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weir.nodes.credentials.catalogue import describe_credentials

_HEAD = """# Types of credentials

Printed from the types; do not edit. `GET /api/v1/credential-types` gives the same for forms, as
JSON Schema in which secret fields have `x-secret`. Fields are texts; those that do not fit are
refused with their places ([CREDENTIAL_INVALID](../errors/CREDENTIAL_INVALID.md)). How they are
used: [Use secrets](../howto/secrets.md).
"""


def reference() -> str:
    """The page."""
    return "\n".join([_HEAD, *(line for one in describe_credentials() for line in _type(one))])


def _type(told: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"## {told['type']}", "", " ".join(told["help"].split()), "")
    properties: Mapping[str, Any] = told["fields"].get("properties", {})
    if properties:
        required = told["fields"].get("required", ())
        yield from ("| field | | meaning |", "| --- | --- | --- |")
        for name, field in properties.items():
            words = [
                *(["needed"] if name in required else []),
                *(["secret"] if name in told["secret_fields"] else []),
            ]
            yield f"| `{name}` | {', '.join(words)} | {_meaning(field)} |"
        yield ""
    if told["testable"]:
        yield from ("Can be tested.", "")


def _meaning(field: Mapping[str, Any]) -> str:
    parts = [field.get("description", "")]
    kinds = field.get("anyOf", [field])
    choices = next((one["enum"] for one in kinds if "enum" in one), None)
    if choices:
        parts.append(f"One of {', '.join(f'`{one}`' for one in choices)}.")
    if field.get("default") not in {None, ""}:
        parts.append(f"Default `{field['default']}`.")
    return " ".join(part for part in parts if part)
