"""The route of publishing over HTTP."""

from __future__ import annotations

from http import HTTPStatus

from services.trigger import event_models as models
from services.trigger.events import Events
from weir.contract import errors, subjects
from weir.contract.bus_errors import EventInvalidError
from weir.core.cloudevents import BATCH_TYPE, MEDIA_TYPE
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Parameter, Route

SUBJECT = Parameter(
    "subject",
    "Where it is published, without `bus.<tenant>.`; a CloudEvent without it lies on its type.",
)


def event_routes(events: Events) -> tuple[Route, ...]:
    """Onto the tenant's bus."""
    return (
        Route(
            "POST",
            f"{API}/events",
            events.publish,
            Permission.EVENTS_PUBLISH,
            "Publish events on the tenant's bus: JSON, or CloudEvents in any mode",
            "events",
            status=HTTPStatus.ACCEPTED,
            answer=models.PublishedEvents,
            body=models.EventBody,
            accepts=("application/json", MEDIA_TYPE, BATCH_TYPE),
            parameters=(SUBJECT,),
            errors=(EventInvalidError, errors.OutcomeUnknownError, errors.TooLargeError),
            creates=True,
            body_limit=subjects.EVENT_BYTES - 32 * 1024,
        ),
    )
