"""An authenticator in software: what a browser and a security key do together, honestly or not."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(value: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def raw(value: str) -> bytes:
    """The reverse."""
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


class SoftKey:
    """One passkey; `count` is what it will say next."""

    def __init__(self, origin: str, *, verifies: bool = True) -> None:
        self.origin = origin
        self.flags = PRESENT | (VERIFIED if verifies else 0)
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.handle = b""
        self.framed = False
        self._key: EllipticCurvePrivateKey = generate_private_key(SECP256R1())

    def copy(self) -> SoftKey:
        """A clone with the same key, as a thief of the chip would have."""
        twin = SoftKey(self.origin)
        twin.__dict__.update(self.__dict__)
        return twin

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` answers."""
        self.handle = raw(options["user"]["id"])
        numbers = self._key.public_key().public_numbers()
        public = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        )
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + public
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        return self._answer(
            self._client("webauthn.create", options["challenge"]),
            attestationObject=text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            transports=["usb", "no-such-way"],
        )

    def prove(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` answers."""
        self.count += 1
        client = self._client("webauthn.get", options["challenge"])
        data = self._data(options["rpId"])
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self._answer(
            client,
            authenticatorData=text(data),
            signature=text(signature),
            userHandle=text(self.handle),
        )

    def _data(self, relying_party: str, more: int = 0) -> bytes:
        named = hashlib.sha256(relying_party.encode()).digest()
        return named + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(said | {"crossOrigin": self.framed}).encode()

    def _answer(self, client: bytes, **response: Any) -> dict[str, Any]:
        return {
            "id": text(self.id),
            "rawId": text(self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {"clientDataJSON": text(client), **response},
        }
