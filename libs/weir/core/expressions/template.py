"""JSON values with expressions in them.

A string that is exactly one `{{ … }}` yields the value; in any other string
the values are joined as text: a string as it is, all else as its JSON.
`${node.output.path}` means `{{ steps.node.path }}`. Values without expressions
come out as they went in, untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from weir.core.expressions.budget import Budget, Meter
from weir.core.expressions.errors import (
    SYNTAX,
    TOO_LARGE,
    UNKNOWN_NAME,
    BudgetExceededError,
    ExpressionError,
    Flaw,
    suggest,
)
from weir.core.expressions.program import Program, program
from weir.core.expressions.source import Segment, SourceError, position, split
from weir.core.expressions.values import KIND_NAMES, text_of

Path = tuple[str, ...]

ROOTS = frozenset(
    {
        *("input", "trigger", "steps", "vars", "env", "run"),
        *("item", "index", "acc", "error", "credentials"),
    }
)
MAX_NESTING = 64


@dataclass(frozen=True, slots=True)
class Scope:
    """What an evaluation sees: the roots by name, the time, and where its uuids come from."""

    roots: Mapping[str, Any]
    now_ms: int
    seed: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A path that an expression reads, and where. `asked`: it asks whether something is there."""

    path: Path
    asked: bool
    field: str
    line: int
    column: int


Make = Callable[[Mapping[str, Any], Meter], Any]


@dataclass(frozen=True, slots=True)
class _Found:
    """A program where it stands: in which field, and from which offset of its text."""

    program: Program
    field: str
    text: str
    at: int

    def make(self, roots: Mapping[str, Any], meter: Meter) -> Any:
        try:
            return self.program.run(roots, meter, self)
        except BudgetExceededError as error:
            raise BudgetExceededError(f"{self.field or 'expression'}: {error.message}") from None

    def references(self) -> Iterator[Reference]:
        compiled = self.program.known
        steps = {path[:2] for path in compiled.asked if path[0] == "steps"}
        for place in compiled.places:
            if place.path:
                line, column = position(self.text, self.at + place.start)
                asked = place.path in compiled.asked or place.path[:2] in steps
                yield Reference(place.path, asked, self.field, line, column)


