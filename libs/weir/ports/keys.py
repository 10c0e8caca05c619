"""Where keys are wrapped: whoever has the master key, which never leaves it."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Wrapped(NamedTuple):
    """A data key as its provider gave it back: safe to store."""

    provider_key: str  # the provider's key, and its version where it has such
    data: str


class Binding(NamedTuple):
    """What a wrapped key belongs to. It is unwrapped for this and for nothing else."""

    tenant: str
    data_key_id: str


class KeyProvider(Protocol):
    """Wraps and unwraps data keys of 32 bytes under a master key.

    Each call raises KeyProviderUnavailableError where trying again can help,
    and KeyProviderRefusedError where somebody must change something first.
    """

    @property
    def name(self) -> str:
        """As records and settings name it."""
        ...

    async def newest(self) -> str:
        """The `provider_key` that `wrap` would use now."""
        ...

    async def wrap(self, key: bytes, binding: Binding) -> Wrapped:
        """Encrypt a data key."""
        ...

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        """Decrypt it; SecretUnreadableError if it or its binding were changed."""
        ...

    async def close(self) -> None:
        """Free what is held."""
        ...
