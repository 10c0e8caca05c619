"""Data keys wrapped by AWS KMS: the master key never leaves KMS.

Tenant and data key are the encryption context, so they stand in CloudTrail and
a key policy can ask for them. Who we are follows from the environment as AWS's
own clients do it: variables, profile, instance or container role.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from weir.contract.credential_errors import KeyProviderRefusedError, KeyProviderUnavailableError
from weir.contract.errors import SecretUnreadableError, SettingsInvalidError
from weir.ports.keys import Binding, Wrapped

if TYPE_CHECKING:
    from collections.abc import Awaitable

NAME: Final = "kms"
_CHANGED = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_AWAY = frozenset(
    {"KMSInternalException", "DependencyTimeoutException", "ThrottlingException", "LimitExceeded"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kms:
    """Which key, and where."""

    key_id: str
    region: str = ""
    endpoint: str = ""
    timeout_s: float = 5.0


class KmsKeys:
    """The port on one KMS key."""

    name = NAME

    def __init__(self, kms: Kms) -> None:
        self._kms = kms
        self._stack = AsyncExitStack()
        self._client: Any = None

    async def newest(self) -> str:
        """The key's ARN; KMS keeps the versions behind it to itself."""
        told = await self._ask((await self._opened()).describe_key(KeyId=self._kms.key_id))
        arn: str = told["KeyMetadata"]["Arn"]
        return arn

    async def wrap(self, key: bytes, binding: Binding) -> Wrapped:
        """Encrypt."""
        client = await self._opened()
        told = await self._ask(
            client.encrypt(
                KeyId=self._kms.key_id, Plaintext=key, EncryptionContext=_context(binding)
            )
        )
        return Wrapped(told["KeyId"], b64encode(told["CiphertextBlob"]).decode())

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        """Decrypt with the very key it names."""
        client = await self._opened()
        try:
            blob = b64decode(wrapped.data, validate=True)
        except (NotBase64, ValueError):
            raise _unreadable(binding) from None
        told = await self._ask(
            client.decrypt(
                KeyId=wrapped.provider_key,
                CiphertextBlob=blob,
                EncryptionContext=_context(binding),
            ),
            binding,
        )
        key: bytes = told["Plaintext"]
        return key

    async def close(self) -> None:
        """Close the connections."""
        self._client = None
        await self._stack.aclose()

    async def _opened(self) -> Any:
        if self._client is None:
            try:
                # Heavy, and of no use to whoever has no KMS.
                from aiobotocore.config import AioConfig  # noqa: PLC0415
                from aiobotocore.session import get_session  # noqa: PLC0415
            except ImportError:
                raise SettingsInvalidError(
                    "key_provider kms needs the AWS client: install weir[kms]."
                ) from None
            config = AioConfig(
                connect_timeout=self._kms.timeout_s,
                read_timeout=self._kms.timeout_s,
                retries={"max_attempts": 2, "mode": "standard"},
            )
            made = get_session().create_client(
                "kms",
                region_name=self._kms.region or None,
                endpoint_url=self._kms.endpoint or None,
                config=config,
            )
            self._client = await self._stack.enter_async_context(made)
        return self._client

    async def _ask(self, call: Awaitable[Any], binding: Binding | None = None) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

        try:
            return await call
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _CHANGED and binding is not None:
                raise _unreadable(binding) from None
            if code in _AWAY or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:  # noqa: PLR2004
                raise KeyProviderUnavailableError(f"KMS cannot do it now ({code}).") from None
            raise KeyProviderRefusedError(
                f"KMS refuses the key {self._kms.key_id} ({code}): see that it exists in this "
                "region, is enabled, and that we may describe it, encrypt and decrypt with it."
            ) from None
        except BotoCoreError as error:
            raise KeyProviderUnavailableError(
                f"KMS cannot be asked ({type(error).__name__}): what was opened of late goes on "
                "for minutes."
            ) from None


def _unreadable(binding: Binding) -> SecretUnreadableError:
    return SecretUnreadableError(
        f"The data key {binding.data_key_id} cannot be unwrapped by KMS: it was changed after it "
        "was wrapped, or belongs to another tenant or key.",
        details={"data_key_id": binding.data_key_id},
    )


def _context(binding: Binding) -> dict[str, str]:
    return {"weir:tenant": binding.tenant, "weir:data_key": binding.data_key_id}
