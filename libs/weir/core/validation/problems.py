"""What can be wrong with a definition; each kind has a code, and a page in docs/errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from weir.core.expressions.errors import Flaw

CODES: Mapping[str, str] = MappingProxyType(
    {
        "DEFINITION_SCHEMA": "something is missing, of the wrong kind, or not known",
        "DEFINITION_NOT_AVAILABLE": "a later version will know this, this one does not",
        "DEFINITION_CYCLE": "edges lead in a circle",
        "INPUT_SCHEMA_INVALID": "the schema of the input is no JSON Schema",
        "DURATION_INVALID": "no duration, or one out of range",
        "RETRY_INVALID": "values of a retry policy that cannot be meant",
        "NODE_ID_INVALID": "an id of another form, or a reserved word",
        "NODE_ID_DUPLICATE": "two nodes have the same id",
        "NODE_TYPE_UNKNOWN": "no such node type in the catalogue",
        "NODE_TYPE_VERSION": "no such version of a node type",
        "NODE_UNREACHABLE": "no path leads to the node",
        "NODE_NEVER_RUNS": "what is switched off keeps the node from ever running",
        "NODE_SETTING_IGNORED": "a setting that has no effect on this kind of node",
        "CONFIG_MISSING": "a required field of a node's config is missing",
        "CONFIG_INVALID": "a node's config does not fit its type",
        "SWITCH_CASE_DUPLICATE": "two cases of a switch have the same name",
        "JOIN_TOO_LARGE": "a node waits for more branches than lead to it",
        "EDGE_NODE_UNKNOWN": "an edge from or to a node that does not exist",
        "EDGE_PORT_UNKNOWN": "an edge from a port that its node does not have",
        "EDGE_INTO_TRIGGER": "an edge to a trigger",
        "EDGE_DUPLICATE": "the same edge twice",
        "ERROR_PORT_UNAVAILABLE": "an edge from the port error of a node that routes none",
        "ERROR_PORT_UNUSED": "errors are routed to a port that leads nowhere",
        "EXPRESSION_NOT_ALLOWED": "an expression where only constants are taken",
        "CREDENTIAL_NOT_ALLOWED": "a credential outside the fields that are kept secret",
        "STEP_UNKNOWN": "an expression reads a step that does not exist",
        "STEP_NOT_UPSTREAM": "an expression reads a step that need not have run before",
        "STEP_ON_OTHER_BRANCH": "an expression reads a step that never runs together with this one",
        "STEP_DISABLED": "an expression reads a step that is switched off",
        "STEP_MAY_BE_SKIPPED": "an expression reads a step that some runs skip",
    }
)


MOST = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where (a JSON pointer, and the node's id), what, and what to do.

    `line` and `column` are places in a text with expressions, from 1; 0 elsewhere.
    """

    code: str
    path: str
    node: str | None
    message: str
    advice: str = ""
    line: int = 0
    column: int = 0


@dataclass(slots=True)
class Findings:
    """Collects problems, each place and code once; beyond so many nobody reads on."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    _seen: set[tuple[str, str, int, int]] = field(default_factory=set)

    def error(
        self, code: str, path: str, message: str, advice: str = "", *, node: str | None = None
    ) -> None:
        """Something that keeps the definition from being published."""
        self.add(self.errors, Problem(code, path, node, message, advice))

    def warn(
        self, code: str, path: str, message: str, advice: str = "", *, node: str | None = None
    ) -> None:
        """Something to look at."""
        self.add(self.warnings, Problem(code, path, node, message, advice))

    def flaw(self, flaw: Flaw, node: str | None) -> None:
        """Something wrong in an expression."""
        self.add(
            self.errors,
            Problem(flaw.code, flaw.path, node, flaw.message, flaw.advice, flaw.line, flaw.column),
        )

    def add(self, to: list[Problem], problem: Problem) -> None:
        """Enter one."""
        place = (problem.code, f"{problem.path} {problem.message}", problem.line, problem.column)
        if place not in self._seen and len(to) < MOST:
            self._seen.add(place)
            to.append(problem)
