"""Error codes of who somebody is and what they may do; part of the list in `errors`."""

from __future__ import annotations

from typing import Any

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


# ---- second factors, passkeys, sign-in from outside ----


class SecondFactorWrongError(WeirError):
    """The code, recovery code or passkey does not prove who signs in; which step failed is kept."""

    code = "SECOND_FACTOR_WRONG"
    status = 401


class SecondFactorRequiredError(WeirError):
    """The tenant asks for a second factor, which this is not, or would no longer be."""

    code = "SECOND_FACTOR_REQUIRED"
    status = 403


class ProofRequiredError(WeirError):
    """To change how one signs in, one proves anew who one is."""

    code = "PROOF_REQUIRED"
    status = 403


class FactorExistsError(WeirError):
    """There is one already, or as many as there may be."""

    code = "FACTOR_EXISTS"
    status = 409


class FactorNotFoundError(WeirError):
    """The account has no such second factor or passkey."""

    code = "FACTOR_NOT_FOUND"
    status = 404


class ProviderNotFoundError(WeirError):
    """There is no such sign-in provider."""

    code = "PROVIDER_NOT_FOUND"
    status = 404


class ProviderFailedError(WeirError):
    """A sign-in provider cannot be reached, or answers what it should not."""

    code = "PROVIDER_FAILED"
    status = 502


class SignInStaleError(WeirError):
    """The way back from a provider does not belong to a sign-in that this browser began."""

    code = "SIGN_IN_STALE"
    status = 400


class SignInRefusedError(WeirError):
    """The provider knows them, and here they may not come in."""

    code = "SIGN_IN_REFUSED"
    status = 403


# ---- accounts, passwords, sessions ----


class SignInWrongError(WeirError):
    """Address and password do not belong together; which of them is wrong is not told."""

    code = "SIGN_IN_WRONG"
    status = 401


class PasswordRefusedError(WeirError):
    """The password is too short, too common, or the address itself."""

    code = "PASSWORD_REFUSED"
    status = 422


class LinkSpentError(WeirError):
    """The link was used already, is too old, or never was one."""

    code = "LINK_SPENT"
    status = 410


class AccountExistsError(WeirError):
    """There is an account with this address."""

    code = "ACCOUNT_EXISTS"
    status = 409


class RegistrationClosedError(WeirError):
    """This installation makes no accounts in this way."""

    code = "REGISTRATION_CLOSED"
    status = 403


class PersonRequiredError(WeirError):
    """This is for people who are signed in, and the caller is an API key."""

    code = "PERSON_REQUIRED"
    status = 403


class SessionNotFoundError(WeirError):
    """The caller has no such session."""

    code = "SESSION_NOT_FOUND"
    status = 404


class SessionOverError(WeirError):
    """The refresh token does not count: its session is over, or it is none."""

    code = "SESSION_OVER"
    status = 401


class CsrfRefusedError(WeirError):
    """A browser's request that changes something does not show that a page of ours made it."""

    code = "CSRF_REFUSED"
    status = 403


class TenantSuspendedError(WeirError):
    """The tenant is suspended: nothing of it is answered."""

    code = "TENANT_SUSPENDED"
    status = 403


# ---- limits ----


class RateLimitedError(WeirError):
    """The tenant, or the address that asks, has used up a limit; `retry_s` says for how long."""

    code = "RATE_LIMITED"
    status = 429

    def __init__(self, message: str, *, retry_s: int, details: Any = None) -> None:
        super().__init__(message, details=details)
        self.retry_s = retry_s


class QuotaExceededError(WeirError):
    """The tenant has as much of something as it may have, or has used up what a day gives."""

    code = "QUOTA_EXCEEDED"
    status = 403


# ---- guessing ----


class TooManyGuessesError(RateLimitedError):
    """Too many wrong guesses for this account or from this address; `Retry-After` says when."""

    code = "TOO_MANY_GUESSES"


# ---- tenants, people and keys ----


class TenantNotFoundError(WeirError):
    """The installation has no such tenant."""

    code = "TENANT_NOT_FOUND"
    status = 404


class TenantExistsError(WeirError):
    """There is, or was, a tenant of that name."""

    code = "TENANT_EXISTS"
    status = 409


class ProjectExistsError(WeirError):
    """The tenant has a project of that name."""

    code = "PROJECT_EXISTS"
    status = 409


class ProjectNotEmptyError(WeirError):
    """Something still belongs to the project."""

    code = "PROJECT_NOT_EMPTY"
    status = 409


class MemberNotFoundError(WeirError):
    """Nobody of that id is a member of the tenant."""

    code = "MEMBER_NOT_FOUND"
    status = 404


class MemberExistsError(WeirError):
    """They are a member already."""

    code = "MEMBER_EXISTS"
    status = 409


class MemberElsewhereError(WeirError):
    """They are a member of other tenants too, over which this one has no say."""

    code = "MEMBER_ELSEWHERE"
    status = 409


class MemberInvitedError(WeirError):
    """They have not taken up their invitation yet, or long have."""

    code = "MEMBER_INVITED"
    status = 409


class LastAdminError(WeirError):
    """Nobody would be left who may administer the tenant."""

    code = "LAST_ADMIN"
    status = 409


class RoleTooHighError(WeirError):
    """Nobody gives more than they may themselves."""

    code = "ROLE_TOO_HIGH"
    status = 403


class GroupNotFoundError(WeirError):
    """The tenant has no such group."""

    code = "GROUP_NOT_FOUND"
    status = 404


class GroupExistsError(WeirError):
    """The tenant has a group of that name."""

    code = "GROUP_EXISTS"
    status = 409


class ServiceAccountNotFoundError(WeirError):
    """The tenant has no such service account."""

    code = "SERVICE_ACCOUNT_NOT_FOUND"
    status = 404


class ApiKeyNotFoundError(WeirError):
    """The tenant has no such API key, or not for who asks."""

    code = "API_KEY_NOT_FOUND"
    status = 404


class LimitReachedError(WeirError):
    """There are as many of these as there may be."""

    code = "LIMIT_REACHED"
    status = 409


# ---- mail ----


class MailFailedError(WeirError):
    """The mail server does not take a mail; nothing else depends on it."""

    code = "MAIL_FAILED"
    status = 503
