"""The trigger's table of routes."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.trigger import models
from services.trigger.api import MAX_WAIT_S, Runs
from services.trigger.cancels import Cancels
from services.trigger.hooks import Hooks
from weir.contract import errors
from weir.runtime.access import Permission
from weir.runtime.http.route import ANY, API, Parameter, Route

_SLACK_S = 30.0

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


def run_routes(runs: Runs, cancels: Cancels) -> tuple[Route, ...]:
    """Starting and steering runs."""
    route = partial(Route, tag="runs", permission=Permission.RUNS_START)
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
            summary="Start up to 500 runs; each has its own answer",
            status=HTTPStatus.ACCEPTED,
            answer=models.ManyStarted,
            body=models.StartMany,
            parameters=(MIN_REVISION,),
            errors=STARTING,
            creates=True,
        ),
        route(
            "POST",
            f"{API}/runs/{{run_id}}/cancel",
            cancels.cancel,
            summary="Record the wish that a run ends; what came of it shows in the run",
            status=HTTPStatus.ACCEPTED,
            answer=models.Recorded,
            body=models.CancelRun,
            errors=(errors.RunNotFoundError, errors.RunPurgedError, errors.OutcomeUnknownError),
            creates=True,
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
