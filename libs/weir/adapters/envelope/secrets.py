"""The secrets port: values sealed under data keys, data keys wrapped by a key provider.

Each tenant has data keys of its own, in one record of the registry: the last
one seals, all open, and a rotation is one change of that record. What was
sealed directly under a key of the key file, before there were data keys, goes
on opening: the id of its key tells.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from weir.adapters.envelope.held import Held
from weir.adapters.sealing import KEY_BYTES, opened_with, sealed_under
from weir.contract import codec, subjects, times
from weir.contract.credential_errors import KeyProviderRefusedError
from weir.contract.errors import ConflictError, SecretUnreadableError, UnavailableError
from weir.contract.messages import DataKey, DataKeysSaved, RegistryRecord
from weir.ports.clock import Clock
from weir.ports.keys import Binding, KeyProvider, Wrapped
from weir.ports.log import Append, Log
from weir.ports.secrets import Place, Sealed

FRESH_S = 30.0
TENANTS = 10_000
PREFIX = "dk"
_TRIES = 5
_NOBODYS = "-"  # what belongs to no tenant


class Direct(Protocol):
    """What opens values that lie under no data key."""

    async def open(self, sealed: Sealed, place: Place) -> bytes:
        """Decrypt, or SecretUnreadableError."""
        ...


class _Known(NamedTuple):
    revision: int
    keys: DataKeysSaved
    until: float


class EnvelopeSecrets:
    """The port. The first provider wraps; all of them unwrap what they wrapped once."""

    def __init__(
        self,
        log: Log,
        clock: Clock,
        providers: Sequence[KeyProvider],
        direct: Direct | None = None,
        held: Held | None = None,
    ) -> None:
        self._log = log
        self._clock = clock
        self._wraps = providers[0]
        self._providers = {provider.name: provider for provider in providers}
        self._direct = direct
        self._held = held or Held()
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def seal(self, value: bytes, place: Place) -> Sealed:
        """Encrypt under the tenant's newest data key, which is made if there is none."""
        tenant = place.tenant or _NOBODYS
        known = await self._tenant(tenant)
        if not known.keys.keys:
            known = await self._change(tenant, fresh=True, unless_any=True)
        newest = known.keys.keys[-1]
        key = await self._key(tenant, newest)
        return sealed_under(key, newest.data_key_id, value, place)

    async def open(self, sealed: Sealed, place: Place) -> bytes:
        """Decrypt, or SecretUnreadableError."""
        if not sealed.key_id.startswith(f"{PREFIX}_"):
            if self._direct is None:
                raise _no_key(sealed, place)
            return await self._direct.open(sealed, place)
        tenant = place.tenant or _NOBODYS
        found = _find(await self._tenant(tenant), sealed.key_id)
        if found is None:
            found = _find(await self._read(tenant), sealed.key_id)
        if found is None:
            raise _no_key(sealed, place)
        return opened_with(await self._key(tenant, found), sealed, place)

    async def renew(self, sealed: Sealed, place: Place, onto: Place) -> Sealed:
        """Open it in its place and seal it anew for another, under the newest key."""
        return await self.seal(await self.open(sealed, place), onto)

    async def keys(self, tenant: str) -> DataKeysSaved:
        """The tenant's data keys as the registry has them now."""
        return (await self._read(tenant or _NOBODYS)).keys

    async def wrapper(self) -> tuple[str, str]:
        """The provider that wraps, and its newest key."""
        return self._wraps.name, await self._wraps.newest()

    async def rotate(self, tenant: str, *, fresh: bool) -> DataKeysSaved:
        """Wrap all data keys under the provider's newest key, and add one if it is to be fresh."""
        return (await self._change(tenant or _NOBODYS, fresh=fresh)).keys

    async def close(self) -> None:
        """Forget every key."""
        self._held.forget()

    # -- the tenant's record --

    async def _tenant(self, tenant: str) -> _Known:
        known = self._known.get(tenant)
        if known is not None and asyncio.get_running_loop().time() < known.until:
            return known
        return await self._read(tenant)

    async def _read(self, tenant: str) -> _Known:
        asked_at = asyncio.get_running_loop().time()
        stored = await self._log.last(subjects.data_keys(tenant))
        keys, revision = DataKeysSaved(), 0
        if stored is not None:
            record = RegistryRecord.model_validate_json(stored.data)
            keys, revision = record.data_keys_saved or keys, stored.seq
        return self._keep(tenant, _Known(revision, keys, asked_at + FRESH_S))

    def _keep(self, tenant: str, known: _Known) -> _Known:
        self._known.pop(tenant, None)
        self._known[tenant] = known
        if len(self._known) > TENANTS:
            self._known.popitem(last=False)
        return known

    async def _change(self, tenant: str, *, fresh: bool, unless_any: bool = False) -> _Known:
        for _ in range(_TRIES):
            known = await self._read(tenant)
            if unless_any and known.keys.keys:
                return known
            now = times.from_ms(self._clock.now_ms())
            keys = [await self._wrapped(tenant, one, now) for one in known.keys.keys]
            if fresh:
                keys.append(await self._made(tenant, now))
            rotated_at = known.keys.rotated_at if unless_any else now
            saved = DataKeysSaved(keys=tuple(keys), rotated_at=rotated_at)
            record = RegistryRecord.of(
                saved, id=self._clock.new_id("rec"), tenant=tenant, at=now, by="weir"
            )
            append = Append(subjects.data_keys(tenant), codec.encode(record), expect=known.revision)
            try:
                revision = await self._log.append(append)
            except ConflictError:
                continue  # somebody rotates at the same time, or sealed the first value
            until = asyncio.get_running_loop().time() + FRESH_S
            return self._keep(tenant, _Known(revision, saved, until))
        raise UnavailableError("Others keep changing the keys of this tenant: try again.")

    # -- keys --

    async def _made(self, tenant: str, now: str) -> DataKey:
        data_key_id = self._clock.new_id(PREFIX)
        wrapped = await self._wraps.wrap(os.urandom(KEY_BYTES), Binding(tenant, data_key_id))
        return DataKey(
            data_key_id=data_key_id,
            provider=self._wraps.name,
            provider_key=wrapped.provider_key,
            wrapped=wrapped.data,
            created_at=now,
            wrapped_at=now,
        )

    async def _wrapped(self, tenant: str, key: DataKey, now: str) -> DataKey:
        """The same key under the newest key of the provider that wraps."""
        newest = self._wraps.name, await self._wraps.newest()
        if (key.provider, key.provider_key) == newest:
            return key
        plain = await self._unwrapped(tenant, key)
        wrapped = await self._wraps.wrap(plain, Binding(tenant, key.data_key_id))
        return key.model_copy(
            update={
                "provider": self._wraps.name,
                "provider_key": wrapped.provider_key,
                "wrapped": wrapped.data,
                "wrapped_at": now,
            }
        )

    async def _key(self, tenant: str, key: DataKey) -> bytearray:
        return await self._held.get(key.data_key_id, lambda: self._unwrapped(tenant, key))

    async def _unwrapped(self, tenant: str, key: DataKey) -> bytes:
        provider = self._providers.get(key.provider)
        if provider is None:
            raise KeyProviderRefusedError(
                f"The data key {key.data_key_id} was wrapped by {key.provider!r}, which this "
                "process does not know: set what it needs beside the new provider until all "
                "keys were rotated.",
                details={"provider": key.provider, "provider_key": key.provider_key},
            )
        wrapped = Wrapped(key.provider_key, key.wrapped)
        return await provider.unwrap(wrapped, Binding(tenant, key.data_key_id))


def _find(known: _Known, key_id: str) -> DataKey | None:
    return next((one for one in known.keys.keys if one.data_key_id == key_id), None)


def _no_key(sealed: Sealed, place: Place) -> SecretUnreadableError:
    return SecretUnreadableError(
        f"{place.name!r} was sealed with key {sealed.key_id[:60]!r}, which is not known here: put "
        "that key back where it was, or save the secret anew.",
        details={"name": place.name, "key_id": sealed.key_id[:60]},
    )
