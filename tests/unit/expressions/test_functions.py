"""The table of functions: every example holds, and what the examples do not show."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from weir.core.expressions import INLINE_BUDGET, EvaluationError, compile_expression
from weir.core.expressions.functions import FUNCTIONS
from weir.core.expressions.reference import EXAMPLE_SCOPE

Evaluate = Callable[..., Any]

EXAMPLES = [
    pytest.param(source, result, id=f"{entry.name}: {source}")
    for entry in FUNCTIONS.values()
    for source, result in entry.examples
]


@pytest.mark.parametrize(("source", "result"), EXAMPLES)
def test_the_examples_of_the_reference_hold(source: str, result: Any) -> None:
    """Each example of the function list yields what the page says."""
    got = compile_expression(source).evaluate(EXAMPLE_SCOPE, INLINE_BUDGET)
    assert got == result
    assert type(got) is type(result)


def test_every_function_has_help_and_an_example() -> None:
    """No row of the list is empty."""
    bare = [f.name for f in FUNCTIONS.values() if not (f.doc and f.examples and f.signature)]
    assert bare == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("size('héllo')", 5),
        ("'ÄÖ'.lower()", "äö"),
        ("'a,b'.split(',', 1)", ["a,b"]),
        ("'a,b'.split(',', 0)", []),
        ("'abc'.split('', 2)", ["a", "bc"]),
        ("''.split(',')", [""]),
        ("'aaa'.replace('', '-')", "-a-a-a-"),
        ("'abc'.substring(3)", ""),
        ("lower('AB') == 'AB'.lower()", True),
        ("'x'.matches('^x$') && matches('x', 'x')", True),
        ("'abc'.find('b|c')", "b"),
        ("int('-12') + int('+3')", -9),
        ("double('1e3')", 1000),
        ("string(null) + string(true) + string([1, 'a'])", 'nulltrue[1,"a"]'),
        ("string(1e21)", "1e+21"),
        ("bool('false')", False),
        ("round(-0.4)", 0),
        ("round(123.456, 1)", 123.5),
        ("round(7, 2)", 7),
        ("min([2, 1.5])", 1.5),
        ("max('a', 'b')", "b"),
        ("[1, 2, 3].slice(1, 99)", [2, 3]),
        ("[].reverse()", []),
        ("[[1], [1.0], [2]].distinct()", [[1], [2]]),
        ("get({'a': [{'b': 5}]}, 'a[0].b', 0)", 5),
        ("get({'a': [{'b': 5}]}, 'a.0.b', 0)", 5),
        ("get({'a': null}, 'a', 1)", None),
        ("get({'a': null}, 'a.b', 1)", 1),
        ("get({'a.b': 2}, ['a.b'], 1)", 2),
        ("get(null, 'a', 'none')", "none"),
        ("has({'a': null}.a)", True),
        ("has({'a': null}.a.b)", False),
        ("has([1, 2][1])", True),
        ("has([1, 2][2])", False),
        ("merge({'a': 1}, {'b': 2}, {'a': 3})", {"a": 3, "b": 2}),
        ("{1: 'x', 2: 'y'}", {"1": "x", "2": "y"}),
        ("b'\\xff'", "/w=="),
        ("base64.encode(base64.decode('_-8'))", "/+8="),
        ("json.parse('{\"a\": 1.0}').a / 2", 0),
        ("now() == timestamp('2026-03-01T12:30:45.678Z')", True),
        ("string(now())", "2026-03-01T12:30:45.678Z"),
        ("now() + duration('1h') - now() == duration('60m')", True),
        ("[now(), duration('1500ms')]", ["2026-03-01T12:30:45.678Z", "1.5s"]),
        ("timestamp('2026-03-29T01:30:00Z').format('HH:mm', 'Europe/Berlin')", "03:30"),
        ("timestamp('2024-02-29T00:00:00Z').startOf('year')", "2024-01-01T00:00:00.000Z"),
        ("timestamp('2026-03-01T12:00:00Z').startOf('week')", "2026-02-23T00:00:00.000Z"),
        ("timestamp('0001-01-01T00:00:00Z')", "0001-01-01T00:00:00.000Z"),
        ("timestamp('2026-03-01T00:00:00Z').getHours('-01:30')", 22),
    ],
)
def test_functions_at_their_edges(value: Evaluate, text: str, expected: Any) -> None:
    """Empty, null, Unicode, zones and optional arguments do what the reference says."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("int('1_000')", "EXPRESSION_VALUE"),
        ("int('٣')", "EXPRESSION_VALUE"),
        ("int('9223372036854775808')", "EXPRESSION_VALUE"),
        ("int(1e300)", "EXPRESSION_VALUE"),
        ("int(true)", "EXPRESSION_TYPE"),
        ("double('nan')", "EXPRESSION_VALUE"),
        ("double('1e999')", "EXPRESSION_VALUE"),
        ("bool('yes')", "EXPRESSION_VALUE"),
        ("string(b'\\xff')", "EXPRESSION_VALUE"),
        ("'abc'.substring(2, 1)", "EXPRESSION_VALUE"),
        ("'abc'.substring(-1)", "EXPRESSION_VALUE"),
        ("'abc'.contains(1)", "EXPRESSION_TYPE"),
        ("[1].join()", "EXPRESSION_TYPE"),
        ("[].min()", "EXPRESSION_VALUE"),
        ("[].first()", "EXPRESSION_UNRESOLVED"),
        ("['a'].sum()", "EXPRESSION_TYPE"),
        ("[null].sort()", "EXPRESSION_TYPE"),
        ("size(1)", "EXPRESSION_TYPE"),
        ("'abc'.matches(string('('))", "EXPRESSION_VALUE"),
        ("base64.decode('%')", "EXPRESSION_VALUE"),
        ("json.parse('{')", "EXPRESSION_VALUE"),
        ("timestamp('2026-03-01')", "EXPRESSION_VALUE"),
        ("timestamp('2026-03-01T00:00:00')", "EXPRESSION_VALUE"),
        ("timestamp(9223372036854775807)", "EXPRESSION_VALUE"),
        ("duration('soon')", "EXPRESSION_VALUE"),
        ("now().format('YYYY', 'Mars/Base')", "EXPRESSION_VALUE"),
        ("now().format('YYYY', '../../etc/passwd')", "EXPRESSION_VALUE"),
        ("now().startOf('century')", "EXPRESSION_VALUE"),
        ("sha256({'a': 1})", "EXPRESSION_TYPE"),
        ("get({'a': 1}, 5, 0)", "EXPRESSION_TYPE"),
    ],
)
def test_functions_refuse_with_a_code(value: Evaluate, text: str, code: str) -> None:
    """A wrong argument is an error with a code and a place, never a guess."""
    with pytest.raises(EvaluationError) as raised:
        value(text)
    assert raised.value.code == code


def test_errors_of_conversions_do_not_show_the_value(value: Evaluate) -> None:
    """What was converted may be a secret: the message has kinds and lengths only."""
    for text in ("int(input.key)", "timestamp(input.key)", "json.parse(input.key)"):
        with pytest.raises(EvaluationError) as raised:
            value(text, input={"key": "hunter2secret"})
        assert "hunter2" not in raised.value.message


def test_uuid_follows_from_the_seed_and_a_counter(value: Evaluate) -> None:
    """Evaluating again gives the same uuids; each call and each seed has its own."""
    pair = value("[uuid(), uuid()]")
    assert pair == value("[uuid(), uuid()]")
    assert len({*pair, value("uuid()", seed="run_x/check/2")}) == 3
    pattern = r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(pattern, made) for made in pair)
