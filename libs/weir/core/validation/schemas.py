"""What a JSON Schema says of the values it takes, as far as that can be said for sure.

Only plain schemas speak: with combinations, conditions or patterns anything is
possible, and nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SILENT = frozenset(
    {"anyOf", "oneOf", "allOf", "not", "if", "patternProperties", "$dynamicRef", "dependentSchemas"}
)
_HOPS = 20
ANYTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Missing:
    """A path leaves a schema: after how many of its parts, for sure or only as it is declared."""

    parts: int
    sure: bool
    names: tuple[str, ...]  # what is there instead
    kind: str = ""  # what has no fields at all


@dataclass(frozen=True, slots=True)
class Promise:
    """A schema with the whole it is a part of, by which it names its parts."""

    whole: Mapping[str, Any]
    part: Any

    def resolved(self) -> Mapping[str, Any]:
        """The part itself; ANYTHING where nothing can be said."""
        part = self.part
        for _ in range(_HOPS):
            if not isinstance(part, Mapping) or _SILENT & part.keys():
                return ANYTHING
            if "$ref" not in part:
                return part
            part = _at(self.whole, part["$ref"])
        return ANYTHING

    def types(self) -> frozenset[str]:
        """The types that its values have; empty if they may have any."""
        schema = self.resolved()
        said = schema.get("type")
        if isinstance(said, str):
            return frozenset({said})
        return frozenset(said) if isinstance(said, list) else frozenset()

    def items(self) -> Promise:
        """What an item of the list is."""
        return Promise(self.whole, self.resolved().get("items", ANYTHING))

    def follow(self, path: Sequence[str]) -> Promise | Missing:
        """What lies at a path of fields."""
        if self.part is ANYTHING:
            return self
        here = self
        for parts, name in enumerate(path):
            schema, types = here.resolved(), here.types()
            if types and "object" not in types:
                return Missing(parts, True, (), " or ".join(sorted(types)))
            fields = schema.get("properties")
            fields = fields if isinstance(fields, Mapping) else {}
            if name in fields:
                here = Promise(here.whole, fields[name])
                continue
            more = schema.get("additionalProperties", schema.get("unevaluatedProperties", True))
            if more is False:
                return Missing(parts, True, tuple(fields))
            required = schema.get("required")
            known = isinstance(required, list) and name in required
            if fields and more is True and not known:
                return Missing(parts, False, tuple(fields))
            here = Promise(here.whole, more if isinstance(more, Mapping) else ANYTHING)
        return here


UNKNOWN = Promise({}, ANYTHING)


def shape(template: Any) -> Mapping[str, Any]:
    """The schema of what a template yields, as far as that is written down."""
    match template:
        case None:
            return {"type": "null"}
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case str():
            return {} if holds_expression(template) else {"type": "string"}
        case list():
            return {"type": "array"}
        case Mapping():
            fields = {str(name): shape(item) for name, item in template.items()}
            return {
                "type": "object",
                "properties": fields,
                "required": list(fields),
                "additionalProperties": False,
            }
    return {}


def holds_expression(text: str) -> bool:
    """Whether a text has an expression in it."""
    return "{{" in text or "${" in text


def declared(node: Mapping[str, Any], known: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The schema of a node's output, of which its own goes before what is known otherwise."""
    policy = node.get("on_error")
    if policy == "ask":
        return None  # a person may give any output
    said = node.get("output_schema")
    said = said if isinstance(said, Mapping) else known
    if said is None or policy not in {"continue", "route"}:
        return said
    # A failure that is let pass shows its error instead.
    fields = said.get("properties")
    return {**said, "properties": {**fields, "error": {}}} if isinstance(fields, Mapping) else None


_SCALARS = frozenset({"string", "number", "integer", "boolean"})


def fits(given: frozenset[str], wanted: frozenset[str], *, exact: bool) -> bool:
    """Whether a value of these types may be taken where those are wanted.

    Texts, numbers and truth values are turned into each other where they can
    be, unless the place is `exact`.
    """
    if exact:
        return bool(given & wanted)
    return bool(_broadly(given) & _broadly(wanted))


def _broadly(types: frozenset[str]) -> set[str]:
    return {"scalar" if one in _SCALARS else one for one in types}


def _at(whole: Mapping[str, Any], reference: Any) -> Any:
    if not isinstance(reference, str) or not reference.startswith("#"):
        return ANYTHING
    part: Any = whole
    for token in reference[1:].split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if not isinstance(part, Mapping) or name not in part:
            return ANYTHING
        part = part[name]
    return part
