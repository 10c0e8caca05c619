"""Bytes and messages. One decode per message per process; one canonical form for hashing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import orjson
from pydantic_core import from_json

from weir.contract.messages import Envelope, Event, Message, holding

INLINE_LIMIT = 64 * 1024
MESSAGE_LIMIT = 1024 * 1024 - 16 * 1024


def encode(message: Message) -> bytes:
    """The wire form: proto3 JSON in snake_case, without what was not set."""
    return message.__pydantic_serializer__.to_json(message, exclude_unset=True)


def encode_fact(fields: Mapping[str, str], step: str, attempt: int, kind: Message) -> bytes:
    """The wire form of an envelope of these fields around one event, all known to be right.

    Nothing is checked and no envelope made, which takes a third of the time.
    """
    event = {"step": step, "attempt": attempt, _NAMES[type(kind)]: orjson.Fragment(encode(kind))}
    return orjson.dumps({**fields, "events": [event]})


def decode(data: bytes) -> Envelope:
    """An envelope; ValueError (pydantic's) says what does not fit.

    Every message of the log passes here, most of them more than once. By the way below one that
    fits costs two thirds of what the model's own reading costs; what is said of one that does
    not fit is the model's.
    """
    try:
        raw = from_json(data)
        told = raw.pop("events", None)
        if type(told) is list:
            events = tuple(map(_event, told))
            envelope: Envelope = _envelope()(raw)
            envelope.__dict__["events"] = events
            envelope.__pydantic_fields_set__.add("events")
            return envelope
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    return Envelope.model_validate_json(data)


def _event(raw: dict[str, Any]) -> Event:
    """An event as our writers write it, its kind last; any other raises."""
    *given, name = raw
    held = _KINDS[name](raw.pop(name))
    for field in given:
        if type(raw[field]) is not _FIELDS.get(field):
            raise TypeError
    if not 0 <= raw.get("attempt", 0) < 1 << 32:
        raise ValueError
    return holding(Event, held, raw)


class _Kinds(dict[str, Callable[[Any], Any]]):
    """What reads an event of each kind that has come: a process reads some of the fifty."""

    def __missing__(self, name: str) -> Callable[[Any], Any]:
        read = self[name] = Event.kinds()[name].__pydantic_validator__.validate_python
        return read


@cache
def _envelope() -> Callable[[Any], Envelope]:
    return Envelope.__pydantic_validator__.validate_python


_FIELDS = {"step": str, "attempt": int}
_NAMES = {kind: name for name, kind in Event.kinds().items()}
_KINDS = _Kinds()


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: sorted keys, no spaces, integral doubles as integers."""
    plain = _integral(value)
    try:
        return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits: the same spelling, slower
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _integral(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _integral(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_integral(item) for item in value]
    return value


def digest(data: bytes) -> str:
    """16 bytes of BLAKE2b in hex: chains and content hashes that need not resist for decades."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()
