"""Routes of audit."""

from __future__ import annotations

from functools import partial

from services.identity import audit_models as models
from services.identity.audit import OUTCOMES, Audits
from weir.runtime.access import Permission
from weir.runtime.http.route import API, PAGED, Parameter, Route

AUDIT = f"{API}/audit"
_MOMENT = {"type": "string", "format": "date-time"}
INSTALLATION = Parameter(
    "installation",
    "Read what belongs to no tenant instead; for who manages the installation.",
    {"type": "boolean", "default": False},
)
FILTERS = (
    Parameter("actor", "Only what this principal did: `usr_…`, `key_…`, `svc_…`."),
    Parameter("event", "Only events that begin so: `workflow.`, `session.started`."),
    Parameter("resource", "Only what was done to this."),
    Parameter("outcome", "Only with this outcome.", {"type": "string", "enum": list(OUTCOMES)}),
    Parameter("from", "Only what happened at this time or later.", _MOMENT),
    Parameter("to", "Only what happened before this time.", _MOMENT),
    Parameter(
        "text", "Only with these words; `inv*` is a beginning. Nothing personal is searched."
    ),
    INSTALLATION,
)
ANCHOR = Parameter(
    "anchor",
    "`<number>:<digest>` as an earlier answer said it; may be given several times.",
)


def audit_routes(audits: Audits) -> tuple[Route, ...]:
    """Who did what."""
    route = partial(Route, "GET", tag="audit", permission=Permission.AUDIT_READ)
    return (
        route(
            AUDIT,
            audits.listed,
            summary="List what happened, the newest first",
            answer=models.Entries,
            parameters=(*FILTERS, *PAGED),
        ),
        route(
            f"{AUDIT}/verify",
            audits.verify,
            summary="Check the whole chain of audit",
            answer=models.Verdict,
            parameters=(ANCHOR, INSTALLATION),
            timeout_s=600.0,
            audit="audit.verified",
        ),
        route(
            f"{AUDIT}/export",
            audits.export,
            summary="Export what happened as JSON lines, the oldest first",
            parameters=FILTERS,
            timeout_s=0,
            audit="audit.exported",
        ),
    )
