"""Every error code of the platform, and the exceptions that carry them.

A code is stable and has a page in docs/errors; a test keeps both lists equal.
Refusals that a caller must handle are values; these exceptions are for what
ends a request or a step.
"""

from __future__ import annotations

from typing import Any, ClassVar


class WeirError(Exception):
    """Base of all: `code` is stable, `message` says what to do next, `status` is HTTP's."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, details: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class ConflictError(WeirError):
    """The stored sequence is another than expected; `current` is the broker's, 0 if unknown."""

    code = "LOG_CONFLICT"
    status = 409

    def __init__(self, message: str, *, current: int = 0) -> None:
        super().__init__(message)
        self.current = current


class OutcomeUnknownError(WeirError):
    """The append may or may not be stored (timeout, lost connection): never repeat it blindly."""

    code = "OUTCOME_UNKNOWN"
    status = 503


class UnavailableError(WeirError):
    """The append is not stored; trying again later can help."""

    code = "UNAVAILABLE"
    status = 503


class TooLargeError(WeirError):
    """Header and body exceed what the broker takes."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413


class RefusedError(WeirError):
    """The message or batch itself is not acceptable to the broker: repeating cannot help (P9)."""

    code = "APPEND_REFUSED"
    status = 422


class RolledBackError(WeirError):
    """The log ends before what was already read from it: the broker lost stored messages (P8)."""

    code = "LOG_ROLLED_BACK"
    status = 503


class BrokerTooOldError(WeirError):
    """The NATS server lacks what Weir needs."""

    code = "BROKER_TOO_OLD"
    status = 503


class ShardsMismatchError(WeirError):
    """The run log was made with another number of shards; it is fixed for ever (P22)."""

    code = "SHARDS_MISMATCH"
    status = 503


class VersionNotFoundError(WeirError):
    """This tenant has no such published version."""

    code = "VERSION_NOT_FOUND"
    status = 404


# -- the HTTP edge ------------------------------------------------------------


class UnauthorizedError(WeirError):
    """No API key, or one that is unknown, wrong, expired or revoked; which of them is not told."""

    code = "UNAUTHORIZED"
    status = 401


class ForbiddenError(WeirError):
    """The key's role does not allow this."""

    code = "FORBIDDEN"
    status = 403


class TenantForbiddenError(WeirError):
    """`X-Tenant-ID` names a tenant the key does not belong to."""

    code = "TENANT_FORBIDDEN"
    status = 403


class OriginForbiddenError(WeirError):
    """A browser's page of another origin asked for a socket."""

    code = "ORIGIN_FORBIDDEN"
    status = 403


class RouteNotFoundError(WeirError):
    """No route has this path."""

    code = "ROUTE_NOT_FOUND"
    status = 404


class MethodNotAllowedError(WeirError):
    """The path exists, but not with this method."""

    code = "METHOD_NOT_ALLOWED"
    status = 405


class BadRequestError(WeirError):
    """The HTTP request itself cannot be read."""

    code = "BAD_REQUEST"
    status = 400


class InvalidJsonError(WeirError):
    """The body is no JSON (or YAML, where that is taken), or nested too deep."""

    code = "INVALID_JSON"
    status = 400


class InvalidParameterError(WeirError):
    """A query parameter or header has a form that cannot be read."""

    code = "INVALID_PARAMETER"
    status = 400


class InvalidRequestError(WeirError):
    """The body was read and is wrong; `details.errors` says where."""

    code = "INVALID_REQUEST"
    status = 422


class BodyTooLargeError(WeirError):
    """The body is larger than this route takes."""

    code = "BODY_TOO_LARGE"
    status = 413


class UnsupportedMediaTypeError(WeirError):
    """The body is of a type this route does not read."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415


class RequestTimeoutError(WeirError):
    """The body did not arrive in time."""

    code = "REQUEST_TIMEOUT"
    status = 408


class AnswerTimeoutError(WeirError):
    """The answer was not ready in time; what was asked for may still happen."""

    code = "ANSWER_TIMEOUT"
    status = 504


class PreconditionRequiredError(WeirError):
    """A change of a shared thing needs `If-Match`."""

    code = "PRECONDITION_REQUIRED"
    status = 428


class RevisionMismatchError(WeirError):
    """The thing was changed since the revision in `If-Match`."""

    code = "REVISION_MISMATCH"
    status = 412


class IdempotencyConflictError(WeirError):
    """The `Idempotency-Key` was used before with another request."""

    code = "IDEMPOTENCY_CONFLICT"
    status = 409


class PortTakenError(WeirError):
    """The address cannot be listened on."""

    code = "PORT_TAKEN"
    status = 503


class OverloadedError(WeirError):
    """More requests wait than this process takes; nothing was stored."""

    code = "OVERLOADED"
    status = 503


class RecordUnreadableError(WeirError):
    """A record of the registry or of the identities cannot be read; the others are not touched."""

    code = "RECORD_UNREADABLE"


# -- workflows, versions, webhooks, credentials ---------------------------------


class WorkflowNotFoundError(WeirError):
    """This tenant has no such workflow."""

    code = "WORKFLOW_NOT_FOUND"
    status = 404


class WorkflowNotPublishedError(WeirError):
    """The workflow has no published version that could run."""

    code = "WORKFLOW_NOT_PUBLISHED"
    status = 409


class DefinitionInvalidError(WeirError):
    """The definition was read and is wrong; `details.errors` locates every problem."""

    code = "DEFINITION_INVALID"
    status = 422


class WebhookNotFoundError(WeirError):
    """There is no such webhook."""

    code = "WEBHOOK_NOT_FOUND"
    status = 404


class WebhookDisabledError(WeirError):
    """The webhook is switched off, or the current version no longer has its trigger."""

    code = "WEBHOOK_DISABLED"
    status = 404


class CredentialNotFoundError(WeirError):
    """This tenant has no credential of that name."""

    code = "CREDENTIAL_NOT_FOUND"
    status = 404


class CredentialExistsError(WeirError):
    """There is a credential of that name already."""

    code = "CREDENTIAL_EXISTS"
    status = 409


class NodeTypeNotFoundError(WeirError):
    """The catalogue has no such node type."""

    code = "NODE_TYPE_NOT_FOUND"
    status = 404


# -- starting runs --------------------------------------------------------------


class SignatureInvalidError(WeirError):
    """The webhook's signature is missing or does not fit the body."""

    code = "SIGNATURE_INVALID"
    status = 401


