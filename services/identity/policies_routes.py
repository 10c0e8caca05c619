"""Routes of policies."""

from __future__ import annotations

from functools import partial

from services.identity import policies_models as models
from services.identity.policies import PolicyTexts
from weir.contract import errors, identity_errors
from weir.runtime.access import Permission
from weir.runtime.cedar import LIMIT
from weir.runtime.http.route import API, Parameter, Route

POLICIES = f"{API}/policies"
# A text in JSON: every character may be escaped.
_BODY = 6 * LIMIT + 1024
_MIN_REVISION = Parameter(
    "min_revision", "What is read must not be older than this revision.", {"type": "integer"}
)


def policy_routes(texts: PolicyTexts) -> tuple[Route, ...]:
    """What narrows roles."""
    route = partial(Route, tag="policies", permission=Permission.TENANT_MANAGE)
    return (
        route(
            "GET",
            POLICIES,
            texts.get,
            summary="Read the tenant's policies and their schema",
            answer=models.PoliciesAnswer,
            parameters=(_MIN_REVISION,),
        ),
        route(
            "PUT",
            POLICIES,
            texts.change,
            summary="Replace the tenant's policies; an empty text removes them",
            answer=models.PoliciesAnswer,
            body=models.ChangePolicies,
            body_limit=_BODY,
            errors=(identity_errors.PoliciesInvalidError,),
            changes=True,
            audit="policies.updated",
        ),
        route(
            "POST",
            f"{POLICIES}/explain",
            texts.explain,
            summary="Say what roles and policies would decide, and why, without doing anything",
            answer=models.Explained,
            body=models.Explain,
            body_limit=_BODY,
            errors=(
                identity_errors.PoliciesInvalidError,
                identity_errors.PoliciesUnreadableError,
                errors.WorkflowNotFoundError,
                errors.VersionNotFoundError,
            ),
        ),
    )
