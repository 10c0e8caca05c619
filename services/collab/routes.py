"""The table of routes of collab."""

from __future__ import annotations

from services.collab import models
from services.collab.sockets import Sockets
from weir.contract import errors
from weir.contract.collab_errors import EpochChangedError
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Parameter, Route

WORKFLOW = f"{API}/workflows/{{workflow_id}}"
EPOCH = Parameter("epoch", "The document's name in time; another than the present is refused.")
NOTICES = Parameter(
    "weir",
    "`1`: told what is saved and published too, by kinds of message of our own.",
    {"type": "string", "enum": ["1"]},
)


def collab_routes(sockets: Sockets) -> tuple[Route, ...]:
    """Documents of drafts."""
    return (
        Route(
            "GET",
            f"{WORKFLOW}/document",
            sockets.look,
            Permission.WORKFLOWS_READ,
            summary="What an editor must know of a draft's document before it opens its socket",
            tag="workflows",
            answer=models.Document,
            errors=(errors.WorkflowNotFoundError, errors.OverloadedError),
            by_project=True,
        ),
        Route(
            "GET",
            f"{WORKFLOW}/collab",
            sockets.edit,
            Permission.WORKFLOWS_READ,
            summary="A WebSocket on which a draft is drawn together: "
            "docs/reference/draft-document.md",
            tag="workflows",
            parameters=(EPOCH, NOTICES),
            errors=(
                errors.BadRequestError,
                errors.OriginForbiddenError,
                errors.WorkflowNotFoundError,
                errors.SocketLimitError,
                errors.OverloadedError,
                EpochChangedError,
            ),
            by_project=True,
            timeout_s=0,
            closes=True,
        ),
    )
