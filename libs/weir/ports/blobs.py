"""Values kept outside the log, by content (log-protocol P23)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

_MENTIONED = re.compile(rb"/([0-9a-f]{64})(?![0-9a-f])")


def hashes_in(data: bytes) -> set[str]:
    """The hashes of all keys of values that a text mentions, whether it means them or not."""
    return {found.decode() for found in _MENTIONED.findall(data)}


class Blobs(Protocol):
    """An object store. Keys are "<tenant>/<sha256 hex>"; what `put` returned is durable."""

    async def put(self, tenant: str, data: bytes) -> str:
        """Store and return the key; the same content has the same key and counts as put now."""
        ...

    async def get(self, key: str) -> bytes:
        """The content; KeyError if there is none. Keys that leave the store's root are refused."""
        ...

    async def put_named(self, values: Mapping[str, bytes]) -> None:
        """Store under keys of ours (archives), together; replaces what was there."""
        ...

    async def delete(self, key: str) -> None:
        """Remove; nothing happens if there is none."""
        ...

    async def expire(self, key: str, before_ms: int) -> bool:
        """Remove a value unless it was put, or put again, since then; whether it was removed.

        A `put` of the same content that has returned is never undone by an
        `expire` that began before it.
        """
        ...

    def aged(self, before_ms: int) -> AsyncIterator[str]:
        """The keys of values stored by their content and not put again since then."""
        ...

    def keys(self, prefix: str) -> AsyncIterator[str]:
        """The keys that begin with this text, all for an empty one; in order within a folder."""
        ...
