"""What a step fails with where the engine itself finds fault with it."""

from __future__ import annotations

from typing import Any

from weir.contract.messages import Error
from weir.core.expressions import kind
from weir.core.sizes import MAX_DEPTH, deeper

TOO_DEEP = Error(
    code="VALUE_TOO_DEEP",
    message=f"a value is nested more than {MAX_DEPTH} levels deep: take out of it what is needed",
)

RETRY_IF_HEAVY = Error(
    code="EXPRESSION_BUDGET",
    message="retry_if reads or does more than is allowed here: let it look at `error` alone",
)

ASKS_TOO_MUCH = Error(
    code="APPROVAL_INVALID",
    message="what people are shown is more than 64 kB, or nested too deep: show less of it",
)


def too_deep(value: Any, size: int) -> bool:
    """Whether a value of about so many bytes is nested deeper than the log takes."""
    return size > 2 * MAX_DEPTH and deeper(value, MAX_DEPTH)  # a level takes two bytes or more


def unjudged(answer: Any, failed: Error) -> Error:
    """The error of a step whose `retry_if` says neither yes nor no.

    `answer` is what it gave, or the Error it ended with. What had failed is
    told as well: nobody must guess why there was no other attempt.
    """
    why = answer
    if not isinstance(why, Error):
        message = f"retry_if gave {kind(answer)} instead of true or false"
        why = Error(code="CONDITION_NOT_BOOLEAN", message=message)
    told = f"{why.message}; what had failed: {failed.code}: {failed.message}"
    before = {"code": failed.code, "message": failed.message, "details": failed.details}
    details = {**(why.details or {}), "failed": before}
    return why.model_copy(update={"message": told, "step": failed.step, "details": details})
