"""A continuous pull from one consumer: asks for more before the last request is used up.

What was asked for never exceeds the room its reader has, nor a few megabytes,
so a slow reader bounds its own memory and the broker keeps the rest. A pull is over
(`broken` is called, once) when the connection is lost, the consumer is gone,
or the heartbeats that the broker owes us stop.

A reader that is in no hurry may let a pull rest: it is woken by the first
message after a silence, and takes what else has come by then once in so long,
all at once. Being woken for each message costs both sides several times what
the message does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from weir.adapters.jetstream.delivered import headers, status
from weir.adapters.jetstream.link import Link

HEARTBEAT_S = 3.0
# Before anything was heard: nobody may lead the consumer yet, and nobody then says so.
_FIRST_HEARTBEAT_S = 1.0
_SILENT_BEATS = 2.25
_EXPIRES_S = 30.0
_MAX_BYTES = 4 * 1024 * 1024
_SECOND = 1_000_000_000
_HEARTBEAT = 100
_NO_MESSAGES = 404  # nothing is left for a request that was not to wait


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets what a pull brings.

    `room` says how many messages more it can take; `message` gets reply,
    subject, header and data; `heartbeat` the last consumer sequence sent.
    """

    room: Callable[[], int]
    message: Callable[[bytes, bytes, bytes, bytes], None]
    heartbeat: Callable[[int], None]
    broken: Callable[[str], None]


class Pull:
    """One pull; ended by `stop`. `rest_s`: how long it rests before it asks for more."""

    def __init__(  # noqa: PLR0913 - what is pulled, by whom and how
        self,
        link: Link,
        stream: str,
        consumer: str,
        size: int,
        reader: Reader,
        *,
        rest_s: float = 0.0,
    ) -> None:
        self._link = link
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._size = size
        self._reader = reader
        self._asked = 0
        self._rest_s = rest_s
        self._resting: asyncio.TimerHandle | None = None
        self._waits = True  # whether the last request waits for a message
        self._brought = 0  # by the last one that does not
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._beat_s = _FIRST_HEARTBEAT_S
        self._inbox = link.new_inbox()
        self._sid = link.listen(self._inbox, self._receive)
        link.watch(self._lost)
        self._timer = self._loop.call_later(_SILENT_BEATS * self._beat_s, self._listen_for_silence)
        self._over = False
        self.refill()

    def refill(self) -> None:
        """Ask for as much as there is room, once enough of the last request is used up."""
        room = self._reader.room() - self._asked
        if self._over or room <= 0:
            return
        if self._rest_s:
            if not self._asked and self._resting is None:
                self._ask(1 if self._waits else room)
        elif not self._asked or room * 2 >= self._size:
            self._ask(room)

    def _ask(self, count: int) -> None:
        request: dict[str, int | bool] = {"batch": count, "max_bytes": _MAX_BYTES}
        if self._waits:
            request["expires"] = int(_EXPIRES_S * _SECOND)
            request["idle_heartbeat"] = int(self._beat_s * _SECOND)
        else:
            request["no_wait"] = True
        if not self._asked:
            self._heard = self._loop.time()
        self._asked += count
        self._brought = 0
        self._link.tell(self._next, orjson.dumps(request), self._inbox)

    def _rest(self) -> None:
        self._waits = False
        self._resting = self._loop.call_later(self._rest_s, self._rested)

    def _rested(self) -> None:
        self._resting = None
        self.refill()

    def stop(self) -> None:
        """Take no more; what the broker still sends is dropped."""
        self._over = True
        self._timer.cancel()
        if self._resting is not None:
            self._resting.cancel()
        self._link.unwatch(self._lost)
        self._link.unlisten(self._sid)

    async def finish(self) -> None:
        """Take no more, but hand on what is under way."""
        self._over = True
        await self._link.unlisten_gently(self._sid)
        self.stop()

    def _receive(self, subject: bytes, reply: bytes, header: bytes, data: bytes) -> None:
        self._heard = self._loop.time()
        self._beat_s = HEARTBEAT_S
        if reply:
            self._asked -= 1
            self._brought += 1
            self._reader.message(reply, subject, header, data)
            if self._rest_s and self._waits and not self._asked and not self._over:
                self._rest()
            else:
                self.refill()
            return
        code = status(header)
        told = headers(header)
        if code == _HEARTBEAT:
            self._reader.heartbeat(int(told.get("Nats-Last-Consumer", 0)))
        elif code == _NO_MESSAGES and not self._waits:
            self._asked = 0
            if self._brought:
                self._rest()
            else:
                self._waits = True
                self.refill()
        elif "Nats-Pending-Messages" in told:
            # A request ran out of time or of bytes; the consumer stands.
            self._asked = max(0, self._asked - int(told["Nats-Pending-Messages"]))
            self.refill()
        else:
            self._break(f"the broker ended the delivery (status {code})")

    def _listen_for_silence(self) -> None:
        silent_s = self._loop.time() - self._heard
        longest_s = _SILENT_BEATS * self._beat_s
        if self._asked and silent_s >= longest_s:
            self._break(f"no heartbeat for {silent_s:.1f} s")
            return
        wait_s = longest_s - silent_s if self._asked else longest_s
        self._timer = self._loop.call_later(max(wait_s, 0.01), self._listen_for_silence)

    def _lost(self) -> None:
        self._break("the connection was lost")

    def _break(self, why: str) -> None:
        if not self._over:
            self.stop()
            self._reader.broken(why)
