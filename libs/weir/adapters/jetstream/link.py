"""The connection: nats-py, with a shorter way in and out for messages.

nats-py spends most of its time per message on queues, tasks and objects that
the log does not need. Here a frame is written once per turn of the loop,
together with all others of that turn, and a subscription of ours gets its
messages by a plain call from the parser. Connecting, authentication, pings,
reconnecting and the renewal of subscriptions stay nats-py's; the parts of it
that are touched are private, so its version is pinned and a test watches over
them.

Nothing that was handed over before a connection was lost is sent after it:
whoever appended has learnt that the outcome is unknown, and must not be
surprised later (log-protocol P4).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.aio.subscription import Subscription as NatsSubscription
from nats.protocol.parser import AWAITING_CONTROL_LINE, Parser

from weir.contract.errors import OutcomeUnknownError, UnavailableError

Receive = Callable[[bytes, bytes, bytes, bytes], None]
"""Called with subject, reply, header block and data."""

# Pings are answered every 3 s. After a longer silence this process or the network stood still,
# and what is heard first may be old.
SILENCE_S = 4.0
_CRLF = b"\r\n"
_NOBODY = b"NATS/1.0 503"
_SLOW_PATH = 64 * 1024


class _FastParser(Parser):
    """Hands whole messages to `Link.receive`; what it does not know, or not whole, to nats-py's."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._link = link
        self._tail = b""

    def reset(self) -> None:
        super().reset()
        self._tail = b""

    async def parse(self, data: bytes = b"") -> None:
        self._link.hear()
        if self.buf or self.state != AWAITING_CONTROL_LINE:
            await super().parse(data)
            return
        if self._tail:
            data = self._tail + data
            self._tail = b""
        rest, whole = self._messages(data)
        if whole or len(rest) >= _SLOW_PATH:
            await super().parse(rest)
        else:
            self._tail = rest

    def _messages(self, data: bytes) -> tuple[bytes, bool]:
        """Deliver messages of ours; returns the rest, and whether that begins with a whole line.

        What is not whole waits for more; what is whole and not ours is nats-py's.
        """
        receive = self._link.receive
        at = 0
        while True:
            end = data.find(_CRLF, at)
            if end < 0:
                return data[at:], False
            words = data[at:end].split()
            kind = words[0] if words else b""
            if kind == b"MSG":
                size, header_size, plain = int(words[-1]), 0, 4
            elif kind == b"HMSG":
                size, header_size, plain = int(words[-1]), int(words[-2]), 5
            else:
                return data[at:], True
            body = end + 2
            stop = body + size
            if len(data) < stop + 2:
                return data[at:], False
            reply = words[3] if len(words) > plain else b""
            sid = int(words[2])
            cut = body + header_size
            if not receive(sid, words[1], reply, data[body:cut], data[cut:stop]):
                return data[at:], True
            at = stop + 2


@dataclass(slots=True, eq=False)
class Waiting:
    """Answers (header, data) that are awaited together: one future for all of them."""

    first: int
    answers: list[tuple[bytes, bytes] | None]
    missing: int
    done: asyncio.Future[None]


