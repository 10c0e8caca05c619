"""Error codes of who somebody is and what they may do; part of the list in `errors`."""

from __future__ import annotations

from weir.contract.errors import WeirError

# ---- policies ----


class PolicyDeniedError(WeirError):
    """A policy of the tenant forbids what the role would allow."""

    code = "POLICY_DENIED"
    status = 403


class PoliciesInvalidError(WeirError):
    """The text of the policies cannot be read, or does not fit their schema."""

    code = "POLICIES_INVALID"
    status = 422


class PoliciesUnreadableError(WeirError):
    """The stored policies cannot be used by this version, so what they might forbid is refused."""

    code = "POLICIES_UNREADABLE"
    status = 503


# ---- projects ----


class ProjectNotFoundError(WeirError):
    """The tenant has no such project, or not for who asks."""

    code = "PROJECT_NOT_FOUND"
    status = 404
