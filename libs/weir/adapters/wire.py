"""How an append looks to the broker: its headers, and its size against the broker's limit."""

from __future__ import annotations

from collections.abc import Sequence

from weir.contract import times
from weir.contract.errors import TooLargeError
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
_PREAMBLE = "NATS/1.0\r\n"


def header_block(append: Append, *extra: tuple[str, str]) -> bytes:
    """The header as bytes, empty if there is none; ValueError if a value holds a line break."""
    lines = [(name, value) for name, value in header_items(append)]
    lines += extra
    if not lines:
        return b""
    block = "".join(f"{name}: {value}\r\n" for name, value in lines)
    if block.count("\n") != len(lines) or block.count("\r") != len(lines):
        raise ValueError(f"a header of {append.subject} holds a line break")
    return f"{_PREAMBLE}{block}\r\n".encode()


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
    return items


def check_size(append: Append, header: bytes, limit: int = MAX_PAYLOAD) -> None:
    """TooLargeError beyond the limit: the server would cut the connection, not answer."""
    size = len(header) + len(append.data)
    if size > limit:
        raise TooLargeError(
            f"the message for {append.subject} has {size} bytes, the broker takes {limit}: "
            "keep large values by reference",
            details={"subject": append.subject, "size": size, "limit": limit},
        )


def check_batch(appends: Sequence[Append]) -> None:
    """ValueError for what no broker takes as one batch.

    An expectation on a subject that the batch itself has written before can
    never hold: the broker checks all of a batch against what was stored before it.
    """
    if len(appends) > MAX_BATCH:
        raise ValueError(f"an atomic batch holds at most {MAX_BATCH} messages, not {len(appends)}")
    written: set[str] = set()
    for append in appends:
        fence = append.subject if append.expect_on is None else append.expect_on
        if append.expect is not None and fence in written:
            raise ValueError(f"the batch writes {fence} before expecting a sequence on it")
        written.add(append.subject)
