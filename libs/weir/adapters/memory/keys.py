"""The key provider in memory: its keys end with the process."""

from __future__ import annotations

import os

from weir.adapters.sealing import KEY_BYTES, Ring
from weir.ports.keys import Binding, Wrapped
from weir.ports.secrets import Place, Sealed


class MemoryKeys:
    """Wraps under the newest of its keys; `add` makes another."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self._keys: dict[str, bytes] = {}
        self.add()

    def add(self) -> str:
        """A new key wraps from now on."""
        key_id = f"{self.name}-{len(self._keys) + 1}"
        self._keys[key_id] = os.urandom(KEY_BYTES)
        self._ring = Ring(self._keys, newest=key_id)
        return key_id

    async def newest(self) -> str:
        """The key that was added last."""
        return list(self._keys)[-1]

    async def wrap(self, key: bytes, binding: Binding) -> Wrapped:
        """Encrypt."""
        sealed = self._ring.seal(key, _place(binding))
        return Wrapped(sealed.key_id, sealed.data)

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        """Decrypt, or SecretUnreadableError."""
        return self._ring.open(Sealed(wrapped.provider_key, wrapped.data), _place(binding))

    async def close(self) -> None:
        """Nothing is held."""


def _place(binding: Binding) -> Place:
    return Place(binding.tenant, binding.data_key_id, "data key")
