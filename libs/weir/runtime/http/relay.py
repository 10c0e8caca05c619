"""Requests that one service makes of another in somebody's name, over the broker.

Who answers on a socket what a run waits for is identified where the socket is,
and what they say belongs to other services. So the one sends the request that
the same person could make over HTTP, and of the others one process puts it
through its own edge: what is looked up, allowed, limited, checked, counted and
told to the audit is the same, in the same place. It believes who asks, since
the broker lets nobody but the query service write there, and nothing else.

What is asked is bound in number and time, and may be lost: it is sent again
with the same key, which makes it one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
import structlog
from aiohttp import HttpVersion11, StreamReader, hdrs, web
from aiohttp.http import RawRequestMessage, StreamWriter
from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import BaseModel, ConfigDict
from yarl import URL

from weir.contract import subjects
from weir.contract.errors import AnswerTimeoutError, OverloadedError, WeirError
from weir.ports.clock import Clock
from weir.ports.live import Listening, Live
from weir.runtime.background import Background
from weir.runtime.http import problems
from weir.runtime.http.admission import VOUCHED, Vouched
from weir.runtime.http.call import Call
from weir.runtime.http.connection import Connections
from weir.runtime.http.route import API, Route

ANSWER_S = 5.0
AT_ONCE = 100
_GROUP = "input"  # one process of each service answers

# What may be asked: who answers, and the route.
ROUTES: Mapping[str, tuple[str, str]] = {
    "signal": ("trigger", f"{API}/runs/{{run_id}}/signals"),
    "decision": ("trigger", f"{API}/runs/{{run_id}}/steps/{{step}}/decision"),
    "approval": ("approval", f"{API}/approvals/{{approval_id}}/decision"),
}

_log = structlog.get_logger()


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(_Told):
    """A request: for whom, what, and the process that waits for the answer."""

    id: str
    reply: str
    tenant: str
    principal: str
    session: str
    address: str
    headers: dict[str, str]
    segments: dict[str, str]
    body: Any


class Answered(_Told):
    """What came of it. `error` is empty unless the status is that of a refusal."""

    id: str
    status: int
    sequence: str | None = None
    error: dict[str, Any] = {}


class Relay:
    """Asks, in the name of one process."""

    def __init__(self, live: Live, clock: Clock) -> None:
        self._live = live
        self._clock = clock
        self._me = clock.new_id("ask")
        self._waiting: dict[str, asyncio.Future[Answered]] = {}
        self._listening: Listening | None = None

    async def start(self) -> None:
        """Hear answers."""
        self._listening = await self._live.listen(subjects.input_answer(self._me), self._hear)

    async def stop(self) -> None:
        """Hear no more."""
        if self._listening is not None:
            await self._listening.close()

    async def ask(
        self, call: Call, what: str, segments: Mapping[str, str], body: Any, key: str
    ) -> Answered:
        """What became of a POST by whoever made the call; `key` is its Idempotency-Key.

        AnswerTimeoutError if nobody answers in time, UnavailableError.
        """
        who, agent = call.principal, call.request.headers.get(hdrs.USER_AGENT, "")
        asked = Asked(
            id=self._clock.new_id("req"),
            reply=self._me,
            tenant=who.tenant,
            principal=who.id,
            session=who.session,
            address=call.address,
            headers={
                "Idempotency-Key": key,
                hdrs.USER_AGENT: agent[:500],
                "traceparent": call.trace_parent,
            },
            segments=dict(segments),
            body=body,
        )
        waiting: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting[asked.id] = waiting
        try:
            subject = subjects.input_asked(what)
            await self._live.publish(subject, orjson.dumps(asked.model_dump()))
            async with asyncio.timeout(ANSWER_S):
                return await waiting
        except TimeoutError:
            raise AnswerTimeoutError(
                f"The service {ROUTES[what][0]} has not answered within {ANSWER_S:g} s: it may be "
                "away, or have taken what you sent. Send it again with the same id."
            ) from None
        finally:
            del self._waiting[asked.id]

    def _hear(self, _: str, data: bytes) -> None:
        with suppress(ValueError):
            answered = Answered.model_validate(orjson.loads(data))
            waiting = self._waiting.get(answered.id)
            if waiting is not None and not waiting.done():
                waiting.set_result(answered)


class Relayed:
    """Answers what is asked of the routes that this process has, by `app`, which has them."""

    def __init__(
        self,
        live: Live,
        app: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        routes: Sequence[Route],
    ) -> None:
        have = {route.pattern for route in routes}
        self._live = live
        self._app = app
        self._served = {what: path for what, (_, path) in ROUTES.items() if path in have}
        self._listening: list[Listening] = []
        self._background = Background()
        self._busy = 0

    async def start(self) -> None:
        """Answer from now on."""
        self._connection = Connections(self._app)()
        for what, path in self._served.items():

            def hear(_: str, data: bytes, path: str = path) -> None:
                self._heard(path, data)

            subject = subjects.input_asked(what)
            self._listening.append(await self._live.listen(subject, hear, group=_GROUP))

    async def stop(self) -> None:
        """Take no more; what is being answered is given up."""
        for each in self._listening:
            await each.close()
        await self._background.stop()

    def _heard(self, path: str, data: bytes) -> None:
        try:
            asked = Asked.model_validate(orjson.loads(data))
        except ValueError as error:
            _log.warning("what was asked cannot be read", why=type(error).__name__)
            return
        self._background.spawn(self._answer(path, asked), "answer a request")

    async def _answer(self, path: str, asked: Asked) -> None:
        self._busy += 1
        try:
            if self._busy > AT_ONCE:
                busy = OverloadedError("Too many answers come at once: send it again in a second.")
                told = Answered(id=asked.id, status=busy.status, error=_error(busy, asked.id))
            else:
                told = await self._put_through(path, asked)
        except Exception:  # noqa: BLE001 - one request must not end all others
            _log.exception("a request was not answered", request_id=asked.id)
            return  # whoever asked stops waiting by themselves
        finally:
            self._busy -= 1
        with suppress(WeirError):
            answer = subjects.input_answer(asked.reply)
            await self._live.publish(answer, orjson.dumps(told.model_dump()))

    async def _put_through(self, path: str, asked: Asked) -> Answered:
        response = await self._app(self._request(path, asked))
        error: dict[str, Any] = {}
        if response.status >= HTTPStatus.BAD_REQUEST:
            body = response.body if isinstance(response, web.Response) else None
            error = orjson.loads(body)["error"] if isinstance(body, bytes) else {}
        sequence = response.headers.get("Weir-Sequence")
        return Answered(id=asked.id, status=response.status, sequence=sequence, error=error)

    def _request(self, path: str, asked: Asked) -> web.BaseRequest:
        """The request as it would have come over HTTP."""
        loop, body = asyncio.get_running_loop(), orjson.dumps(asked.body)
        url = path.format(**{name: quote(one, safe="") for name, one in asked.segments.items()})
        headers = CIMultiDict(
            {
                **{name: value for name, value in asked.headers.items() if value},
                hdrs.CONTENT_TYPE: "application/json",
                hdrs.CONTENT_LENGTH: str(len(body)),
                "X-Request-ID": asked.id,
            }
        )
        content = StreamReader(self._connection, 2**20, loop=loop)
        content.feed_data(body)
        content.feed_eof()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it is called by one
        request = web.BaseRequest(
            RawRequestMessage(
                hdrs.METH_POST,
                url,
                HttpVersion11,
                CIMultiDictProxy(headers),
                tuple((name.encode(), value.encode()) for name, value in headers.items()),
                should_close=False,
                compression=None,
                upgrade=False,
                chunked=False,
                url=URL(url, encoded=True),
            ),
            content,
            self._connection,
            StreamWriter(self._connection, loop),
            task,
            loop,
            remote=asked.address,
        )
        request[VOUCHED] = Vouched(asked.tenant, asked.principal, asked.session)
        return request


def _error(error: WeirError, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = problems.shown(error, request_id)["error"]
    return found
