"""Cursors of lists: opaque to callers, checked when they come back.

A cursor names the position after the last item of a page and is bound to the
list it was made for (tenant, filters, order). It grants nothing: whoever makes
one up reads the same list from another place.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any

import orjson

from weir.contract import codec
from weir.contract.errors import InvalidParameterError

_CHECK = 8
_LONGEST = 2_000


def write(scope: Any, position: list[Any]) -> str:
    """The cursor for a position (JSON values) in the list that `scope` describes."""
    data = orjson.dumps(position)
    return urlsafe_b64encode(_check(scope, data) + data).decode().rstrip("=")


def read(scope: Any, text: str) -> list[Any]:
    """The position; InvalidParameterError if this list never gave such a cursor."""
    try:
        raw = urlsafe_b64decode(text[:_LONGEST] + "=" * (-len(text) % 4))
        position = orjson.loads(raw[_CHECK:])
    except (NotBase64, ValueError):
        raise refused() from None
    if raw[:_CHECK] != _check(scope, raw[_CHECK:]) or not isinstance(position, list):
        raise refused()
    return position


def _check(scope: Any, data: bytes) -> bytes:
    return bytes.fromhex(codec.digest(codec.canonical(scope) + data))[:_CHECK]


def refused() -> InvalidParameterError:
    """What a cursor that this list never gave is answered with."""
    return InvalidParameterError(
        "The cursor does not belong to this list: take next_cursor of its last page, with the "
        "same filters and order.",
        details={"parameter": "cursor"},
    )
