"""One stream in memory, with the rules of the real broker and nothing asynchronous.

Sequences rise without reuse; an expectation is checked against the last message
of its literal subject; a repeated message id within two minutes stores nothing
and gives the first sequence, but only after the expectation held (so a repeated
first fact is a conflict, as on one node of the real broker); a roll-up replaces
what its subject held; a message with a time to live is gone when it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush

from weir.adapters import wire
from weir.adapters.memory.matching import matcher
from weir.adapters.streams import StreamSpec
from weir.contract.errors import ConflictError
from weir.ports.clock import Clock
from weir.ports.log import Append, Stored


class MemoryStream:
    """Messages in order, by sequence and by subject.

    `stored` is called with each message as it is stored, `removed` with each
    sequence as it goes.
    """

    def __init__(
        self,
        spec: StreamSpec,
        clock: Clock,
        stored: Callable[[MemoryStream, Stored, Append], None],
        removed: Callable[[MemoryStream, Stored], None],
    ) -> None:
        self.spec = spec
        self.last_seq = 0
        self._clock = clock
        self._stored = stored
        self._removed = removed
        self._messages: dict[int, Stored] = {}
        self._by_subject: dict[str, dict[int, None]] = {}
        self._msg_ids: dict[str, tuple[int, int]] = {}
        self._expiring: list[tuple[int, int]] = []
        self._takes = matcher(*spec.subjects)

    def takes(self, subject: str) -> bool:
        """Whether this stream stores that subject."""
        return bool(self._takes(subject))

    def append(self, append: Append) -> int:
        """Store one message, or give the sequence of its first copy; ConflictError."""
        self._expire()
        self._check(append)
        first = self._duplicate(append)
        return self.store(append) if first is None else first

    def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """Store all or nothing; ConflictError also if any message id was seen before."""
        self._expire()
        ids: set[str] = set()
        for append in appends:
            self._check(append)
            if append.msg_id is None:
                continue
            if append.msg_id in ids or self._duplicate(append) is not None:
                raise ConflictError(
                    f"the batch repeats the message id {append.msg_id}: read what is stored"
                )
            ids.add(append.msg_id)
        return [self.store(append) for append in appends]

    def store(self, append: Append, headers: Mapping[str, str] | None = None) -> int:
        """Store without checks (a fired schedule expects nothing)."""
        now = self._clock.now_ms()
        self.last_seq += 1
        seq = self.last_seq
        if append.rollup or append.schedule is not None:
            self.purge(append.subject)
        if headers is None:
            headers = dict(wire.header_items(append))
        message = Stored(seq, append.subject, append.data, now, headers)
        self._messages[seq] = message
        of_subject = self._by_subject.setdefault(append.subject, {})
        of_subject[seq] = None
        if self.spec.newest and len(of_subject) > self.spec.newest:
            self.remove(next(iter(of_subject)))
        if append.msg_id is not None:
            self._msg_ids[append.msg_id] = (seq, now)
        lives_s = append.ttl_s if append.ttl_s is not None else self.spec.max_age_s
        if lives_s:
            heappush(self._expiring, (now + lives_s * 1000, seq))
        self._stored(self, message, append)
        return seq

    def get(self, seq: int) -> Stored | None:
        """One message."""
        self._expire()
        return self._messages.get(seq)

    def last(self, subject: str) -> Stored | None:
        """The last message of a literal subject."""
        self._expire()
        seqs = self._by_subject.get(subject)
        return self._messages[next(reversed(seqs))] if seqs else None

    def matching(self, filters: Sequence[str], after: int, upto: int) -> Iterator[Stored]:
        """What matches any of the filters with after < seq <= upto, in order, as it lies now."""
        self._expire()
        if len(filters) == 1 and filters[0] in self._by_subject:
            seqs = [s for s in self._by_subject[filters[0]] if after < s <= upto]
            yield from (self._messages[seq] for seq in seqs)
            return
        test = matcher(*filters)
        span: Iterable[int] = range(after + 1, upto + 1)
        if upto - after > len(self._messages):  # most of them are gone
            span = [seq for seq in self._messages if after < seq <= upto]
        for seq in span:
            message = self._messages.get(seq)
            if message is not None and test(message.subject):
                yield message

    def purge(self, subject: str, below: int | None = None, keep: int | None = None) -> None:
        """Remove what matches, or what of it lies below a sequence, or all but the newest."""
        self._expire()
        if keep is not None:
            seqs = [one.seq for one in self.matching([subject], 0, self.last_seq)]
            for seq in seqs[: max(0, len(seqs) - keep)]:
                self.remove(seq)
            return
        if subject in self._by_subject:
            subjects = [subject]
        else:
            test = matcher(subject)
            subjects = [each for each in self._by_subject if test(each)]
        for each in subjects:
            for seq in list(self._by_subject[each]):
                if below is None or seq < below:
                    self.remove(seq)

    def remove(self, seq: int) -> None:
        """Remove one message, if it is there."""
        message = self._messages.pop(seq, None)
        if message is None:
            return
        seqs = self._by_subject[message.subject]
        del seqs[seq]
        if not seqs:
            del self._by_subject[message.subject]
        self._removed(self, message)

    def before(self, at_ms: int) -> int:
        """The last sequence that was stored before a time; 0 if there is none."""
        self._expire()
        later = (one.seq for one in self._messages.values() if one.at_ms >= at_ms)
        return min(later, default=self.last_seq + 1) - 1

    def roll_back(self, count: int) -> None:
        """Forget the newest `count` sequences, as a power cut can: they are given out again."""
        floor = max(0, self.last_seq - count)
        for seq in range(self.last_seq, floor, -1):
            self.remove(seq)
        self._msg_ids = {key: at for key, at in self._msg_ids.items() if at[0] <= floor}
        self._expiring = sorted(entry for entry in self._expiring if entry[1] <= floor)
        self.last_seq = floor

    def _check(self, append: Append) -> None:
        if append.expect is None:
            return
        fence = append.subject if append.expect_on is None else append.expect_on
        seqs = self._by_subject.get(fence)
        current = next(reversed(seqs)) if seqs else 0
        if current != append.expect:
            raise ConflictError(
                f"{fence} stands at {current}, not at {append.expect}", current=current
            )

    def _duplicate(self, append: Append) -> int | None:
        oldest = self._clock.now_ms() - self.spec.duplicates_s * 1000
        while self._msg_ids:
            key = next(iter(self._msg_ids))
            if self._msg_ids[key][1] > oldest:
                break
            del self._msg_ids[key]
        known = None if append.msg_id is None else self._msg_ids.get(append.msg_id)
        return None if known is None else known[0]

    def _expire(self) -> None:
        while self._expiring and self._expiring[0][0] <= self._clock.now_ms():
            self.remove(heappop(self._expiring)[1])
