"""Error codes of deliveries to webhooks; part of the list in `errors`."""

from __future__ import annotations

from weir.contract.errors import WeirError


class DeliveryNotFoundError(WeirError):
    """The history has no such delivery, or no longer."""

    code = "DELIVERY_NOT_FOUND"
    status = 404


class DeliveryNotReplayableError(WeirError):
    """The delivery cannot be made once more: its body is not there, or nobody vouches for it."""

    code = "DELIVERY_NOT_REPLAYABLE"
    status = 409


class ResponseFailedError(WeirError):
    """The webhook's own response cannot be made of this delivery."""

    code = "RESPONSE_FAILED"
    status = 422
