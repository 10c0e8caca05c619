"""Requests to JetStream's own API."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import orjson

from weir.adapters.jetstream.delivered import headers, status
from weir.adapters.jetstream.link import Link, publication
from weir.adapters.jetstream.refusals import ApiError

TIMEOUT_S = 5.0
_NOT_FOUND = 404
SOON_S = 2.0  # for what is asked again at once: what is asked during an election has no answer


async def call(link: Link, name: str, body: Any = None, *, timeout_s: float = TIMEOUT_S) -> Any:
    """The answer to `$JS.API.<name>`.

    ApiError carries JetStream's number; UnavailableError if no answer came.
    """
    data = b"" if body is None else orjson.dumps(body)
    header, answer = await link.ask(f"$JS.API.{name}", data, timeout_s)
    return _value(name, header, answer)


async def call_all(
    link: Link, name: str, bodies: Sequence[Any], *, but: Collection[int]
) -> list[Any]:
    """The answers to requests that are all under way together; None for refusals that are in `but`.

    Raises as `call`, for the first that is refused otherwise.
    """
    found: list[Any] = []
    for answer in await _asked(link, name, bodies):
        try:
            found.append(_value(name, *answer))
        except ApiError as refused:
            if refused.err_code not in but:
                raise
            found.append(None)
    return found


async def first_seqs(link: Link, stream: str, filters: Sequence[str]) -> list[int | None]:
    """The sequence of the first message of each filter, as one node has it; None: there is none.

    A third of what it costs the broker to ask the leader. One that lags behind the leader may
    have what is gone there, and not yet have what has just come.
    """
    name, found = f"DIRECT.GET.{stream}", list[int | None]()
    asked = [{"seq": 1, "next_by_subj": one} for one in filters]
    for header, _ in await _asked(link, name, asked):
        code = status(header)
        if code not in {0, _NOT_FOUND}:
            raise _unanswered(name, code)
        found.append(None if code else int(headers(header)["Nats-Sequence"]))
    return found


async def _asked(link: Link, name: str, bodies: Sequence[Any]) -> list[tuple[bytes, bytes]]:
    if not bodies:
        return []
    waiting, replies = link.expect(len(bodies))
    asked = zip(replies, map(orjson.dumps, bodies), strict=True)
    link.post([publication(f"$JS.API.{name}", reply, b"", body) for reply, body in asked])
    await link.wait(waiting, TIMEOUT_S)
    return [answer for answer in waiting.answers if answer is not None]


def _value(name: str, header: bytes, answer: bytes) -> Any:
    if not answer:
        raise _unanswered(name, status(header))
    value = orjson.loads(answer)
    error = value.get("error")
    if error is not None:
        number = int(error.get("err_code", 0))
        raise ApiError(f"JetStream refused {name}: {error['description']} ({number})", number)
    return value


def _unanswered(name: str, code: int) -> ApiError:
    return ApiError(f"JetStream does not answer {name} (status {code})", code)
