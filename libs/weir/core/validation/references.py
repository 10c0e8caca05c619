"""Expressions in their places: can they be compiled, and will what they read be there?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from weir.core.expressions import ExpressionError, Reference, compile_expression, compile_template
from weir.core.expressions.errors import UNKNOWN_NAME, Flaw, suggest
from weir.core.validation.branches import Branches, Standing
from weir.core.validation.draft import Draft, DraftNode
from weir.core.validation.problems import Findings, Problem

_EVERYWHERE = frozenset({"input", "trigger", "vars", "env"})
_IN_RUN = _EVERYWHERE | {"steps", "run"}
_CREDENTIALS = frozenset({"credentials"})
_AFTER_ERROR = _IN_RUN | {"error"}

_ASK = "Ask with has(steps.{0}.…) or get(steps.{0}, '…', fallback) if it may be missing."


def check_expressions(draft: Draft, branches: Branches, findings: Findings) -> None:
    """Check every expression of the definition."""
    reader = _Reader(draft, branches, findings)
    for node in draft.nodes.values():
        reader.node(node)
    if draft.raw.get("output") is not None:
        reader.value(draft.raw["output"], "/output", _IN_RUN, None)


class _Reader:
    def __init__(self, draft: Draft, branches: Branches, findings: Findings) -> None:
        self.draft = draft
        self.branches = branches
        self.findings = findings

    def node(self, node: DraftNode) -> None:
        secret = node.spec.secret_fields if node.spec else frozenset()
        at = f"{node.pointer}/config"
        for name, part in node.config.items():
            if name in secret:
                self.value(part, f"{at}/{name}", _CREDENTIALS, node)
        shown = {name: part for name, part in node.config.items() if name not in secret}
        self.value(shown, at, _EVERYWHERE if node.is_trigger else _IN_RUN, node)
        retry = node.raw.get("retry")
        condition = retry.get("retry_if") if isinstance(retry, Mapping) else None
        if isinstance(condition, str) and condition.strip():
            self.value(condition, f"{node.pointer}/retry/retry_if", _AFTER_ERROR, node, alone=True)

    def value(
        self,
        value: Any,
        path: str,
        roots: Collection[str],
        node: DraftNode | None,
        *,
        alone: bool = False,
    ) -> None:
        """Compile, then look at what is read. `alone`: it must be one expression."""
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
        for reference in template.references:
            if reference.path[0] == "steps" and len(reference.path) > 1:
                self.step(reference, node)

    def flaw(self, flaw: Flaw, node: DraftNode | None) -> None:
        name = node.id if node else None
        if flaw.code == UNKNOWN_NAME and flaw.name == "credentials":
            fields = ", ".join(sorted(node.spec.secret_fields)) if node and node.spec else ""
            advice = f"Use it in {fields}." if fields else "This node keeps no field secret."
            message = "a credential is only read in fields that are kept secret"
            self.located("CREDENTIAL_NOT_ALLOWED", flaw, message, advice, name)
            return
        self.findings.flaw(flaw, name)

    def step(self, reference: Reference, node: DraftNode | None) -> None:
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
        standing = self.branches.standing(node.id, step) if node else self.branches.at_end(step)
        self.judge(standing, reference, step, name)

    def judge(
        self, standing: Standing | None, reference: Reference, step: str, name: str | None
    ) -> None:
        if standing == "not_before":
            self.located(
                "STEP_NOT_UPSTREAM",
                reference,
                f"{step} does not come before {name}, so it need not have run"
                if step != name
                else f"{step} reads its own output, which is made afterwards",
                f"Lead an edge from {step} to {name}, or read another step."
                if step != name
                else "Read an earlier step.",
                name,
            )
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
