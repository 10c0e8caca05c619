"""What a run's steps say while they work, beside its frames on one socket.

It comes from workers as they say it, in no order with what the log tells, and
what a peer is too slow for is left out: its number is missing then. A frame
goes by the mark of the run's last one, so that resuming behind it is right.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.query.frames import STREAM, Watched, frame
from services.query.peer import GoneError, Peer
from weir.contract import subjects
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.ports.live import Live

MESSAGE = 72 * 1024  # bytes; workers send less
HELD = 256 * 1024  # bytes of a run that wait for a peer
ALL_HELD = 64 * 1024 * 1024  # and of all runs for all peers of this process

Counted = Annotated[int, Field(ge=0)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    attempt: Counted
    number: Counted
    dropped: Counted
    chunks: list[Any]


class Stream:
    """What is said in one run, for one peer. `mark` is that of the run's last frame."""

    def __init__(
        self, key: RunKey, peer: Peer, clock: Clock, held: Counter[str], mark: int
    ) -> None:
        self.mark = mark
        self._key = key
        self._peer = peer
        self._clock = clock
        self._held: deque[bytes] = deque()
        self._all = held
        self._size = 0
        self._some = asyncio.Event()

    def hear(self, _: str, data: bytes) -> None:
        """Take what was said, unless too much waits."""
        size = len(data)
        if size > MESSAGE or self._size + size > HELD or self._all["bytes"] + size > ALL_HELD:
            return
        self._held.append(data)
        self._count(size)
        self._some.set()

    async def show(self) -> None:
        """Send it as it comes, until the peer is gone."""
        with suppress(GoneError):
            while True:
                await self._some.wait()
                data = self._held.popleft()
                if not self._held:
                    self._some.clear()
                with suppress(ValueError):
                    await self._peer.show([self._watched(data)])
                self._count(-len(data))

    def close(self) -> None:
        """What waits is not shown any more."""
        self._count(-self._size)

    def _count(self, size: int) -> None:
        self._size += size
        self._all["bytes"] += size

    def _watched(self, data: bytes) -> Watched:
        try:
            said = _Said.model_validate(orjson.loads(data))
        except ValidationError as error:
            raise ValueError("a worker of another version") from error
        now = self._clock.now_ms()
        told = said.model_dump(exclude={"step"})
        run_id = self._key.run_id
        shown = frame(STREAM, run_id, told, seq=self.mark, at_ms=now, step=said.step)
        return Watched(self.mark, shown)


class Streams:
    """Listens for runs."""

    def __init__(self, live: Live, clock: Clock) -> None:
        self._live = live
        self._clock = clock
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, key: RunKey, peer: Peer, mark: int) -> AsyncIterator[Stream]:
        """Show what is said in a run for as long as this is open. UnavailableError."""
        stream = Stream(key, peer, self._clock, self._held, mark)
        subject = subjects.step_stream(key.tenant, key.run_id)
        listening = await self._live.listen(subject, stream.hear)
        showing = asyncio.create_task(stream.show(), name="stream")
        try:
            yield stream
        finally:
            await listening.close()
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
            stream.close()
