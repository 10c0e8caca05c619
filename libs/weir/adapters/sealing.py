"""AES-256-GCM under a ring of keys: what every secrets adapter that holds its keys itself does.

The place (tenant, record, name) is bound in as additional data, each part with
its length, so no two places look alike. The nonce is random per seal: 96 bits
are good for some 2³² seals under one key.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from weir.contract.errors import SecretUnreadableError
from weir.ports.secrets import Place, Sealed

KEY_BYTES = 32
_NONCE_BYTES = 12


class Ring:
    """Keys by id; `newest` seals, all open."""

    def __init__(self, keys: Mapping[str, bytes], newest: str) -> None:
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._newest = newest

    def seal(self, value: bytes, place: Place) -> Sealed:
        """Encrypt under the newest key."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._keys[self._newest].encrypt(nonce, value, _bound(place))
        return Sealed(self._newest, b64encode(sealed).decode())

    def open(self, sealed: Sealed, place: Place) -> bytes:
        """Decrypt, or SecretUnreadableError."""
        key = self._keys.get(sealed.key_id)
        if key is None:
            raise SecretUnreadableError(
                f"{place.name!r} was sealed with key {sealed.key_id!r}, which the key file does "
                "not hold: put that key back into the file, or save the secret anew.",
                details={"name": place.name, "key_id": sealed.key_id},
            )
        return _opened(key, sealed, place)


def sealed_under(key: bytes | bytearray, key_id: str, value: bytes, place: Place) -> Sealed:
    """The value sealed under a key that is kept elsewhere."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, value, _bound(place))
    return Sealed(key_id, b64encode(sealed).decode())


def opened_with(key: bytes | bytearray, sealed: Sealed, place: Place) -> bytes:
    """The reverse; SecretUnreadableError."""
    return _opened(AESGCM(key), sealed, place)


def _opened(key: AESGCM, sealed: Sealed, place: Place) -> bytes:
    try:
        raw = b64decode(sealed.data, validate=True)
        return key.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound(place))
    except (InvalidTag, NotBase64, ValueError):
        raise SecretUnreadableError(
            f"{place.name!r} does not open with key {sealed.key_id!r}: it was changed after "
            "it was sealed, or belongs to another record. Save the secret anew.",
            details={"name": place.name, "key_id": sealed.key_id},
        ) from None


def _bound(place: Place) -> bytes:
    parts = map(str.encode, (place.tenant, place.record_id, place.name))
    named = b"".join(len(part).to_bytes(4) + part for part in parts)
    # Without a version it reads as it did before versions were counted.
    return named + (b"v" + place.version.to_bytes(8) if place.version else b"")
