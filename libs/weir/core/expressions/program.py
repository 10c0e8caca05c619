"""A compiled expression: run it, and when it fails say where and why.

The code runs without any bookkeeping for errors. If it fails, the line number
of the failing frame names the sub-expression. An expression with && or || that
fails is evaluated a second time with code that lets these absorb errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Protocol

from weir.core.expressions.budget import Meter
from weir.core.expressions.compiler import compile_tree
from weir.core.expressions.emitter import FILENAME, Place, load
from weir.core.expressions.errors import (
    BudgetExceededError,
    EvaluationError,
    Fault,
    OperandError,
    UnresolvedError,
)
from weir.core.expressions.macros import ABSORBED
from weir.core.expressions.operators import absent, unreachable
from weir.core.expressions.parser import parse
from weir.core.expressions.source import Source, position
from weir.core.expressions.values import kind

Run = Callable[[Any, Meter], Any]


class Where(Protocol):
    """In which field a text stands, and from which offset of it the expression."""

    @property
    def field(self) -> str:
        """Its JSON pointer."""

    @property
    def text(self) -> str:
        """All of it."""

    @property
    def at(self) -> int:
        """The offset."""


class Program:
    """One expression, wherever it stands. SourceError if it cannot be read.

    What is kept is what runs: a tree, Python's or ours, is some hundred times
    its text, and a process holds thousands of expressions.
    """

    __slots__ = ("_careful", "_run", "_source", "known", "text")

    def __init__(self, source: Source) -> None:
        code, self.known = compile_tree(parse(source))
        self.text = source.text
        self._run: Run | None = None if self.known.flaws else load(code)
        self._source = source if self.known.logical else None
        self._careful: tuple[Run, tuple[Place, ...]] | None = None

    def run(self, roots: Mapping[str, Any], meter: Meter, where: Where) -> Any:
        """The value as JSON."""
        if self._run is None:
            raise RuntimeError("an expression with flaws was run")
        try:
            return self._run(roots, meter)
        except ABSORBED as error:
            if self._source is None:
                raise self._located(error, self.known.places, roots, where) from None
        except RecursionError:
            raise _too_deep() from None
        return self._run_carefully(self._source, roots, meter, where)

    def _run_carefully(
        self, source: Source, roots: Mapping[str, Any], meter: Meter, where: Where
    ) -> Any:
        if self._careful is None:
            code, known = compile_tree(parse(source), careful=True)
            self._careful = load(code), known.places
        run, places = self._careful
        try:
            return run(roots, meter)
        except ABSORBED as error:
            raise self._located(error, places, roots, where) from None
        except RecursionError:
            raise _too_deep() from None

    def _located(
        self,
        error: Exception,
        places: tuple[Place, ...],
        roots: Mapping[str, Any],
        where: Where,
    ) -> EvaluationError:
        place = _failing(error.__traceback__, places) or Place(0, len(self.text))
        fault = error if isinstance(error, Fault) else _explain(error, place, roots)
        line, column = position(where.text, where.at + place.start)
        reference = ".".join(place.path) or self.text[place.start : place.end].strip()
        message = f"{_shorten(reference)}: {fault.message}"
        return fault.kind(
            message,
            path=reference,
            advice=fault.advice,
            field=where.field,
            line=line,
            column=column,
        )


def _failing(trace: TracebackType | None, places: tuple[Place, ...]) -> Place | None:
    found = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME:
            found = places[trace.tb_lineno - 1]
        trace = trace.tb_next
    return found


def _explain(error: Exception, place: Place, roots: Mapping[str, Any]) -> Fault:
    """What is missing on a plain path."""
    value: Any = roots
    done: list[str] = []
    for key in place.path:
        if not isinstance(value, Mapping):
            fault = unreachable(value, f"the field {key}")
            return Fault(UnresolvedError, f"{'.'.join(done)} is {kind(value)}", fault.advice)
        try:
            value = value[key]
        except KeyError as missing:
            if not done:
                return Fault(UnresolvedError, f"there is no {key} here")
            fault = absent(value, key, missing)
            return Fault(UnresolvedError, f"{fault.message} in {'.'.join(done)}", fault.advice)
        done.append(key)
    return Fault(OperandError, f"it cannot be evaluated ({type(error).__name__})")


def _shorten(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}…"


def _too_deep() -> BudgetExceededError:
    return BudgetExceededError("the expression goes through data that is nested too deep")


_cache: dict[str, Program] = {}
_CACHED = 4_096
_CACHED_CHARS = 512 * 1024
_SHOWN = 80  # characters of a sub-expression in a message


def program(source: Source) -> Program:
    """The program of a source; SourceError if it cannot be read. The same text is compiled once."""
    known = _cache.get(source.text)
    if known is None:
        known = Program(source)
        if len(_cache) >= _CACHED or sum(map(len, tuple(_cache))) >= _CACHED_CHARS:
            _cache.clear()
        _cache[source.text] = known
    return known
