"""Error codes of approvals; part of the list in `errors`."""

from __future__ import annotations

from weir.contract.errors import WeirError


class ApprovalNotFoundError(WeirError):
    """The tenant has no such approval, or not for who asks."""

    code = "APPROVAL_NOT_FOUND"
    status = 404


class ApprovalClosedError(WeirError):
    """It was decided, was withdrawn or is over; the details say how, by whom and when."""

    code = "APPROVAL_CLOSED"
    status = 409


class NotAssignedError(WeirError):
    """Whoever asks is not among those who decide about this."""

    code = "NOT_ASSIGNED"
    status = 403


class SelfApprovalError(WeirError):
    """Who started the run does not decide in it."""

    code = "SELF_APPROVAL"
    status = 403


class DecisionInvalidError(WeirError):
    """The option, the comment or the form does not fit what is asked."""

    code = "DECISION_INVALID"
    status = 422


class SlackRefusedError(WeirError):
    """Slack did not take a message, or named an error; nothing else depends on it."""

    code = "SLACK_REFUSED"
    status = 503


class PushDeviceNotFoundError(WeirError):
    """Whoever asks has no such device for push notices."""

    code = "PUSH_DEVICE_NOT_FOUND"
    status = 404


class PushDevicesFullError(WeirError):
    """Somebody gets push notices on as many devices as one may."""

    code = "PUSH_DEVICES_FULL"
    status = 409
