"""The object store port in memory."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import PurePosixPath

_BY_CONTENT = re.compile(r"[^/]+/[0-9a-f]{64}")


class MemoryBlobs:
    """Values by key, for as long as the process lives."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._put_ms: dict[str, float] = {}

    async def put(self, tenant: str, data: bytes) -> str:
        """Store by content."""
        key = _checked(f"{tenant}/{hashlib.sha256(data).hexdigest()}")
        self._values[key] = bytes(data)
        self._put_ms[key] = time.time() * 1000
        return key

    async def get(self, key: str) -> bytes:
        """The content, or KeyError."""
        return self._values[_checked(key)]

    async def put_named(self, values: Mapping[str, bytes]) -> None:
        """Store under these keys."""
        self._values |= {_checked(key): bytes(data) for key, data in values.items()}

    async def delete(self, key: str) -> None:
        """Remove, if there."""
        self._values.pop(_checked(key), None)

    async def expire(self, key: str, before_ms: int) -> bool:
        """Remove what was put before a time."""
        if _checked(key) not in self._values or self._put_ms.get(key, 0) >= before_ms:
            return False
        del self._values[key]
        return True

    async def aged(self, before_ms: int) -> AsyncIterator[str]:
        """What was put by content before a time."""
        for key in sorted(filter(_BY_CONTENT.fullmatch, self._values)):
            if self._put_ms.get(key, 0) < before_ms:
                yield key

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        """The keys that begin so."""
        for key in sorted(key for key in self._values if key.startswith(prefix)):
            yield key


def _checked(key: str) -> str:
    path = PurePosixPath(key)
    if path.is_absolute() or len(path.parts) < 2 or ".." in path.parts or str(path) != key:  # noqa: PLR2004
        raise ValueError(f"{key!r} is no key: it reads <tenant>/<name> and stays inside the store")
    return key
