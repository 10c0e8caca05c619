"""The browser's share in a sign-in by a provider: one secret, kept nowhere but in its cookie.

PKCE's verifier and the nonce are made of it, so what lies in the log helps
nobody who reads it, and the way back counts in the browser that went.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from aiohttp import web

from weir.runtime.http.browser import Browser, Cookie
from weir.runtime.http.route import API

LIFE_S = 600
PATH = f"{API}/auth/oidc"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Trip:
    """One way to a provider and back."""

    secret: str

    @property
    def verifier(self) -> str:
        """What proves to the token endpoint that we began (PKCE)."""
        return self._made("verifier")

    @property
    def challenge(self) -> str:
        """What the authorisation endpoint is told of the verifier (S256)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())

    @property
    def nonce(self) -> str:
        """What the id_token must repeat."""
        return self._made("nonce")

    @property
    def mark(self) -> str:
        """By which the browser is known again."""
        return self._made("mark")

    def _made(self, what: str) -> str:
        return _text(hmac.digest(self.secret.encode(), f"weir oidc {what}".encode(), "sha256"))


class Trips:
    """Sets the cookie and reads it; each trip has its own, so two tabs do not meet."""

    def __init__(self, browser: Browser, public_url: str) -> None:
        self._browser = browser
        self._prefix = "__Secure-" if public_url.startswith("https:") else ""

    def begin(self) -> Trip:
        """A new one."""
        return Trip(_text(secrets.token_bytes(32)))

    def remember(self, trip: Trip, state: str) -> str:
        """The `Set-Cookie` header."""
        return self._browser.set(self._cookie(state), trip.secret, LIFE_S)

    def forget(self, state: str) -> str:
        """The `Set-Cookie` header that removes it."""
        return self._browser.set(self._cookie(state), "", 0)

    def known(self, request: web.BaseRequest, state: str, mark: str) -> Trip | None:
        """The trip that this browser began under this state; None if it began none."""
        secret = self._browser.read(request, self._cookie(state))
        trip = Trip(secret) if _SECRET.fullmatch(secret) else None
        return trip if trip and hmac.compare_digest(trip.mark, mark) else None

    def _cookie(self, state: str) -> Cookie:
        return Cookie(
            f"{self._prefix}weir-oidc-{hashlib.sha256(state.encode()).hexdigest()[:12]}", PATH
        )


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")
