"""Values with expressions in them: what is typed, what is text, what stays as it is."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from weir.core.expressions import (
    INLINE_BUDGET,
    ExpressionError,
    Scope,
    compile_expression,
    compile_template,
)

SCOPE = Scope(
    {
        "input": {"name": "Ada", "n": 3, "none": None, "list": ["a", 1.0], "yes": True},
        "steps": {"parse": {"total": 5, "rows": [{"x": 1}]}},
    },
    1_772_368_245_678,
    "seed",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ input.n * 2 }}", 6),
        ("{{input.n}}", 3),
        (" {{ input.n }}\n", 3),
        ("{{ input.none }}", None),
        ("{{ input.list }}", ["a", 1.0]),
        ("n={{ input.n }}", "n=3"),
        ("{{ input.n }}{{ input.n }}", "33"),
        ("{{ input.name }}: {{ input.list }}", 'Ada: ["a",1]'),
        ("{{ input.none }} {{ input.yes }} {{ 2.50 }}", "null true 2.5"),
        ("{{ {'b': 1, 'a': {'c': '}}'}} }}", {"b": 1, "a": {"c": "}}"}}),
        ("{{ '}}' }}!", "}}!"),
        ("{{ '{{' }} {{ '\\'}}' }}", "{{ '}}"),
        ('{{ "it\'s" }}', "it's"),
        ("{{ r'\\' }}", "\\"),
        ("${parse.output.total}", 5),
        ("${parse.output.rows[0].x} of ${parse.output}", '1 of {"rows":[{"x":1}],"total":5}'),
        ("${HOME} ${a.b} $5", "${HOME} ${a.b} $5"),
        ("no braces", "no braces"),
        ("}} {", "}} {"),
        ("{{ now() }}", "2026-03-01T12:30:45.678Z"),
        ("at {{ now() }}", "at 2026-03-01T12:30:45.678Z"),
        ("{{ // the number\n input.n }}", 3),
    ],
)
def test_a_whole_expression_is_typed_and_a_mixture_is_text(text: str, expected: Any) -> None:
    """One expression alone keeps its type; otherwise values are joined as text or JSON."""
    assert compile_template(text).evaluate(SCOPE, INLINE_BUDGET) == expected


def test_a_value_without_expressions_comes_out_untouched() -> None:
    """Static values cost nothing: the same object comes back."""
    value = {"a": [1, "x", None], "b": "${HOME}"}
    template = compile_template(value)
    assert template.is_static
    assert template.refs == frozenset()
    assert template.evaluate(SCOPE, INLINE_BUDGET) is value


def test_a_nested_value_keeps_its_order_and_its_static_parts() -> None:
    """Only what holds expressions is made anew, in place."""
    fixed = {"deep": [1, 2]}
    value = {"z": "{{ input.n }}", "fixed": fixed, "list": ["{{ input.name }}", 1], "a": 0}
    made = compile_template(value).evaluate(SCOPE, INLINE_BUDGET)
    assert list(made) == ["z", "fixed", "list", "a"]
    assert made == {"z": 3, "fixed": fixed, "list": ["Ada", 1], "a": 0}
    assert made["fixed"] is fixed
    assert value["z"] == "{{ input.n }}"


def test_refs_are_the_paths_that_are_written_down() -> None:
    """Paths end where they are computed; variables of macros are none; has() counts too."""
    template = compile_template(
        {
            "a": "{{ steps.parse.rows[input.n].x + steps['parse'].total }}",
            "b": "{{ input.list.map(i, i.name + vars.x) }} {{ has(steps.other.id) }}",
            "c": "{{ run }} ${fetch.output.body}",
        }
    )
    assert template.refs == {
        ("steps", "parse", "rows"),
        ("input", "n"),
        ("steps", "parse", "total"),
        ("input", "list"),
        ("vars", "x"),
        ("steps", "other", "id"),
        ("run",),
        ("steps", "fetch", "body"),
    }
    asked = {ref.path for ref in template.references if ref.asked}
    assert asked == {("steps", "other", "id")}


def test_asking_for_a_step_covers_the_whole_expression() -> None:
    """After has(steps.a.x), get(steps.a, …) or 'a' in steps, a read of steps.a is guarded."""
    for text in (
        "has(steps.a.x) ? steps.a.x : 0",
        "get(steps.a, 'x', 0) + 0",
        "'a' in steps && steps.a.x > 1",
    ):
        assert all(ref.asked for ref in compile_expression(text).references if ref.path[1:]), text
    assert not any(ref.asked for ref in compile_expression("steps.a.x").references)


def test_all_errors_of_a_template_come_at_once_with_their_places() -> None:
    """Each wrong expression is named by field, line and column."""
    with pytest.raises(ExpressionError) as raised:
        compile_template(
            {
                "a/b": "ok {{ input.n }} {{ inptu.n }} and\n  {{ 1 + }}",
                "list": ["{{ nope() }}", "{{ 'x'.lowr() }}", "{{ open"],
                "{{ key }}": 1,
            },
            path="/nodes/0/config",
        )
    found = {(e.code, e.path, e.line, e.column) for e in raised.value.errors}
    assert found == {
        ("EXPRESSION_UNKNOWN_NAME", "/nodes/0/config/a~1b", 1, 21),
        ("EXPRESSION_SYNTAX", "/nodes/0/config/a~1b", 2, 9),
        ("EXPRESSION_UNKNOWN_FUNCTION", "/nodes/0/config/list/0", 1, 4),
        ("EXPRESSION_UNKNOWN_FUNCTION", "/nodes/0/config/list/1", 1, 8),
        ("EXPRESSION_SYNTAX", "/nodes/0/config/list/2", 1, 3),
        ("EXPRESSION_SYNTAX", "/nodes/0/config/{{ key }}", 1, 1),
    }
    advice = " ".join(e.advice for e in raised.value.errors)
    assert "Did you mean input?" in advice
    assert "lower" in advice


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("a and b", "EXPRESSION_SYNTAX", 3),
        ("input.a = 1", "EXPRESSION_SYNTAX", 9),
        ("input.a inside [1]", "EXPRESSION_SYNTAX", 11),
        ("if", "EXPRESSION_SYNTAX", 1),
        ("'open", "EXPRESSION_SYNTAX", 1),
        ("'\\q'", "EXPRESSION_SYNTAX", 2),
        ("b'\\u0041'", "EXPRESSION_SYNTAX", 3),
        ("'\\ud800'", "EXPRESSION_SYNTAX", 2),
        ("(1", "EXPRESSION_SYNTAX", 1),
        ("1)", "EXPRESSION_SYNTAX", 2),
        ("9223372036854775808", "EXPRESSION_SYNTAX", 1),
        ("1e999", "EXPRESSION_SYNTAX", 1),
        ("Point{x: 1}", "EXPRESSION_SYNTAX", 1),
        (".input", "EXPRESSION_SYNTAX", 1),
        ("", "EXPRESSION_SYNTAX", 1),
        ("input.map(1, 2)", "EXPRESSION_ARGUMENTS", 7),
        ("has(input)", "EXPRESSION_ARGUMENTS", 1),
        ("'a'.contains()", "EXPRESSION_ARGUMENTS", 5),
        ("now(1)", "EXPRESSION_ARGUMENTS", 1),
        ("'a'.matches('(')", "EXPRESSION_ARGUMENTS", 13),
        ("'a'.matches(r'(a)\\1')", "EXPRESSION_ARGUMENTS", 13),
        ("[1].map(x, y)", "EXPRESSION_UNKNOWN_NAME", 12),
        ("[1].map(x, x) + [x]", "EXPRESSION_UNKNOWN_NAME", 18),
        ("type(1) == int", "EXPRESSION_UNKNOWN_NAME", 12),
        ("+".join(["1"] * 200), "EXPRESSION_TOO_LARGE", 1),
        ("!" * 300 + "true", "EXPRESSION_TOO_LARGE", 1),
        ("'" + "a" * 20_000 + "'", "EXPRESSION_TOO_LARGE", 1),
    ],
)
def test_what_cannot_be_compiled_is_located(text: str, code: str, column: int) -> None:
    """Every refusal has a code, a column and, where it can, advice."""
    with pytest.raises(ExpressionError) as raised:
        compile_template("{{" + text + "}}", roots={"input", "a", "b"})
    error = raised.value.errors[0]
    assert (error.code, error.line) == (code, 1)
    if code != "EXPRESSION_TOO_LARGE":
        assert error.column == column + 2


@pytest.mark.parametrize(
    "text", ["1}", "1 }} {{ 2", "{{ 1 }} and", "{{ 1 }}{{ 2 }}", "1 }} x {{ 2"]
)
def test_a_condition_is_one_expression(text: str) -> None:
    """Where an expression is wanted, text around it or a second one is an error."""
    with pytest.raises(ExpressionError):
        compile_expression(text)


def test_unclosed_strings_do_not_stall_the_parser() -> None:
    """The grammar's own pattern takes 2^n steps here; ours reads each character once."""
    with pytest.raises(ExpressionError):
        compile_expression('"' + "\\n" * 4_000)