class TimestampStaleError(WeirError):
    """The signed timestamp lies outside the tolerance."""

    code = "TIMESTAMP_STALE"
    status = 401


class FilterFailedError(WeirError):
    """The webhook's filter could not be evaluated over this delivery."""

    code = "FILTER_FAILED"
    status = 422


class InputInvalidError(WeirError):
    """The input does not fit the workflow's input schema; `details.errors` says where."""

    code = "INPUT_INVALID"
    status = 422


class TriggerUnknownError(WeirError):
    """The start names no trigger, or one that the version does not have."""

    code = "TRIGGER_UNKNOWN"
    status = 422


class RunNotFoundError(WeirError):
    """This tenant has no such run."""

    code = "RUN_NOT_FOUND"
    status = 404


class RunPurgedError(WeirError):
    """The run ended and was removed from the log."""

    code = "RUN_PURGED"
    status = 410


class RunEndedError(WeirError):
    """The run has ended: nothing can be told to it any more."""

    code = "RUN_ENDED"
    status = 409


class StepNotWaitingError(WeirError):
    """The step does not wait for what was sent to it."""

    code = "STEP_NOT_WAITING"
    status = 409


class LetterNotFoundError(WeirError):
    """This tenant has no such dead letter."""

    code = "LETTER_NOT_FOUND"
    status = 404


class LetterNotOpenError(WeirError):
    """Somebody has dealt with the dead letter already, or its run went on by itself."""

    code = "LETTER_NOT_OPEN"
    status = 409


class LetterNotRetryableError(WeirError):
    """What the dead letter wanted cannot be read, so it cannot be done again."""

    code = "LETTER_NOT_RETRYABLE"
    status = 409


class NothingToRetryError(WeirError):
    """The run has neither failed nor was it cancelled, so there is nothing to retry."""

    code = "NOTHING_TO_RETRY"
    status = 409


class StepNotReachedError(WeirError):
    """The run, or the version it is to go on with, does not have that step."""

    code = "STEP_NOT_REACHED"
    status = 422


class ForkTooLargeError(WeirError):
    """What a new run would take over does not fit its first message."""

    code = "FORK_TOO_LARGE"
    status = 422


# -- starting and keeping -----------------------------------------------------


class SettingsInvalidError(WeirError):
    """A setting cannot be used; the message names it, its source and what it should be."""

    code = "SETTINGS_INVALID"


class DataDirInUseError(WeirError):
    """Another platform runs on this data directory."""

    code = "DATA_DIR_IN_USE"
    status = 409


class ServerFailedError(WeirError):
    """An embedded NATS server or Postgres did not start, or ended by itself."""

    code = "SERVER_FAILED"
    status = 503


class KeyFileInvalidError(WeirError):
    """The key file of the secrets is missing, unreadable or has another form."""

    code = "KEY_FILE_INVALID"


class SecretUnreadableError(WeirError):
    """A sealed secret cannot be opened: its key is not in the key file, or it was tampered with."""

    code = "SECRET_UNREADABLE"


# ---- views, archive ----


class SchemaMismatchError(WeirError):
    """The database's schema was made by another version of Weir than this one."""

    code = "SCHEMA_MISMATCH"
    status = 503


class ProjectionMismatchError(WeirError):
    """The log is not the one that the views were made from; they must be rebuilt."""

    code = "PROJECTION_MISMATCH"
    status = 503


class ViewsBehindError(WeirError):
    """The views have not reached `min_sequence` in time."""

    code = "VIEWS_BEHIND"
    status = 503


class ArchiveDamagedError(WeirError):
    """An archived run cannot be read as it was written."""

    code = "ARCHIVE_DAMAGED"


class SubscriptionLimitError(WeirError):
    """A socket shows as many runs as it may."""

    code = "TOO_MANY_SUBSCRIPTIONS"
    status = 429


class SocketLimitError(WeirError):
    """A key holds as many sockets open as it may."""

    code = "TOO_MANY_SOCKETS"
    status = 429


class BlobNotFoundError(WeirError):
    """The run refers to no such value, or the value is gone."""

    code = "BLOB_NOT_FOUND"
    status = 404


# ---- clients ----


class PlatformUnreachableError(WeirError):
    """No platform runs here, or the one that is named does not answer."""

    code = "PLATFORM_UNREACHABLE"
    status = 503
