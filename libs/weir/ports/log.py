"""The log: one JetStream stream, as the engine sees it.

Promises of every adapter: sequences rise without reuse within an incarnation;
an append with `expect` is stored only if the last sequence of the literal
subject `expect_on` is exactly that; what `append` returned is stored;
`OutcomeUnknownError` is raised, never a guess, when that cannot be told;
`read` and `follow` yield messages in order and without holes, or raise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol


class Stored(NamedTuple):
    """A message as it lies in the log. `at_ms` is the broker's clock."""

    seq: int
    subject: str
    data: bytes
    at_ms: int
    headers: Mapping[str, str] = MappingProxyType({})


class Schedule(NamedTuple):
    """Makes an append a timer: at `at_ms` its data is stored on `target` and it vanishes itself.

    A due time in the past fires at once. Appending again on the same subject
    replaces the timer; purging the subject cancels it. It may fire late
    (250 ms, seconds at a failover), never early, and its fire checks no expectation.
    """

    at_ms: int
    target: str


class Append(NamedTuple):
    """One message to store. With `expect_on` None the expectation is on `subject` itself."""

    subject: str
    data: bytes
    expect: int | None = None
    expect_on: str | None = None
    msg_id: str | None = None
    schedule: Schedule | None = None
    rollup: bool = False
    ttl_s: int | None = None
    headers: tuple[tuple[str, str], ...] = ()  # for readers; nothing of the broker's own


class Following(Protocol):
    """An endless, contiguous reading. Iterate for batches (never empty); `close` ends it."""

    def __aiter__(self) -> AsyncIterator[Sequence[Stored]]: ...

    async def close(self) -> None:
        """Read no more."""
        ...


class Log(Protocol):
    """A stream."""

    async def append(self, append: Append) -> int:
        """Store one message and return its sequence.

        Raises ConflictError (expectation), TooLargeError, UnavailableError
        (surely not stored), OutcomeUnknownError. A duplicate `msg_id` within the
        broker's window returns the sequence of the first.
        """
        ...

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """Store messages pipelined, each valid alone; the result has one entry per append."""
        ...

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """Store all or none, contiguous. Raises as `append`, for the batch as a whole."""
        ...

    async def last(self, subject: str) -> Stored | None:
        """The last message of a literal subject, read at the leader (never stale)."""
        ...

    async def get(self, seq: int) -> Stored | None:
        """One message by sequence, read at the leader."""
        ...

    def read(
        self, subject: str, *, after: int = 0, upto: int | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """History in order, in batches: messages matching the filter with after < seq <= upto.

        Without `upto` it ends at what was last when the reading began.
        """
        ...

    def follow(
        self, subjects: str | Sequence[str], *, after: int = 0, rest_s: float = 0.0
    ) -> Following:
        """What matches a filter (or any of several) after a sequence, for ever, without holes.

        `rest_s`: so much later it may bring what follows on a message, for fewer and larger
        batches cost less.
        """
        ...

    async def count(self, subject: str, *, after: int = 0) -> int:
        """How many messages behind a sequence match."""
        ...

    async def before(self, at_ms: int) -> int:
        """Behind which sequence all was stored at this time or later, by the broker's clock."""
        ...

    async def purge(
        self, subject: str, *, below: int | None = None, keep: int | None = None
    ) -> None:
        """Remove what matches, what of it lies below a sequence, or all but the newest `keep`.

        All at once; `below` and `keep` exclude each other.
        """
        ...

    async def discard(self, below: Mapping[str, int]) -> None:
        """Remove of each filter what lies below its sequence, from the oldest on.

        Part of it can be left. For what nobody reads any more, because something above it says
        so. It costs the broker less than `purge` where the messages are few.
        """
        ...

    async def last_seq(self) -> int:
        """Sequence of the newest message of the stream, 0 if it never had one."""
        ...

    async def incarnation(self) -> str:
        """Changes whenever stored sequences might have been given out before (P8)."""
        ...
