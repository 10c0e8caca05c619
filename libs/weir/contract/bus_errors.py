"""Error codes of the event bus; part of the list in `errors`."""

from __future__ import annotations

from weir.contract.errors import WeirError


class EventInvalidError(WeirError):
    """What was published is no CloudEvent, though it says so, or lies on no subject."""

    code = "EVENT_INVALID"
    status = 422


class EventTooDeepError(WeirError):
    """An event that runs have made of events, again and again."""

    code = "EVENT_TOO_DEEP"
    status = 422


class OrderingKeyInvalidError(WeirError):
    """The ordering key of a trigger cannot be evaluated over an event, or is no text or number."""

    code = "ORDERING_KEY_INVALID"
    status = 422


class SubscriptionNotFoundError(WeirError):
    """The tenant has no such subscription, or not for who asks."""

    code = "SUBSCRIPTION_NOT_FOUND"
    status = 404
