"""Operators, numbers, logic and macros of expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from weir.core.expressions import EvaluationError

Evaluate = Callable[..., Any]
MAX = 2**63 - 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("-2 - -3", 1),
        ("--2", 2),
        ("0x1F", 31),
        ("7u", 7),
        ("2 + 0.5", 2.5),
        ("0.5 * 4", 2),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7 / -2", -3),
        ("-7 % 3", -1),
        ("7 % -3", 1),
        ("7.0 / 2", 3.5),
        ("7 / 2.0", 3.5),
        ("1 == 1.0", True),
        ("1 < 1.5", True),
        ("9007199254740993 == 9007199254740992.0", False),
        ("'a' < 'b'", True),
        ("false < true", True),
        ("1 == '1'", False),
        ("true == 1", False),
        ("[true] == [1]", False),
        ("{'a': [1, null]} == {'a': [1.0, null]}", True),
        ("null == null", True),
        ("'a' != 'a'", False),
        ("5 == true", False),
        ("'ab' + 'c'", "abc"),
        ("[1] + [2, 3]", [1, 2, 3]),
        ("b'ab' + b'c' == b'abc'", True),
        ("!true || !false", True),
        ("true ? 1 : 2", 1),
        ("false ? 1 : true ? 2 : 3", 2),
        ("2 in [1, 2.0]", True),
        ("true in [1]", False),
        ("null in [null]", True),
        ("'a' in {'a': 1}", True),
        ("1 in {1: 'x'}", True),
        ("{1: 'x'}[1]", "x"),
        ("[[1, 2], [3]][0][1]", 2),
        ("{'a': {'b': 3}}.a.b", 3),
        ("{'a-b': 1}['a-b']", 1),
        ("{'in': 1}.in", 1),
        ("r'\\d' + '\\u0041\\x42\\103'", "\\dABC"),
        ("'''a\n'b' '''", "a\n'b' "),
        ("string(b'\\xc3\\xa9')", "é"),
        ("[1, 2, 3].filter(n, n % 2 == 1).map(n, n * 10)", [10, 30]),
        ("[1, 2, 3].map(n, n > 1, n)", [2, 3]),
        ("{'a': 1, 'b': 2}.map(k, k)", ["a", "b"]),
        ("[[1, 2], [3]].map(xs, xs.map(x, x + size(xs)))", [[3, 4], [4]]),
        ("[1, 2].map(x, [3].map(x, x))", [[3], [3]]),
        ("[].all(x, x > 0)", True),
        ("[1, 2].exists_one(x, x == 2)", True),
        ("[3, 1, 2].sortBy(x, -x)", [3, 2, 1]),
        ("1 // a comment", 1),
    ],
)
def test_operators_mean_what_cel_says(value: Evaluate, text: str, expected: Any) -> None:
    """Precedence, numbers, equality, literals and macros are those of CEL."""
    got = value(text)
    assert got == expected
    assert type(got) is type(expected) or not isinstance(expected, bool)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "EXPRESSION_VALUE"),
        ("1.5 / 0", "EXPRESSION_VALUE"),
        ("1 % 0", "EXPRESSION_VALUE"),
        (f"{MAX} + 1", "EXPRESSION_VALUE"),
        (f"-{MAX} - 2", "EXPRESSION_VALUE"),
        (f"{MAX} * 2", "EXPRESSION_VALUE"),
        ("-(-9223372036854775808)", "EXPRESSION_VALUE"),
        ("-9223372036854775808 / -1", "EXPRESSION_VALUE"),
        ("1e308 * 10", "EXPRESSION_VALUE"),
        ("{'a': 1, 'a': 2}", "EXPRESSION_VALUE"),
        ("'a' + 1", "EXPRESSION_TYPE"),
        ("1 < '2'", "EXPRESSION_TYPE"),
        ("true < 1", "EXPRESSION_TYPE"),
        ("true + 1", "EXPRESSION_TYPE"),
        ("1.5 % 2", "EXPRESSION_TYPE"),
        ("-'a'", "EXPRESSION_TYPE"),
        ("!1", "EXPRESSION_TYPE"),
        ("1 ? 2 : 3", "EXPRESSION_TYPE"),
        ("'a' in 'abc'", "EXPRESSION_TYPE"),
        ("[1].map(x, 2 / 0)", "EXPRESSION_VALUE"),
        ("[1][true]", "EXPRESSION_TYPE"),
        ("{true: 1}", "EXPRESSION_TYPE"),
        ("[1, 'a'].sort()", "EXPRESSION_TYPE"),
        ("'abc'[0]", "EXPRESSION_UNRESOLVED"),
        ("[1][1]", "EXPRESSION_UNRESOLVED"),
        ("[1][-1]", "EXPRESSION_UNRESOLVED"),
    ],
)
def test_what_has_no_value_is_an_error(value: Evaluate, text: str, code: str) -> None:
    """No operator guesses: overflow, division by zero and wrong kinds have codes."""
    with pytest.raises(EvaluationError) as raised:
        value(text)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true || 1 / 0 == 1", True),
        ("1 / 0 == 1 || true", True),
        ("false && 1 / 0 == 1", False),
        ("1 / 0 == 1 && false", False),
        ("1 || true", True),
        ("(1 / 0 == 1 || true) && !(input.nothing && false)", True),
        ("[0, 1].exists(x, 1 / x == 1)", True),
        ("[0, 1].all(x, 1 / x == 2)", False),
        ("[1, 2].map(x, x / 0 == 1 || x == 2 || true)", [True, True]),
        ("true ? 1 : 1 / 0", 1),
    ],
)
def test_an_answer_absorbs_the_error_of_the_other_side(
    value: Evaluate, text: str, expected: Any
) -> None:
    """&&, ||, all and exists give the answer that one part decides, in either order."""
    assert value(text, input={}) == expected


@pytest.mark.parametrize(
    "text",
    ["1 / 0 == 1 || false", "true && 1 / 0 == 1", "[0].exists(x, 1 / x == 1)", "1 || false"],
)
def test_an_error_that_decides_is_not_absorbed(value: Evaluate, text: str) -> None:
    """If no side decides the answer, the error stands."""
    with pytest.raises(EvaluationError):
        value(text)


def test_integral_numbers_of_the_data_are_ints(value: Evaluate) -> None:
    """3.0 in JSON is an int for division and indexing; 2.5 is a double; both compare as numbers."""
    data = {"a": 7.0, "b": 2.0, "c": 2.5, "xs": [1.0, 3.0], "big": 2.0**60}
    assert value("input.a / input.b", input=data) == 3
    assert value("input.a / input.c", input=data) == 2.8
    assert value("double(input.a) / input.b", input=data) == 3.5
    assert value("input.xs[input.b - 1]", input=data) == 3
    assert value("input.xs.map(x, x / 2)", input=data) == [0, 1]
    assert value("input.xs.sum() / 3", input=data) == 1
    assert value("string(input.a)", input=data) == "7"
    assert value("type(input.a) + type(input.c) + type(input.big)", input=data) == "intdoubledouble"
    assert isinstance(value("input.a", input=data), int)


def test_computed_doubles_stay_doubles(value: Evaluate) -> None:
    """A double that was computed divides as a double, also out of a list."""
    assert value("(0.5 + 1.5) / 4") == 0.5
    assert value("[1, 3].map(x, x * 0.5).map(y, (y + 0.5) / 4)") == [0.25, 0.5]
    assert value("[0.5, 0.5].sum() / 4") == 0.25


def test_the_data_is_read_in_place_and_never_changed(value: Evaluate) -> None:
    """A part of the data comes out as the very object that went in."""
    data = {"rows": [{"n": 1}]}
    assert value("input.rows", input=data) is data["rows"]
    assert value("input.rows.filter(r, r.n == 1)[0]", input=data) == {"n": 1}
    assert data == {"rows": [{"n": 1}]}
