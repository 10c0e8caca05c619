"""The port of key providers: one suite for the key file, Vault, KMS and memory."""

from __future__ import annotations

import asyncio
import os
import threading
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import boto3
import pytest

from tests.aws_server import AwsServer
from tests.transit_server import Transit
from tests.waiting import eventually
from weir.adapters.keyfile import keys
from weir.adapters.keyfile.provider import KeyFileKeys
from weir.adapters.keyfile.secrets import KeyFileSecrets
from weir.adapters.kms.provider import Kms, KmsKeys
from weir.adapters.memory.keys import MemoryKeys
from weir.adapters.vault.provider import Vault, VaultKeys
from weir.contract.credential_errors import KeyProviderRefusedError, KeyProviderUnavailableError
from weir.contract.errors import SecretUnreadableError
from weir.ports.keys import Binding, KeyProvider, Wrapped

BINDING = Binding("acme", "dk_1")
REGION = "eu-central-1"


class Provided(NamedTuple):
    """A provider, and how its master key is changed."""

    provider: KeyProvider
    rotate: Callable[[], Awaitable[None]]


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """The address of a server that speaks AWS."""
    with AwsServer() as url:
        yield url


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's own way of saying who we are."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)


def kms_key(aws: str) -> str:
    """A fresh key's id."""
    client = boto3.client("kms", region_name=REGION, endpoint_url=aws)
    return str(client.create_key()["KeyMetadata"]["KeyId"])


async def _nothing() -> None:
    """A provider that keeps its versions to itself."""


@pytest.fixture(params=["memory", "file", "vault", "kms"])
async def provided(
    request: pytest.FixtureRequest, tmp_path: Path, signed_in: None
) -> AsyncIterator[Provided]:
    """A provider."""
    match request.param:
        case "memory":
            memory = MemoryKeys()

            async def add() -> None:
                memory.add()

            yield Provided(memory, add)
        case "file":
            path = tmp_path / "secrets.keys"
            keys.make(path)

            async def append() -> None:
                keys.add(path)

            yield Provided(KeyFileKeys(KeyFileSecrets(path)), append)
        case "vault":
            async with Transit().open() as transit:
                vault = VaultKeys(Vault(url=transit.url, key="weir", token="s.first"))

                async def version() -> None:
                    transit.rotate()

                yield Provided(vault, version)
                await vault.close()
        case _:
            aws = request.getfixturevalue("aws")
            kms = KmsKeys(Kms(key_id=kms_key(aws), region=REGION, endpoint=aws))
            yield Provided(kms, _nothing)
            await kms.close()


async def test_what_was_wrapped_is_unwrapped(provided: Provided) -> None:
    """The same 32 bytes come back, and the key that wrapped them is named."""
    key = os.urandom(32)
    wrapped = await provided.provider.wrap(key, BINDING)
    assert wrapped.provider_key == await provided.provider.newest()
    assert await provided.provider.unwrap(wrapped, BINDING) == key
    assert key not in b64decode(wrapped.data.rpartition(":")[2])


@pytest.mark.parametrize("binding", [Binding("other", "dk_1"), Binding("acme", "dk_2")])
async def test_a_wrapped_key_is_its_tenants(provided: Provided, binding: Binding) -> None:
    """Another tenant, or another key's name, unwraps nothing."""
    wrapped = await provided.provider.wrap(os.urandom(32), BINDING)
    with pytest.raises(SecretUnreadableError):
        await provided.provider.unwrap(wrapped, binding)


async def test_a_changed_wrapping_is_refused(provided: Provided) -> None:
    """One bit of it suffices."""
    provider_key, data = await provided.provider.wrap(os.urandom(32), BINDING)
    head, _, text = data.rpartition(":")
    raw = bytearray(b64decode(text))
    raw[-1] ^= 1
    changed = (f"{head}:" if head else "") + b64encode(raw).decode()
    with pytest.raises(SecretUnreadableError):
        await provided.provider.unwrap(Wrapped(provider_key, changed), BINDING)


