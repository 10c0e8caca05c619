"""The key provider on the key file: data keys wrapped under its newest line.

The file is read again whenever something is to be wrapped, so a key that was
added counts without a restart; it must be on every machine before.
"""

from __future__ import annotations

from weir.adapters.keyfile.secrets import KeyFileSecrets
from weir.contract.credential_errors import KeyProviderRefusedError
from weir.contract.errors import KeyFileInvalidError
from weir.ports.keys import Binding, Wrapped
from weir.ports.secrets import Place, Sealed

NAME = "file"


class KeyFileKeys:
    """The port on one file."""

    name = NAME

    def __init__(self, secrets: KeyFileSecrets) -> None:
        self._secrets = secrets

    async def newest(self) -> str:
        """The id of the file's last line."""
        try:
            return self._secrets.newest()
        except KeyFileInvalidError as error:
            raise KeyProviderRefusedError(error.message) from None

    async def wrap(self, key: bytes, binding: Binding) -> Wrapped:
        """Encrypt under the last line."""
        await self.newest()
        sealed = await self._secrets.seal(key, _place(binding))
        return Wrapped(sealed.key_id, sealed.data)

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        """Decrypt under the line it names."""
        try:
            return await self._secrets.open(
                Sealed(wrapped.provider_key, wrapped.data), _place(binding)
            )
        except KeyFileInvalidError as error:
            raise KeyProviderRefusedError(error.message) from None

    async def close(self) -> None:
        """Nothing is held."""


def _place(binding: Binding) -> Place:
    return Place(binding.tenant, binding.data_key_id, "data key")
