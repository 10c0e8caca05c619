"""Expressions: CEL inside `{{ }}`, compiled to Python that reads the state in place.

An expression reaches its given roots and nothing else, counts what it does
against a budget, and never yields a silent null: what is missing is an error
that names it. The same expression in the same scope always yields the same.
"""

from __future__ import annotations

from weir.core.expressions.budget import INLINE_BUDGET, TASK_BUDGET, Budget
from weir.core.expressions.errors import (
    BudgetExceededError,
    EvaluationError,
    ExpressionError,
    Flaw,
    MissingError,
)
from weir.core.expressions.parser import prepare
from weir.core.expressions.template import (
    ROOTS,
    Reference,
    Scope,
    Template,
    compile_expression,
    compile_template,
    takes_long,
)
from weir.core.expressions.values import kind

__all__ = [
    "INLINE_BUDGET",
    "ROOTS",
    "TASK_BUDGET",
    "Budget",
    "BudgetExceededError",
    "EvaluationError",
    "ExpressionError",
    "Flaw",
    "MissingError",
    "Reference",
    "Scope",
    "Template",
    "compile_expression",
    "compile_template",
    "kind",
    "prepare",
    "takes_long",
]