async def test_old_wrappings_open_after_the_master_key_changed(provided: Provided) -> None:
    """The newest wraps from then on; what is older is unwrapped as before."""
    key = os.urandom(32)
    before = await provided.provider.wrap(key, BINDING)
    await provided.rotate()
    after = await provided.provider.wrap(key, BINDING)
    assert after.provider_key == await provided.provider.newest()
    assert [await provided.provider.unwrap(one, BINDING) for one in (before, after)] == [key, key]


async def test_vault_that_is_away_is_told_as_such() -> None:
    """Sealed, silent, or nobody there: trying again can help."""
    async with Transit().open() as transit:
        vault = VaultKeys(Vault(url=transit.url, key="weir", token="s.first", timeout_s=0.2))
        transit.away = True
        with pytest.raises(KeyProviderUnavailableError, match="VaultDown"):
            await vault.newest()
        transit.away = False
        transit.slow = asyncio.Event()
        with pytest.raises(KeyProviderUnavailableError):
            await vault.newest()
        transit.slow.set()
        assert await vault.newest() == "transit/weir:v1"
        await vault.close()
    gone = VaultKeys(Vault(url=transit.url, key="weir", token="s.first", timeout_s=0.5))
    with pytest.raises(KeyProviderUnavailableError):
        await gone.newest()
    await gone.close()


async def test_vault_that_says_no_is_told_as_such(tmp_path: Path) -> None:
    """A wrong token, a wrong namespace, a key that is not there, a file without a token."""
    async with Transit("team").open() as transit:
        good = Vault(url=transit.url, key="weir", token="s.first", namespace="team")
        for wrong in (
            Vault(url=transit.url, key="weir", token="s.other", namespace="team"),
            Vault(url=transit.url, key="weir", token="s.first"),
            Vault(url=transit.url, key="other", token="s.first", namespace="team"),
            Vault(url=transit.url, key="weir", token_file=tmp_path / "none", namespace="team"),
        ):
            vault = VaultKeys(wrong)
            with pytest.raises(KeyProviderRefusedError) as told:
                await vault.wrap(os.urandom(32), BINDING)
            assert "s.other" not in str(told.value)
            await vault.close()
        vault = VaultKeys(good)
        assert await vault.newest()
        await vault.close()


async def test_vaults_token_is_renewed_and_read_again(tmp_path: Path) -> None:
    """Half of its time is never over; one that was replaced in its file is taken up."""
    file = tmp_path / "token"
    file.write_text("s.first\n")
    async with Transit().open() as transit:
        transit.tokens["s.first"] = 2
        vault = VaultKeys(Vault(url=transit.url, key="weir", token_file=file))
        await vault.newest()

        async def renewed() -> bool:
            return transit.renewed > 0

        await eventually(renewed)
        transit.tokens = {"s.second": 3600}
        file.write_text("s.second\n")
        assert await vault.newest()
        await vault.close()


async def test_vault_is_closed_when_its_last_call_was_answered() -> None:
    """No thread goes on asking behind who closed it."""
    async with Transit().open() as transit:
        vault = VaultKeys(Vault(url=transit.url, key="weir", token="s.first"))
        transit.slow = asyncio.Event()
        asking = asyncio.create_task(vault.newest())

        async def asked() -> bool:
            return len(transit.asked) > 0

        await eventually(asked)
        closing = asyncio.create_task(vault.close())
        asyncio.get_running_loop().call_soon(transit.slow.set)
        await closing
        assert not [one for one in threading.enumerate() if one.name.startswith("vault")]
        assert await asking == "transit/weir:v1"


async def test_kms_that_is_away_or_says_no(aws: str, signed_in: None) -> None:
    """Nobody there can be tried again; a key that does not exist must be made."""
    nobody = KmsKeys(Kms(key_id="k", region=REGION, endpoint="http://127.0.0.1:9", timeout_s=0.5))
    with pytest.raises(KeyProviderUnavailableError):
        await nobody.newest()
    await nobody.close()
    missing = KmsKeys(Kms(key_id=f"arn:aws:kms:{REGION}:1:key/none", region=REGION, endpoint=aws))
    with pytest.raises(KeyProviderRefusedError, match="NotFound"):
        await missing.wrap(os.urandom(32), BINDING)
    await missing.close()
