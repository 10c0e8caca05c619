"""A push service as browsers have them, over TLS, and a browser that reads what comes by it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import ssl
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.certificates import signed_by_itself

CURVE = ec.SECP256R1()
POINT = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def b64(value: bytes) -> str:
    """For addresses, without its end."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    """The reverse."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()[:length]


class Browser:
    """Has a key pair and a secret, and reads what only it can read."""

    def __init__(self, endpoint: str, key: Any = None, auth: bytes = b"") -> None:
        self.endpoint = endpoint
        self.key = key or ec.generate_private_key(CURVE)
        self.auth = auth or os.urandom(16)
        self.public = self.key.public_key().public_bytes(*POINT)

    @property
    def subscription(self) -> dict[str, Any]:
        """As its PushManager gives it."""
        keys = {"p256dh": b64(self.public), "auth": b64(self.auth)}
        return {"endpoint": self.endpoint, "keys": keys}

    def read(self, body: bytes) -> bytes:
        """What was meant for it; InvalidTag if that was nothing."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender = body[21 : 21 + length]
        assert (length, size) == (65, 4096)
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender)
        )
        info = b"WebPush: info\0" + self.public + sender
        secret = _hkdf(self.auth, shared, info, 32)
        content_key = _hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(content_key).decrypt(nonce, body[21 + length :], None).rstrip(b"\0")
        assert padded[-1:] == b"\x02"  # the last record
        return padded[:-1]


class Taken(NamedTuple):
    """A message as the push service got it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def claims(self) -> dict[str, Any]:
        """Who sent it, once its signature was found to be right."""
        scheme, _, rest = self.headers["Authorization"].partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert scheme == "vapid"
        point = raw(fields["k"])
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
        read = jwt.decode(fields["t"], ECKey.import_key(key), algorithms=["ES256"])
        assert read.header["typ"] == "JWT"
        return {**read.claims, "k": fields["k"]}


class PushService:
    """Takes messages; `answers` are the next statuses, then 201."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.answers: list[int] = []
        self.url = ""

    def browser(self, name: str) -> Browser:
        """One that is subscribed here."""
        return Browser(f"{self.url}/push/{name}")

    def told(self, browser: Browser) -> list[dict[str, Any]]:
        """What a browser was told, in order."""
        path = browser.endpoint.removeprefix(self.url)
        return [json.loads(browser.read(one.body)) for one in self.taken if one.path == path]

    async def _take(self, request: web.Request) -> web.Response:
        if self.answers and (status := self.answers.pop(0)) != 201:
            return web.Response(status=status, headers={"Retry-After": "0"})
        self.taken.append(Taken(request.path, dict(request.headers), await request.read()))
        return web.Response(status=201)


@asynccontextmanager
async def push_service(directory: Path) -> AsyncIterator[tuple[PushService, ssl.SSLContext]]:
    """Running on a free port, with what a caller must trust."""
    made = PushService()
    chain, secret = signed_by_itself(directory)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(chain, secret)
    app = web.Application()
    app.router.add_post("/push/{name}", made._take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    made.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    yield made, ssl.create_default_context(cafile=str(chain))
    await runner.cleanup()
