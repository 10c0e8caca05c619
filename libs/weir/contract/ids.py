"""Ids: a kind prefix and 26 characters of lower-case base32, legal as NATS tokens.

Fresh ids are UUIDv7 (RFC 9562), so they sort by time. Derived ids are a hash,
so that the same start is the same run.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

TENANT = re.compile(r"[a-z0-9-]{1,40}")
_ID = re.compile(r"[a-z]{2,4}_[a-z2-7]{26}")


_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_LOW_40 = (1 << 40) - 1


def _eight(bits: int) -> str:
    """Base32 of 40 bits; a table is several times as fast as base64."""
    first, second = _PAIRS[bits >> 30], _PAIRS[bits >> 20 & 1023]
    return f"{first}{second}{_PAIRS[bits >> 10 & 1023]}{_PAIRS[bits & 1023]}"


def _text(number: int) -> str:
    """Base32 of 128 bits, filled up with two zero bits."""
    bits = number << 2
    return (
        _PAIRS[bits >> 120]
        + _eight(bits >> 80 & _LOW_40)
        + _eight(bits >> 40 & _LOW_40)
        + _eight(bits & _LOW_40)
    )


@lru_cache(maxsize=8)  # many ids are made in one millisecond
def _time(now_ms: int) -> str:
    """The ten characters that tell the time, with the first two bits of the UUID's version."""
    bits = now_ms << 2 | 0b01
    return _PAIRS[bits >> 40] + _eight(bits & _LOW_40)


def fresh(prefix: str, now_ms: int, random: bytes) -> str:
    """An id made from the time and ten random bytes."""
    tail = int.from_bytes(random[:10], "big")
    # Between them lie the rest of the version and the variant: 0b11 and 0b10.
    bits = 0b11 << 78 | (tail >> 68 & 0x0FFF) << 66 | 0b10 << 64 | (tail & (1 << 62) - 1) << 2
    return f"{prefix}_{_time(now_ms)}{_eight(bits >> 40)}{_eight(bits & _LOW_40)}"


def derived(prefix: str, *parts: str) -> str:
    """The id that these parts always give."""
    joined = "\x00".join(parts).encode()
    digest = hashlib.blake2b(joined, digest_size=16).digest()
    return f"{prefix}_{_text(int.from_bytes(digest, 'big'))}"


def is_id(text: str, prefix: str) -> bool:
    """Whether the text has the form of an id of this kind."""
    return text.startswith(prefix + "_") and _ID.fullmatch(text) is not None
