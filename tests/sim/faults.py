"""Faults between the engine and the broker, drawn from one seeded generator.

Everything a process does to the log goes through `FaultyLog`, so each
interleaving that log-protocol.md names can happen: the request lost, the
answer lost, both late, appends of a pipelined batch stored apart from each
other, a duplicate of a fact. Each fault that happens is counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from weir.contract.errors import ConflictError, OutcomeUnknownError, UnavailableError
from weir.ports.live import Live
from weir.ports.log import Append, Following, Log, Stored


@dataclass
class Faults:
    """How likely what is, and how often it happened. `calm` switches all of it off."""

    random: Random
    lost_request: float = 0.02
    lost_ack: float = 0.02
    unavailable: float = 0.02
    duplicate: float = 0.05
    slow: float = 0.1
    lost_delivery: float = 0.04
    lost_schedule: float = 0.2
    torn: float = 0.1
    freeze: float = 0.01
    calm: bool = False
    counts: Counter[str] = field(default_factory=Counter)

    def happens(self, fault: str) -> bool:
        """Whether the fault strikes now."""
        if self.calm or self.random.random() >= getattr(self, fault):
            return False
        self.counts[fault] += 1
        return True

    async def pause(self) -> None:
        """Time passes on the way: a little, or much, so that writers overtake each other."""
        if self.happens("slow"):
            await asyncio.sleep(self.random.choice((0.01, 0.1, 1.0, 3.0)) * self.random.random())
        else:
            await asyncio.sleep(0.0001 + 0.0004 * self.random.random())


class FaultyLog:
    """A log port that loses, delays and repeats. `paused` makes its process a zombie."""

    def __init__(self, inner: Log, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults
        self.awake = asyncio.Event()
        self.awake.set()

    def freeze(self, seconds: float) -> None:
        """The process stands still, with whatever it was about to do, and goes on later."""
        self.awake.clear()
        asyncio.get_running_loop().call_later(seconds, self.awake.set)

    async def append(self, append: Append) -> int:
        """Store one message."""
        (result,) = await self.append_all([append])
        if isinstance(result, Exception):
            raise result
        return result

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """Store each, apart from the others."""
        faults = self._faults
        if faults.happens("freeze"):
            self.freeze(3 + 7 * faults.random.random())
        await self._way()
        results: list[int | Exception] = []
        lost = faults.random.randrange(len(appends)) if len(appends) > 1 else -1
        if lost >= 0 and not faults.happens("torn"):
            lost = -1
        for place, append in enumerate(appends):
            if place == lost:
                results.append(OutcomeUnknownError("torn out by the simulation"))
            elif faults.happens("unavailable"):
                results.append(UnavailableError("refused by the simulation"))
            elif faults.happens("lost_request"):
                results.append(OutcomeUnknownError("request lost by the simulation"))
            elif append.schedule is not None and faults.happens("lost_schedule"):
                results.append(UnavailableError("schedule refused by the simulation"))
            else:
                results.append(await self._store(append))
            if faults.happens("slow"):
                await asyncio.sleep(faults.random.random() * 0.2)
        await self._way()
        return results

    async def _store(self, append: Append) -> int | Exception:
        faults = self._faults
        (result,) = await self._inner.append_all([append])
        if isinstance(result, ConflictError):
            faults.counts["conflict"] += 1
        if isinstance(result, int):
            if append.subject.startswith("lease."):
                faults.counts["lease taken"] += 1
            if append.expect == 0 and append.expect_on is None and faults.happens("duplicate"):
                await self._inner.append_all([append])
            if faults.happens("lost_ack"):
                return OutcomeUnknownError("answer lost by the simulation")
        return result

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """Store all or none."""
        faults = self._faults
        await self._way()
        if faults.happens("unavailable"):
            raise UnavailableError("refused by the simulation")
        if faults.happens("lost_request"):
            raise OutcomeUnknownError("request lost by the simulation")
        result = await self._inner.append_atomic(appends)
        await self._way()
        if faults.happens("lost_ack"):
            raise OutcomeUnknownError("answer lost by the simulation")
        return result

    async def last(self, subject: str) -> Stored | None:
        """Late, never wrong."""
        await self._way()
        return await self._inner.last(subject)

    async def get(self, seq: int) -> Stored | None:
        """Late, never wrong."""
        await self._way()
        return await self._inner.get(seq)

    async def read(
        self, subject: str, *, after: int = 0, upto: int | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """History, slowly."""
        await self._way()
        async for batch in self._inner.read(subject, after=after, upto=upto):
            yield batch
            await self.awake.wait()

    def follow(
        self, subjects: str | Sequence[str], *, after: int = 0, rest_s: float = 0.0
    ) -> Following:
        """A reading that stops while the process does."""
        return _Following(self._inner.follow(subjects, after=after, rest_s=rest_s), self.awake)

    async def count(self, subject: str, *, after: int = 0) -> int:
        """Late, never wrong."""
        await self._way()
        return await self._inner.count(subject, after=after)

    async def before(self, at_ms: int) -> int:
        """Late, never wrong."""
        await self._way()
        return await self._inner.before(at_ms)

    async def purge(
        self, subject: str, *, below: int | None = None, keep: int | None = None
    ) -> None:
        """Late, never wrong."""
        await self._way()
        await self._inner.purge(subject, below=below, keep=keep)

    async def discard(self, below: Mapping[str, int]) -> None:
        """In two parts, with all that can happen between them."""
        await self._way()
        half: dict[str, int] = {}
        for one, seq in below.items():
            lies = [m.seq async for part in self._inner.read(one, upto=seq - 1) for m in part]
            if lies:
                half[one] = lies[len(lies) // 2]
        await self._inner.discard(half)
        if half:
            await asyncio.sleep(0.05)
            await self.awake.wait()
        await self._inner.discard(below)

    async def last_seq(self) -> int:
        """Late, never wrong."""
        await self._way()
        return await self._inner.last_seq()

    async def incarnation(self) -> str:
        """Late, never wrong."""
        await self._way()
        return await self._inner.incarnation()

    async def _way(self) -> None:
        await self._faults.pause()
        await self.awake.wait()


class FrozenLive:
    """Core subjects of a process that can stand still: it tells nothing meanwhile."""

    def __init__(self, inner: Live, awake: asyncio.Event) -> None:
        self._inner = inner
        self._awake = awake
        self.listen = inner.listen
        self.on_reconnect = inner.on_reconnect

    async def publish(self, subject: str, data: bytes) -> None:
        """Tell, once awake."""
        await self._awake.wait()
        await self._inner.publish(subject, data)

    async def reaches(self, subject: str, data: bytes) -> bool:
        """Tell, once awake."""
        await self._awake.wait()
        return await self._inner.reaches(subject, data)


class _Following:
    """A reading that stands still while its process does."""

    def __init__(self, inner: Following, awake: asyncio.Event) -> None:
        self._inner = inner
        self._batches = inner.__aiter__()
        self._awake = awake

    def __aiter__(self) -> AsyncIterator[Sequence[Stored]]:
        return self

    async def __anext__(self) -> Sequence[Stored]:
        batch = await self._batches.__anext__()
        await self._awake.wait()
        return batch

    async def close(self) -> None:
        """End the reading."""
        await self._inner.close()
