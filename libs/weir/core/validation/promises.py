"""Do those who read a value read what it has? Declared inputs and outputs against expressions.

A schema of the run's input, of a node's output as its type or the definition
declares it, and the variables: an expression that reads a field these cannot
have is an error, one that reads a field they do not name a warning. Where a
config takes a value as it is, its type is compared too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from weir.core.expressions import Reference
from weir.core.expressions.errors import suggest
from weir.core.expressions.template import escape
from weir.core.validation.callees import Called, callee
from weir.core.validation.calls import check_call
from weir.core.validation.draft import Draft, DraftNode
from weir.core.validation.problems import Findings, Problem
from weir.core.validation.schemas import UNKNOWN, Missing, Promise, declared, fits

_PLAIN = re.compile(r"\s*\{\{\s*([a-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}\s*")
_KINDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


class Promises:
    """What is declared of the values of one definition."""

    def __init__(self, draft: Draft, findings: Findings) -> None:
        self.draft = draft
        self.findings = findings
        self.steps: dict[str, Promise] = {}
        declared = draft.raw.get("input")
        self.input = Promise(declared, declared) if isinstance(declared, dict) else UNKNOWN
        self.vars = _variables(draft)

    # -- what is declared --

    def root(
        self, path: tuple[str, ...], node: DraftNode | None, *, inside: bool = False
    ) -> tuple[Promise, int]:
        """What is declared of the value that a path begins with, and how many parts that takes.

        `inside`: it is read inside this node, which is a container.
        """
        match path:
            case ("input", *_):
                return self.input, 1
            case ("trigger", "payload", *_):
                return self.input, 2
            case ("vars", *_):
                return self.vars, 1
            case ("steps", name, *_):
                return self.output(name), 2
            case ("item", *_) if node is not None:
                return self.item(node, inside=inside), 1
        return UNKNOWN, len(path)

    def output(self, name: str) -> Promise:
        """What is declared of a step's output."""
        found = self.steps.get(name)
        if found is None:
            found = self.steps[name] = self._declared(self.draft.nodes.get(name))
        return found

    def _declared(self, node: DraftNode | None) -> Promise:
        if node is None or node.spec is None:
            return UNKNOWN
        other = self.called(node)
        said = declared(node.raw, node.spec.output(node.config) if other is None else other.output)
        return UNKNOWN if said is None else Promise(said, said)

    def called(self, node: DraftNode) -> Called | None:
        """What is known of the workflow whose runs this node starts."""
        to = callee(node.config) if node.type == "sub_workflow" else None
        return None if to is None else self.draft.called.get(to)

    def item(self, node: DraftNode, *, inside: bool) -> Promise:
        """What is declared of the items that the nearest loop goes over."""
        around = [loop for loop, _ in self.draft.around(node)]
        for loop in [node, *around] if inside else around:
            if loop.type == "while":
                break
            if loop.type != "for_each":
                continue
            path = _plain(loop.config.get("items"))
            if not path or path[0] == "item" or loop.config.get("batch", 1) != 1:
                break
            found, taken = self.root(path, None)
            there = found.follow(path[taken:])
            return UNKNOWN if isinstance(there, Missing) else there.items()
        return UNKNOWN

    # -- who reads it --

    def check(
        self, references: Sequence[Reference], node: DraftNode | None, *, inside: bool
    ) -> None:
        """Check what a value's expressions read."""
        if node is not None and node.is_trigger:
            return  # what comes is looked at before it is held against the schema
        for reference in references:
            path = reference.path
            found, taken = self.root(path, node, inside=inside)
            there = found if found is UNKNOWN else found.follow(path[taken:])
            if isinstance(there, Missing) and not _is_asked(path, references):
                self.missing(there, reference, taken, node)

    def missing(
        self, there: Missing, reference: Reference, taken: int, node: DraftNode | None
    ) -> None:
        """Report a field that is not there."""
        path = reference.path
        holder, field = ".".join(path[: taken + there.parts]), path[taken + there.parts]
        if there.kind:
            kinds = " or ".join(_KINDS.get(one, one) for one in there.kind.split(" or "))
            message, advice = f"{holder} is {kinds} and has no {field}", "Read it as a whole."
        elif path[0] == "vars":
            message = f"there is no variable {field}"
            advice = suggest(field, there.names) or "Add it to vars."
        else:
            declares = "has" if there.sure else "declares"
            message = f"{holder} {declares} no {field}"
            advice = suggest(field, there.names) or "Declare it in the schema, or read another."
        problem = Problem(
            "FIELD_UNKNOWN" if there.sure else "FIELD_UNDECLARED",
            reference.field,
            node.id if node else None,
            message,
            advice,
            reference.line,
            reference.column,
        )
        to = self.findings.errors if there.sure else self.findings.warnings
        self.findings.add(to, problem)

    def types(self, path: tuple[str, ...], node: DraftNode) -> frozenset[str]:
        """The types that the value at a path has for sure; empty if it may have any."""
        found, taken = self.root(path, node)
        there = UNKNOWN if found is UNKNOWN else found.follow(path[taken:])
        return there.types() if isinstance(there, Promise) else frozenset()

    def check_config(self, node: DraftNode) -> None:
        """Compare the types of values that a config takes as they are."""
        if node.spec is None:
            return
        reads = {
            place: (path, self.types(path, node)) for place, path in _plain_values(node.config)
        }
        other = self.called(node)
        if other is not None:
            given_to = {
                place[1:]: types for place, (_, types) in reads.items() if place[0] == "input"
            }
            check_call(node, other, given_to, self.findings)
        for place, (path, given) in reads.items():
            if not given or "null" in given:
                continue
            types, exact = _wanted(node.spec.config_schema, place)
            if not types or fits(given, types, exact=exact):
                continue
            self.findings.error(
                "TYPE_MISMATCH",
                "".join([f"{node.pointer}/config", *(f"/{escape(str(part))}" for part in place)]),
                f"{'.'.join(path)} is {_named(given)}, and this takes {_named(types)}",
                "Read another value, or compute one of that kind.",
                node=node.id,
            )


