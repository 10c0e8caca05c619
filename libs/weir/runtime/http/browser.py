"""Signed-in browsers: their cookies, and that a request comes from a page of ours.

A browser sends cookies with whatever page makes it send a request. So where a
cookie identifies the caller, the page must be ours by what the browser itself
says, and must show that it can read what other pages cannot: a value that only
the holder of the access token could have made. With an https address the
cookies are bound to the host by their names.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import hdrs, web

CSRF_HEADER = "X-Weir-CSRF"
SITE_HEADER = "Sec-Fetch-Site"
SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_PURPOSE = b"weir csrf v1"


class Cookie(NamedTuple):
    """How one cookie is set: `readable` by pages, `strict` never from other sites."""

    name: str
    path: str
    readable: bool = False
    strict: bool = False


class Browser:
    """The cookies of an installation that people reach at `public_url` (empty: as they ask)."""

    def __init__(self, public_url: str, refresh_path: str = "") -> None:
        address = urlsplit(public_url)
        self._origin = f"{address.scheme}://{address.netloc}".lower() if public_url else ""
        self._secure = address.scheme == "https"
        # `__Host-` demands the path /, so the refresh cookie cannot have it.
        host, secure = ("__Host-", "__Secure-") if self._secure else ("", "")
        self.access = Cookie(f"{host}weir", "/")
        self.csrf = Cookie(f"{host}weir-csrf", "/", readable=True, strict=True)
        self.refresh = Cookie(f"{secure}weir-refresh", refresh_path, strict=True)

    def set(self, cookie: Cookie, value: str, life_s: int) -> str:
        """A `Set-Cookie` header; a life of 0 removes the cookie."""
        said = f"{cookie.name}={value}; Path={cookie.path}; Max-Age={life_s}"
        said += "; SameSite=Strict" if cookie.strict else "; SameSite=Lax"
        said += "" if cookie.readable else "; HttpOnly"
        return said + ("; Secure" if self._secure else "")

    def read(self, request: web.BaseRequest, cookie: Cookie) -> str:
        """The value of a cookie; empty without it, and where two of its name came."""
        wanted = f"{cookie.name}="
        found = [
            part.strip()[len(wanted) :]
            for header in request.headers.getall(hdrs.COOKIE, ())
            for part in header.split(";")
            if part.strip().startswith(wanted)
        ]
        return found[0] if len(found) == 1 else ""

    def is_own_page(self, request: web.BaseRequest) -> bool:
        """Whether the browser says that a page of ours asks; not if it says nothing."""
        sites = request.headers.getall(SITE_HEADER, ())
        origins = request.headers.getall(hdrs.ORIGIN, ())
        if not sites and not origins:
            return False
        own = all(self._ours(origin, request.host) for origin in origins)
        return own and all(site == "same-origin" for site in sites)

    def is_own_origin(self, request: web.BaseRequest) -> bool:
        """Whether an Origin came and is ours: of sockets browsers tell no more."""
        origins = request.headers.getall(hdrs.ORIGIN, ())
        return bool(origins) and all(self._ours(origin, request.host) for origin in origins)

    def _ours(self, origin: str, host: str) -> bool:
        if self._origin:
            return origin.lower() == self._origin
        return urlsplit(origin).netloc.lower() == host.lower()


def is_browser(request: web.BaseRequest) -> bool:
    """Whether a browser's page asks: it gets cookies, and its scripts never see a token."""
    return SITE_HEADER in request.headers or hdrs.ORIGIN in request.headers


def csrf_value(access_token: str) -> str:
    """What a page sends back in `X-Weir-CSRF`: bound to the token, which it cannot read."""
    return urlsafe_b64encode(hmac(access_token.encode(), _PURPOSE, sha256).digest()).decode()


def csrf_fits(access_token: str, given: str) -> bool:
    """Whether the value is that of the token."""
    return compare_digest(csrf_value(access_token).encode(), given.encode(errors="replace"))
