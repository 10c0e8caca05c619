"""Evaluating in tests: `value("input.a + 1", input={"a": 1})`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from weir.core.expressions import INLINE_BUDGET, Budget, Scope, compile_expression

NOW_MS = 1_772_368_245_678


def evaluate(
    text: str, budget: Budget = INLINE_BUDGET, seed: str = "run_x/check/1", **roots: Any
) -> Any:
    """The value of one expression over these roots."""
    template = compile_expression(text, path="/nodes/check/config/condition")
    return template.evaluate(Scope(roots, NOW_MS, seed), budget)


@pytest.fixture
def value() -> Callable[..., Any]:
    """See `evaluate`."""
    return evaluate
