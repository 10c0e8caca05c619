"""A continuous pull from one consumer: asks for more before the last request is used up.

What was asked for never exceeds the room its reader has, nor a few megabytes,
so a slow reader bounds its own memory and the broker keeps the rest. A pull is over
(`broken` is called, once) when the connection is lost, the consumer is gone,
or the heartbeats that the broker owes us stop.
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
    """One pull; ended by `stop`."""

    def __init__(self, link: Link, stream: str, consumer: str, size: int, reader: Reader) -> None:
        self._link = link
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._size = size
        self._reader = reader
        self._asked = 0
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
        if self._over or room <= 0 or (self._asked and room * 2 < self._size):
            return
        request = {
            "batch": room,
            "max_bytes": _MAX_BYTES,
            "expires": int(_EXPIRES_S * _SECOND),
            "idle_heartbeat": int(self._beat_s * _SECOND),
        }
        if not self._asked:
            self._heard = self._loop.time()
        self._asked += room
        self._link.tell(self._next, orjson.dumps(request), self._inbox)

    def stop(self) -> None:
        """Take no more; what the broker still sends is dropped."""
        self._over = True
        self._timer.cancel()
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
            self._reader.message(reply, subject, header, data)
            self.refill()
            return
        code = status(header)
        told = headers(header)
        if code == _HEARTBEAT:
            self._reader.heartbeat(int(told.get("Nats-Last-Consumer", 0)))
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
