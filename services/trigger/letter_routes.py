"""The routes that deal with dead letters."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.trigger import letter_models as models
from services.trigger.letters import DeadLetters
from services.trigger.routes import AGAIN, TOLD
from weir.contract import errors
from weir.runtime.access import Permission
from weir.runtime.http.asked_letters import FILTERS
from weir.runtime.http.route import API, Route

LETTERS = f"{API}/dead-letters"
_MANY_S = 120.0


def letter_routes(letters: DeadLetters) -> tuple[Route, ...]:
    """One, and many at once."""
    route = partial(
        Route,
        "POST",
        tag="dead letters",
        permission=Permission.RUNS_START,
        by_project=True,
    )
    many = partial(route, answer=models.DealtMany, parameters=FILTERS, timeout_s=_MANY_S)
    gone = (errors.LetterNotFoundError, errors.LetterNotOpenError)
    return (
        route(
            f"{LETTERS}/{{letter_id}}/retry",
            letters.retry,
            summary="Do it again: in a new run from that step, or by resuming the run set aside",
            status=HTTPStatus.ACCEPTED,
            answer=models.Dealt,
            body=models.RetryLetter,
            errors=tuple(
                dict.fromkeys(
                    (
                        *gone,
                        errors.LetterNotRetryableError,
                        *AGAIN,
                        *TOLD,
                        errors.NothingToRetryError,
                    )
                )
            ),
            audit="letter.retried",
        ),
        route(
            f"{LETTERS}/{{letter_id}}/discard",
            letters.discard,
            summary="Give it up, with a reason",
            answer=models.Dealt,
            body=models.DiscardLetter,
            errors=gone,
            audit="letter.discarded",
        ),
        many(
            f"{LETTERS}:retry",
            letters.retry_many,
            summary="Retry every dead letter that the filters take",
            body=models.RetryLetters,
            audit="letter.many_retried",
        ),
        many(
            f"{LETTERS}:discard",
            letters.discard_many,
            summary="Discard every dead letter that the filters take",
            body=models.DiscardLetters,
            audit="letter.many_discarded",
        ),
    )
