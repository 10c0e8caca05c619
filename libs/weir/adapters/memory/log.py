"""The log port on the memory broker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from weir.adapters import wire
from weir.adapters.memory.broker import Connection
from weir.adapters.memory.following import BATCH, MemoryFollowing
from weir.contract.errors import WeirError
from weir.ports.log import Append, Stored


class MemoryLog:
    """One stream, seen through one connection."""

    def __init__(self, connection: Connection, stream: str) -> None:
        self._connection = connection
        self._name = stream
        self._stream = connection.broker.stream(stream)

    async def append(self, append: Append) -> int:
        """Store one message."""
        return self._append(append)

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """Store each that can be stored."""
        results: list[int | Exception] = []
        for append in appends:
            try:
                results.append(self._append(append))
            except WeirError as refusal:
                results.append(refusal)
        return results

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """Store all or none."""
        self._connection.check()
        for append in appends:
            wire.header_block(append)
        wire.check_batch(appends)
        if len(appends) > 1:
            return self._stream.append_atomic(appends)
        return [self._append(append) for append in appends]

    async def last(self, subject: str) -> Stored | None:
        """The last message of a subject."""
        self._connection.check()
        return self._stream.last(subject)

    async def get(self, seq: int) -> Stored | None:
        """One message."""
        self._connection.check()
        return self._stream.get(seq)

    async def read(
        self, subject: str, *, after: int = 0, upto: int | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """History in batches."""
        end = self._stream.last_seq if upto is None else min(upto, self._stream.last_seq)
        batch: list[Stored] = []
        for message in self._stream.matching([subject], after, end):
            batch.append(message)
            if len(batch) == BATCH:
                yield batch
                self._connection.check()
                batch = []
        self._connection.check()
        if batch:
            yield batch

    def follow(
        self, subjects: str | Sequence[str], *, after: int = 0, rest_s: float = 0.0
    ) -> MemoryFollowing:
        """An endless reading."""
        del rest_s  # being woken costs nothing here
        filters = (subjects,) if isinstance(subjects, str) else tuple(subjects)
        self._connection.check()
        return MemoryFollowing(self._connection, self._name, filters, after)

    async def count(self, subject: str, *, after: int = 0) -> int:
        """How many there are."""
        self._connection.check()
        return sum(1 for _ in self._stream.matching([subject], after, self._stream.last_seq))

    async def before(self, at_ms: int) -> int:
        """The last sequence before a time."""
        self._connection.check()
        return self._stream.before(at_ms)

    async def purge(
        self, subject: str, *, below: int | None = None, keep: int | None = None
    ) -> None:
        """Remove what matches."""
        self._connection.check()
        self._stream.purge(subject, below, keep)

    async def discard(self, below: Mapping[str, int]) -> None:
        """Remove of each filter what lies below its sequence."""
        for one, seq in below.items():
            await self.purge(one, below=seq)

    async def last_seq(self) -> int:
        """The newest sequence ever given."""
        self._connection.check()
        return self._stream.last_seq

    async def incarnation(self) -> str:
        """The broker's start."""
        self._connection.check()
        return f"memory{self._connection.broker.starts}"

    def _append(self, append: Append) -> int:
        self._connection.check()
        wire.header_block(append)
        return self._connection.broker.stream_of(append.subject).append(append)
