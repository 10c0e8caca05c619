"""The sockets: `/ws`, where a browser subscribes to runs, and the live tail of a run's lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from aiohttp import WSMsgType
from aiohttp.web import WebSocketResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from services.query.feeds import Feeds
from services.query.known import KnownRuns
from services.query.peer import Peer
from services.query.watch import Watch
from weir.contract import ids, subjects
from weir.contract.errors import (
    InvalidRequestError,
    RunNotFoundError,
    SocketLimitError,
    SubscriptionLimitError,
    WeirError,
)
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.runtime.http import socket
from weir.runtime.http.asked import LEVELS, mark_of, readable, words
from weir.runtime.http.call import Call

SUBSCRIPTIONS = 50
SOCKETS = 200  # of one key at a time

Mark = Annotated[str, StringConstraints(pattern=r"^\d{1,18}$")]
RunId = Annotated[str, StringConstraints(max_length=64)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Subscribe(_Asked):
    """Show this run from its beginning, or from behind the frame that had this `seq`."""

    type: Literal["subscribe"]
    run_id: RunId
    after: Mark = "0"


class Unsubscribe(_Asked):
    """Show this run no more."""

    type: Literal["unsubscribe"]
    run_id: RunId


_ASKED: TypeAdapter[Subscribe | Unsubscribe] = TypeAdapter(
    Annotated[Subscribe | Unsubscribe, Field(discriminator="type")]
)


class Sockets:
    """The handlers."""

    def __init__(self, watch: Watch, known: KnownRuns, clock: Clock, shards: int) -> None:
        self._watch = watch
        self._known = known
        self._clock = clock
        self._shards = shards
        self._open: Counter[str] = Counter()

    async def events(self, call: Call) -> WebSocketResponse:
        """GET /ws."""
        call.reach(call.route.permission)  # each run is asked about as it is subscribed to
        with self._room(call.principal.id):
            return await self._events(call)

    async def _events(self, call: Call) -> WebSocketResponse:
        peer = Peer(await socket.accept(call), call.request, self._clock)
        feeds = Feeds(peer)
        async with feeds.attended():
            async for message in peer.socket:
                try:
                    await self._do(call, peer, feeds, _read(message.type, message.data))
                except WeirError as error:
                    await peer.refuse(error)
        return peer.socket

    async def lines(self, call: Call) -> WebSocketResponse:
        """GET /runs/{run_id}/logs, asked as a socket."""
        with self._room(call.principal.id):
            return await self._lines(call)

    async def _lines(self, call: Call) -> WebSocketResponse:
        readable(call)
        key, after = self._known.key(call), mark_of(call)
        levels, path = words(call, "level", LEVELS), call.query("step") or None
        await self._known.row(call, key)
        reset = await self._watch.beyond_lines(after)
        peer = Peer(await socket.accept(call), call.request, self._clock)
        feeds = Feeds(peer)
        async with feeds.attended():
            if reset:
                await _reset(peer, key)
                after = 0
            feeds.begin(key.run_id, self._watch.lines(key, after, levels, path))
            async for _ in peer.socket:
                await peer.refuse(InvalidRequestError("Nothing can be asked of this socket."))
        return peer.socket

    @contextmanager
    def _room(self, principal: str) -> Iterator[None]:
        """A place among the sockets of a key, taken before the upgrade."""
        if self._open[principal] >= SOCKETS:
            raise SocketLimitError(
                f"The key holds {SOCKETS} sockets open, which is all it may: close some, or "
                "subscribe to several runs on one."
            )
        self._open[principal] += 1
        try:
            yield
        finally:
            self._open[principal] -= 1
            if not self._open[principal]:
                del self._open[principal]

    async def _do(
        self, call: Call, peer: Peer, feeds: Feeds, asked: Subscribe | Unsubscribe
    ) -> None:
        if not ids.is_id(asked.run_id, "run"):
            raise RunNotFoundError(f"There is no run {asked.run_id!r}.")
        key = subjects.run_key(call.tenant, asked.run_id, self._shards)
        # Asking again for a run moves its feed to the new place.
        await feeds.end(key.run_id)
        if isinstance(asked, Unsubscribe):
            await peer.tell("connection:unsubscribed", {}, run_id=key.run_id)
            return
        if len(feeds) >= SUBSCRIPTIONS:
            raise SubscriptionLimitError(
                f"A socket shows at most {SUBSCRIPTIONS} runs: unsubscribe from one, or open "
                "another socket."
            )
        await self._known.admit(call, key)
        after = int(asked.after)
        if await self._watch.beyond_runs(after):
            await _reset(peer, key)
            after = 0
        await peer.tell("connection:subscribed", {}, run_id=key.run_id, seq=after)
        feeds.begin(key.run_id, self._watch.run(key, after))


def _read(kind: WSMsgType, data: str | bytes) -> Subscribe | Unsubscribe:
    if kind is not WSMsgType.TEXT:
        raise InvalidRequestError("Send JSON as text.")
    try:
        return _ASKED.validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the message"
        raise InvalidRequestError(f"{place}: {first['msg']}.") from None


async def _reset(peer: Peer, key: RunKey) -> None:
    """Tell that `after` is of another log: what was shown before does not count."""
    await peer.tell("reset", {"reason": "the log ends before `after`"}, run_id=key.run_id)
