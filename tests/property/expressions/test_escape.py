"""Nothing but the given roots can be reached, whatever is written."""

from __future__ import annotations

import ast
import builtins
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.property.expressions.typed import SCOPE, expressions
from weir.core.expressions import (
    INLINE_BUDGET,
    Budget,
    BudgetExceededError,
    EvaluationError,
    ExpressionError,
    Scope,
    Template,
    compile_expression,
    compile_template,
    emitter,
)
from weir.core.expressions.compiler import compile_tree
from weir.core.expressions.functions import FUNCTIONS
from weir.core.expressions.parser import parse
from weir.core.expressions.source import Segment, split

RUNS = settings(max_examples=200, suppress_health_check=list(HealthCheck), derandomize=True)
ROOTS = {
    "input": {
        "a": {"b": [1, 2.0, "x", None, True]},
        "text": "weir {0.__class__} %s",
        "__class__": "mine",
    },
    "steps": {},
}

ATTEMPTS = [
    "input.__class__",
    "input.a.__class__.__mro__",
    "''.__class__.__base__.__subclasses__()",
    "input['__class__'].__init__",
    "[].__len__()",
    "input.a.b.append(1)",
    "input.items()",
    "input.get('a')",
    "'{0.__class__}'.format(1)",
    "'%s' % [1]",
    "__import__('os')",
    "eval('1')",
    "exec('1')",
    "open('/etc/passwd')",
    "globals()",
    "getattr(input, 'a')",
    "type(input).__mro__",
    "roots",
    "meter",
    "meter.steps",
    "roots['input']",
    "add(1, 2)",
    "call_lower('A')",
    "truth(1)",
    "__builtins__",
    "v0_x",
    "[1].map(roots, roots)[0].steps",
    "[1].map(meter, meter.steps)",
    "[1].map(__builtins__, __builtins__.eval)",
    "[1].map(x, [2].map(y, x)) + [y]",
    "[1].map(x, x)[0].map(y, v0_x)",
    "\uff49nput.a",
    "input.\uff41",
    "inpu\uff54",
    "lambda: 1",
    "[x for x in input]",
    "(1).real",
    "1.real",
    "input if true else 1",
    "input; 1",
    "input := 1",
    "{**input}",
    "f'{input}'",
    "...",
    "input.a.b[1:2]",
    "`input`",
    "'\\N{BULLET}'",
    "\\u0069nput",
    "input.text.format()",
    "input\x00.a",
    "is.not",
    "exact(1)",
    "base64.__class__",
    "json.loads('1')",
    "re.compile('a')",
]


@pytest.mark.parametrize("text", ATTEMPTS)
def test_an_attempt_to_escape_is_refused_or_reads_plain_data(text: str) -> None:
    """Known ways out of Python sandboxes end in an error of ours, or are keys of the data."""
    for wrapped in (text, f"[1].map(x, {text})", f"has({text}.z) || true"):
        try:
            value = compile_expression(wrapped, roots=set(ROOTS)).evaluate(
                Scope(ROOTS, 0, ""), INLINE_BUDGET
            )
        except (ExpressionError, EvaluationError, BudgetExceededError):
            continue
        assert _is_json(value), f"{wrapped} yielded {value!r}"


def test_a_field_named_like_an_attribute_is_a_key_of_the_data() -> None:
    """There is no attribute access: `__class__` is looked up in the data."""
    scope = Scope(ROOTS, 0, "")
    assert compile_expression("input.__class__").evaluate(scope, INLINE_BUDGET) == "mine"
    with pytest.raises(EvaluationError):
        compile_expression("input.a.__class__").evaluate(scope, INLINE_BUDGET)


def test_variables_of_macros_end_with_their_macro() -> None:
    """A variable is not seen outside, and may hide a root inside."""
    scope = Scope(ROOTS, 0, "")
    hidden = compile_expression("[1].map(input, input + 1)[0] + size(input.text)")
    assert hidden.evaluate(scope, INLINE_BUDGET) == 2 + len(ROOTS["input"]["text"])
    assert hidden.refs == {("input", "text")}


def test_the_python_we_make_is_from_a_closed_list() -> None:
    """The check refuses attributes, foreign names, calls of anything but helpers, imports."""
    for code in (
        "roots.x",
        "lambda a: a",
        "print(1)",
        "roots['x'](1)",
        "add(meter, *roots)",
        "add(a=1)",
        "[x for x in roots]",
        "f'{roots}'",
        "(x := 1)",
        "roots['a':'b']",
        "{1: 2}",
        "__builtins__",
    ):
        with pytest.raises(RuntimeError):
            emitter.check(ast.parse(code, mode="eval"))


def test_no_helper_is_a_door() -> None:
    """The code sees our helpers and no builtins, no module, no class of Python's."""
    assert emitter._WORLD["__builtins__"] == {}
    for name, helper in emitter.HELPERS.items():
        assert callable(helper), name
        assert helper.__module__.startswith("weir.core.expressions"), name
    assert not set(emitter.HELPERS) & set(dir(builtins))


