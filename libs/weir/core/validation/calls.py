"""Runs of other workflows: does what they are given fit what these declare, and what do they yield?

A version that is named never changes, so what is wrong with it is an error. The
current version of a workflow may be another one tomorrow: there it is a warning,
and of what it yields only the names are known. Expressions are judged by what
is declared of the values they read; what is computed may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weir.core.expressions.template import escape
from weir.core.promise import SHOWN, masked
from weir.core.validation.callees import Called
from weir.core.validation.draft import DraftNode
from weir.core.validation.problems import Findings, Problem
from weir.core.validation.schemas import Promise, holds_expression

Place = tuple[str | int, ...]

# What these say of a list or an object does not depend on what its parts hold.
_SURE = frozenset(
    {
        *("type", "required", "additionalProperties", "dependentRequired", "propertyNames"),
        *("minItems", "maxItems", "minProperties", "maxProperties"),
    }
)
_CONDITIONAL = frozenset({"if", "then", "else", "dependentSchemas"})


def check_call(
    node: DraftNode, callee: Called, reads: Mapping[Place, frozenset[str]], findings: Findings
) -> None:
    """Compare what a run is given with what it declares.

    `reads`: the types of what expressions read that are nothing but a path, by place.
    """
    if callee.input is None:
        return
    given = node.config.get("input")
    holes = dict(_holes(given))
    problems = [*_breaches(callee.input, given, holes)]
    for place, known in holes.items():
        types = reads.get(place, known)
        wanted = _wanted(callee.input, place)
        if types and wanted and not _broadly(types) & _broadly(wanted):
            kinds = " or ".join(sorted(types)), " or ".join(sorted(wanted))
            problems.append((place, "this is of type {}, not {}".format(*kinds)))
    to = findings.errors if callee.fixed else findings.warnings
    at = f"{node.pointer}/config" + ("/input" if "input" in node.config else "")
    for place, message in problems[:SHOWN]:
        problem = Problem(
            "TYPE_MISMATCH",
            "".join([at, *(f"/{escape(str(part))}" for part in place)]),
            node.id,
            f"{node.config['workflow']} does not take this input: {message}",
            "Give what its input declares, or call a version that takes this.",
        )
        findings.add(to, problem)


def _breaches(
    schema: Any, given: Any, holes: Mapping[Place, frozenset[str]]
) -> Iterator[tuple[Place, str]]:
    """What is wrong whatever the expressions yield."""
    try:
        errors = list(masked(schema).iter_errors(given))
    except ValueError:
        return  # no JSON, which is a problem of its own
    for error in errors:
        at, of = tuple(error.instance_path), error.schema_path
        if any(at[: len(hole)] == hole for hole in holes):
            continue
        if any(hole[: len(at)] == at for hole in holes) and of[-1] not in _SURE:
            continue
        if not holes or not _CONDITIONAL.intersection(map(str, of)):
            yield at, error.message


def _holes(value: Any) -> Iterator[tuple[Place, frozenset[str]]]:
    """Where a value has expressions, each with the types it has for sure."""
    stack: list[tuple[Any, Place]] = [(value, ())]
    while stack:
        here, place = stack.pop()
        if isinstance(here, str) and holds_expression(here):
            text = here.strip()
            alone = text.startswith(("{{", "${")) and text.endswith("}")
            yield place, frozenset() if alone else frozenset({"string"})
        elif isinstance(here, dict):
            stack += [(item, (*place, str(name))) for name, item in here.items()]
        elif isinstance(here, list):
            stack += [(item, (*place, i)) for i, item in enumerate(here)]


def _wanted(schema: Any, place: Place) -> frozenset[str]:
    """The types that a schema takes at a place; empty if that is not sure."""
    here = Promise(schema if isinstance(schema, Mapping) else {}, schema)
    for step in place:
        known = here.resolved()
        if isinstance(step, int):
            if "prefixItems" in known:
                return frozenset()
            here = here.items()
            continue
        fields = known.get("properties")
        more = known.get("additionalProperties", True)
        sub = fields.get(step, more) if isinstance(fields, Mapping) else more
        here = Promise(here.whole, sub)
    return here.types()


def _broadly(types: frozenset[str]) -> set[str]:
    return {"number" if one == "integer" else one for one in types}
