"""Hashes, base64, JSON, URLs, and what is unique."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson

from weir.core.expressions.budget import Meter
from weir.core.expressions.errors import DomainError, Fault, OperandError
from weir.core.expressions.functions.table import function
from weir.core.expressions.values import kind, to_json, utf8, want

GROUP = "Encoding and hashes"
_NAMESPACE = bytes.fromhex("8f0a3c5e6d1b4f7a9c2e5d8b7a1f3c60")


def _bytes(meter: Meter, value: Any, who: str) -> bytes:
    data = value if type(value) is bytes else utf8(value) if type(value) is str else None
    if data is None:
        raise Fault(
            OperandError, f"{who} takes a string or bytes, not {kind(value)}", "Use json.encode(…)."
        )
    meter.work(1 + (len(data) >> 6))
    return data


def _hash(name: str, expected: str) -> None:
    make: Callable[..., Any] = getattr(hashlib, name)

    def digest(meter: Meter, value: Any) -> str:
        data = _bytes(meter, value, f"{name}()")
        return str(make(data, usedforsecurity=False).hexdigest())

    digest.__doc__ = f"The {name.upper()} of a string's UTF-8 or of bytes, in hex."
    function(name, f"{name}(x)", GROUP, (f"{name}('weir')", expected))(digest)


_hash("sha256", hashlib.sha256(b"weir").hexdigest())
_hash("sha512", hashlib.sha512(b"weir").hexdigest())
_hash("sha1", hashlib.sha1(b"weir", usedforsecurity=False).hexdigest())
_hash("md5", hashlib.md5(b"weir", usedforsecurity=False).hexdigest())


@function(
    "hmac_sha256",
    "hmac_sha256(key, x)",
    GROUP,
    ("hmac_sha256('key', 'weir')", hmac.new(b"key", b"weir", "sha256").hexdigest()),
)
def hmac_sha256(meter: Meter, key: Any, value: Any) -> str:
    """The keyed hash of a string or bytes, in hex."""
    secret = _bytes(meter, key, "hmac_sha256()")
    return hmac.new(secret, _bytes(meter, value, "hmac_sha256()"), "sha256").hexdigest()


@function("base64.encode", "base64.encode(x)", GROUP, ("base64.encode('weir')", "d2Vpcg=="))
def base64_encode(meter: Meter, value: Any) -> str:
    """The base64 of a string's UTF-8 or of bytes."""
    data = _bytes(meter, value, "base64.encode()")
    meter.make(len(data) * 4 // 3 + 4)
    return base64.b64encode(data).decode()


@function(
    "base64.decode",
    "base64.decode(text)",
    GROUP,
    ("string(base64.decode('d2Vpcg=='))", "weir"),
    result="made",
)
def base64_decode(meter: Meter, text: Any) -> bytes:
    """The bytes of a base64 text, with the usual or the URL alphabet, padded or not."""
    own = want(text, str, "base64.decode()").strip().rstrip("=")
    meter.work(1 + (len(own) >> 6))
    meter.make(len(own))
    try:
        padded = own.translate(_URL).encode("ascii") + b"=" * (-len(own) % 4)
        return base64.b64decode(padded, validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Fault(DomainError, "the text is no base64") from None


_URL = str.maketrans("-_", "+/")


@function(
    "json.encode",
    "json.encode(x)",
    GROUP,
    ("json.encode({'b': [1, null], 'a': 'x'})", '{"a":"x","b":[1,null]}'),
)
def json_encode(meter: Meter, value: Any) -> str:
    """The JSON of a value, keys in order, without spaces."""
    return to_json(meter, value)


@function(
    "json.parse",
    "json.parse(text)",
    GROUP,
    ("json.parse('[1, {\"a\": 2.0}]')", [1, {"a": 2}]),
    result="data",
)
def json_parse(meter: Meter, text: Any) -> Any:
    """The value that a JSON text writes."""
    data = utf8(want(text, str, "json.parse()"))
    meter.work(1 + (len(data) >> 4))
    meter.make(2 * len(data))
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        place = f"{error.lineno}:{error.colno}"
        raise Fault(DomainError, f"the text is no JSON: {error.msg} at {place} of it") from None


@function("url.encode", "url.encode(text)", GROUP, ("url.encode('a b&c/d')", "a%20b%26c%2Fd"))
def url_encode(meter: Meter, text: Any) -> str:
    """The text as one part of a URL."""
    data = _bytes(meter, want(text, str, "url.encode()"), "url.encode()")
    meter.work(len(data) >> 3)
    meter.make(3 * len(data))
    return quote(data, safe="")


@function("uuid", "uuid()", GROUP, ("uuid() != uuid()", True), ("size(uuid())", 36))
def uuid(meter: Meter) -> str:
    """A UUID of its own for each call, the same whenever this step is evaluated again."""
    name = f"{meter.seed}#{meter.count}".encode("utf-8", "surrogatepass")
    meter.count += 1
    digest = bytearray(hashlib.sha1(_NAMESPACE + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50  # version 5: derived from a name
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
