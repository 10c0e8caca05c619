"""What the approval service answers."""

from __future__ import annotations

from functools import partial

from services.approval import models
from services.approval.approvals import Approvals
from services.approval.outside import BODY, FORM, Outside
from services.approval.sockets import Sockets
from weir.contract import errors
from weir.contract.approval_errors import (
    ApprovalClosedError,
    ApprovalNotFoundError,
    DecisionInvalidError,
    NotAssignedError,
    SelfApprovalError,
)
from weir.contract.errors import WeirError
from weir.contract.identity_errors import LinkSpentError, MemberNotFoundError
from weir.runtime.access import Permission
from weir.runtime.http.route import ANY, API, PAGED, Handler, Parameter, Route

APPROVALS = f"{API}/approvals"
ONE = f"{APPROVALS}/{{approval_id}}"
FLAG = {"type": "boolean", "default": False}
FILTERS = (
    Parameter("status", "open, decided, expired, withdrawn, or over; several with commas."),
    Parameter("mine", "Only what waits for the caller.", FLAG),
    Parameter("voted", "Only what the caller has decided about.", FLAG),
    Parameter("kind", "approval or user_input."),
    Parameter("workflow_id", "Of this workflow."),
    Parameter("run_id", "Of this run."),
    Parameter("q", "Part of the title."),
)
MIN_SEQUENCE = Parameter(
    "min_sequence", "Wait up to 2 s until the list has reached this `Weir-Sequence`."
)
_MISSING: tuple[type[WeirError], ...] = (ApprovalNotFoundError,)
_CLOSED: tuple[type[WeirError], ...] = (*_MISSING, ApprovalClosedError)

_route = partial(Route, tag="approvals", by_project=True)


def _changing(path: str, handler: Handler, summary: str, event: str, **more: object) -> Route:
    return _route(
        "POST",
        f"{ONE}/{path}",
        handler,
        Permission.RUNS_READ,
        summary,
        answer=models.Whole,
        audit=f"approval.{event}",
        **more,  # type: ignore[arg-type]
    )


def routes(approvals: Approvals, outside: Outside, sockets: Sockets) -> tuple[Route, ...]:
    """The table."""
    read = Permission.RUNS_READ
    return (
        _route(
            "GET",
            APPROVALS,
            approvals.listed,
            read,
            "List approvals: those of runs that one may see, and those that wait for one",
            answer=models.Page,
            parameters=(*PAGED, *FILTERS, MIN_SEQUENCE),
            errors=(errors.ViewsBehindError,),
        ),
        _route(
            "GET",
            f"{APPROVALS}/counts",
            approvals.counted,
            read,
            "Count approvals by status",
            answer=models.Counts,
            parameters=(*FILTERS[1:], MIN_SEQUENCE),
            errors=(errors.ViewsBehindError,),
        ),
        _route(
            "GET",
            f"{API}/approval-events",
            sockets.live,
            read,
            "Hear of changes of approvals, over a WebSocket",
            status=101,
            errors=(errors.OriginForbiddenError, errors.SocketLimitError),
            timeout_s=0,
        ),
        _route(
            "GET",
            ONE,
            approvals.shown,
            read,
            "Read an approval",
            answer=models.Whole,
            errors=_MISSING,
        ),
        _changing(
            "decision",
            approvals.decide,
            "Decide, in one's own name; the first decision counts",
            "voted",
            body=models.Decide,
            errors=(*_CLOSED, NotAssignedError, SelfApprovalError, DecisionInvalidError),
        ),
        _changing(
            "comments",
            approvals.comment,
            "Say something",
            "commented",
            body=models.Comment,
            errors=_MISSING,
        ),
        _changing(
            "delegation",
            approvals.delegate,
            "Hand one's part to another member",
            "delegated",
            body=models.Delegate,
            errors=(*_CLOSED, NotAssignedError, SelfApprovalError, MemberNotFoundError),
        ),
        _changing(
            "assignees",
            approvals.reassign,
            "Ask others from now on; for who may steer the run",
            "reassigned",
            body=models.Reassign,
            errors=_CLOSED,
        ),
        _changing(
            "withdrawal",
            approvals.withdraw,
            "Ask no more, so that the step fails; for who may steer the run",
            "withdrawn_by_hand",
            body=models.Withdraw,
            errors=_CLOSED,
        ),
        *_outside(outside),
    )


def _outside(outside: Outside) -> tuple[Route, ...]:
    link = f"{API}/approval-links/{{token}}"
    closed = {404: None, 409: None, 410: None, 403: None, 422: None}
    route = partial(Route, tag="approvals", permission=Permission.PUBLIC)
    return (
        route(
            "GET",
            link,
            outside.look,
            summary="The page behind a link in a mail; it changes nothing",
            also=closed,
            errors=(LinkSpentError,),
        ),
        route(
            "POST",
            link,
            outside.decide,
            summary="Decide by a link in a mail; it counts once",
            accepts=(FORM, ANY),
            also=closed,
            body_limit=BODY,
            audit="approval.voted",
            errors=(LinkSpentError, errors.BadRequestError),
        ),
        route(
            "POST",
            f"{API}/approval-slack/{{tenant}}/{{credential}}",
            outside.pressed,
            summary="Where Slack tells of pressed buttons",
            accepts=(FORM,),
            body_limit=BODY,
            audit="approval.voted",
            errors=(errors.SignatureInvalidError, errors.BadRequestError),
        ),
    )
