"""The routes of dead letters and callbacks that only read."""

from __future__ import annotations

from functools import partial

from services.query import letter_models as models
from services.query.callbacks import Callbacks
from services.query.letters import DeadLetters
from services.query.routes import BEHIND, MIN_SEQUENCE, MISSING, RUN
from weir.contract import errors
from weir.runtime.access import Permission
from weir.runtime.http.asked_letters import FILTERS
from weir.runtime.http.route import API, PAGED, Parameter, Route

LETTERS = f"{API}/dead-letters"
MIN_REVISION = Parameter(
    "min_revision",
    "`revision` of a retry or discard: the answer waits up to 2 s until it holds it.",
    {"type": "string", "pattern": "^[0-9]{1,18}$"},
)


def letter_routes(letters: DeadLetters, callbacks: Callbacks) -> tuple[Route, ...]:
    """Dead letters, and deliveries of a run's end."""
    route = partial(Route, "GET", permission=Permission.RUNS_READ, by_project=True)
    return (
        route(
            LETTERS,
            letters.listed,
            summary="List dead letters, the last failure first",
            tag="dead letters",
            answer=models.DeadLetters,
            parameters=(*PAGED, *FILTERS, MIN_SEQUENCE, MIN_REVISION),
            errors=BEHIND,
        ),
        route(
            f"{LETTERS}/{{letter_id}}",
            letters.get,
            summary="Read a dead letter with what was to be done",
            tag="dead letters",
            answer=models.WholeLetter,
            parameters=(MIN_SEQUENCE, MIN_REVISION),
            errors=(errors.LetterNotFoundError, errors.ArchiveDamagedError, *BEHIND),
        ),
        route(
            f"{RUN}/callbacks",
            callbacks.listed,
            summary="List who is told of a run's end, with every attempt",
            tag="runs",
            answer=models.Callbacks,
            errors=(*MISSING, *BEHIND),
        ),
    )
