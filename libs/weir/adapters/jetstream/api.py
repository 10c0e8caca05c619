"""Requests to JetStream's own API."""

from __future__ import annotations

from typing import Any

import orjson

from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.refusals import ApiError

TIMEOUT_S = 5.0
SOON_S = 2.0  # for what is asked again at once: what is asked during an election has no answer


async def call(link: Link, name: str, body: Any = None, *, timeout_s: float = TIMEOUT_S) -> Any:
    """The answer to `$JS.API.<name>`.

    ApiError carries JetStream's number; UnavailableError if no answer came.
    """
    data = b"" if body is None else orjson.dumps(body)
    header, answer = await link.ask(f"$JS.API.{name}", data, timeout_s)
    if not answer:
        status = header[9:12].decode(errors="replace")
        raise ApiError(f"JetStream does not answer {name} (status {status})", int(status or 0))
    value = orjson.loads(answer)
    error = value.get("error")
    if error is not None:
        number = int(error.get("err_code", 0))
        raise ApiError(f"JetStream refused {name}: {error['description']} ({number})", number)
    return value
