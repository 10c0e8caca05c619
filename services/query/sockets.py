"""The sockets: `/ws`, where a browser subscribes to runs and answers what they wait for.

And the live tail of a run's lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from aiohttp import WSMsgType
from aiohttp.web import WebSocketResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from services.query.answers import Answers
from services.query.feeds import Feeds
from services.query.known import KnownRuns
from services.query.peer import Peer
from services.query.streams import Streams
from services.query.watch import Watch
from weir.contract import ids, subjects
from weir.contract.errors import (
    InvalidJsonError,
    InvalidRequestError,
    RunNotFoundError,
    SocketLimitError,
    SubscriptionLimitError,
    WeirError,
)
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.runtime.http import body, socket
from weir.runtime.http.asked import LEVELS, mark_of, readable, words
from weir.runtime.http.call import Call

SUBSCRIPTIONS = 50
SOCKETS = 200  # of one key at a time

Mark = Annotated[str, StringConstraints(pattern=r"^\d{1,18}$")]
RunId = Annotated[str, StringConstraints(max_length=64)]
AnswerId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
Step = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


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


class Respond(_Asked):
    """Answer what a step of this run waits for; the same `id` is the same answer."""

    type: Literal["input:response"]
    id: AnswerId
    run_id: RunId
    step: Step
    input: Any


Message = Subscribe | Unsubscribe | Respond

_ASKED: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


class Sockets:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a socket shows and takes
        self,
        watch: Watch,
        streams: Streams,
        known: KnownRuns,
        answers: Answers,
        clock: Clock,
        shards: int,
    ) -> None:
        self._watch = watch
        self._streams = streams
        self._known = known
        self._answers = answers
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
                given: Any = None
                try:
                    given = _parsed(message.type, message.data)
                    asked = _read(given)
                    if isinstance(asked, Respond):
                        await self._respond(call, peer, asked)
                    else:
                        await self._do(call, peer, feeds, asked)
                except WeirError as error:
                    await _refuse(peer, error, given)
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

    def _key(self, call: Call, run_id: str) -> RunKey:
        if not ids.is_id(run_id, "run"):
            raise RunNotFoundError(f"There is no run {run_id!r}.")
        return subjects.run_key(call.tenant, run_id, self._shards)

    async def _respond(self, call: Call, peer: Peer, asked: Respond) -> None:
        key = self._key(call, asked.run_id)
        found = await self._answers.send(call, key, asked.step, asked.input, asked.id)
        name = "error" if found.error else "connection:answered"
        told = found.error or {"sequence": found.sequence}
        await peer.tell(name, {"id": asked.id, **told}, run_id=key.run_id)

    async def _do(
        self, call: Call, peer: Peer, feeds: Feeds, asked: Subscribe | Unsubscribe
    ) -> None:
        key = self._key(call, asked.run_id)
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
        beside = self._streams.of(key, peer, after)
        feeds.begin(key.run_id, self._watch.run(key, after), beside)


def _parsed(kind: WSMsgType, data: str | bytes) -> Any:
    if kind is not WSMsgType.TEXT:
        raise InvalidRequestError("Send JSON as text.")
    try:
        return body.parse(data.encode() if isinstance(data, str) else data)
    except InvalidJsonError as error:
        raise InvalidRequestError(error.message) from None


def _read(given: Any) -> Message:
    try:
        return _ASKED.validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the message"
        raise InvalidRequestError(f"{place}: {first['msg']}.") from None


async def _refuse(peer: Peer, error: WeirError, given: Any) -> None:
    """Say why something is not done; of an answer also which one it was, and of what."""
    if not isinstance(given, dict) or given.get("type") != "input:response":
        await peer.refuse(error)
        return
    answer_id, run_id = given.get("id"), given.get("run_id")
    await peer.refuse(
        error,
        run_id[:64] if isinstance(run_id, str) else None,
        id=answer_id[:200] if isinstance(answer_id, str) else None,
        details=error.details or {},
    )


async def _reset(peer: Peer, key: RunKey) -> None:
    """Tell that `after` is of another log: what was shown before does not count."""
    await peer.tell("reset", {"reason": "the log ends before `after`"}, run_id=key.run_id)