class Link(Client):
    """A connection to the broker. Made by `connect`, closed by `close`.

    `batches` is this process's share of the atomic batches that may be open at once.
    """

    def __init__(self, open_batches: int = 1) -> None:
        super().__init__()
        self._ps = _FastParser(self)
        self._direct: dict[int, Receive] = {}
        self._out: list[bytes] = []
        self._waiting: dict[int, Waiting] = {}
        self._next_token = 1
        self._inbox = b""
        self._lost: dict[Callable[[], None], None] = {}
        self._silent: dict[Callable[[], None], None] = {}
        self._heard_at = math.inf
        self._callbacks: list[Callable[[], Awaitable[None]]] = []
        self._tasks: set[asyncio.Future[None]] = set()
        self._chosen = ""
        self.batches = asyncio.Semaphore(open_batches)

    @property
    def server_id(self) -> str:
        """The server's id, new at each of its starts."""
        return str(self._server_info["server_id"])

    @property
    def info(self) -> dict[str, Any]:
        """What the server told about itself."""
        return self._server_info

    @property
    def addresses(self) -> list[str]:
        """The addresses of all servers that are known; first of the one that is connected."""
        here = _address(self._current_server)
        return [here, *(one for one in map(_address, self._server_pool) if one != here)]

    def listen(self, subject: str, receive: Receive, group: str = "") -> int:
        """Get messages by a plain call; returns the handle for `unlisten`.

        With a group, those that no other member of it gets.
        """
        self._sid += 1
        sid = self._sid
        self._direct[sid] = receive
        # nats-py renews at a reconnect what it finds here, and needs no more of it.
        self._subs[sid] = NatsSubscription(self, sid, subject, group)
        self._command(f"SUB {subject} {group} {sid}\r\n".encode())
        return sid

    def unlisten(self, sid: int) -> None:
        """End a subscription; messages under way are dropped."""
        if self._subs.pop(sid, None) is not None:
            self._command(f"UNSUB {sid}\r\n".encode())
        self._direct.pop(sid, None)

    async def unlisten_gently(self, sid: int) -> None:
        """End a subscription, and take what was under way until the server has heard of it."""
        if self._subs.pop(sid, None) is not None:
            self._command(f"UNSUB {sid}\r\n".encode())
            with suppress(nats.errors.Error):
                await self.flush(timeout=1)
        self._direct.pop(sid, None)

    def receive(self, sid: int, subject: bytes, reply: bytes, header: bytes, data: bytes) -> bool:
        """Take a message from the parser; False if it is nats-py's own."""
        handler = self._direct.get(sid)
        if handler is None:
            return sid not in self._subs
        try:
            handler(subject, reply, header, data)
        except Exception as error:  # noqa: BLE001  # a reader's fault must not end all reading
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"receiving {subject.decode()} failed", "exception": error}
            )
        return True

    def tell(self, subject: str, data: bytes, reply: str = "") -> None:
        """Send without an answer; lost if the connection is."""
        if self.is_connected:
            self.post([publication(subject, reply.encode(), b"", data)])

    async def ask(self, subject: str, data: bytes, timeout_s: float) -> tuple[bytes, bytes]:
        """Send and await one answer (header, data); UnavailableError if none comes."""
        waiting, replies = self.expect(1)
        self.post([publication(subject, replies[0], b"", data)])
        try:
            await self.wait(waiting, timeout_s)
        except OutcomeUnknownError as lost:
            raise UnavailableError(f"no answer on {subject}: {lost.message}") from lost
        return waiting.answers[0] or (b"", b"")

    async def reaches(self, subject: str, data: bytes) -> bool:
        """Send; False if nobody listens, which the server says before it answers a ping."""
        if not self.is_connected:
            return True
        waiting, replies = self.expect(1)
        self._command(publication(subject, replies[0], b"", data))
        with suppress(nats.errors.Error):
            await self.flush(timeout=1)
        self._waiting.pop(waiting.first, None)
        header, _ = waiting.answers[0] or (b"", b"")
        return not header.startswith(_NOBODY)

    def expect(self, answers: int) -> tuple[Waiting, list[bytes]]:
        """Prepare for answers; returns the reply subject for each."""
        self.check()
        if not self._inbox:
            self._inbox = f"{self.new_inbox()}.".encode()
            self.listen(f"{self._inbox.decode()}*", self._answer)
        first = self._next_token
        self._next_token += answers
        done = asyncio.get_running_loop().create_future()
        waiting = Waiting(first, [None] * answers, answers, done)
        if answers == 1:
            self._waiting[first] = waiting
            return waiting, [b"%s%d" % (self._inbox, first)]
        tokens = range(first, self._next_token)
        self._waiting.update(dict.fromkeys(tokens, waiting))
        return waiting, [b"%s%d" % (self._inbox, token) for token in tokens]

    async def wait(self, waiting: Waiting, timeout_s: float) -> None:
        """Until all answers are there; OutcomeUnknownError when the time or the link is gone."""
        timer = asyncio.get_running_loop().call_later(timeout_s, _expire, waiting, timeout_s)
        try:
            await waiting.done
        finally:
            timer.cancel()
            if waiting.missing:
                for token in range(waiting.first, waiting.first + len(waiting.answers)):
                    self._waiting.pop(token, None)

    def post(self, frames: list[bytes]) -> None:
        """Send frames made by `publication`."""
        self.check()
        if not self._out:
            asyncio.get_running_loop().call_soon(self._write)
        self._out += frames

    async def drained(self) -> None:
        """Until the socket has taken most of what was posted before."""
        if self._transport is not None and self.is_connected:
            with suppress(OSError):
                await self._transport.drain()  # type: ignore[no-untyped-call]

    def check(self) -> None:
        """UnavailableError unless connected: what is not sent now is not sent at all."""
        if not self.is_connected:
            state = "closed" if self.is_closed else "lost and being renewed"
            raise UnavailableError(f"the connection to NATS is {state}; nothing was sent")

    def on_reconnect(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Call this after each renewal."""
        self._callbacks.append(callback)

    def watch(self, lost: Callable[[], None]) -> None:
        """Tell of each loss, also of the last."""
        self._lost[lost] = None

    def unwatch(self, lost: Callable[[], None]) -> None:
        """Tell no more."""
        self._lost.pop(lost, None)

    def watch_silence(self, over: Callable[[], None]) -> None:
        """Tell of the end of a silence, before anything that was heard then is handed on."""
        self._silent[over] = None

    def unwatch_silence(self, over: Callable[[], None]) -> None:
        """Tell no more."""
        self._silent.pop(over, None)

    def hear(self) -> None:
        """The server sent something."""
        now = asyncio.get_running_loop().time()
        silent_s, self._heard_at = now - self._heard_at, now
        if silent_s > SILENCE_S:
            for told in list(self._silent):
                told()

    def turn_to(self, server: str) -> None:
        """Give up the connection for one to this server, which may be the same."""
        if self.is_connected:
            self._chosen = server
            task = asyncio.ensure_future(self._process_op_err(nats.errors.StaleConnectionError()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Send what was posted, then end the connection and all that hangs on it."""
        self._write()
        await super().close()

    async def lost(self) -> None:
        """nats-py's disconnected_cb: what was under way has an unknown outcome, and stays so."""
        self._out.clear()
        self._pending.clear()
        self._pending_data_size = 0
        for waiting in dict.fromkeys(self._waiting.values()):
            _fail(waiting, "the connection to NATS was lost before the answer came")
        self._waiting.clear()
        for told in list(self._lost):
            told()

    async def back(self) -> None:
        """nats-py's reconnected_cb."""
        for callback in self._callbacks:
            task = asyncio.ensure_future(callback())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _command(self, frame: bytes) -> None:
        if self.is_connected:
            self.post([frame])
        else:
            # nats-py sends this first thing when the connection is back.
            self._pending.append(frame)
            self._pending_data_size += len(frame)

    async def _send_command(self, cmd: bytes, priority: bool = False) -> None:  # noqa: FBT001, FBT002
        # One order for what we send and what nats-py sends.
        if self.is_connected and not priority:
            self.post([cmd])
        else:
            await super()._send_command(cmd, priority)

    async def _send_ping(self, future: asyncio.Future[Any] | None = None) -> None:
        self._write()
        await super()._send_ping(future)

    async def _attempt_reconnect(self) -> None:
        self._abandon()
        await super()._attempt_reconnect()

    async def _select_next_server(self) -> None:
        self._server_pool.sort(key=lambda server: _address(server) != self._chosen)
        self._chosen = ""
        await super()._select_next_server()

    async def _connect_to_server(self, s: Any) -> None:
        self._abandon()  # of an attempt that a server which stands still accepted, and no more
        await super()._connect_to_server(s)

    def _abandon(self) -> None:
        # An orderly close would wait until a server that stands still has taken
        # what is buffered here, and would give it to that server in the end.
        writer = getattr(self._transport, "_io_writer", None)
        if writer is not None:
            writer.transport.abort()

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        if sid in self._direct:
            self.receive(sid, subject, reply, headers or b"", data)
        else:
            await super()._process_msg(sid, subject, reply, data, headers)

    def _write(self) -> None:
        out, self._out = self._out, []
        if self.is_connected and self._transport is not None and out:
            if self._pending:
                out = self._pending + out
                self._pending = []
                self._pending_data_size = 0
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))

    def _answer(self, subject: bytes, _reply: bytes, header: bytes, data: bytes) -> None:
        token = int(subject[len(self._inbox) :])
        waiting = self._waiting.pop(token, None)
        if waiting is None:
            return
        waiting.answers[token - waiting.first] = (header, data)
        waiting.missing -= 1
        if not waiting.missing and not waiting.done.done():
            waiting.done.set_result(None)


def _address(server: Any) -> str:
    return str(server.uri.geturl())


def publication(subject: str, reply: bytes, header: bytes, data: bytes) -> bytes:
    """The frame of one message."""
    name = subject.encode()
    if header:
        sizes = (len(header), len(header) + len(data))
        return b"HPUB %s %s %d %d\r\n%s%s\r\n" % (name, reply, *sizes, header, data)
    return b"PUB %s %s %d\r\n%s\r\n" % (name, reply, len(data), data)


def _expire(waiting: Waiting, timeout_s: float) -> None:
    _fail(waiting, f"NATS did not answer within {timeout_s:g} s")


def _fail(waiting: Waiting, why: str) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(OutcomeUnknownError(why))
