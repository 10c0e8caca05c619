"""Events as publishers send them: plain JSON, or CloudEvents 1.0 in structured or binary mode.

What says that it is a CloudEvent is held to the specification (core, JSON
format, NATS binding); what does not is JSON, or text where the sender says so.
A reader is told what an event is, never how it was sent.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import orjson

from weir.contract import times
from weir.contract.bus_errors import EventInvalidError
from weir.contract.errors import InvalidJsonError

VERSION = "1.0"
MEDIA_TYPE = "application/cloudevents+json"
BATCH_TYPE = "application/cloudevents-batch+json"
DEPTH = "Weir-Depth"
DEPTH_FIELD = "depth"  # of `trigger`, where the event had one
MAX_DEPTH = 16  # events that runs have made of events
MSG_ID = "Nats-Msg-Id"
_STRUCTURED = "application/cloudevents"
_PREFIX = "ce-"
_REQUIRED = ("id", "source", "type", "specversion")
_KNOWN = frozenset(
    {"id", "source", "type", "specversion", "subject", "time", "datacontenttype", "dataschema"}
)
_NAME = re.compile(r"[a-z0-9]{1,64}")
_LONGEST = 2_000
_VERSION = re.compile(r"1\.\d+")


class Event(NamedTuple):
    """An event; a plain one has no source and no type, and its id may be empty."""

    id: str
    source: str
    type: str
    payload: Any
    cloud: bool
    subject: str = ""
    time: str = ""  # RFC 3339, as the sender wrote it; empty: it did not say
    media_type: str = ""
    schema: str = ""
    extensions: Mapping[str, Any] = MappingProxyType({})

    @property
    def key(self) -> str:
        """What makes it the same event when it comes twice; empty where nothing does."""
        if self.cloud:
            return f"ce\n{self.source}\n{self.id}"
        return f"id\n{self.id}" if self.id else ""

    def attributes(self) -> dict[str, Any]:
        """What `trigger.event` shows."""
        shown: dict[str, Any] = {"id": self.id}
        if not self.cloud:
            return shown
        shown |= {"source": self.source, "type": self.type, "specversion": VERSION}
        for name, text in (
            ("subject", self.subject),
            ("time", self.time),
            ("datacontenttype", self.media_type),
            ("dataschema", self.schema),
        ):
            if text:
                shown[name] = text
        return {**self.extensions, **shown}


def read(headers: Mapping[str, str], data: bytes) -> Event:
    """The event in a message.

    InvalidJsonError, or EventInvalidError for what says that it is a CloudEvent and is none.
    """
    told = {name.lower(): text for name, text in headers.items()}
    media_type = _media(told.get("content-type", ""))
    if media_type.startswith(f"{_STRUCTURED}-batch"):
        raise EventInvalidError("A message holds one event: publish the events of a batch alone.")
    if media_type.startswith(_STRUCTURED):
        return structured(_json(data, "The CloudEvent"))
    if any(name.startswith(_PREFIX) for name in told):
        return _binary(told, data)
    payload = _payload(media_type, data, said=bool(media_type))
    if not media_type and _looks_like_one(payload):
        return structured(payload)
    return Event(told.get(MSG_ID.lower(), ""), "", "", payload, cloud=False, media_type=media_type)


def structured(value: Any) -> Event:
    """A CloudEvent of the JSON format; EventInvalidError."""
    if not isinstance(value, Mapping):
        raise EventInvalidError("A CloudEvent is a JSON object.")
    given = dict(value)
    data, encoded = given.pop("data", None), given.pop("data_base64", None)
    if data is not None and encoded is not None:
        raise EventInvalidError("A CloudEvent has `data` or `data_base64`, not both.")
    attributes = _checked({name: one for name, one in given.items() if one is not None})
    if encoded is not None:
        if not isinstance(encoded, str):
            raise EventInvalidError("`data_base64` is a text.")
        try:
            content = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise EventInvalidError(f"`data_base64` is no base64: {error}.") from None
        data = _payload(_media(str(attributes.get("datacontenttype", ""))), content, said=True)
    return _event(attributes, data)


def _binary(told: Mapping[str, str], data: bytes) -> Event:
    given = {
        name.removeprefix(_PREFIX): unquote(text)
        for name, text in told.items()
        if name.startswith(_PREFIX)
    }
    if "content-type" in told:
        given["datacontenttype"] = told["content-type"]
    attributes = _checked(given)
    payload = _payload(_media(given.get("datacontenttype", "")), data, said=True)
    return _event(attributes, payload)


def _event(attributes: Mapping[str, Any], payload: Any) -> Event:
    return Event(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        payload=payload,
        cloud=True,
        subject=attributes.get("subject", ""),
        time=attributes.get("time", ""),
        media_type=attributes.get("datacontenttype", ""),
        schema=attributes.get("dataschema", ""),
        extensions={name: one for name, one in attributes.items() if name not in _KNOWN},
    )


def _checked(given: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in _REQUIRED:
        if not isinstance(given.get(name), str) or not given[name]:
            raise EventInvalidError(
                f"A CloudEvent has a text `{name}`, and this one has none.", details={"field": name}
            )
    if not _VERSION.fullmatch(given["specversion"]):
        raise EventInvalidError(
            f"CloudEvents {given['specversion'][:20]!r} are not understood: send version 1.0.",
            details={"field": "specversion"},
        )
    for name, one in given.items():
        _check(name, one)
    return given


def _check(name: str, one: Any) -> None:
    if not _NAME.fullmatch(name):
        raise EventInvalidError(
            f"{name[:64]!r} names no attribute of a CloudEvent: lower-case letters and digits.",
            details={"field": name[:64]},
        )
    scalar = isinstance(one, str) if name in _KNOWN else isinstance(one, str | int | bool)
    if not scalar or (isinstance(one, str) and len(one) > _LONGEST):
        raise EventInvalidError(
            f"The attribute `{name}` must be a text of at most {_LONGEST} characters.",
            details={"field": name},
        )
    if name == "time":
        try:
            times.to_ms(one)
        except (ValueError, OverflowError) as error:
            raise EventInvalidError(
                f"The attribute `time` is no RFC 3339 time: {error}.", details={"field": "time"}
            ) from None


def _payload(media_type: str, data: bytes, *, said: bool) -> Any:
    """The value in a body: JSON, else text where the sender says so, else base64 of the bytes."""
    if not data:
        return {} if not said else None
    if not media_type or media_type == "application/json" or media_type.endswith("+json"):
        return _json(data, "The event")
    if media_type.startswith("text/"):
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return data.decode(errors="replace")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return base64.b64encode(data).decode()


def _json(data: bytes, what: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidJsonError(f"{what} is no JSON: {error}.") from None


def _looks_like_one(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(value.get(one), str) for one in _REQUIRED)


def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def headers_of(event: Event, *, depth: int = 0) -> dict[str, str]:
    """The headers of a CloudEvent in binary mode, as the NATS binding writes them."""
    told = {"ce-specversion": VERSION, "ce-id": event.id, "ce-source": event.source}
    told["ce-type"] = event.type
    if event.subject:
        told["ce-subject"] = event.subject
    if event.time:
        told["ce-time"] = event.time
    if event.schema:
        told["ce-dataschema"] = event.schema
    told |= {f"ce-{name}": _text(one) for name, one in event.extensions.items()}
    written = {name: quote(text, safe=_SAFE) for name, text in told.items()}
    written["Content-Type"] = event.media_type or "application/json"
    if depth:
        written[DEPTH] = str(depth)
    return written


# Printed ASCII but for the blank, the quote and the sign of an escape itself.
_SAFE = "!#$&'()*+,/:;<=>?@[\\]^`{|}~"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def depth_of(headers: Mapping[str, str]) -> int:
    """How many events runs have made of events on the way to this one; 0 for any other."""
    for name, text in headers.items():
        if name.lower() == DEPTH.lower():
            return int(text) if text.isdecimal() and len(text) < len(str(1 << 31)) else 0
    return 0
