"""Ids: a kind prefix and 26 characters of lower-case base32, legal as NATS tokens.

Fresh ids are UUIDv7 (RFC 9562), so they sort by time. Derived ids are a hash,
so that the same start is the same run.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode

TENANT = re.compile(r"[a-z0-9-]{1,40}")
_ID = re.compile(r"[a-z]{2,4}_[a-z2-7]{26}")


def _text(raw: bytes) -> str:
    return b32encode(raw).decode().rstrip("=").lower()


def fresh(prefix: str, now_ms: int, random: bytes) -> str:
    """An id made from the time and ten random bytes."""
    tail = int.from_bytes(random[:10], "big")
    high = (now_ms << 16) | 0x7000 | (tail >> 68 & 0x0FFF)
    low = (0b10 << 62) | (tail & (1 << 62) - 1)
    return f"{prefix}_{_text((high << 64 | low).to_bytes(16, 'big'))}"


def derived(prefix: str, *parts: str) -> str:
    """The id that these parts always give."""
    joined = "\x00".join(parts).encode()
    return f"{prefix}_{_text(hashlib.blake2b(joined, digest_size=16).digest())}"


def is_id(text: str, prefix: str) -> bool:
    """Whether the text has the form of an id of this kind."""
    return text.startswith(prefix + "_") and _ID.fullmatch(text) is not None