def _is_asked(path: tuple[str, ...], references: Iterable[Reference]) -> bool:
    """Whether the same value asks if this, or what it is a part of, is there."""
    asked = {reference.path for reference in references if reference.asked}
    return any(path[:length] in asked for length in range(1, len(path) + 1))


def _named(types: Iterable[str]) -> str:
    return " or ".join(_KINDS.get(one, one) for one in sorted(set(types) - {"null"}))


def _variables(draft: Draft) -> Promise:
    said = draft.raw.get("vars", {})
    names = dict.fromkeys(said if isinstance(said, dict) else ())
    for node in draft.nodes.values():
        if node.type == "set_variables":
            values = node.config.get("values")
            if not isinstance(values, dict):
                return UNKNOWN
            names |= dict.fromkeys(values)
    schema = {
        "type": "object",
        "properties": {str(name): {} for name in names},
        "additionalProperties": False,
    }
    return Promise(schema, schema)


def _plain(value: Any) -> tuple[str, ...]:
    """The path of an expression that is nothing but one; empty for any other value."""
    if not isinstance(value, str) or "{{" not in value:
        return ()
    found = _PLAIN.fullmatch(value)
    return tuple(found[1].split(".")) if found else ()


Place = tuple[str | int, ...]


def _plain_values(config: Mapping[str, Any]) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Where a config has an expression that is nothing but a path, and that path."""
    stack: list[tuple[Any, Place]] = [(config, ())]
    while stack:
        value, place = stack.pop()
        if isinstance(value, str):
            if path := _plain(value):
                yield place, path
        elif isinstance(value, dict):
            stack += [(item, (*place, name)) for name, item in value.items()]
        elif isinstance(value, list):
            stack += [(item, (*place, i)) for i, item in enumerate(value)]


def _wanted(schema: Mapping[str, Any], place: Place) -> tuple[frozenset[str], bool]:
    """The types that a config's schema takes at a place, and whether exactly these."""
    here = Promise(schema, schema)
    for step in place:
        known = here.resolved()
        if isinstance(step, int):
            here = here.items()
        else:
            fields, more = known.get("properties"), known.get("additionalProperties")
            sub = fields.get(step, more) if isinstance(fields, Mapping) else more
            here = Promise(schema, sub)
        while isinstance(here.part, Mapping) and "else" in here.part:
            here = Promise(schema, here.part["else"])  # what an expression there must yield
    if not isinstance(here.part, Mapping):
        return frozenset(), False
    exact = here.part.get("x-ui", {}).get("yields") == "boolean"
    choices = here.part.get("anyOf", (here.part,))
    types = [Promise(schema, choice).types() for choice in choices]
    return frozenset().union(*types) if all(types) else frozenset(), exact
