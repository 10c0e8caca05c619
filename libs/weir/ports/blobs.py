"""Values kept outside the log, by content (log-protocol P23)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class Blobs(Protocol):
    """An object store. Keys are "<tenant>/<sha256 hex>"; what `put` returned is durable."""

    async def put(self, tenant: str, data: bytes) -> str:
        """Store and return the key; the same content has the same key."""
        ...

    async def get(self, key: str) -> bytes:
        """The content; KeyError if there is none. Keys that leave the store's root are refused."""
        ...

    async def put_named(self, tenant: str, name: str, data: bytes) -> str:
        """Store under a name of ours (archives); replaces what was there."""
        ...

    async def delete(self, key: str) -> None:
        """Remove; nothing happens if there is none."""
        ...

    def keys(self, prefix: str) -> AsyncIterator[str]:
        """The keys that begin with this text, all for an empty one; in order within a folder."""
        ...
