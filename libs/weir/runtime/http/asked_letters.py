"""Filters of dead letters: what their list and the bulk forms share."""

from __future__ import annotations

from typing import get_args

from weir.contract.errors import InvalidParameterError, LetterNotFoundError
from weir.ports.letters import LetterQuery, Reason, Status
from weir.runtime.http.asked import PROJECT, moment, pattern_of, place_of, projects, words
from weir.runtime.http.call import Call
from weir.runtime.http.route import Parameter

STATUSES: tuple[str, ...] = get_args(Status)
REASONS: tuple[str, ...] = get_args(Reason)
_CODES = 20

FILTERS = (
    pattern_of("status", "Only letters in these states; open without it", STATUSES),
    pattern_of("reason", "Only letters for these reasons", REASONS),
    Parameter("code", "Only letters with these codes of errors, separated by commas."),
    Parameter("workflow_id", "Only of runs of this workflow."),
    Parameter("run_id", "Only of this run."),
    PROJECT,
    Parameter("from", "Only failures at this time or later.", {"type": "string"}),
    Parameter("before", "Only failures before this time.", {"type": "string"}),
)


def letter_query(call: Call, *, limit: int) -> LetterQuery:
    """The letters a request means; InvalidParameterError."""
    codes = [code for code in call.query("code").split(",") if code]
    if len(codes) > _CODES:
        raise InvalidParameterError(
            f"At most {_CODES} codes are looked for at once.", details={"parameter": "code"}
        )
    return LetterQuery(
        projects=projects(call),
        statuses=words(call, "status", STATUSES) or ("open",),
        reasons=words(call, "reason", REASONS),
        workflow_id=call.query("workflow_id") or None,
        run_id=call.query("run_id") or None,
        codes=codes,
        from_ms=moment(call, "from"),
        before_ms=moment(call, "before"),
        after=place_of(call, "dead"),
        limit=limit,
    )


def letter_id(call: Call) -> str:
    """The letter of the path; LetterNotFoundError if there can be none."""
    return call.id("letter_id", "dead", LetterNotFoundError, "letter")


def no_letter(letter: str) -> LetterNotFoundError:
    """What is said of a letter that is not there."""
    return LetterNotFoundError(
        f"There is no dead letter {letter}: list them at /api/v1/dead-letters.",
        details={"letter_id": letter},
    )
