"""What the approval service answers about push notices."""

from __future__ import annotations

from functools import partial

from services.approval import push_models as models
from services.approval.push_handlers import PushHandlers
from weir.contract.approval_errors import PushDeviceNotFoundError, PushDevicesFullError
from weir.contract.identity_errors import PersonRequiredError
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Route

PUSH = f"{API}/push"
ONE = f"{PUSH}/devices/{{device_id}}"
_PERSON = (PersonRequiredError,)
_TEST_S = 90.0  # a push service is given time, and asked again

_route = partial(Route, permission=Permission.RUNS_READ, tag="approvals", by_project=True)


def push_routes(handlers: PushHandlers) -> tuple[Route, ...]:
    """The table."""
    return (
        _route(
            "GET",
            f"{PUSH}/key",
            handlers.key,
            summary="By which key a browser knows who sends it notices",
            answer=models.PushKey,
            errors=_PERSON,
        ),
        _route(
            "GET",
            f"{PUSH}/devices",
            handlers.listed,
            summary="List the devices on which one gets notices of approvals",
            answer=models.PushDevices,
            errors=_PERSON,
        ),
        _route(
            "POST",
            f"{PUSH}/devices",
            handlers.subscribe,
            summary="Get notices of approvals in this browser; once, however often it is asked",
            body=models.PushSubscription,
            answer=models.PushDevice,
            audit="push.subscribed",
            errors=(*_PERSON, PushDevicesFullError),
        ),
        _route(
            "DELETE",
            ONE,
            handlers.unsubscribe,
            summary="Get no more notices there",
            status=204,
            audit="push.unsubscribed",
            errors=(*_PERSON, PushDeviceNotFoundError),
        ),
        _route(
            "POST",
            f"{ONE}/test",
            handlers.test,
            summary="Send a notice there that is about nothing",
            answer=models.PushTested,
            timeout_s=_TEST_S,
            errors=(*_PERSON, PushDeviceNotFoundError),
        ),
    )
