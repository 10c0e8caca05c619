"""An authorisation server: codes with PKCE, refresh tokens that count once, revocation.

It is strict where a client can be wrong: a code counts once and only with its
verifier and redirect address, and a refresh token that comes a second time
ends everything that was granted with it.
"""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from aiohttp import web

CLIENT, SECRET = "weir:client", "cl1ent/secret+é"


class AuthorisationServer:
    """`lifetime_s` of access tokens; `refuse` answers every token request so; `gate` holds them."""

    def __init__(self) -> None:
        self.lifetime_s: float | None = 3600
        self.refuse: tuple[int, dict[str, Any]] | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.url = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.families: dict[str, str] = {}  # refresh token to family
        self.spent: dict[str, str] = {}
        self.ended: set[str] = set()
        self.access: dict[str, str] = {}
        self.requests: list[str] = []
        self.asked: list[dict[str, str]] = []
        self.reused = 0
        self.secrets: list[str] = []

    def fields(self, **more: str) -> dict[str, str]:
        """Of a credential."""
        return {
            "authorization_url": f"{self.url}/authorize?tenant=a",
            "token_url": f"{self.url}/token",
            "revocation_url": f"{self.url}/revoke",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": "calendar.read",
            **more,
        }

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AuthorisationServer]:
        """While it listens."""
        app = web.Application()
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_post("/revoke", self._revoke)
        app.router.add_get("/me", self._me)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        self.gate.set()
        await runner.cleanup()

    def agree(self, url: str) -> str:
        """Somebody agrees: the address their browser is sent back to."""
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert asked["tenant"] == "a"
        code = secrets.token_urlsafe(16)
        self.secrets.append(code)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    async def _authorize(self, request: web.Request) -> web.Response:
        return web.Response(status=303, headers={"Location": self.agree(str(request.url))})

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append(form.get("grant_type", ""))
        self.asked.append(form)
        await self.gate.wait()
        if self.refuse is not None:
            return web.json_response(self.refuse[1], status=self.refuse[0])
        if not self._is_client(request, form):
            return _error("invalid_client", 401)
        match form.get("grant_type"):
            case "authorization_code":
                asked = self.codes.pop(form["code"], None)
                if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
                    return _error("invalid_grant")
                digest = sha256(form["code_verifier"].encode()).digest()
                if urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
                    return _error("invalid_grant")
                return self._give(secrets.token_hex(4))
            case "refresh_token":
                token = form["refresh_token"]
                if token in self.spent:
                    self.reused += 1
                    self.ended.add(self.spent[token])
                family = self.families.pop(token, None)
                if family is None or family in self.ended:
                    return _error("invalid_grant")
                self.spent[token] = family
                return self._give(family)
            case "client_credentials":
                return self._give("")
            case _:
                return _error("unsupported_grant_type")

    def _give(self, family: str) -> web.Response:
        access = f"at-{secrets.token_urlsafe(16)}"
        self.access[access] = family
        self.secrets.append(access)
        told: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "scope": "read"}
        if self.lifetime_s is not None:
            told["expires_in"] = self.lifetime_s
        if family:
            refresh = f"rt-{secrets.token_urlsafe(16)}"
            self.families[refresh] = family
            self.secrets.append(refresh)
            told["refresh_token"] = refresh
        return web.json_response(told)

    async def _revoke(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._is_client(request, form):
            return _error("invalid_client", 401)
        family = self.families.get(form["token"]) or self.access.get(form["token"])
        if family:
            self.ended.add(family)
        return web.Response()

    async def _me(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        family = self.access.get(token)
        good = family is not None and family not in self.ended
        return web.json_response({"good": good}, status=200 if good else 401)

    def _is_client(self, request: web.Request, form: dict[str, str]) -> bool:
        header = request.headers.get("Authorization", "")
        if header.startswith("Basic "):
            name, _, secret = b64decode(header.removeprefix("Basic ")).decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)


def _error(code: str, status: int = 400) -> web.Response:
    return web.json_response({"error": code, "error_description": "told nobody"}, status=status)
