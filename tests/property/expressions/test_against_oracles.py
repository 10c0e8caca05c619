"""The same expression in two CEL libraries and in ours.

Intended differences, which the generated expressions avoid or the comparison allows:

- Ints and doubles mix in ours; expressions keep them apart, and all doubles of
  the data have a fraction.
- Division of doubles by zero and doubles without bound: an infinity there, an
  error in ours. Doubles are divided by numbers written down.
- `true == 1` and `[true] == [1]`: true in cel-python (its bool is an int), false
  in ours and in the specification; other kinds compared to each other are errors
  in cel-python. Expressions compare equal kinds.
- `exists` and `all` absorb errors in ours and in cel-python, as specified; the
  Rust library stops at the first error.
- `-(-9223372036854775808)` and `int(1e300)`: the Rust library gives back the same
  and the nearest int, ours and cel-python call it an overflow. Neither is written.
- `size` of a string: the Rust library counts bytes; texts are ASCII.
- `string(x)` of doubles and bools has no common form; only ints are turned to text.
- Negative indexes count from the end in cel-python, and are errors in CEL.
- has(), indexes and keys beyond what is there differ in their errors only.
"""

from __future__ import annotations

import warnings
from typing import Any

import cel
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.property.expressions.typed import SCOPE, expressions
from weir.core.expressions import (
    TASK_BUDGET,
    EvaluationError,
    ExpressionError,
    Scope,
    compile_expression,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import celpy

    # It raises the recursion limit, which hypothesis must not see changing.
    celpy.Environment().program(celpy.Environment().compile("1"))

    from celpy.celparser import CELParseError
    from celpy.evaluation import CELEvalError

ERROR = "error"
RUNS = settings(max_examples=200, suppress_health_check=list(HealthCheck), derandomize=True)


def ours(text: str) -> Any:
    """The value, or ERROR."""
    template = compile_expression(text, roots=set(SCOPE))
    try:
        return template.evaluate(Scope(SCOPE, 0, ""), TASK_BUDGET)
    except EvaluationError:
        return ERROR


def theirs_python(text: str) -> Any:
    """What cel-python says."""
    environment = celpy.Environment()
    program = environment.program(environment.compile(text))
    try:
        return _plain(program.evaluate({k: celpy.json_to_cel(v) for k, v in SCOPE.items()}))
    except (CELEvalError, IndexError):  # an error inside an operand may pop an empty list there
        return ERROR


def theirs_rust(text: str) -> Any:
    """What common-expression-language says."""
    try:
        return _plain(cel.evaluate(text, SCOPE))
    except (ArithmeticError, TypeError, LookupError, ValueError, RuntimeError):
        return ERROR


def _plain(value: Any) -> Any:
    if isinstance(value, bool | celpy.celtypes.BoolType):
        return bool(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return int(value)
    return None if value is None else str(value)


def _same(mine: Any, other: Any) -> bool:
    if isinstance(mine, list) and isinstance(other, list):
        return len(mine) == len(other) and all(map(_same, mine, other))
    return isinstance(mine, bool) == isinstance(other, bool) and bool(mine == other)


@RUNS
@given(expressions())
def test_the_same_as_cel_python(made: tuple[str, str]) -> None:
    """Value for value and error for error, where both are defined."""
    kind, text = made
    mine, other = ours(text), theirs_python(text)
    event(f"{kind} {'error' if mine == ERROR else 'value'}")
    assert _same(mine, other), f"{text}\nours: {mine!r}\ncel-python: {other!r}"


@RUNS
@given(expressions())
def test_the_same_as_the_rust_library(made: tuple[str, str]) -> None:
    """Value for value and error for error, but for the list above."""
    kind, text = made
    mine, other = ours(text), theirs_rust(text)
    event(f"{kind} {'error' if mine == ERROR else 'value'}")
    if other == ERROR and (".exists(" in text or ".all(" in text):
        return
    assert _same(mine, other), f"{text}\nours: {mine!r}\ncel: {other!r}"


SURFACES = st.lists(
    st.sampled_from(
        [
            *"()[]{}.,?:+-*/%<>=!&|'\"\\ \n",
            *("&&", "||", "==", "!=", "<=", ">=", "//", "in", "true", "null", "r'", 'b"', "'''"),
            *("i", "s", "m", "xs", "has", "map", "1", "0x1f", "1.5", "1e3", "2u", "\\n", "if"),
        ]
    ),
    max_size=12,
).map("".join)


@RUNS
@given(SURFACES)
def test_what_we_read_cel_python_reads_too(text: str) -> None:
    """Our reading of strings and words in front of the grammar only ever refuses more."""
    try:
        compile_expression(text, roots=set(SCOPE))
    except ExpressionError:
        return
    if "{{" in text:
        return
    try:
        celpy.Environment().compile(text)
    except CELParseError as error:
        pytest.fail(f"{text!r} is no CEL: {error}")
