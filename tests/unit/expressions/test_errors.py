"""Errors of evaluation name the path, the place and what was there instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from weir.contract.errors import WeirError
from weir.contract.problems import EXPRESSION
from weir.core.expressions import (
    INLINE_BUDGET,
    BudgetExceededError,
    EvaluationError,
    ExpressionError,
    MissingError,
    Scope,
    compile_template,
    errors,
)

PAGES = Path(__file__).resolve().parents[3] / "docs" / "errors"


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ("steps.parse.totl", "steps.parse.totl", "no totl in steps.parse"),
        ("steps.prase.total", "steps.prase.total", "no prase in steps"),
        ("1 + steps.parse.totl", "steps.parse.totl", "Did you mean total?"),
        ("steps.none.x", "steps.none.x", "steps.none is null"),
        ("steps.parse.total.x", "steps.parse.total.x", "steps.parse.total is an int"),
        ("steps.parse.rows[4].x", "steps.parse.rows[4]", "the list has 1"),
        ("steps.parse.rows[0].y", "steps.parse.rows[0].y", "There is: x."),
        ("steps.parse.rows.map(r, r.y)", "r.y", "There is: x."),
        ("steps.parse.rows.map(r, r.x.z)", "r.x.z", "an int does not have"),
        ("run.id", "run.id", "there is no run here"),
        ("steps.parse['totl']", "steps.parse.totl", "no totl"),
        ("{'a': 1}['b']", "{'a': 1}['b']", "There is: a."),
        ("steps.none[0]", "steps.none[0]", "null was asked for"),
        ("steps.apart.x", "steps.apart.x", "kept by reference"),
    ],
)
def test_a_reference_to_nothing_names_its_path_and_what_is_there(
    text: str, path: str, says: str
) -> None:
    """Never a silent null: EXPRESSION_UNRESOLVED, the path, and close names."""
    roots = {
        "steps": {
            "parse": {"total": 1, "rows": [{"x": 1}]},
            "none": None,
            "apart": {"$blob": {"key": "t/x", "size": 1}},
        }
    }
    template = compile_template("x {{ " + text + " }}", path="/nodes/a/config/text")
    with pytest.raises(EvaluationError) as raised:
        template.evaluate(Scope(roots, 0, ""), INLINE_BUDGET)
    error = raised.value
    assert error.code == "EXPRESSION_UNRESOLVED"
    assert error.path == path
    assert says in error.message
    assert error.field == "/nodes/a/config/text"


def test_an_error_points_to_its_sub_expression() -> None:
    """Line and column are those of the operator's left side, in the whole text."""
    text = "first\n  {{ [1, 2].map(x,\n      x / (x - 1)) }}"
    with pytest.raises(EvaluationError) as raised:
        compile_template(text, path="/f").evaluate(Scope({}, 0, ""), INLINE_BUDGET)
    assert (raised.value.line, raised.value.column) == (3, 7)
    assert raised.value.path == "x / (x - 1)"
    assert "in /f at 3:7" in raised.value.message


def test_the_place_is_right_where_logic_absorbed_another_error() -> None:
    """Of several errors the first that could not be absorbed is the one reported."""
    with pytest.raises(EvaluationError) as raised:
        compile_template("{{ input.a == 1 || input.b == 2 }}").evaluate(
            Scope({"input": {}}, 0, ""), INLINE_BUDGET
        )
    assert raised.value.path == "input.a"


@pytest.mark.parametrize(
    "kind",
    [
        *(ExpressionError, EvaluationError, BudgetExceededError),
        *EvaluationError.__subclasses__(),
    ],
)
def test_every_error_has_a_page(kind: type[WeirError]) -> None:
    """docs/errors says what happened, why, and what to do."""
    page = (PAGES / f"{kind.code}.md").read_text()
    assert page.startswith(f"# {kind.code}\n")
    assert all(part in page for part in ("**What happened.**", "**Why.**", "**What to do.**"))


def test_the_codes_of_flaws_are_the_listed_ones() -> None:
    """What the compiler reports is in the contract's list."""
    flaws = {errors.SYNTAX, errors.UNKNOWN_NAME, errors.UNKNOWN_FUNCTION}
    assert flaws | {errors.ARGUMENTS, errors.TOO_LARGE} == set(EXPRESSION)


def test_a_view_can_say_why_something_is_missing() -> None:
    """MissingError of a view of run state gives the reason: the step was skipped."""

    class Steps(dict[str, Any]):
        def __missing__(self, key: str) -> Any:
            raise MissingError(key, "the step was skipped")

    with pytest.raises(EvaluationError) as raised:
        compile_template("{{ steps.notify.id }}").evaluate(
            Scope({"steps": Steps()}, 0, ""), INLINE_BUDGET
        )
    assert raised.value.code == "EXPRESSION_UNRESOLVED"
    assert "the step was skipped in steps" in raised.value.message
