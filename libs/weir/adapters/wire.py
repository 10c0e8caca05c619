"""How an append looks to the broker: its headers, its size, and what the broker would refuse.

Checked here, before anything is sent, so that every adapter refuses alike: the
real server answers a bad subject line or a message over its limit by closing
the connection.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from weir.contract import times
from weir.contract.errors import RefusedError, TooLargeError
from weir.ports.log import Append

EXPECTED = "Nats-Expected-Last-Subject-Sequence"
EXPECTED_ON = "Nats-Expected-Last-Subject-Sequence-Subject"
MSG_ID = "Nats-Msg-Id"
ROLLUP = "Nats-Rollup"
TTL = "Nats-TTL"
SCHEDULE = "Nats-Schedule"
SCHEDULE_TARGET = "Nats-Schedule-Target"
SCHEDULER = "Nats-Scheduler"
SCHEDULE_NEXT = "Nats-Schedule-Next"

MAX_PAYLOAD = 1024 * 1024
MAX_BATCH = 1000
MAX_SUBJECT = 1024
_PREAMBLE = "NATS/1.0\r\n"
_NAME = re.compile(r"[!-9;-~]{1,256}").fullmatch
_OURS = "nats-"  # headers by which the broker is told something
_LITERAL = re.compile(r"[^\s.*>\x00-\x1f]+(?:\.[^\s.*>\x00-\x1f]+)*").fullmatch


def header_items(append: Append) -> list[tuple[str, str]]:
    """Name and value of each header of an append."""
    items: list[tuple[str, str]] = []
    if append.expect is not None:
        items.append((EXPECTED, str(append.expect)))
        if append.expect_on is not None:
            items.append((EXPECTED_ON, append.expect_on))
    if append.msg_id is not None:
        items.append((MSG_ID, append.msg_id))
    if append.schedule is not None:
        items.append((SCHEDULE, f"@at {times.from_ms(append.schedule.at_ms)}"))
        items.append((SCHEDULE_TARGET, append.schedule.target))
    if append.rollup:
        items.append((ROLLUP, "sub"))
    if append.ttl_s is not None:
        items.append((TTL, str(append.ttl_s)))
    items += append.headers
    return items


def header_block(append: Append, *extra: tuple[str, str], limit: int = MAX_PAYLOAD) -> bytes:
    """The header as bytes, empty if there is none; RefusedError or TooLargeError (see above)."""
    _check(append)
    if append[4:] == _PLAIN and not extra:
        header = _expectation(append.expect, append.expect_on)
    else:
        header = _block(*header_items(append), *extra)
    size = len(header) + len(append.data)
    if size > limit:
        raise TooLargeError(
            f"the message for {append.subject} has {size} bytes, the broker takes {limit}: "
            "keep large values by reference",
            details={"subject": append.subject, "size": size, "limit": limit},
        )
    return header


def _block(*items: tuple[str, str]) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in items]
    return f"{_PREAMBLE}{''.join(lines)}\r\n".encode() if lines else b""


@lru_cache(maxsize=4096)
def _expectation(expect: int | None, expect_on: str | None) -> bytes:
    """Most appends of an owner, and all starts, carry the same few expectations and no more."""
    return _block(*header_items(Append("", b"", expect, expect_on)))


_PLAIN = Append("", b"")[4:]


@lru_cache(maxsize=4096)
def _check_fence(subject: str) -> None:
    """The same few lease subjects are named by every append of an owner."""
    check_literal(subject)


def check_literal(subject: str) -> None:
    """RefusedError unless messages can be stored on this subject."""
    if len(subject) > MAX_SUBJECT or _LITERAL(subject) is None:
        raise RefusedError(
            f"{subject[:MAX_SUBJECT]!r} is no subject to store on: tokens joined by dots, without "
            f"spaces or wildcards, at most {MAX_SUBJECT} characters"
        )


def check_batch(appends: Sequence[Append]) -> None:
    """RefusedError for what no broker takes as one batch.

    An expectation on a subject that the batch itself has written before can
    never hold: the broker checks all of a batch against what was stored before it.
    """
    if len(appends) > MAX_BATCH:
        raise RefusedError(f"a batch holds at most {MAX_BATCH} messages, not {len(appends)}")
    written: set[str] = set()
    for append in appends:
        fence = append.subject if append.expect_on is None else append.expect_on
        if append.expect is not None and fence in written:
            raise RefusedError(f"the batch writes {fence} before expecting a sequence on it")
        written.add(append.subject)


def _check(append: Append) -> None:
    check_literal(append.subject)
    if append.expect_on is not None:
        _check_fence(append.expect_on)
    if append.msg_id is not None and ("\n" in append.msg_id or "\r" in append.msg_id):
        raise RefusedError(f"the message id for {append.subject} holds a line break")
    for name, text in append.headers:
        if not _NAME(name) or name.lower().startswith(_OURS) or "\n" in text or "\r" in text:
            raise RefusedError(f"{name[:64]!r} is no header for {append.subject}")
    if append.ttl_s is not None and append.ttl_s < 1:
        raise RefusedError(f"{append.subject} cannot live {append.ttl_s} s: 1 s is the least")
    if append.schedule is not None:
        check_literal(append.schedule.target)
        if append.schedule.target == append.subject:
            raise RefusedError(f"the timer {append.subject} cannot fire onto itself")
