"""A server that speaks Vault's transit API as far as keys are wrapped with it.

Written after the API's documentation: tokens with a time, namespaces, versions
of keys, associated data, and refusals in Vault's own statuses and words. It is
no Vault: what only a real one does is not shown by it.
"""

from __future__ import annotations

import asyncio
import os
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY = "weir"


class Transit:
    """One key `weir` under `transit`. Its `tokens` are accepted; `away` is a sealed Vault."""

    def __init__(self, namespace: str = "") -> None:
        self.namespace = namespace
        self.tokens = {"s.first": 3600}
        self.versions = {1: os.urandom(32)}
        self.away = False
        self.slow: asyncio.Event | None = None
        self.renewed = 0
        self.asked: list[str] = []
        self.url = ""

    def rotate(self) -> None:
        """A new version encrypts from now on."""
        self.versions[max(self.versions) + 1] = os.urandom(32)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transit]:
        """While it listens."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        if self.slow is not None:
            self.slow.set()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        if self.slow is not None:
            await self.slow.wait()
        if self.away:
            return _refused(503, "Vault is sealed")
        token = request.headers.get("X-Vault-Token", "")
        namespace = request.headers.get("X-Vault-Namespace", "").strip("/")
        if token not in self.tokens or namespace != self.namespace:
            return _refused(403, "permission denied")
        body: dict[str, Any] = await request.json() if request.can_read_body else {}
        match request.path.removeprefix("/v1/").split("/"):
            case ["auth", "token", "lookup-self"]:
                return _told({"ttl": self.tokens[token], "renewable": True})
            case ["auth", "token", "renew-self"]:
                self.renewed += 1
                return web.json_response({"auth": {"client_token": token, "renewable": True}})
            case ["transit", "keys", name] if name == KEY:
                return _told({"name": KEY, "latest_version": max(self.versions)})
            case ["transit", "encrypt", name] if name == KEY:
                version = max(self.versions)
                nonce = os.urandom(12)
                plain, bound = b64decode(body["plaintext"]), _bound(body)
                data = nonce + AESGCM(self.versions[version]).encrypt(nonce, plain, bound)
                return _told({"ciphertext": f"vault:v{version}:{b64encode(data).decode()}"})
            case ["transit", "decrypt", name] if name == KEY:
                return self._decrypted(body)
            case _:
                return _refused(404, "")

    def _decrypted(self, body: dict[str, Any]) -> web.Response:
        try:
            _, version, text = body["ciphertext"].split(":")
            data = b64decode(text, validate=True)
            key = AESGCM(self.versions[int(version.removeprefix("v"))])
            plain = key.decrypt(data[:12], data[12:], _bound(body))
        except (ValueError, KeyError, InvalidTag):
            return _refused(400, "cipher: message authentication failed")
        return _told({"plaintext": b64encode(plain).decode()})


def _bound(body: dict[str, Any]) -> bytes:
    return b64decode(body.get("associated_data", ""))


def _told(data: dict[str, Any]) -> web.Response:
    return web.json_response({"request_id": "1", "data": data})


def _refused(status: int, message: str) -> web.Response:
    return web.json_response({"errors": [message] if message else []}, status=status)
