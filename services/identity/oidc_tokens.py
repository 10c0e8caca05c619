"""What an id_token must prove before anybody is signed in by it (OpenID Connect Core 3.1.3.7).

Only signatures that need the provider's private key count: `none` and the
HMACs, for which the client secret would be the key, are no names here. Keys
that cannot verify such a signature are left out of the provider's set.
"""

from __future__ import annotations

import hmac
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
LEEWAY_S = 60
LONGEST = 64 * 1024
MAX_KEYS = 100
_MIN_RSA_TEXT = 2048 // 6  # characters of base64url that a modulus of 2048 bits has
_SUBJECT = 255

_REGISTRY = jws.JWSRegistry(algorithms=list(ALGORITHMS))
_TYPES: Mapping[str, type[RSAKey | ECKey | OKPKey]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}


class TokenRefused(Exception):  # noqa: N818 - it says what was done, like Terminal and Retryable
    """The token proves nothing; the message says why, for the log and the administrator."""


class KeyUnknown(TokenRefused):
    """No key of the set has the name that the token gives: the set may have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the token must say."""

    issuer: str
    client_id: str
    nonce: str
    now_s: float


def key_set(document: Any) -> KeySet:
    """The usable keys of a JWKS document; TokenRefused if it is none or has none."""
    given = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(given, list):
        raise TokenRefused("the provider's key set has no list `keys`")
    usable: list[Key] = [key for one in given[:MAX_KEYS] if (key := _key(one)) is not None]
    if not usable:
        raise TokenRefused("the provider's key set has no key that could verify a signature")
    return KeySet(usable)


def _key(given: Any) -> RSAKey | ECKey | OKPKey | None:
    if not isinstance(given, Mapping) or given.get("use", "sig") != "sig":
        return None
    kind = _TYPES.get(str(given.get("kty")))
    if kind is None or (kind is RSAKey and len(str(given.get("n"))) < _MIN_RSA_TEXT):
        return None
    try:
        return kind.import_key(dict(given))
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def verified(token: str, keys: KeySet, expected: Expected) -> dict[str, Any]:
    """The claims of a token that proves them.

    KeyUnknown if the keys may be out of date, else TokenRefused.
    """
    if len(token) > LONGEST:
        raise TokenRefused("the id_token is longer than any should be")
    try:
        with warnings.catch_warnings():
            # EdDSA is the old name of Ed25519, and the one that most providers still use.
            warnings.simplefilter("ignore", SecurityWarning)
            decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS), registry=_REGISTRY)
    except InvalidKeyIdError:
        raise KeyUnknown("no key of the provider has the id_token's key id") from None
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused(f"the id_token's signature does not count: {error}") from None
    claims: dict[str, Any] = decoded.claims
    _check_parties(claims, expected)
    _check_times(claims, expected.now_s)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode(), expected.nonce.encode()
    ):
        raise TokenRefused("the id_token answers another sign-in: its nonce differs")
    return claims


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise TokenRefused("the id_token is of another issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT:
        raise TokenRefused("the id_token names nobody: `sub` is missing or too long")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise TokenRefused("the id_token is for another client")
    if any(one != expected.client_id for one in audiences):
        raise TokenRefused("the id_token is for others beside us")
    party = claims.get("azp")
    if party is not None and party != expected.client_id:
        raise TokenRefused("the id_token was issued to another client: its `azp` differs")


def _check_times(claims: Mapping[str, Any], now_s: float) -> None:
    ends, issued, begins = (_seconds(claims, name) for name in ("exp", "iat", "nbf"))
    if ends is None or ends <= now_s - LEEWAY_S:
        raise TokenRefused("the id_token's time is over, or it has none")
    if issued is None or issued > now_s + LEEWAY_S:
        raise TokenRefused("the id_token is of a time to come, or of none: compare the clocks")
    if begins is not None and begins > now_s + LEEWAY_S:
        raise TokenRefused("the id_token does not count yet: compare the clocks")


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenRefused(f"the id_token's `{name}` is no time")
    return float(value)
