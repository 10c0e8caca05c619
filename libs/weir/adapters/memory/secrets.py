"""The secrets port in memory: the same sealing, under a key that ends with the process."""

from __future__ import annotations

import os

from weir.adapters.sealing import KEY_BYTES, Ring
from weir.ports.secrets import Place, Sealed


class MemorySecrets:
    """Seals under one fresh key."""

    def __init__(self) -> None:
        self._ring = Ring({"memory": os.urandom(KEY_BYTES)}, newest="memory")

    async def seal(self, value: bytes, place: Place) -> Sealed:
        """Encrypt."""
        return self._ring.seal(value, place)

    async def open(self, sealed: Sealed, place: Place) -> bytes:
        """Decrypt, or SecretUnreadableError."""
        return self._ring.open(sealed, place)
