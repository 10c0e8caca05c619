"""OAuth 2 as a client: what is asked, and what an answer means. No I/O, no waiting.

Authorisation code with PKCE (RFC 7636, S256 alone), client credentials, refresh
and revocation. Of a refusal only the code that the standard names is told:
whatever else a server says could repeat what it was sent.
"""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

import orjson

from weir.ports.node_context import HttpAnswer, Retryable, Terminal

TYPE = "oauth2"
CODE, CLIENT = "authorization_code", "client_credentials"
REFUSED, UNAVAILABLE = "OAUTH_REFUSED", "OAUTH_UNAVAILABLE"
MISSING = "GRANT_MISSING"

_ERROR = re.compile(r"[a-z_]{1,60}")
_OK, _TOO_MANY, _BROKEN = 200, 429, 500
_LONGEST_S = 10 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token endpoint gave."""

    access_token: str
    refresh_token: str  # empty: none
    expires_in_s: float | None  # None: it did not say
    scope: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A POST to a token or revocation endpoint."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def grant_of(fields: Mapping[str, Any]) -> str:
    """Which grant a credential uses."""
    return str(fields.get("grant", CODE))


def verifier_of(random: bytes) -> str:
    """A PKCE verifier of 32 random bytes."""
    return urlsafe_b64encode(random).rstrip(b"=").decode()


def challenge_of(verifier: str) -> str:
    """What is shown of it beforehand."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorization_url(fields: Mapping[str, Any], *, challenge: str, redirect_uri: str) -> str:
    """Where somebody is sent to agree, but for the `state`, which only their browser may know."""
    asked = {
        "response_type": "code",
        "client_id": fields["client_id"],
        "redirect_uri": redirect_uri,
        "scope": fields.get("scope", ""),
        "audience": fields.get("audience", ""),
        "prompt": fields.get("prompt", ""),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    parts = urlsplit(fields["authorization_url"])
    given = [pair for pair in parse_qsl(parts.query) if pair[0] not in {*asked, "state"}]
    query = urlencode([*given, *((name, value) for name, value in asked.items() if value)])
    return str(urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")))


def code_request(
    fields: Mapping[str, Any], *, code: str, verifier: str, redirect_uri: str
) -> Asked:
    """The code for tokens."""
    return _asked(
        fields,
        fields["token_url"],
        {
            "grant_type": CODE,
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        },
    )


def client_request(fields: Mapping[str, Any]) -> Asked:
    """Tokens in our own name."""
    more = {name: fields[name] for name in ("scope", "audience") if fields.get(name)}
    return _asked(fields, fields["token_url"], {"grant_type": CLIENT, **more})


def refresh_request(fields: Mapping[str, Any], refresh_token: str) -> Asked:
    """New tokens for the old one."""
    return _asked(
        fields,
        fields["token_url"],
        {"grant_type": "refresh_token", "refresh_token": refresh_token},
    )


def revoke_request(fields: Mapping[str, Any], tokens: Mapping[str, str]) -> Asked:
    """That the tokens count no more: the refresh token, with which the others go, or else ours."""
    hint = "refresh_token" if tokens.get("refresh_token") else "access_token"
    return _asked(
        fields, fields["revocation_url"], {"token": tokens[hint], "token_type_hint": hint}
    )


def granted(answer: HttpAnswer, before: str = "") -> Granted:
    """What the endpoint gave; `before` is the refresh token that stays where it gives none.

    Raises Terminal (OAUTH_REFUSED) or Retryable (OAUTH_UNAVAILABLE).
    """
    value = _object(answer.body)
    if answer.status != _OK:
        raise refused(answer, value)
    token = value.get("access_token")
    if not isinstance(token, str) or not token:
        raise Terminal("the token endpoint answered without an access token", code=REFUSED)
    kind = value.get("token_type", "bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise Terminal("the token endpoint gave no bearer token", code=REFUSED)
    refresh = value.get("refresh_token")
    scope = value.get("scope")
    return Granted(
        access_token=token,
        refresh_token=refresh if isinstance(refresh, str) else before,
        expires_in_s=_seconds(value.get("expires_in")),
        scope=scope[:1_000] if isinstance(scope, str) else "",
    )


def refused(answer: HttpAnswer, value: Mapping[str, Any]) -> Terminal | Retryable:
    """What a status other than 200 means."""
    host = urlsplit(answer.url).hostname or "the authorisation server"
    if answer.status == _TOO_MANY or answer.status >= _BROKEN:
        return Retryable(f"{host} answered {answer.status}", code=UNAVAILABLE)
    error = value.get("error")
    named = isinstance(error, str) and _ERROR.fullmatch(error)
    said = f" ({error})" if named else ""
    return Terminal(f"{host} answered {answer.status}{said}", code=REFUSED)


def _asked(fields: Mapping[str, Any], url: str, form: dict[str, str]) -> Asked:
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    client, secret = str(fields["client_id"]), fields.get("client_secret")
    if secret and fields.get("client_auth", "basic") == "basic":
        # RFC 6749, 2.3.1: each part is form-encoded first.
        pair = f"{quote_plus(client)}:{quote_plus(str(secret))}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    else:
        form["client_id"] = client
        if secret:
            form["client_secret"] = str(secret)
    return Asked(url, headers, urlencode(form).encode())


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _seconds(value: Any) -> float | None:
    if isinstance(value, str) and value.isdecimal():
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return min(float(value), _LONGEST_S)
    return None