class Template:
    """A compiled value.

    `refs` are the plain paths its expressions read, as far as they are written
    down: `steps.a.b[i].c` gives `("steps", "a", "b")`. `references` are the same
    with their places.
    """

    __slots__ = ("_found", "_make", "_path", "_size", "_steps", "is_static", "refs", "source")

    def __init__(self, source: Any, path: str, make: Make | None, found: list[_Found]) -> None:
        self.source = source
        self.is_static = make is None
        self._path = path
        self._make = make
        self._found = found
        known = [part.program.known for part in found]
        self.refs: frozenset[Path] = frozenset(ref for part in known for ref in part.refs)
        self._steps = sum(part.steps for part in known)
        self._size = sum(part.size for part in known)

    def evaluate(self, scope: Scope, budget: Budget) -> Any:
        """The value. What lies in the roots comes out in place: treat the result as immutable.

        EvaluationError names the expression that has no value and why;
        BudgetExceededError says that this is no place to evaluate it.
        """
        if self._make is None:
            return self.source
        steps, size = budget.steps - self._steps, budget.size - self._size
        meter = Meter(steps, size, scope.now_ms, scope.seed)
        if steps < 0 or size < 0:
            meter.work(0)
            meter.make(0)
        return self._make(scope.roots, meter)

    @property
    def references(self) -> tuple[Reference, ...]:
        """What its expressions read, and where."""
        return tuple(reference for part in self._found for reference in part.references())

    @property
    def is_single(self) -> bool:
        """Whether it is exactly one expression, which yields its value as it is."""
        return len(self._found) == 1 and self._make == self._found[0].make

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process compiles it again."""
        return _again, (self.source, self._path)


def _again(source: Any, path: str) -> Template:
    return compile_template(source, path=path)


def compile_template(value: Any, *, path: str = "", roots: Collection[str] = ROOTS) -> Template:
    """Compile a JSON value; ExpressionError holds all that is wrong in it.

    `path` is the value's JSON pointer, for errors; `roots` the names it may read.
    """
    walk = _Walk(roots)
    make = walk.visit(value, path, 0)
    if walk.flaws:
        raise ExpressionError(walk.flaws)
    return Template(value, path, make, walk.found)


def compile_expression(text: str, *, path: str = "", roots: Collection[str] = ROOTS) -> Template:
    """Compile one expression, written with or without its `{{ }}`."""
    if not text.lstrip().startswith(("{{", "${")):
        text = "{{" + text + "\n}}"  # the line's end also ends a comment
    template = compile_template(text, path=path, roots=roots)
    if not template.is_single:
        message = "this is more than one expression"
        raise ExpressionError([Flaw(SYNTAX, message, "Write one, without text around it.", path)])
    return template


LONG = 8 * 1024
"""Characters of texts with expressions that take some 50 ms to compile."""


def takes_long(value: Any) -> bool:
    """Whether compiling what is in a JSON value would hold up whoever else is waiting."""
    left, stack = LONG, [value]
    while stack and left >= 0:
        item = stack.pop()
        if isinstance(item, str):
            if "{{" in item or "${" in item:
                left -= len(item)
        elif isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list):
            stack += item
    return left < 0


class _Walk:
    """Goes through a value once, collecting programs and flaws."""

    def __init__(self, roots: Collection[str]) -> None:
        self.roots = roots
        self.found: list[_Found] = []
        self.flaws: list[Flaw] = []

    def visit(self, value: Any, path: str, depth: int) -> Make | None:
        """How to make the value; None if it is static."""
        if isinstance(value, str):
            return self.visit_text(value, path)
        if not isinstance(value, dict | list):
            return None
        if depth >= MAX_NESTING:
            advice = "Give inner parts a node of their own."
            self.flaw(path, TOO_LARGE, f"the value is nested more than {MAX_NESTING} deep", advice)
            return None
        if isinstance(value, list):
            items = [self.visit(item, f"{path}/{i}", depth + 1) for i, item in enumerate(value)]
            return _list(value, items) if any(items) else None
        parts = {}
        for key, item in value.items():
            at = f"{path}/{escape(str(key))}"
            if "{{" in str(key):
                advice = "Make the whole value one expression: {{ {key: value} }}."
                self.flaw(at, SYNTAX, "a key cannot hold an expression", advice)
            parts[key] = self.visit(item, at, depth + 1)
        return _map(value, parts) if any(parts.values()) else None

    def visit_text(self, text: str, path: str) -> Make | None:
        if "{{" not in text and "${" not in text:
            return None
        try:
            segments = split(text)
        except SourceError as error:
            self.add(error, path, text, 0)
            return None
        if not any(isinstance(segment, Segment) for segment in segments):
            return None
        parts: list[str | _Found] = []
        for segment in segments:
            part = segment if isinstance(segment, str) else self.compile(segment, path, text)
            if part is not None:
                parts.append(part)
        alone = [part for part in parts if not isinstance(part, str) or part.strip()]
        only = alone[0] if len(alone) == 1 else None
        return only.make if isinstance(only, _Found) else _joined(parts)

    def compile(self, segment: Segment, path: str, text: str) -> _Found | None:
        try:
            known = program(segment.source)
        except SourceError as error:
            self.add(error, path, text, segment.at)
            return None
        for at, flaw in known.known.flaws:
            line, column = position(text, segment.at + at)
            self.flaws.append(replace(flaw, path=path, line=line, column=column))
        for name in known.known.names:
            if name.name not in self.roots:
                line, column = position(text, segment.at + name.start)
                message = f"there is no name {name.name} here"
                advice = (
                    f"Compare a kind as text: type(x) == '{name.name}'."
                    if name.name in KIND_NAMES
                    else suggest(name.name, self.roots)
                )
                flaw = Flaw(UNKNOWN_NAME, message, advice, path, line, column, name.name)
                self.flaws.append(flaw)
        found = _Found(known, path, text, segment.at)
        self.found.append(found)
        return found

    def add(self, error: SourceError, path: str, text: str, base: int) -> None:
        line, column = position(text, base + error.at)
        self.flaws.append(Flaw(error.code, error.message, error.advice, path, line, column))

    def flaw(self, path: str, code: str, message: str, advice: str) -> None:
        self.flaws.append(Flaw(code, message, advice, path))


def escape(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _list(value: list[Any], items: list[Make | None]) -> Make:
    pairs = list(zip(value, items, strict=True))

    def make(roots: Mapping[str, Any], meter: Meter) -> Any:
        return [item if part is None else part(roots, meter) for item, part in pairs]

    return make


def _map(value: dict[str, Any], parts: dict[str, Make | None]) -> Make:
    lively = [(key, part) for key, part in parts.items() if part is not None]

    def make(roots: Mapping[str, Any], meter: Meter) -> Any:
        made = value.copy()  # keeps the order of the keys
        for key, part in lively:
            made[key] = part(roots, meter)
        return made

    return make


def _joined(parts: list[str | _Found]) -> Make:
    def make(roots: Mapping[str, Any], meter: Meter) -> Any:
        texts = []
        for part in parts:
            if isinstance(part, str):
                meter.make(len(part))
                texts.append(part)
            else:
                texts.append(text_of(meter, part.make(roots, meter)))
        return "".join(texts)

    return make
