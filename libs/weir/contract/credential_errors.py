"""Error codes of credentials and the keys they are sealed under; part of the list in `errors`."""

from __future__ import annotations

from weir.contract.errors import UnavailableError, WeirError

# ---- keys ----


class KeyProviderUnavailableError(UnavailableError):
    """Who holds the master key does not answer; what is in memory goes on for minutes."""

    code = "KEY_PROVIDER_UNAVAILABLE"
    status = 503


class KeyProviderRefusedError(WeirError):
    """Who holds the master key says no: the key, the token or the rights are not what is needed."""

    code = "KEY_PROVIDER_REFUSED"
    status = 503


# ---- credentials ----


class CredentialInvalidError(WeirError):
    """The fields do not fit the credential's type."""

    code = "CREDENTIAL_INVALID"
    status = 422


class CredentialTypeNotFoundError(WeirError):
    """There is no such type of credential."""

    code = "CREDENTIAL_TYPE_NOT_FOUND"
    status = 404


class CredentialInUseError(WeirError):
    """Workflows name the credential."""

    code = "CREDENTIAL_IN_USE"
    status = 409


class CredentialForbiddenError(WeirError):
    """The credential is of other projects than the workflow that names it."""

    code = "CREDENTIAL_FORBIDDEN"
    status = 403


class ErrandTimeoutError(WeirError):
    """No worker did in time what only a worker can do."""

    code = "ERRAND_TIMEOUT"
    status = 504


class GrantNotPossibleError(WeirError):
    """The credential is of no type, or holds no fields, with which somebody could be asked."""

    code = "GRANT_NOT_POSSIBLE"
    status = 409
