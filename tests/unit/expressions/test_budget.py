"""No expression can stall a process: whatever it does is counted before it is done."""

from __future__ import annotations

import ast
import gc

import pytest
from lark import Tree

from weir.core.expressions import (
    INLINE_BUDGET,
    TASK_BUDGET,
    Budget,
    BudgetExceededError,
    EvaluationError,
    Scope,
    compile_expression,
    compile_template,
    takes_long,
)
from weir.core.expressions.template import LONG
from weir.core.expressions.tree import Expr, Name

DOUBLING = "range(12)" + "".join(f".map(v{i}, [v{i}, v{i}])" for i in range(40))
SHARING = "[1]" + "".join(".map(a, [a, a])" for _ in range(60))

BOMBS = [
    "range(120).map(a, range(120).map(b, range(120).map(c, a + b + c)))",
    "range(120).all(a, range(120).all(b, range(120).all(c, a + b + c >= 0)))",
    "range(100000).exists(x, x < 0)",
    "range(100000000)",
    "range(0, 9223372036854775807)",
    DOUBLING,
    SHARING,
    f"string({SHARING})",
    f"size(string({SHARING}))",
    f"{SHARING} == {SHARING}",
    f"{SHARING}.flatten(60)",
    f"{SHARING}.distinct()",
    "[input.text].map(s, s + s).map(s, s + s).map(s, s + s).map(s, s + s).map(s, s + s)",
    "range(4000).map(i, input.text)",
    "range(4000).map(i, input.text).join('-')",
    "input.text.replace('a', input.text)",
    "input.text.replace('', input.text)",
    "range(4000).map(i, 'ab').join(input.text)",
    "range(1000).map(i, input.text.matches('(a*)*b'))",
    "range(1000).map(i, input.text.matches('(((a{1,9}){1,9}){1,9})$'))",
    r"input.text.matches('(\\w+\\s*){400}$')",  # without a loop of its own: the pattern is large
    r"input.text.find('(a?b?1? ?){900}X')",
    r"range(100).map(i, 'a'.matches('(?i)\\p{L}{9}' + string(i)))",
    "range(1000).map(i, sha256(input.text))",
    "range(1000).map(i, input.text.contains('aab'))",
    "range(1000).map(i, input.text.upper() == input.text.lower())",
    "range(1000).map(i, input.text.split(''))",
    "range(1000).map(i, json.parse(json.encode(input.text)))",
    "range(1000).map(i, url.encode(input.text))",
    "range(1000).map(i, base64.encode(input.text))",
    "range(1000).map(i, bytes(input.text))",
    "range(1000).map(i, input.list.sort())",
    "range(1000).map(i, input.list.sum())",
    "range(1000).map(i, 77 in input.list)",
    "range(1000).map(i, input.list == input.list + [])",
    "range(1000).map(i, input.list.reverse())",
    "range(1000).map(i, input.list.sortBy(x, -x))",
    "range(1000).map(i, input.map.values())",
    "range(1000).map(i, merge(input.map, input.map))",
    "range(1000).map(i, now().format('YYYY', 'Europe/Berlin'))",
    "range(1000).map(i, get(input, input.text, 0))",
    "'7'.padStart(1000000000)",
    "range(2000).map(i, {'a': i, 'b': [i, i, i, i]})",
    "input.text + input.text",
    "{'a': input.text, 'b': input.text}",
]

ROOTS = {
    "input": {
        "text": "a" * 30_000,
        "list": [float(i) for i in range(2_000)],
        "map": {f"k{i}": i for i in range(2_000)},
    }
}


@pytest.mark.parametrize("text", BOMBS, ids=lambda text: text[:50])
def test_a_bomb_is_stopped_before_it_costs(text: str) -> None:
    """With the inline budget each bomb ends with EXPRESSION_BUDGET; without it, not at all."""
    template = compile_expression(text)
    with pytest.raises(BudgetExceededError) as raised:
        template.evaluate(Scope(ROOTS, 0, ""), INLINE_BUDGET)
    assert raised.value.code == "EXPRESSION_BUDGET"


