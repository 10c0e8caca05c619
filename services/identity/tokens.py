"""The signing keys of access tokens, and what they sign.

A key is made when it is first needed and replaced after 90 days, or when an
administrator of the platform says so. Its private part lies sealed in ACCOUNTS
and is stored before its public part is, so a public key without a private one
does not happen, and a private one without a public is published by whoever
looks next. Any number of processes may do this at the same time.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from weir.contract import subjects, times
from weir.contract.errors import ConflictError, UnavailableError
from weir.contract.messages import (
    AccountRecord,
    IdentityRecord,
    SigningKey,
    SigningKeysSaved,
    SigningKeysSealed,
)
from weir.ports.secrets import Place, Sealed, Secrets
from weir.runtime import access_tokens
from weir.runtime.access import Principal
from weir.runtime.changes import Writer

ROTATED_MS = 90 * 86_400_000
INSTALLATION = Principal(id="installation", tenant="-", role="")
_REFRESH = "refresh"  # beside the private keys: what refresh tokens are made with
_TRIES = 8


@dataclass(frozen=True, slots=True)
class _Ring:
    revision: int
    newest: SigningKey
    key: OKPKey
    refresh: bytes


class Signer:
    """Signs; all of it raises UnavailableError where the log cannot be asked."""

    def __init__(
        self, identity: Writer[IdentityRecord], accounts: Writer[AccountRecord], secret: Secrets
    ) -> None:
        self._identity = identity
        self._accounts = accounts
        self._secrets = secret
        self._ring: _Ring | None = None

    async def access(self, user_id: str, session_id: str, until_ms: int) -> tuple[str, int]:
        """An access token and its life in seconds, which ends with the session at the latest."""
        ring = await self._ready()
        now = self._identity.now_ms()
        return access_tokens.sign(ring.key, ring.newest.kid, (user_id, session_id), now, until_ms)

    async def refresh_secret(self, session_id: str, generation: int) -> str:
        """The secret part of a session's refresh token: the same whenever it is asked for."""
        ring = await self._ready()
        made = hmac(ring.refresh, f"{session_id} {generation}".encode(), sha256).digest()
        return b32encode(made).decode().rstrip("=").lower()

    async def public(self) -> tuple[SigningKey, ...]:
        """The public keys, newest first."""
        await self._ready()
        entry = await self._identity.records.get(subjects.signing())
        saved = entry.record.signing_keys_saved if entry else None
        return saved.keys if saved else ()

    async def rotate(self, by: Principal, *, drop: bool = False) -> str:
        """A new key signs from now on; returns its id.

        The others count until their tokens are over, or with `drop` no longer.
        """
        now = await self._published(by)
        sealed = await self._accounts.records.fresh(subjects.signing_sealed())
        kept = dict(_sealed(sealed.record) if sealed else {})
        if drop:
            kept = {kid: text for kid, text in kept.items() if kid == _REFRESH}
        else:
            counting = access_tokens.public_keys(now.keys, self._accounts.now_ms())
            kept = {kid: text for kid, text in kept.items() if kid == _REFRESH or kid in counting}
        kid = await self._add(kept, sealed.revision if sealed else 0, by)
        await self._published(by)
        self._ring = None
        return kid

    async def _ready(self) -> _Ring:
        entry = await self._identity.records.get(subjects.signing())
        ring = self._ring
        if entry is None or ring is None or ring.revision != entry.revision:
            ring = await self._load()
        if self._is_old(ring) and self._is_old(ring := await self._load()):
            with suppress(ConflictError):  # another process does it
                await self.rotate(INSTALLATION)
            ring = await self._load()
        return ring

    def _is_old(self, ring: _Ring) -> bool:
        return times.to_ms(ring.newest.created_at) + ROTATED_MS <= self._identity.now_ms()

    async def _load(self) -> _Ring:
        saved = await self._published(INSTALLATION)
        public = await self._identity.records.fresh(subjects.signing())
        sealed = await self._accounts.records.fresh(subjects.signing_sealed())
        texts = _sealed(sealed.record) if sealed else {}
        newest = saved.keys[0]
        key = _private(await self._open(newest.kid, texts[newest.kid]))
        refresh = await self._open(_REFRESH, texts[_REFRESH])
        self._ring = _Ring(public.revision if public else 0, newest, key, refresh)
        return self._ring

    async def _published(self, by: Principal) -> SigningKeysSaved:
        """The public keys, after each private one has its own there; makes the first."""
        for _ in range(_TRIES):
            sealed = await self._accounts.records.fresh(subjects.signing_sealed())
            texts = _sealed(sealed.record) if sealed else {}
            public = await self._identity.records.fresh(subjects.signing())
            saved = public.record.signing_keys_saved if public else None
            there = saved.keys if saved else ()
            kids = [kid for kid in texts if kid != _REFRESH]
            new = [kid for kid in kids if kid not in {key.kid for key in there}]
            wanted = SigningKeysSaved(
                keys=(
                    *[await self._public(kid, texts[kid]) for kid in new],
                    *[key for key in there if key.kid in texts],
                )
            )
            try:
                if not kids:
                    await self._add(texts, sealed.revision if sealed else 0, by)
                elif saved is not None and wanted.keys == there:
                    return saved
                else:
                    revision = public.revision if public else 0
                    record = self._identity.record(wanted, by)
                    await self._identity.records.put(subjects.signing(), record, expect=revision)
                    return wanted
            except ConflictError:
                continue  # another process was faster: look again
        raise UnavailableError("The signing keys keep changing: try again.")

    async def _add(self, texts: dict[str, str], revision: int, by: Principal) -> str:
        kid = b32encode(secrets.token_bytes(10)).decode().lower()
        private = Ed25519PrivateKey.generate().private_bytes_raw()
        added = {kid: await self._seal(kid, private)}
        if _REFRESH not in texts:
            added[_REFRESH] = await self._seal(_REFRESH, secrets.token_bytes(32))
        record = self._accounts.record(SigningKeysSealed(sealed={**texts, **added}), by)
        await self._accounts.records.put(subjects.signing_sealed(), record, expect=revision)
        return kid

    async def _public(self, kid: str, text: str) -> SigningKey:
        public = _private(await self._open(kid, text)).as_dict(private=False)["x"]
        return SigningKey(kid=kid, public=str(public), created_at=self._identity.now())

    async def _seal(self, kid: str, value: bytes) -> str:
        return (await self._secrets.seal(value, _place(kid))).text

    async def _open(self, kid: str, text: str) -> bytes:
        return await self._secrets.open(Sealed.parse(text), _place(kid))


def _sealed(record: AccountRecord) -> dict[str, str]:
    held = record.signing_keys_sealed
    return dict(held.sealed) if held else {}


def _place(kid: str) -> Place:
    return Place(tenant="-", record_id="signing", name=kid)


def _private(seed: bytes) -> OKPKey:
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
