"""Sealing what must not be readable where it is stored: credentials, webhook secrets."""

from __future__ import annotations

from typing import NamedTuple, Protocol, Self


class Sealed(NamedTuple):
    """A sealed value, safe to store; the key is named beside it, so that keys can change."""

    key_id: str
    data: str  # base64 of nonce, ciphertext and tag

    @property
    def text(self) -> str:
        """Both in one string, for where there is one field."""
        return f"{self.key_id}:{self.data}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reverse of `text`; what is none opens nowhere."""
        key_id, _, data = text.partition(":")
        return cls(key_id, data)


class Place(NamedTuple):
    """Where a secret belongs. It opens there and nowhere else: a moved record moves no secret."""

    tenant: str
    record_id: str
    name: str


class Secrets(Protocol):
    """Authenticated encryption under keys that only the platform has."""

    async def seal(self, value: bytes, place: Place) -> Sealed:
        """Encrypt under the newest key, never twice to the same bytes."""
        ...

    async def open(self, sealed: Sealed, place: Place) -> bytes:
        """Decrypt. SecretUnreadableError if the key is unknown, or value or place were changed."""
        ...
