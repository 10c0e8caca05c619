"""The routes that try webhooks out, and deliver once more."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.trigger import sample_models as models
from services.trigger.replays import Replays
from services.trigger.routes import STARTING
from services.trigger.samples import Samples
from weir.contract import errors
from weir.contract.webhook_errors import DeliveryNotFoundError, DeliveryNotReplayableError
from weir.runtime.access import Permission
from weir.runtime.http.asked_deliveries import FILTERS
from weir.runtime.http.route import API, Route

WEBHOOK = f"{API}/webhooks/{{webhook_id}}"
_SLACK_S = 30.0
_WAIT_S = 300.0
_MANY_S = 120.0


def sample_routes(samples: Samples, replays: Replays) -> tuple[Route, ...]:
    """Tests, simulations, replays."""
    route = partial(Route, "POST", tag="webhooks", by_project=True)
    missing = (errors.WebhookNotFoundError,)
    again = (
        *missing,
        DeliveryNotFoundError,
        DeliveryNotReplayableError,
        errors.WebhookDisabledError,
        errors.VersionNotFoundError,
        errors.InvalidJsonError,
        errors.InputInvalidError,
        errors.FilterFailedError,
        errors.OverloadedError,
        errors.OutcomeUnknownError,
    )
    return (
        route(
            f"{WEBHOOK}/test",
            samples.test,
            permission=Permission.RUNS_START,
            summary="Send a sample the way of every delivery; its run says that it is a test",
            answer=models.Tested,
            body=models.Sample,
            errors=tuple(dict.fromkeys((*missing, *STARTING))),
            creates=True,
            audit="webhook.tested",
            timeout_s=_WAIT_S + _SLACK_S,
        ),
        route(
            f"{WEBHOOK}/simulate",
            samples.simulate,
            permission=Permission.RUNS_READ,
            summary="Judge a sample: verdict, scope and filter, without a run",
            answer=models.Simulation,
            body=models.Simulated,
            errors=missing,
        ),
        route(
            f"{WEBHOOK}/deliveries/{{delivery_id}}/replay",
            replays.replay,
            permission=Permission.RUNS_START,
            summary="Make a delivery once more, in a new run of its version or of the current one",
            status=HTTPStatus.ACCEPTED,
            answer=models.Replayed,
            body=models.Replay,
            errors=again,
            creates=True,
            audit="delivery.replayed",
        ),
        route(
            f"{WEBHOOK}/deliveries:replay",
            replays.replay_many,
            permission=Permission.RUNS_START,
            summary="Make every delivery once more that the filters of the list take",
            answer=models.ReplayedMany,
            body=models.ReplayMany,
            parameters=FILTERS,
            errors=missing,
            creates=True,
            audit="delivery.many_replayed",
            timeout_s=_MANY_S,
        ),
    )
