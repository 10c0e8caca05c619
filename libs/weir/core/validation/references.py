"""Expressions in their places: can they be compiled, and will what they read be there?

Names are found from the inside out: a step reads those of its own scope and of
the scopes around it, and what its loop and its catch give it. Nobody outside
reads what stands inside a container.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from weir.core.expressions import ExpressionError, Reference, compile_expression, compile_template
from weir.core.expressions.errors import UNKNOWN_NAME, Flaw, suggest
from weir.core.expressions.jsonpath import from_jsonpath, is_jsonpath
from weir.core.validation.afterwards import attributes
from weir.core.validation.branches import Branches, Standing
from weir.core.validation.draft import TOP, Draft, DraftNode, Place
from weir.core.validation.limits import keys
from weir.core.validation.problems import Findings, Problem
from weir.core.validation.promises import Promises

_EVERYWHERE = frozenset({"input", "trigger", "vars", "env"})
_IN_RUN = _EVERYWHERE | {"steps", "run"}
_CREDENTIALS = frozenset({"credentials"})
_INSIDE = frozenset({"item", "index", "acc", "error"})

# Fields of a container that are read with its inside; the others are read where it stands.
_AT_END: Mapping[str, frozenset[str]] = {
    "for_each": frozenset({"output"}),
    "while": frozenset({"output"}),
    "try": frozenset({"output"}),
    "scope": frozenset({"output"}),
}
_APART = frozenset({*_AT_END, "webhook"})
# Fields that see more than what stands around them.
_MORE: Mapping[tuple[str, str], frozenset[str]] = {
    ("while", "condition"): frozenset({"acc", "index"}),
    ("try", "when"): frozenset({"error"}),
    ("webhook", "response"): frozenset({"run"}),
}

_ASK = "Ask with has(steps.{0}.…) or get(steps.{0}, '…', fallback) if it may be missing."


def check_expressions(draft: Draft, branches: Branches, findings: Findings) -> None:
    """Check every expression of the definition."""
    reader = _Reader(draft, branches, findings)
    for node in draft.nodes.values():
        reader.node(node)
    settings = draft.raw.get("settings")
    for at, key in (*keys(settings), *attributes(settings)):
        reader.value(key, at, _EVERYWHERE | {"run"}, None)
    if draft.raw.get("output") is not None:
        reader.value(draft.raw["output"], "/output", _IN_RUN, None)


class _Reader:
    def __init__(self, draft: Draft, branches: Branches, findings: Findings) -> None:
        self.draft = draft
        self.branches = branches
        self.findings = findings
        self.names: dict[Place, frozenset[str]] = {TOP: _IN_RUN}
        self.promises = Promises(draft, findings)

    def node(self, node: DraftNode) -> None:
        secret = node.spec.secret_fields if node.spec else frozenset()
        roots = _EVERYWHERE if node.is_trigger else self.roots(node.scope)
        plain = not secret and node.type not in _APART
        shown = node.config if plain else self.apart(node, secret, roots)
        self.value(shown, f"{node.pointer}/config", roots, node)
        self.promises.check_config(node)
        retry = node.raw.get("retry")
        condition = retry.get("retry_if") if isinstance(retry, Mapping) else None
        if isinstance(condition, str) and condition.strip():
            here = f"{node.pointer}/retry/retry_if"
            self.value(condition, here, roots | {"error"}, node, alone=True)

    def apart(
        self, node: DraftNode, secret: Collection[str], roots: frozenset[str]
    ) -> dict[str, Any]:
        """Check the fields that are read in another way than the others; the others."""
        at_end = _AT_END.get(node.type, frozenset())
        others = {}
        for name, part in node.config.items():
            here = f"{node.pointer}/config/{name}"
            if name in secret:
                self.value(part, here, _CREDENTIALS, node)
            elif name in at_end:
                self.value(part, here, self.roots_at_end(node), node, at_end=True)
            elif (node.type, name) in _MORE:
                self.value(part, here, roots | _MORE[node.type, name], node)
            elif (node.type, name) == ("webhook", "filter") and is_jsonpath(part):
                self.jsonpath(part, here, node)
            else:
                others[name] = part
        return others

    def jsonpath(self, text: str, path: str, node: DraftNode) -> None:
        """Check a condition that is written as JSONPath."""
        try:
            from_jsonpath(text, path=path)
        except ExpressionError as error:
            for flaw in error.errors:
                self.flaw(flaw, node)

    def roots(self, place: Place) -> frozenset[str]:
        """The names that a step in this scope reads."""
        walk = []
        while place not in self.names:
            walk.append(place)
            place = self.draft.nodes[place[0]].scope
        found = self.names[place]
        for container, section in reversed(walk):
            found = _within(self.draft.nodes[container], section, found)
            self.names[container, section] = found
        return found

    def roots_at_end(self, container: DraftNode) -> frozenset[str]:
        """What its output reads: of a try, `error` as well if it ends with its catch."""
        found = self.roots((container.id, "body"))
        caught = self.draft.members.get((container.id, "catch"))
        return found | {"error"} if caught else found

    def value(  # noqa: PLR0913 - a value, its place, and how it is read there
        self,
        value: Any,
        path: str,
        roots: Collection[str],
        node: DraftNode | None,
        *,
        alone: bool = False,
        at_end: bool = False,
    ) -> None:
        """Compile, then look at what is read.

        `alone`: it must be one expression; `at_end`: it is read when the inside
        of the node has come to its end.
        """
        try:
            template = (
                compile_expression(value, path=path, roots=roots)
                if alone
                else compile_template(value, path=path, roots=roots)
            )
        except ExpressionError as error:
            for flaw in error.errors:
                self.flaw(flaw, node)
            return
        references = template.references
        for reference in references:
            if reference.path[0] == "steps" and len(reference.path) > 1:
                self.step(reference, node, at_end=at_end)
        self.promises.check(references, node, inside=at_end)

    def flaw(self, flaw: Flaw, node: DraftNode | None) -> None:
        name = node.id if node else None
        if flaw.code == UNKNOWN_NAME and flaw.name == "credentials":
            fields = ", ".join(sorted(node.spec.secret_fields)) if node and node.spec else ""
            advice = f"Use it in {fields}." if fields else "This node keeps no field secret."
            message = "a credential is only read in fields that are kept secret"
            self.located("CREDENTIAL_NOT_ALLOWED", flaw, message, advice, name)
            return
        if flaw.code == UNKNOWN_NAME and flaw.name in _INSIDE:
            flaw = replace(flaw, advice=_WHERE[flaw.name])
        self.findings.flaw(flaw, name)

    def step(self, reference: Reference, node: DraftNode | None, *, at_end: bool) -> None:
        step = reference.path[1]
        name = node.id if node else None
        there = self.draft.nodes.get(step)
        if there is None:
            message, advice = f"there is no step {step[:100]}", suggest(step, self.draft.nodes)
            self.located("STEP_UNKNOWN", reference, message, advice, name)
            return
        if there.disabled and not reference.asked:
            message = f"{step} is switched off and has no output"
            self.located("STEP_DISABLED", reference, message, _ASK.format(step), name)
            return
        if wall := self.wall(there, node, at_end=at_end):
            self.located(
                "STEP_INSIDE_CONTAINER",
                reference,
                f"{step} stands inside {there.parent} and is read in there only",
                f"Read {wall} instead: its output is what comes out."
                if wall != name
                else "Read it in output, or read what comes before the container.",
                name,
            )
            return
        if node is None:
            standing = self.branches.at_end(step)
        elif at_end:
            standing = self.branches.at_end_of(node.id, step)
        else:
            standing = self.branches.standing(node.id, step)
        self.judge(standing, reference, step, name)

    def wall(self, there: DraftNode, node: DraftNode | None, *, at_end: bool) -> str:
        """The outermost container between a step and who reads it; empty if there is none."""
        if not there.parent:
            return ""
        around = {""}
        if node is not None:
            around |= {container.id for container, _ in self.draft.around(node)}
            if at_end:
                around.add(node.id)
        inside = [c.id for c, _ in self.draft.around(there) if c.id not in around]
        return inside[-1] if inside else ""

    def judge(
        self, standing: Standing | None, reference: Reference, step: str, name: str | None
    ) -> None:
        if standing == "not_before":
            message, advice = self.too_early(step, name)
            self.located("STEP_NOT_UPSTREAM", reference, message, advice, name)
        elif standing == "never" and not reference.asked:
            self.located(
                "STEP_ON_OTHER_BRANCH",
                reference,
                f"{step} is on another branch: when {name or 'it'} runs, {step} never has",
                f"Read a step of the same branch, or bring the branches together before {name}.",
                name,
            )
        elif standing == "perhaps" and not reference.asked:
            self.located(
                "STEP_MAY_BE_SKIPPED",
                reference,
                f"{step} has no output in runs that skip it; this then fails",
                _ASK.format(step),
                name,
                warning=True,
            )

    def too_early(self, step: str, name: str | None) -> tuple[str, str]:
        """What is wrong with reading a step that does not come before, and what to do."""
        here = self.draft.nodes.get(name or "")
        if step == name:
            return f"{step} reads its own output, which is made afterwards", "Read an earlier step."
        if here is not None and any(step == c.id for c, _ in self.draft.around(here)):
            message = f"{name} stands inside {step}, whose output is made when it ends"
            return message, "Read a step inside it, or acc in a loop that hands a value on."
        return (
            f"{step} does not come before {name}, so it need not have run",
            f"Lead an edge from {step} to {name}, or read another step.",
        )

    def located(  # noqa: PLR0913 - a problem has that many sides
        self,
        code: str,
        place: Flaw | Reference,
        message: str,
        advice: str,
        node: str | None,
        *,
        warning: bool = False,
    ) -> None:
        path = place.path if isinstance(place, Flaw) else place.field
        problem = Problem(code, path, node, message, advice, place.line, place.column)
        to = self.findings.warnings if warning else self.findings.errors
        self.findings.add(to, problem)


_WHERE = {
    "item": "item is read inside a for_each, of the nearest loop.",
    "index": "index is read inside a loop.",
    "acc": "acc is read inside a while, or a for_each that has acc.",
    "error": "error is read in catch and finally of a try, and in retry_if.",
}


def _within(container: DraftNode, section: str, around: frozenset[str]) -> frozenset[str]:
    """The names inside a container, from those around it; a loop hides what an outer one gives."""
    match container.type:
        case "for_each":
            here = {"item", "index", "acc"} if "acc" in container.config else {"item", "index"}
            return (around - {"item", "index", "acc"}) | here
        case "while":
            return (around - {"item"}) | {"index", "acc"}
        case "try" if section != "body":
            return around | {"error"}
    return around
