"""The routes of deliveries that only read."""

from __future__ import annotations

from functools import partial

from services.query import delivery_models as models
from services.query.deliveries import Deliveries
from services.query.routes import BEHIND, MIN_SEQUENCE
from weir.contract import errors
from weir.contract.webhook_errors import DeliveryNotFoundError
from weir.runtime.access import Permission
from weir.runtime.http.asked_deliveries import FILTERS
from weir.runtime.http.route import API, PAGED, Parameter, Route

DELIVERIES = f"{API}/webhooks/{{webhook_id}}/deliveries"
COUNTS = Parameter(
    "counts",
    "`true`: count what the filters take, by verdict.",
    {"type": "string", "enum": ["true", "false"]},
)


def delivery_routes(deliveries: Deliveries) -> tuple[Route, ...]:
    """The history of a webhook."""
    route = partial(Route, "GET", permission=Permission.RUNS_READ, by_project=True, tag="webhooks")
    return (
        route(
            DELIVERIES,
            deliveries.listed,
            summary="List what was delivered to a webhook, the newest first",
            answer=models.HookDeliveries,
            parameters=(*PAGED, *FILTERS, COUNTS, MIN_SEQUENCE),
            errors=(errors.WebhookNotFoundError, *BEHIND),
        ),
        route(
            f"{DELIVERIES}/{{delivery_id}}",
            deliveries.get,
            summary="Read a delivery with headers, body and replays",
            answer=models.WholeDelivery,
            parameters=(MIN_SEQUENCE,),
            errors=(errors.WebhookNotFoundError, DeliveryNotFoundError, *BEHIND),
        ),
    )
