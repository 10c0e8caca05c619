"""JSONPath as a condition: what it takes, what it means, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from weir.core.expressions import INLINE_BUDGET, ExpressionError, Scope, compile_template
from weir.core.expressions.jsonpath import from_jsonpath, is_jsonpath

PAYLOAD: dict[str, Any] = {
    "action": "opened",
    "n": 3,
    "ratio": 0.5,
    "draft": False,
    "nothing": None,
    "a.b": {"it's": 1},
    "labels": [{"name": "bug", "weight": 2}, {"name": "urgent", "weight": 5}],
    "empty": [],
    "sender": {"login": "ada", "admin": True},
    "umlaut": {"größe": 7},
}


def holds(text: str, payload: Any = None) -> bool:
    """Whether the condition holds for a payload."""
    template = compile_template(from_jsonpath(text))
    given = PAYLOAD if payload is None else payload
    found: bool = template.evaluate(Scope({"trigger": {"payload": given}}, 0, ""), INLINE_BUDGET)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$", True),
        ("$.action", True),
        ("$.nothing", True),
        ("$.missing", False),
        ("$.missing.deeper", False),
        ("!$.missing", True),
        ("$['a.b'][\"it's\"]", True),
        ("$.labels[1]", True),
        ("$.labels[2]", False),
        ("$.labels[*]", True),
        ("$.empty[*]", False),
        ("$.labels[*].weight", True),
        ("$.labels[*].missing", False),
        ("$.action == 'opened'", True),
        ('$.action == "opened"', True),
        ("$.action != 'opened'", False),
        ("$.missing == 'x'", False),
        ("$.missing != 'x'", True),
        ("$.missing == null", False),
        ("$.nothing == null", True),
        ("$.nothing != null", False),
        ("$.draft == false", True),
        ("$.n > 2 && $.n <= 3", True),
        ("$.n > 2.5", True),
        ("$.n > 'a'", False),
        ("$.action > 2", False),
        ("$.action >= 'open'", True),
        ("$.missing < 1", False),
        ("1 < $.n", True),
        ("$.n == $.labels[0].weight", False),
        ("$.labels[1].weight > $.n", True),
        ("$.draft < $.action", False),
        ("$.ratio == 0.5 || $.missing", True),
        ("!($.n == 3)", False),
        ("$.labels[?@.name == 'bug']", True),
        ("$.labels[?(@.name == 'bug')].weight", True),
        ("$.labels[?@.name == 'bug' && @.weight > 2]", False),
        ("$.labels[?@.weight > $.n]", True),
        ("$.labels[?@.missing]", False),
        ("$[?@.action == 'opened']", True),
        ("$[?(@.action == 'closed')]", False),
        ("$.sender[?@.login == 'ada']", True),
        ("$.action[?@ == 'o']", False),
        ("length($.labels) == 2", True),
        ("length($.action) > 3", True),
        ("length($.n) > 0", False),
        ("$.umlaut.größe == 7", True),
        ("$.action == 'a\\'b'", False),
    ],
)
def test_what_a_condition_means(text: str, *, expected: bool) -> None:
    """As RFC 9535 has it; what is missing equals nothing and is no error."""
    assert is_jsonpath(text) or text.startswith("1")
    assert holds(text) is expected


@pytest.mark.parametrize("payload", [[], [1], "text", 5, {}])
def test_any_payload_is_judged(payload: Any) -> None:
    """A condition over another kind of value is false and fails nothing."""
    assert holds("$.labels[?@.name == 'bug'] || $.n > 2", payload) is False


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("$.", 3),
        ("$..name", 2),
        ("$.a[0:2]", 6),
        ("$.a['x','y']", 8),
        ("$.a ==", 7),
        ("$.a == 'x' 'y'", 12),
        ("'x'", 4),
        ("$.a[?@.b", 9),
        ("$.a[-1]", 5),
        ("@.a == 1", 1),
        ("$.a =~ 'x'", 5),
        ("$.labels[*].name == 'x'", 1),
        ("$.a == match(1)", 8),
        ("(" * 20 + "$.a" + ")" * 20, 17),
        ("!" * 40 + "$.a", 17),
        ("$.a == 'x", 8),
        ("$." + "a" * 3_000, 1),
    ],
)
def test_what_is_no_path_is_refused_with_its_place(text: str, column: int) -> None:
    """At publish, not at the first delivery."""
    with pytest.raises(ExpressionError) as refused:
        from_jsonpath(text, path="/nodes/0/config/filter")
    (flaw,) = refused.value.errors
    assert (flaw.path, flaw.column) == ("/nodes/0/config/filter", column)
    assert flaw.message
    assert flaw.advice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$.a", True),
        (" !($.a)", True),
        ("{{ trigger.payload.a }}", False),
        ("${steps.a}", False),
        ("length($.a) > 1", True),
        ("price in $", False),
        (True, False),
        (None, False),
    ],
)
def test_what_is_taken_for_a_path(text: Any, *, expected: bool) -> None:
    """CEL stands in braces; a path begins with a dollar."""
    assert is_jsonpath(text) is expected