WORDS = st.sampled_from(
    [
        *("input", "steps", "x", "a", "b", "__class__", "roots", "meter", "has", "get", "map"),
        *("filter", "all", "exists", "true", "false", "null", "in", "if", "lambda", "and"),
        *(name.partition(".")[0] for name in FUNCTIONS if name.isidentifier()),
        *("'x'", '"y"', "r'\\'", "b'\\xff'", "'''", "'\\u0041'", "'}}'", "'{{'", "1", "-1", "0"),
        *("9223372036854775807", "0x7f", "1.5", "1e400", "2u", "1.", ".5", "07", "1_0"),
        *("(", ")", "[", "]", "{", "}", "{{", "}}", ".", ",", ":", "?", "+", "-", "*", "/", "%"),
        *("!", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "=", "//", "\n", " ", "${", ";", "@"),
        *("\\", "'", '"', "`", "$", "é", "\u202e", "\x00", "\ud800", "🙂"),
    ]
)
GRAMMARISH = st.lists(WORDS, max_size=14).map("".join)
SPACED = st.lists(WORDS, max_size=14).map(" ".join)


def _run(template: Template) -> None:
    try:
        value = template.evaluate(Scope(ROOTS, 0, ""), Budget(2_000, 20_000))
    except (EvaluationError, BudgetExceededError):
        return
    assert _is_json(value), repr(value)


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(type(key) is str and _is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or type(value) in {bool, int, float, str}


@RUNS
@given(st.one_of(GRAMMARISH, SPACED, st.text(max_size=40), st.binary(max_size=40)))
@example("'\ud800'")
@example("b'\ud800'")
@example("'\ud800'.matches('a')")
@example("sha256('\ud800') + json.encode('\ud800') + url.encode('\ud800')")
@example("{'\ud800': 1}.x")
@example("json.parse('\ud800')")
@example("[1].map(x, x) == [1].map(true, 1)")
@example("0x")
@example("1" * 5_000)
@example("'" * 5_000)
@example("(" * 5_000)
@example("[" * 5_000 + "]" * 5_000)
@example("a." * 5_000)
@example("!-" * 5_000)
@example("a?b:" * 2_000)
def test_any_text_gives_a_value_or_our_error(text: str | bytes) -> None:
    """Random text never leads to another exception, and never to a value that is no JSON."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    for source in (text, "{{" + text + "}}", "a {{ " + text + " }} b {{ 1 }}"):
        try:
            template = compile_template(source, roots=set(ROOTS))
        except ExpressionError as error:
            places = [(flaw.line, flaw.column) for flaw in error.errors]
            assert min(min(places)) >= 1
            continue
        _run(template)


@RUNS
@given(
    st.lists(st.sampled_from(sorted(FUNCTIONS)), min_size=1, max_size=4),
    st.lists(
        st.sampled_from(
            [
                *("null", "true", "1", "-1", "0", "1.5", "1e300", "9223372036854775807", "'x'"),
                *("''", "b'x'", "[]", "[1, 'a']", "[null]", "[[1]]", "{}", "{'a': 1}", "{1: 2}"),
                *(
                    "now()",
                    "duration('1s')",
                    "input",
                    "input.a.b",
                    "input.text",
                    "steps",
                    "'\ud800'",
                ),
                *("x", "'YYYY'", "'UTC'", "'a.b'"),
            ]
        ),
        min_size=3,
        max_size=3,
    ),
)
def test_every_function_takes_anything(names: list[str], values: list[str]) -> None:
    """Each function, with any kinds of arguments, gives JSON or an error of ours."""
    text = values[0]
    for name in names:
        if name.isidentifier():
            text = f"{text}.{name}({', '.join(values[1:])})"
        elif "." in name:
            text = f"{name}({text})"
    for given_args in (values[1:], values[1:2], []):
        short = text.replace(", ".join(values[1:]), ", ".join(given_args))
        try:
            template = compile_template("{{" + short + "}}", roots=set(ROOTS))
        except ExpressionError:
            continue
        _run(template)


@RUNS
@given(expressions())
def test_what_the_compiler_makes_passes_its_own_check(made: tuple[str, str]) -> None:
    """Every compiled expression consists of nodes of the closed list, in both forms."""
    segment = split("{{" + made[1] + "}}")[0]
    assert isinstance(segment, Segment)
    tree = parse(segment.source)
    for careful in (False, True):
        emitter.check(compile_tree(tree, careful=careful).code)


@RUNS
@given(expressions(), st.integers(0, 60), st.integers(0, 300))
def test_evaluation_stays_within_any_budget(made: tuple[str, str], steps: int, size: int) -> None:
    """With any budget there is a value, an error or EXPRESSION_BUDGET; more changes no value."""
    template = compile_expression(made[1], roots=set(SCOPE))
    scope = Scope(SCOPE, 0, "")
    try:
        small = template.evaluate(scope, Budget(steps, size))
    except (EvaluationError, BudgetExceededError):
        return
    assert template.evaluate(scope, INLINE_BUDGET) == small
