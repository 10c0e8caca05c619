"""Reading a request's body within bounds: size before content, depth before use."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from aiohttp import ClientPayloadError, hdrs, web
from aiohttp.http_exceptions import PayloadEncodingError

from weir.contract.errors import (
    BadRequestError,
    BodyTooLargeError,
    InvalidJsonError,
    RequestTimeoutError,
    UnsupportedMediaTypeError,
)
from weir.core.sizes import deeper

DEPTH = 100
BODY_S = 30.0


async def read(request: web.BaseRequest, limit: int, patience_s: float = BODY_S) -> bytes:
    """The body, at most `limit` bytes of it.

    Raises BodyTooLargeError as soon as the length is announced or exceeded,
    RequestTimeoutError when it does not arrive in time, BadRequestError when it
    breaks off, UnsupportedMediaTypeError when it is compressed.
    """
    encoding = request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower()
    if encoding != "identity":
        # Limits and signatures are over bytes as they are sent.
        raise UnsupportedMediaTypeError(
            "Compressed bodies are not read: send it without Content-Encoding."
        )
    announced = request.content_length
    if announced is not None and announced > limit:
        raise _too_large(limit)
    if not request.can_read_body:
        return b""
    if request.content.is_eof():
        whole: bytes = request.content.read_nowait()  # it came with the head
        if len(whole) > limit:
            raise _too_large(limit)
        return whole
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(patience_s):
            while chunk := await request.content.readany():
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                chunks.append(chunk)
    except TimeoutError:
        raise RequestTimeoutError(
            f"The body did not arrive within {patience_s:g} s: send it again."
        ) from None
    except (PayloadEncodingError, ClientPayloadError, ConnectionError):
        raise BadRequestError("The body broke off before its end: send it again.") from None
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(
        f"The body is larger than {limit} bytes, the most this route takes.",
        details={"limit": limit},
    )


def parse(data: bytes) -> Any:
    """The JSON value; InvalidJsonError says at which line and column reading ended."""
    if not data:
        raise InvalidJsonError("The body is empty: send a JSON document.")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidJsonError(
            f"The body is no JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            details={"line": error.lineno, "column": error.colno, "position": error.pos},
        ) from None
    # Fewer brackets than the limit cannot nest deeper than it: the walk is for the others.
    if data.count(b"{") + data.count(b"[") > DEPTH and deeper(value, DEPTH):
        raise InvalidJsonError(
            f"The body is nested more than {DEPTH} levels deep: flatten it.",
            details={"depth": DEPTH},
        )
    return value
