"""What the editor asks about expressions: what can be called, and what one comes to.

The server is the judge of values as it is of definitions: the preview is
evaluated by the code that will evaluate the run, in a thread of its own, one
at a time, within a budget. Nothing of a run, an environment or a credential is
read here: an expression sees the roots that came with the request, and no others.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.registry.models import Asked
from weir.core.expressions import (
    ROOTS,
    Budget,
    BudgetExceededError,
    EvaluationError,
    ExpressionError,
    Scope,
    compile_template,
)
from weir.core.expressions.functions import FUNCTIONS
from weir.core.expressions.reference import EXAMPLE_SCOPE
from weir.ports.clock import Clock
from weir.runtime.http.call import Call, Reply

LIMIT = 1024 * 1024
BUDGET = Budget(steps=200_000, size=1024 * 1024)

Form = Literal["function", "macro", "operator"]


class Evaluate(Asked):
    """A value with expressions, and what they may read."""

    value: Any = Field(description="Any JSON value with `{{ … }}` in its texts.")
    scope: dict[str, Any] = Field(
        default_factory=dict, description="What stands under `input`, `steps`, `item` and so on."
    )


class Flaw(BaseModel):
    """What is wrong, and where: a JSON pointer into the value, line and column in that text."""

    code: str
    message: str
    advice: str = ""
    path: str = ""
    reference: str = Field(default="", description="The reference that leads to nothing.")
    line: int = 1
    column: int = 1


class Evaluated(BaseModel):
    """What the value comes to, or why it comes to nothing."""

    ok: bool
    value: Any = None
    errors: list[Flaw] = []


class Callable(BaseModel):
    """Something that expressions can call."""

    name: str
    signature: str
    group: str
    help: str
    form: Form
    examples: list[dict[str, Any]]


class Language(BaseModel):
    """Functions, macros and operators in the order of the reference, and the names there are."""

    items: list[Callable]
    names: list[str]
    next_cursor: str | None


class Expressions:
    """The handlers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="weir-preview")
        self._language = {
            "items": [
                {
                    "name": one.name,
                    "signature": one.signature,
                    "group": one.group,
                    "help": one.doc,
                    "form": one.form,
                    "examples": [
                        {"expression": text, "value": value} for text, value in one.examples
                    ],
                }
                for one in FUNCTIONS.values()
            ],
            "names": sorted(ROOTS),
            "next_cursor": None,
        }

    async def language(self, call: Call) -> Reply:
        """GET /expressions."""
        call.reach(call.route.permission)
        return Reply(self._language)

    async def evaluate(self, call: Call) -> Reply:
        """POST /expressions/evaluate."""
        call.reach(call.route.permission)
        asked = await call.model(Evaluate)
        now = self._clock.now_ms()
        answer = await asyncio.get_running_loop().run_in_executor(
            self._thread, evaluated, asked.value, asked.scope, now
        )
        return Reply(answer)

    def close(self) -> None:
        """Evaluate no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def evaluated(value: Any, scope: dict[str, Any], now_ms: int) -> dict[str, Any]:
    """The answer: the value as JSON, or each flaw with its place."""
    try:
        template = compile_template(value)
        roots = {name: scope[name] for name in ROOTS & scope.keys()}
        found = template.evaluate(Scope(roots, now_ms, EXAMPLE_SCOPE.seed), BUDGET)
    except ExpressionError as error:
        flaws = [
            {
                "code": flaw.code,
                "message": flaw.message,
                "advice": flaw.advice,
                "path": flaw.path,
                "line": flaw.line,
                "column": flaw.column,
            }
            for flaw in error.errors
        ]
        return {"ok": False, "errors": flaws}
    except EvaluationError as error:
        flaw = {
            "code": error.code,
            "message": error.message,
            "advice": error.advice,
            "path": error.field,
            "reference": error.path,
            "line": error.line,
            "column": error.column,
        }
        return {"ok": False, "errors": [flaw]}
    except (BudgetExceededError, RecursionError) as error:
        text = str(error) if isinstance(error, BudgetExceededError) else "it is nested too deep"
        advice = "A run evaluates it in a worker process."
        flaw = {
            "code": "EXPRESSION_BUDGET",
            "message": text,
            "advice": advice,
            "path": "",
            "line": 1,
            "column": 1,
        }
        return {"ok": False, "errors": [flaw]}
    return {"ok": True, "value": found}
