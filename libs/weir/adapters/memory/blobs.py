"""The object store port in memory."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import PurePosixPath


class MemoryBlobs:
    """Values by key, for as long as the process lives."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}

    async def put(self, tenant: str, data: bytes) -> str:
        """Store by content."""
        key = _checked(f"{tenant}/{hashlib.sha256(data).hexdigest()}")
        self._values[key] = bytes(data)
        return key

    async def get(self, key: str) -> bytes:
        """The content, or KeyError."""
        return self._values[_checked(key)]

    async def put_named(self, tenant: str, name: str, data: bytes) -> str:
        """Store under a name."""
        key = _checked(f"{tenant}/{name}")
        self._values[key] = bytes(data)
        return key

    async def delete(self, key: str) -> None:
        """Remove, if there."""
        self._values.pop(_checked(key), None)

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        """The keys that begin so."""
        for key in sorted(key for key in self._values if key.startswith(prefix)):
            yield key


def _checked(key: str) -> str:
    path = PurePosixPath(key)
    if path.is_absolute() or len(path.parts) < 2 or ".." in path.parts or str(path) != key:  # noqa: PLR2004
        raise ValueError(f"{key!r} is no key: it reads <tenant>/<name> and stays inside the store")
    return key
