"""The routes of subscriptions to the bus."""

from __future__ import annotations

from functools import partial

from services.registry import subscription_models as models
from services.registry.routes import LISTED, MIN_REVISION, READ
from services.registry.subscriptions import Subscriptions
from weir.contract import errors
from weir.contract.bus_errors import SubscriptionNotFoundError
from weir.runtime.access import Permission
from weir.runtime.http.asked import PROJECT
from weir.runtime.http.route import API, Parameter, Route

SUBSCRIPTIONS = f"{API}/subscriptions"
SUBSCRIPTION = f"{SUBSCRIPTIONS}/{{subscription_id}}"
STEER = Permission.RUNS_START
WORKFLOW_ID = Parameter("workflow_id", "Subscriptions of this workflow alone.")


def subscription_routes(subscriptions: Subscriptions) -> tuple[Route, ...]:
    """What trigger nodes listen to."""
    route = partial(Route, tag="events", by_project=True)
    steered = partial(
        route, "POST", answer=models.Subscription, errors=(SubscriptionNotFoundError,)
    )
    return (
        route(
            "GET",
            SUBSCRIPTIONS,
            subscriptions.listed,
            READ,
            "List subscriptions to the bus, with how far they have come and what waits",
            answer=models.Subscriptions,
            parameters=(*LISTED, WORKFLOW_ID, PROJECT),
            errors=(errors.ViewsBehindError,),
        ),
        route(
            "GET",
            SUBSCRIPTION,
            subscriptions.get,
            READ,
            "Read a subscription",
            answer=models.Subscription,
            parameters=(MIN_REVISION,),
            errors=(SubscriptionNotFoundError,),
        ),
        steered(
            f"{SUBSCRIPTION}/pause",
            subscriptions.pause,
            STEER,
            "Start nothing for now; events wait as long as the bus keeps them",
            body=models.Pause,
            audit="subscription.paused",
        ),
        steered(
            f"{SUBSCRIPTION}/resume",
            subscriptions.resume,
            STEER,
            "Go on where it was paused",
            audit="subscription.resumed",
        ),
        steered(
            f"{SUBSCRIPTION}/replay",
            subscriptions.replay,
            STEER,
            "Begin again at a sequence or a time: each event from there on starts a run anew",
            body=models.Replay,
            audit="subscription.replayed",
        ),
    )
