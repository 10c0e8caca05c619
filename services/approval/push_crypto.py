"""What push services demand: messages only the browser can read, and who sends them; no I/O.

Messages are encrypted by RFC 8291 (aes128gcm of RFC 8188, one record), senders
name themselves by RFC 8292 (VAPID). Both are a few calls of libraries that are here anyway.
"""

from __future__ import annotations

import re
import secrets as random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.jwk import ECKey

SALT = 16
AUTH = 16
RECORD = 4096  # what every push service takes, header and tag included
LONGEST = RECORD - 16 - 1 - 86  # of a message: tag, delimiter, header
LIFE_S = 12 * 3600  # of what names the sender; a day at most
_CURVE = ec.SECP256R1()
_POINT = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
_BASE64 = re.compile(r"[A-Za-z0-9_-]+={0,2}")


class Target(NamedTuple):
    """A browser: where its push service takes messages for it, and what they are encrypted for."""

    endpoint: str
    p256dh: bytes  # its public key, an uncompressed point
    auth: bytes


def encrypted(
    message: bytes,
    target: Target,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes = b"",
) -> bytes:
    """The body for the push service. `key` and `salt` are fresh ones unless given."""
    key, salt = key or ec.generate_private_key(_CURVE), salt or random.token_bytes(SALT)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, target.p256dh)
    ours = key.public_key().public_bytes(*_POINT)
    shared = key.exchange(ec.ECDH(), theirs)
    secret = _derived(shared, target.auth, b"WebPush: info\0" + target.p256dh + ours, 32)
    content_key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, message + b"\x02", None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours + sealed


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def new_key() -> bytes:
    """A key that names a sender, as 32 bytes."""
    return ec.generate_private_key(_CURVE).private_numbers().private_value.to_bytes(32, "big")


def public_of(key: bytes) -> str:
    """Its public part, as browsers want it."""
    return unpadded(_private(key).public_key().public_bytes(*_POINT))


def authorization(key: bytes, endpoint: str, contact: str, now_ms: int) -> str:
    """The header that names the sender to the push service of this address, and to no other."""
    place = urlsplit(endpoint)
    said = {"aud": f"{place.scheme}://{place.netloc}", "exp": now_ms // 1000 + LIFE_S}
    if contact:
        said["sub"] = contact
    header = {"typ": "JWT", "alg": "ES256"}
    token = jwt.encode(header, said, ECKey.import_key(_private(key)), algorithms=["ES256"])
    return f"vapid t={token}, k={public_of(key)}"


def _private(key: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(key, "big"), _CURVE)


def point(text: str) -> bytes:
    """A browser's public key as it names it; ValueError if it is none."""
    found = read(text)
    ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, found)
    if found[:1] != b"\x04":
        raise ValueError("a compressed point")
    return found


def read(text: str) -> bytes:
    """Base64 for addresses, with or without its end; ValueError if it is none."""
    if not _BASE64.fullmatch(text):
        raise ValueError("no base64url")
    bare = text.rstrip("=")
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def unpadded(value: bytes) -> str:
    """The reverse of `read`, without its end."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()
