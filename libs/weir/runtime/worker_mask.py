"""Cuts the values of secrets out of what leaves a worker: log lines, errors, outputs, files."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

import orjson

MASK = "********"
SHORTEST = 4  # cutting out shorter values would tear ordinary text apart,
SHORTEST_IN_FILES = 8  # and files with them,
SHORTEST_CUT = 8  # and so would the beginnings of values at the end of a text

# Fields of a credential that name a place or a person and are needed to understand an error.
_OPEN = frozenset(
    {
        *("host", "port", "user", "username", "database", "sslmode", "name", "place", "type"),
        *("region", "test_url", "endpoint", "security", "sender"),
    }
)


class Mask:
    """The secrets that one attempt has seen. Empty until the first is resolved."""

    __slots__ = ("_bytes", "_files", "_texts")

    def __init__(self) -> None:
        self._texts: Sequence[str] = ()
        self._bytes: Sequence[bytes] = ()
        self._files: Sequence[bytes] = ()

    def __bool__(self) -> bool:
        return bool(self._texts)

    def learn(self, fields: Mapping[str, Any]) -> None:
        """Remember the values of a credential, in the spellings they are sent in."""
        found = set(self._texts)
        for name, value in fields.items():
            if name not in _OPEN:
                found |= _spellings(value)
        if {"username", "password"} <= fields.keys():
            pair = f"{fields['username']}:{fields['password']}".encode()
            found |= _coded(pair)
        # Longest first: a secret may hold another.
        self._texts = sorted((t for t in found if len(t) >= SHORTEST), key=len, reverse=True)
        self._bytes = [orjson.dumps(text)[1:-1] for text in self._texts]
        self._files = [t.encode() for t in self._texts if len(t) >= SHORTEST_IN_FILES]

    def text(self, text: str) -> str:
        """The text without secrets, also without one that was cut off at its end."""
        for secret in self._texts:
            if secret in text:
                text = text.replace(secret, MASK)
        for secret in self._texts:
            if "://" not in secret:  # what it has to hide is known by itself
                for length in range(min(len(secret) - 1, len(text)), SHORTEST_CUT - 1, -1):
                    if text.endswith(secret[:length]):
                        return text[:-length] + MASK
        return text

    def json(self, data: bytes) -> bytes:
        """Encoded JSON without secrets; still JSON."""
        for secret in self._bytes:
            if secret in data:
                data = data.replace(secret, MASK.encode())
        return data

    def file(self, data: bytes) -> bytes:
        """The bytes without secrets."""
        for secret in self._files:
            if secret in data:
                data = data.replace(secret, MASK.encode())
        return data


def _coded(value: bytes) -> set[str]:
    """Base64 without its padding, which an address spells otherwise, and so spelt whole."""
    coded = base64.b64encode(value).decode().rstrip("=")
    return {coded, quote(coded, safe=""), base64.urlsafe_b64encode(value).decode().rstrip("=")}


def _spellings(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return {text for item in value.values() for text in _spellings(item)}
    if isinstance(value, list):
        return {text for item in value for text in _spellings(item)}
    if not isinstance(value, str):
        return set()
    # As it is, in an address, in JSON that is a text itself, and as receivers like to show it.
    found = {value, quote(value, safe=""), quote_plus(value), value.strip()}
    found |= {orjson.dumps(value)[1:-1].decode(), *_coded(value.encode())}
    if "://" in value:
        try:
            password = urlsplit(value).password
        except ValueError:
            password = None
        if password:
            found |= {password, unquote(password)}
    return found
