"""Checking a definition, and freezing it for running.

All problems are found in one go, each with its place, its code and what to do
about it. Errors keep a definition from being published; warnings do not. The
time taken grows with the size of the definition, not with its square.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weir.core.spec import Catalogue
from weir.core.validation.answers import check_answers
from weir.core.validation.branches import explore
from weir.core.validation.callees import Called, Callee
from weir.core.validation.containers import check_containers
from weir.core.validation.draft import read
from weir.core.validation.freeze import freeze, version_of
from weir.core.validation.problems import Findings, Problem
from weir.core.validation.references import check_expressions
from weir.core.validation.settings import check_nodes, check_settings
from weir.core.validation.shape import check_shape
from weir.core.validation.timed import check_schedules
from weir.core.validation.wiring import check_wiring

__all__ = ["Problem", "Validated", "validate", "version_of"]

_NOBODY: Mapping[Callee, Called] = {}


@dataclass(frozen=True, slots=True)
class Validated:
    """What validation found. `frozen` is None if there are errors."""

    frozen: dict[str, Any] | None
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def validate(
    definition: Any, catalogue: Catalogue, called: Mapping[Callee, Called] = _NOBODY
) -> Validated:
    """Check a definition against the node types there are, and the workflows that it calls."""
    findings = Findings()
    check_shape(definition, findings)
    draft = read(definition if isinstance(definition, dict) else {}, catalogue, called)
    check_nodes(draft, catalogue, findings)
    check_settings(draft, findings)
    check_containers(draft, findings)
    check_schedules(draft, findings)
    check_answers(draft, findings)
    branches = explore(draft, check_wiring(draft, findings))
    check_expressions(draft, branches, findings)
    if not findings.errors:
        for name in branches.idle():
            findings.warn(
                "NODE_NEVER_RUNS",
                draft.nodes[name].pointer,
                f"no run ever enters {name}, since what leads to it is switched off",
                "Switch that on again, or switch this off too.",
                node=name,
            )
    return Validated(
        None if findings.errors else freeze(draft),
        tuple(findings.errors),
        tuple(findings.warnings),
    )
