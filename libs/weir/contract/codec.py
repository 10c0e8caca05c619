"""Bytes and messages. One decode per message per process; one canonical form for hashing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson

from weir.contract.messages import Envelope, Message

INLINE_LIMIT = 64 * 1024
MESSAGE_LIMIT = 1024 * 1024 - 16 * 1024


def encode(message: Message) -> bytes:
    """The wire form: proto3 JSON in snake_case, without what was not set."""
    return message.__pydantic_serializer__.to_json(message, exclude_unset=True)


def decode(data: bytes) -> Envelope:
    """An envelope; ValueError (pydantic's) says what does not fit."""
    return Envelope.model_validate_json(data)


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
