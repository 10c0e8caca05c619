"""The trigger's table of routes."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.trigger import models
from services.trigger.api import MAX_WAIT_S, Runs
from services.trigger.bulk import Bulk
from services.trigger.forks import Forks
from services.trigger.hooks import Hooks
from services.trigger.wishes import Wishes
from weir.contract import codec, errors
from weir.runtime.access import Permission
from weir.runtime.http.asked import FILTERS, WORKFLOW_ID
from weir.runtime.http.route import ANY, API, Parameter, Route

_SLACK_S = 30.0
_MANY_S = 120.0
RUN = f"{API}/runs/{{run_id}}"

WAIT = Parameter(
    "wait",
    "Wait for the run's end at most so long (`30s`); when it is over the answer is 202 and the "
    "run goes on.",
)
MIN_REVISION = Parameter(
    "min_revision",
    "`revision` of a publish: the version started is not older.",
    {"type": "string", "pattern": "^[0-9]{1,18}$"},
)
STARTING = (
    errors.WorkflowNotFoundError,
    errors.WorkflowNotPublishedError,
    errors.VersionNotFoundError,
    errors.InputInvalidError,
    errors.TriggerUnknownError,
    errors.OverloadedError,
    errors.OutcomeUnknownError,
)
TOLD = (
    errors.RunNotFoundError,
    errors.RunPurgedError,
    errors.RunEndedError,
    errors.OutcomeUnknownError,
)
AGAIN = (
    *STARTING,
    errors.RunNotFoundError,
    errors.RunPurgedError,
    errors.StepNotReachedError,
    errors.ForkTooLargeError,
    errors.ArchiveDamagedError,
)


def run_routes(runs: Runs) -> tuple[Route, ...]:
    """Starting runs."""
    route = partial(Route, tag="runs", permission=Permission.RUNS_START, by_project=True)
    return (
        route(
            "POST",
            f"{API}/workflows/{{workflow_id}}/runs",
            runs.start,
            summary="Start a run, and wait for its end if asked to",
            status=HTTPStatus.ACCEPTED,
            answer=models.RunStarted,
            also={HTTPStatus.OK: models.RunStarted},
            body=models.StartRun,
            parameters=(WAIT, MIN_REVISION),
            errors=STARTING,
            creates=True,
            timeout_s=MAX_WAIT_S + _SLACK_S,
        ),
        route(
            "POST",
            f"{API}/workflows/{{workflow_id}}/runs:batch",
            runs.start_many,
            summary="Start up to 1,000 runs; each has its own answer",
            status=HTTPStatus.ACCEPTED,
            answer=models.ManyStarted,
            body=models.StartMany,
            parameters=(MIN_REVISION,),
            errors=STARTING,
            creates=True,
        ),
    )


def life_routes(wishes: Wishes, forks: Forks) -> tuple[Route, ...]:
    """What is told to a run that goes on, and what comes of one that has ended."""
    told = partial(
        Route,
        "POST",
        tag="runs",
        permission=Permission.RUNS_START,
        by_project=True,
        status=HTTPStatus.ACCEPTED,
        answer=models.Recorded,
        errors=TOLD,
        creates=True,
        body_limit=codec.INLINE_LIMIT,
    )
    again = partial(
        Route,
        "POST",
        tag="runs",
        permission=Permission.RUNS_START,
        by_project=True,
        status=HTTPStatus.ACCEPTED,
        answer=models.Forked,
        also={HTTPStatus.OK: models.Forked},
        creates=True,
    )
    return (
        told(
            f"{RUN}/signals",
            wishes.signal,
            summary="Send a signal; the same id is one signal, and an early one is kept",
            answer=models.SignalRecorded,
            body=models.SendSignal,
            errors=(*TOLD, errors.StepNotWaitingError),
            audit="run.signalled",
        ),
        told(
            f"{RUN}/pause",
            wishes.pause,
            summary="Record the wish that a run stands still",
            body=models.PauseRun,
            audit="run.paused",
        ),
        told(
            f"{RUN}/resume",
            wishes.resume,
            summary="Record the wish that a run goes on",
            body=models.ResumeRun,
            audit="run.resumed",
        ),
        told(
            f"{RUN}/cancel",
            wishes.cancel,
            summary="Record the wish that a run ends; what came of it shows in the run",
            body=models.CancelRun,
            audit="run.cancel_requested",
        ),
        told(
            f"{RUN}/steps/{{step}}/decision",
            wishes.decide,
            summary="Decide about a failed step that waits for a person: retry, skip or fail",
            body=models.DecideStep,
            errors=(*TOLD, errors.StepNotWaitingError),
            audit="run.step_decided",
        ),
        told(
            f"{RUN}/steps/{{step}}/deadline",
            wishes.move,
            summary="Give a waiting step another time",
            body=models.MoveDeadline,
            errors=(*TOLD, errors.StepNotWaitingError),
            audit="run.deadline_moved",
        ),
        again(
            f"{RUN}/retry",
            forks.retry,
            summary="Go on from what failed, in a new run; what ended well is not done again",
            body=models.RetryRun,
            errors=(*AGAIN, errors.NothingToRetryError),
            audit="run.retried",
        ),
        again(
            f"{RUN}/fork",
            forks.fork,
            summary="Go on from any step in a new run, with another input or version if wanted",
            body=models.ForkRun,
            errors=AGAIN,
            audit="run.forked",
        ),
    )


def bulk_routes(bulk: Bulk) -> tuple[Route, ...]:
    """The same for many runs at once."""
    many = partial(
        Route,
        "POST",
        tag="runs",
        permission=Permission.RUNS_START,
        by_project=True,
        answer=models.ManySteered,
        parameters=(*FILTERS, WORKFLOW_ID),
        creates=True,
        timeout_s=_MANY_S,
    )
    return (
        many(
            f"{API}/runs:cancel",
            bulk.cancel,
            summary="Cancel every run that the filters of the list take",
            body=models.CancelMany,
            audit="run.many_cancelled",
        ),
        many(
            f"{API}/runs:pause",
            bulk.pause,
            summary="Pause every run that the filters of the list take",
            body=models.PauseMany,
            audit="run.many_paused",
        ),
        many(
            f"{API}/runs:resume",
            bulk.resume,
            summary="Resume every paused run that the filters of the list take",
            body=models.ResumeMany,
            audit="run.many_resumed",
        ),
        many(
            f"{API}/runs:retry",
            bulk.retry,
            summary="Retry every failed or cancelled run that the filters of the list take",
            body=models.RetryMany,
            audit="run.many_retried",
        ),
    )


def hook_routes(hooks: Hooks) -> tuple[Route, ...]:
    """Deliveries."""
    return (
        Route(
            ANY,
            "/hooks/{webhook_id}",
            hooks.deliver,
            Permission.PUBLIC,
            "Deliver to a webhook; the same delivery id starts one run",
            "webhooks",
            status=HTTPStatus.ACCEPTED,
            answer=models.Delivered,
            also={HTTPStatus.OK: models.Delivered},
            errors=(
                errors.WebhookNotFoundError,
                errors.WebhookDisabledError,
                errors.SignatureInvalidError,
                errors.TimestampStaleError,
                errors.FilterFailedError,
                errors.InputInvalidError,
                errors.OverloadedError,
                errors.OutcomeUnknownError,
            ),
            timeout_s=MAX_WAIT_S + _SLACK_S,
        ),
    )