@pytest.mark.parametrize("text", ["range(300).map(a, range(300).map(b, a * b)).flatten().sum()"])
def test_the_larger_budget_lets_more_through(text: str) -> None:
    """What is too heavy for the owner of runs is evaluated by a worker."""
    template = compile_expression(text)
    with pytest.raises(BudgetExceededError):
        template.evaluate(Scope({}, 0, ""), INLINE_BUDGET)
    assert template.evaluate(Scope({}, 0, ""), TASK_BUDGET) == (299 * 300 // 2) ** 2


def test_a_spent_budget_is_not_absorbed() -> None:
    """The answer of true || bomb is true, bomb || true is no way round the budget."""
    bomb = "range(100000).exists(x, x < 0)"
    scope = Scope({}, 0, "")
    assert compile_expression(f"true || {bomb}").evaluate(scope, INLINE_BUDGET) is True
    for text in (f"{bomb} || true", f"has({{'a': {bomb}}}.a)", f"get({bomb}, 'a', 1)"):
        with pytest.raises(BudgetExceededError):
            compile_expression(text).evaluate(scope, INLINE_BUDGET)


def test_straight_code_is_counted_too() -> None:
    """The whole template has one budget, also without loops."""
    template = compile_template(["{{ 1 + 2 + 3 }}"] * 100)
    assert template.evaluate(Scope({}, 0, ""), Budget(500, 10)) == [6] * 100
    with pytest.raises(BudgetExceededError):
        template.evaluate(Scope({}, 0, ""), Budget(499, 10))


def test_reading_the_data_in_place_costs_no_size() -> None:
    """A large value that is only passed on is not created by the expression."""
    template = compile_template({"a": "{{ input.text }}", "b": "{{ input.list }}"})
    assert template.evaluate(Scope(ROOTS, 0, ""), Budget(10, 0))["a"] is ROOTS["input"]["text"]


def test_data_nested_without_end_is_refused() -> None:
    """Deep data ends in an error, not in a recursion that takes the process down."""
    deep: object = 1
    for _ in range(5_000):
        deep = [deep]
    for text in ("[input]", "input == input", "string(input)", "[input].distinct()"):
        with pytest.raises((EvaluationError, BudgetExceededError)):
            compile_expression(text).evaluate(Scope({"input": deep}, 0, ""), TASK_BUDGET)


def _trees() -> int:
    gc.collect()
    trees = [one for one in gc.get_objects() if isinstance(one, ast.AST | Expr | Tree)]
    return len([one for one in trees if not isinstance(one, Name)])  # known of it: what it names


def test_of_an_expression_only_what_runs_is_kept() -> None:
    """Its trees are hundreds of times its text: a process that holds thousands would grow by GB."""
    text = "[" + ", ".join(f"input.a[{i}] > {i} ? 'x' : 'y{i}'" for i in range(300)) + "]"
    compile_expression("1")  # the grammar is read
    before = _trees()
    kept = compile_expression(text)
    logical = compile_expression(f"{text}.size() > 1 && input.b")
    assert _trees() == before
    assert kept.evaluate(Scope({"input": {"a": [5.0] * 300}}, 0, ""), TASK_BUDGET)[0] == "x"
    with pytest.raises(EvaluationError, match=r"input\.b"):
        logical.evaluate(Scope({"input": {"a": [5.0] * 300}}, 0, ""), TASK_BUDGET)


def test_what_takes_long_to_compile_is_known_before() -> None:
    """Only texts with expressions count, wherever they stand."""
    text = "{{ input.a }}" + "x" * LONG
    assert takes_long({"nodes": [{"config": {"a": [text]}}]})
    assert takes_long([text[: LONG // 2]] * 3)
    assert not takes_long({"a": ["x" * LONG * 2, text[:100], 1, None]})
