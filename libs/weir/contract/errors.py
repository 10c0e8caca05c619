"""Every error code of the platform, and the exceptions that carry them.

A code is stable and has a page in docs/errors; a test keeps both lists equal.
Refusals that a caller must handle are values; these exceptions are for what
ends a request or a step.
"""

from __future__ import annotations

from typing import Any, ClassVar


class WeirError(Exception):
    """Base of all. `code` is stable, `message` says what to do next, `status` is its HTTP status."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, details: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class ConflictError(WeirError):
    """The stored sequence is another than expected; `current` is what the broker said, 0 if unknown."""

    code = "LOG_CONFLICT"
    status = 409

    def __init__(self, message: str, *, current: int = 0) -> None:
        super().__init__(message)
        self.current = current


class OutcomeUnknownError(WeirError):
    """The append may or may not be stored (timeout, lost connection). Never append again blindly."""

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


class BrokerTooOldError(WeirError):
    """The NATS server lacks what Weir needs."""

    code = "BROKER_TOO_OLD"
    status = 503


class VersionNotFoundError(WeirError):
    """This tenant has no such published version."""

    code = "VERSION_NOT_FOUND"
    status = 404
