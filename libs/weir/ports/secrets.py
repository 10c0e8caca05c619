"""Sealing what must not be readable where it is stored: credentials, webhook secrets."""

from __future__ import annotations

from typing import NamedTuple, Protocol, Self

from weir.contract.messages import DataKeysSaved


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
    """Where a secret belongs. It opens there and nowhere else: a moved record moves no secret.

    `version` counts the values of the place from 1, where somebody counts them: an earlier value
    does not open in the place of a later one.
    """

    tenant: str
    record_id: str
    name: str
    version: int = 0


class Secrets(Protocol):
    """Authenticated encryption under keys that only the platform has, each tenant's its own.

    Whatever needs a key that is not at hand raises KeyProviderUnavailableError
    or KeyProviderRefusedError where the provider of keys does not give it.
    """

    async def seal(self, value: bytes, place: Place) -> Sealed:
        """Encrypt under the tenant's newest key, never twice to the same bytes."""
        ...

    async def open(self, sealed: Sealed, place: Place) -> bytes:
        """Decrypt. SecretUnreadableError if the key is unknown, or value or place were changed."""
        ...

    async def renew(self, sealed: Sealed, place: Place, onto: Place) -> Sealed:
        """Open it in its place and seal it anew for another, under the newest key."""
        ...

    async def keys(self, tenant: str) -> DataKeysSaved:
        """The tenant's keys as they are wrapped now; none where nothing was sealed yet."""
        ...

    async def wrapper(self) -> tuple[str, str]:
        """Who wraps keys now, and under which key of its own."""
        ...

    async def rotate(self, tenant: str, *, fresh: bool) -> DataKeysSaved:
        """Wrap the tenant's keys under the newest key of who wraps; `fresh` adds a new one first.

        Both old and new open all the while, everywhere.
        """
        ...
