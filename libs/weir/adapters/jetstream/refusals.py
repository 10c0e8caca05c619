"""What the broker answers, as the errors of the port."""

from __future__ import annotations

from typing import Any

import orjson

from weir.contract.errors import (
    ConflictError,
    RefusedError,
    TooLargeError,
    UnavailableError,
    WeirError,
)
from weir.ports.log import Append

WRONG_LAST_SEQUENCE = 10071
IN_FLIGHT = 10164
DUPLICATE_IN_BATCH = 10201
TOO_MANY_BATCHES = 10210
INCOMPLETE_BATCH = 10176
NO_MESSAGE = 10037
NOT_DELETED = 10057  # it is gone already
STREAM_NOT_FOUND = 10059
FILTERS_OVERLAP = 10138
FILTER_OUTSIDE_STREAM = 10093
# A cluster that is being put together, or elects: no answer, or one of these, passes.
_PASSING = frozenset({503, 10004, 10005, 10008, 10009, 10118})
_TOO_LARGE = frozenset({10054, 10097})
_FULL = frozenset({10023, 10047, 10077, 10167, 10002, 10028})
_CLIENT_FAULT = range(400, 500)
_TOO_MANY = 429


class InFlightError(UnavailableError):
    """Another append on the same subject is under way: nothing was stored, and soon it can be."""


class ApiError(UnavailableError):
    """JetStream refused a request of ours that is no append; `err_code` is its number."""

    def __init__(self, message: str, err_code: int) -> None:
        super().__init__(message)
        self.err_code = err_code


def passes(error: UnavailableError) -> bool:
    """Whether a request that failed so is worth sending again: its leader may be elected soon."""
    return not isinstance(error, ApiError) or error.err_code in _PASSING


def sequence(append: Append, header: bytes, data: bytes) -> int | WeirError:
    """What an acknowledgement says: the sequence, or why there is none.

    A repetition of an append that expects a sequence on its own subject is a
    conflict. One node says so; three nodes notice the message id first and
    call it a duplicate.
    """
    subject = append.subject
    if not data:
        status = header[9:12].decode(errors="replace")
        return UnavailableError(
            f"no stream stores {subject} (status {status or 'unknown'}): "
            "JetStream is not ready, or its streams were not set up"
        )
    answer = orjson.loads(data)
    error = answer.get("error")
    if error:
        return refusal(subject, error)
    seq = int(answer["seq"])
    if "duplicate" in answer and append.expect is not None and append.expect_on is None:
        return ConflictError(f"the message for {subject} is stored already", current=seq)
    return seq


def refusal(subject: str, error: dict[str, Any]) -> WeirError:
    """The error that a refused append means."""
    number = int(error.get("err_code", 0))
    text = str(error.get("description", "no reason given"))
    if number == WRONG_LAST_SEQUENCE:
        current = text.rpartition(" ")[2]
        return ConflictError(
            f"the message for {subject} was refused: {text}",
            current=int(current) if current.isdigit() else 0,
        )
    if number == DUPLICATE_IN_BATCH:
        return ConflictError(
            f"the batch with {subject} repeats a message id: it may be stored already, read it"
        )
    if number == IN_FLIGHT:
        return InFlightError(f"another append is under way where {subject} was to go; repeat it")
    if number in _TOO_LARGE:
        return TooLargeError(f"the broker refused the message for {subject}: {text}")
    code = int(error.get("code", 0))
    if number in _FULL or code not in _CLIENT_FAULT or code == _TOO_MANY:
        return UnavailableError(
            f"the broker cannot store {subject} now: {text} ({number}); nothing was stored"
        )
    return RefusedError(f"the broker refused the message for {subject}: {text} ({number})")
