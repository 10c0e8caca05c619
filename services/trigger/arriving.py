"""A delivery as it arrived: what is read of it, before anybody judges it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from services.trigger.signatures import plain
from weir.contract import times
from weir.contract.errors import InvalidJsonError
from weir.runtime.http import body

FORM = "application/x-www-form-urlencoded"

_HIDDEN = frozenset({"authorization", "cookie", "proxy-authorization"})
_HEADERS = 64
_HEADER_LENGTH = 2_000
_QUERY = 100


class Arrived(NamedTuple):
    """A request to a webhook, or what a person made up in its place."""

    method: str
    headers: Mapping[str, str]  # in any case
    query: Mapping[str, str]
    media_type: str
    body: bytes


def payload(arrived: Arrived) -> Any:
    """The body as a value; InvalidJsonError if it is neither JSON nor a form."""
    if not arrived.body:
        return {}
    if arrived.media_type == FORM:
        return _form(arrived.body)
    return body.parse(arrived.body)


def _form(data: bytes) -> Any:
    try:
        fields = parse_qs(
            data.decode(), keep_blank_values=True, max_num_fields=1_000, errors="strict"
        )
    except ValueError as error:
        raise InvalidJsonError(f"The form cannot be read: {error}.") from None
    plain_fields = {
        name: values[0] if len(values) == 1 else values for name, values in fields.items()
    }
    # GitHub and Slack can send their JSON in a field of this name.
    if isinstance(plain_fields.get("payload"), str) and len(plain_fields) == 1:
        return body.parse(str(plain_fields["payload"]).encode())
    return plain_fields


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by lower-case name, without those that prove who sends, within bounds."""
    kept: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower not in _HIDDEN and len(kept) < _HEADERS:
            kept[lower] = plain(value)[:_HEADER_LENGTH]
    return kept


def kept_query(query: Mapping[str, str]) -> dict[str, str]:
    """Query parameters, within bounds."""
    return dict(islice(query.items(), _QUERY))


def trigger(arrived: Arrived, delivery: str, at_ms: int) -> dict[str, Any]:
    """What expressions read as `trigger`, but for the payload."""
    headers = kept_headers(arrived.headers)
    found: dict[str, Any] = {
        "headers": headers,
        "query": kept_query(arrived.query),
        "method": arrived.method,
        "fired_at": times.from_ms(at_ms),
        "delivery_id": delivery,
    }
    event = headers.get("x-github-event")
    if event:
        found["event"] = event
    return found
