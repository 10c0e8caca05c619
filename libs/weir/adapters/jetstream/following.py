"""A contiguous reading (log-protocol P1), on a consumer of its own without acknowledgements.

The consumer is thrown away and made anew behind the last message taken in
whenever its numbers show a hole, its heartbeats stop, the connection was lost
or the broker dropped it. The reader notices nothing but the pause.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from secrets import token_hex
from typing import Any

from weir.adapters.contiguity import Contiguity
from weir.adapters.jetstream.api import SOON_S, call
from weir.adapters.jetstream.delivered import position, stored
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.pull import Pull, Reader
from weir.adapters.jetstream.refusals import (
    FILTER_OUTSIDE_STREAM,
    FILTERS_OVERLAP,
    STREAM_NOT_FOUND,
)
from weir.contract.errors import RolledBackError, UnavailableError, WeirError
from weir.ports.log import Stored

BUFFER = 1000
BUFFER_BYTES = 4 * 1024 * 1024
_IDLE_S = 60
_PAUSE_S = 0.05
_MAX_PAUSE_S = 1.0
_SHORT_TIMES = 5
# A leader that was cut off answers from its past until it gives up, and others take time to elect.
_SHORT_S = 30.0
_FINAL = frozenset({STREAM_NOT_FOUND, FILTERS_OVERLAP, FILTER_OUTSIDE_STREAM})


class JetStreamFollowing:
    """An endless reading of one stream. Ended by `close`, or by the error its iteration raises."""

    def __init__(
        self, link: Link, stream: str, filters: Sequence[str], after: int, rest_s: float
    ) -> None:
        self._link = link
        self._stream = stream
        self._filters = list(filters)
        self._rest_s = rest_s
        self._order = Contiguity(after)
        self._buffer: list[Stored] = []
        self._bytes = 0
        self._waiting: asyncio.Future[None] | None = None
        self._error: WeirError | None = None
        self._open = True
        self._consumer = ""
        self._pull: Pull | None = None
        self._beginning = asyncio.ensure_future(self._begin())

    def __aiter__(self) -> AsyncIterator[Sequence[Stored]]:
        return self

    async def __anext__(self) -> Sequence[Stored]:
        while True:
            if self._buffer:
                batch, self._buffer, self._bytes = self._buffer, [], 0
                if self._pull is not None:
                    self._pull.refill()
                return batch
            if self._error is not None:
                raise self._error
            if not self._open:
                raise StopAsyncIteration
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    async def close(self) -> None:
        """End the reading and drop its consumer."""
        self._open = False
        self._buffer.clear()
        self._beginning.cancel()
        self._drop()
        self._wake()

    async def _begin(self) -> None:
        pause_s, short = _PAUSE_S, _Short()
        while self._open:
            try:
                await self._check_end(short)
                await self._create()
            except RolledBackError as gone:
                self._error = gone
                self._wake()
                return
            except UnavailableError as missing:
                if self._link.is_closed or getattr(missing, "err_code", 0) in _FINAL:
                    self._error = missing
                    self._wake()
                    return
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _MAX_PAUSE_S)
            else:
                return

    async def _check_end(self, short: _Short) -> None:
        """The log must reach as far as was read; a new leader may take a moment to show it."""
        after = self._order.position
        if not after:
            return
        info = await call(self._link, f"STREAM.INFO.{self._stream}", timeout_s=SOON_S)
        last = info["state"]["last_seq"]
        if last >= after:
            return
        text = (
            f"{self._stream} ends at {last}, but {after} was already read from it: "
            "messages were lost with the broker's disk; rebuild from the archive"
        )
        if short.is_final(several=info["config"]["num_replicas"] > 1):
            raise RolledBackError(text)
        raise UnavailableError(text)

    async def _create(self) -> None:
        self._consumer = f"reading_{token_hex(8)}"
        after = self._order.restart()
        config: dict[str, Any] = {
            "name": self._consumer,
            "ack_policy": "none",
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": after + 1,
            "max_deliver": -1,
            "inactive_threshold": _IDLE_S * 1_000_000_000,
            "mem_storage": True,
            "num_replicas": 1,
        }
        name = f"CONSUMER.CREATE.{self._stream}.{self._consumer}"
        if len(self._filters) == 1:
            config["filter_subject"] = self._filters[0]
            name = f"{name}.{self._filters[0]}"
        else:
            config["filter_subjects"] = self._filters
        request = {"stream_name": self._stream, "config": config}
        await call(self._link, name, request, timeout_s=SOON_S)
        reader = Reader(self._room, self._take, self._heartbeat, self._again)
        self._pull = Pull(
            self._link, self._stream, self._consumer, BUFFER, reader, rest_s=self._rest_s
        )

    def _room(self) -> int:
        return 0 if self._bytes >= BUFFER_BYTES else BUFFER - len(self._buffer)

    def _take(self, reply: bytes, subject: bytes, header: bytes, data: bytes) -> None:
        where = position(reply)
        if not self._order.accept(where.consumer_seq, where.stream_seq):
            self._again(f"delivery {where.consumer_seq} came out of turn")
            return
        self._buffer.append(stored(where, subject, header, data))
        self._bytes += len(data)
        self._wake()

    def _heartbeat(self, last: int) -> None:
        if not self._order.has_all(last):
            self._again("a delivery is missing")

    def _again(self, _why: str) -> None:
        self._drop()
        if self._open:
            self._beginning = asyncio.ensure_future(self._begin())

    def _drop(self) -> None:
        if self._pull is not None:
            self._pull.stop()
            self._pull = None
            self._link.tell(f"$JS.API.CONSUMER.DELETE.{self._stream}.{self._consumer}", b"")

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class _Short:
    """How often, and since when, the log ended before what was read."""

    def __init__(self) -> None:
        self._times = 0
        self._since = 0.0

    def is_final(self, *, several: bool) -> bool:
        """It was short once more; whether that will not pass. `several` nodes hold the stream."""
        now = asyncio.get_running_loop().time()
        if not self._times:
            self._since = now
        self._times += 1
        return self._times > _SHORT_TIMES and (not several or now - self._since >= _SHORT_S)