def test_templates_travel_to_another_process() -> None:
    """A pickled template is compiled again from its source."""
    template = compile_template({"a": "{{ input.n }}"}, path="/x")
    again = pickle.loads(pickle.dumps(template))  # noqa: S301 - made here
    assert again.evaluate(SCOPE, INLINE_BUDGET) == {"a": 3}
    assert again.refs == template.refs


def test_views_are_read_like_maps_and_leave_as_json() -> None:
    """A root may be a view of run state; whole, it comes out as a plain object."""

    class View(Mapping[str, Any]):
        def __init__(self, data: dict[str, Any]) -> None:
            self.data = data
            self.read: list[str] = []

        def __getitem__(self, key: str) -> Any:
            self.read.append(key)
            return self.data[key]

        def __iter__(self) -> Iterator[str]:
            return iter(self.data)

        def __len__(self) -> int:
            return len(self.data)

    view = View({"a": {"x": 2.0}, "b": {"x": 5}})
    scope = Scope({"steps": view}, 0, "")

    def evaluate(text: str) -> Any:
        return compile_expression(text).evaluate(scope, INLINE_BUDGET)

    assert evaluate("steps.a.x + 1") == 3
    assert view.read == ["a"]
    assert evaluate("steps") == {"a": {"x": 2}, "b": {"x": 5}}
    assert type(evaluate("steps")) is dict
    assert evaluate("steps.exists(s, steps[s].x == 5) && 'b' in steps")
    assert evaluate("has(steps.c) || has(steps.a.y)") is False


def test_an_error_of_the_view_itself_passes_through() -> None:
    """A view may say that a value is kept elsewhere; no operator swallows that."""

    class ElsewhereError(Exception):
        pass

    class View(dict[str, Any]):
        def __missing__(self, key: str) -> Any:
            raise ElsewhereError(key)

    scope = Scope({"steps": View()}, 0, "")
    for text in ("steps.a.x", "has(steps.a)", "steps.a == 1 || true", "get(steps.a, 'x', 1)"):
        with pytest.raises(ElsewhereError):
            compile_expression(text).evaluate(scope, INLINE_BUDGET)
