"""Data keys wrapped by Vault's transit engine: the master key never leaves Vault.

The client library blocks, so each call runs in a small pool of threads with a
time limit. The token is renewed when half of its time is over; one that lies in
a file (as Vault Agent writes it) is read again when Vault refuses the old one.
Tenant and data key are bound in as associated data, so the key must be one
that takes them (aes256-gcm96, the default of transit).
"""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import hvac
import requests
import structlog
from hvac import exceptions

from weir.contract.credential_errors import KeyProviderRefusedError, KeyProviderUnavailableError
from weir.contract.errors import SecretUnreadableError
from weir.ports.keys import Binding, Wrapped

NAME: Final = "vault"
THREADS = 4
RETRY_S = 5.0
_UNENDING_S = 3600.0  # how soon a token without an end is looked at again

_AWAY = (
    exceptions.VaultDown,
    exceptions.InternalServerError,
    exceptions.BadGateway,
    exceptions.RateLimitExceeded,
    exceptions.PreconditionFailed,  # a standby that is behind
    requests.RequestException,
)

R = TypeVar("R")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """Where Vault is, and who we are there."""

    url: str
    key: str
    token: str = ""
    token_file: Path | None = None
    namespace: str = ""
    mount: str = "transit"
    ca_file: Path | None = None
    timeout_s: float = 5.0

    def current_token(self) -> str:
        """The token as it is now; KeyProviderRefusedError if its file cannot be read."""
        if self.token_file is None:
            return self.token
        try:
            return self.token_file.read_text().strip()
        except OSError as error:
            raise KeyProviderRefusedError(
                f"The file with Vault's token cannot be read: {error}"
            ) from None


class VaultKeys:
    """The port on one transit key."""

    name = NAME

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="vault")
        self._client: hvac.Client | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def newest(self) -> str:
        """The key with its latest version."""
        told = await self._ask(
            lambda client: client.secrets.transit.read_key(
                name=self._vault.key, mount_point=self._vault.mount
            )
        )
        return self._version(f"v{told['data']['latest_version']}")

    async def wrap(self, key: bytes, binding: Binding) -> Wrapped:
        """Encrypt under the latest version."""
        told = await self._ask(
            lambda client: client.secrets.transit.encrypt_data(
                name=self._vault.key,
                plaintext=b64encode(key).decode(),
                associated_data=_bound(binding),
                mount_point=self._vault.mount,
            )
        )
        data: str = told["data"]["ciphertext"]
        return Wrapped(self._version(data.split(":")[1]), data)

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        """Decrypt, whatever version it is under."""
        name = wrapped.provider_key.rpartition(":")[0].rpartition("/")[2] or self._vault.key
        try:
            told = await self._ask(
                lambda client: client.secrets.transit.decrypt_data(
                    name=name,
                    ciphertext=wrapped.data,
                    associated_data=_bound(binding),
                    mount_point=self._vault.mount,
                )
            )
            return b64decode(told["data"]["plaintext"])
        except (exceptions.InvalidRequest, ValueError):
            raise SecretUnreadableError(
                f"The data key {binding.data_key_id} cannot be unwrapped by Vault's key "
                f"{name!r}: it was changed after it was wrapped, belongs to another tenant, or "
                "the version it is under was trimmed.",
                details={"data_key_id": binding.data_key_id},
            ) from None

    async def close(self) -> None:
        """End the threads, once what they ask has been answered; the token is left to its own end.

        Each call has its time limit, so this takes no longer than one.
        """
        if self._renewing is not None:
            self._renewing.cancel()
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)
        self._forget()

    def _forget(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.adapter.close()

    def _version(self, version: str) -> str:
        return f"{self._vault.mount}/{self._vault.key}:{version}"

    # -- calls --

    async def _ask(self, call: Callable[[hvac.Client], R]) -> R:
        """One call; after a refusal once more with the token as it is then."""
        try:
            return await self._once(call)
        except exceptions.Forbidden:
            self._forget()
        try:
            return await self._once(call)
        except (exceptions.Forbidden, exceptions.Unauthorized, exceptions.InvalidPath) as error:
            raise KeyProviderRefusedError(
                f"Vault refuses the key {self._vault.mount}/{self._vault.key} ({_said(error)}): "
                "see that the key exists, and that the token's policy allows to read, encrypt "
                "and decrypt with it.",
            ) from None

    async def _once(self, call: Callable[[hvac.Client], R]) -> R:
        loop = asyncio.get_running_loop()
        try:
            # The library has its own limit for each wait; this one is for all of them together.
            async with asyncio.timeout(self._vault.timeout_s * 2):
                client = self._client or await loop.run_in_executor(self._pool, self._connected)
                if self._client is None:
                    self._client = client
                    self._renew_soon(client)
                return await loop.run_in_executor(self._pool, call, client)
        except TimeoutError:
            raise KeyProviderUnavailableError(
                f"Vault did not answer within {self._vault.timeout_s * 2:g} s."
            ) from None
        except _AWAY as error:
            raise KeyProviderUnavailableError(
                f"Vault cannot be asked ({_said(error)}): what was opened of late goes on for "
                "minutes."
            ) from None
        except (exceptions.Unauthorized, exceptions.InvalidPath) as error:
            raise KeyProviderRefusedError(
                f"Vault has no key {self._vault.mount}/{self._vault.key} for us "
                f"({_said(error)}): make it, or set WEIR_VAULT_KEY and WEIR_VAULT_MOUNT.",
            ) from None

    def _connected(self) -> hvac.Client:
        vault = self._vault
        return hvac.Client(
            url=vault.url,
            token=vault.current_token(),
            namespace=vault.namespace or None,
            verify=str(vault.ca_file) if vault.ca_file else True,
            timeout=vault.timeout_s,
            allow_redirects=False,
        )

    # -- the token --

    def _renew_soon(self, client: hvac.Client) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
        self._renewing = asyncio.create_task(self._renew(client), name="renew the vault token")

    async def _renew(self, client: hvac.Client) -> None:
        """Renew it whenever half of its time is over, until it cannot be renewed any more."""
        loop = asyncio.get_running_loop()
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                told = await loop.run_in_executor(self._pool, _lookup, client, pause > 0)
            except (*_AWAY, exceptions.VaultError) as error:
                _log.warning("vault token not renewed", error=_said(error))
                pause = RETRY_S
                continue
            if not told["renewable"]:
                return
            pause = max(1.0, (told["ttl"] or 2 * _UNENDING_S) / 2)


def _lookup(client: hvac.Client, renew: bool) -> dict[str, Any]:  # noqa: FBT001 - run in a thread
    if renew:
        client.auth.token.renew_self()
    data = client.auth.token.lookup_self()["data"]
    return {"ttl": float(data.get("ttl", 0)), "renewable": bool(data.get("renewable"))}


def _bound(binding: Binding) -> str:
    return b64encode(f"weir/{binding.tenant}/{binding.data_key_id}".encode()).decode()


def _said(error: BaseException) -> str:
    """What went wrong, in a line; Vault's own words have no secrets, urls have none either."""
    return f"{type(error).__name__}: {error}"[:200]
