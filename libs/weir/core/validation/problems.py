"""Problems of a definition, each with its code, its place and advice."""

from __future__ import annotations

from dataclasses import dataclass, field

from weir.core.expressions.errors import Flaw

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
