"""What can be wrong with an expression: when it is read, and when it is evaluated.

A message names the place and the kinds of the values, never a value: an
expression may read a credential.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from weir.contract.errors import WeirError

SYNTAX = "EXPRESSION_SYNTAX"
UNKNOWN_NAME = "EXPRESSION_UNKNOWN_NAME"
UNKNOWN_FUNCTION = "EXPRESSION_UNKNOWN_FUNCTION"
ARGUMENTS = "EXPRESSION_ARGUMENTS"
TOO_LARGE = "EXPRESSION_TOO_LARGE"

_NAMED = 8  # names that advice lists


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong in a text: the text's JSON pointer, line and column from 1.

    `name` is the name or function that is unknown, if that is what is wrong.
    """

    code: str
    message: str
    advice: str = ""
    path: str = ""
    line: int = 1
    column: int = 1
    name: str = ""


class ExpressionError(WeirError):
    """An expression cannot be compiled; `errors` locates everything that is wrong with it."""

    code = "EXPRESSION_INVALID"
    status = 422

    def __init__(self, errors: Iterable[Flaw]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        where = f"{first.path or 'expression'} {first.line}:{first.column}"
        super().__init__(
            " ".join(filter(None, (f"{where}: {first.message}{more}", first.advice))),
            details={
                "errors": [
                    {
                        "code": flaw.code,
                        "path": flaw.path,
                        "message": flaw.message,
                        "advice": flaw.advice,
                        "line": flaw.line,
                        "column": flaw.column,
                    }
                    for flaw in self.errors
                ]
            },
        )


class EvaluationError(WeirError):
    """An expression has no value here.

    `path` is the reference or sub-expression, `field` the JSON pointer of the
    text it stands in, `line` and `column` its place there.
    """

    code = "EXPRESSION_FAILED"
    status = 422

    def __init__(  # noqa: PLR0913 - a located error has a place
        self,
        message: str,
        *,
        path: str = "",
        advice: str = "",
        field: str = "",
        line: int = 1,
        column: int = 1,
    ) -> None:
        where = f"at {line}:{column}" if not field else f"in {field} at {line}:{column}"
        super().__init__(" ".join(filter(None, (f"{message} ({where}).", advice))))
        self.path = path
        self.advice = advice
        self.field = field
        self.line = line
        self.column = column


class UnresolvedError(EvaluationError):
    """A reference leads to nothing: a missing field, a step that did not run, a null on the way."""

    code = "EXPRESSION_UNRESOLVED"


class OperandError(EvaluationError):
    """An operator or function was given a kind of value it does not take."""

    code = "EXPRESSION_TYPE"


class DomainError(EvaluationError):
    """The kind is right, the value is not: division by zero, overflow, a text that is no number."""

    code = "EXPRESSION_VALUE"


class BudgetExceededError(WeirError):
    """The evaluation needs more steps or creates more data than this place allows."""

    code = "EXPRESSION_BUDGET"
    status = 422


class MissingError(KeyError):
    """For views of run state: a name that has no value, with the reason why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name)
        self.reason = reason


class Fault(Exception):  # noqa: N818 - it becomes an EvaluationError once its place is known
    """What a helper raises: the kind of error, without the place."""

    def __init__(self, kind: type[EvaluationError], message: str, advice: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.advice = advice


def suggest(wrong: object, names: Iterable[object]) -> str:
    """Advice from what there is: close names, else a few of all."""
    there = sorted({name for name in names if isinstance(name, str)})
    close = get_close_matches(str(wrong), there, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    if not there:
        return ""
    more = f" and {len(there) - _NAMED} more" if len(there) > _NAMED else ""
    return f"There is: {', '.join(there[:_NAMED])}{more}."
