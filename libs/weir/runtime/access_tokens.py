"""Access tokens: JWTs that say who somebody is and in which session, never what they may do.

They are signed with Ed25519 and with nothing else, for 15 minutes. Whatever is
wrong with a token, the answer is that it is none. A key counts until the tokens
it signed are over, so one that was replaced ends by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from weir.contract import ids, times
from weir.contract.messages import SigningKey

if TYPE_CHECKING:  # loaded with the first token: half the services never see one
    from joserfc.jwk import OKPKey

ALGORITHM = "Ed25519"
TYPE = "at+jwt"
ISSUER = "weir"
AUDIENCE = "weir-api"
LIFE_S = 900
SKEW_S = 10  # clocks of services differ by less
LONGEST = 2_000

_ALGORITHMS = (ALGORITHM,)


class Claims(NamedTuple):
    """What a token says, by which key, and until when."""

    user_id: str
    session_id: str
    kid: str
    expires_ms: int


class UnknownKeyError(LookupError):
    """The token names a key that is not among those at hand: it may be a new one."""


def sign(
    key: OKPKey, kid: str, whose: tuple[str, str], now_ms: int, until_ms: int
) -> tuple[str, int]:
    """A token for (user, session), and for how many seconds it counts.

    That is `LIFE_S`, or less where the session ends.
    """
    now = now_ms // 1000
    end = min(now + LIFE_S, until_ms // 1000)
    user_id, session_id = whose
    said = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": user_id,
        "sid": session_id,
        "iat": now,
        "nbf": now,
        "exp": end,
    }
    from joserfc import jwt  # noqa: PLC0415

    header = {"alg": ALGORITHM, "kid": kid, "typ": TYPE}
    return jwt.encode(header, said, key, algorithms=_ALGORITHMS), end - now


def verify(token: str, keys: Mapping[str, OKPKey], now_ms: int) -> Claims | None:
    """What the token says, if one of these keys signed it and its time is now; else None.

    UnknownKeyError if it names a key that is not among them.
    """
    if len(token) > LONGEST:
        return None
    from joserfc import jwt  # noqa: PLC0415

    used: list[str] = []

    def key_of(given: Any) -> OKPKey:
        kid = given.headers()["kid"]
        key = keys.get(kid)
        if key is None:
            raise UnknownKeyError(kid)
        used.append(kid)
        return key

    try:
        read = jwt.decode(token, key_of, algorithms=_ALGORITHMS)
        return _claims(read.header, read.claims, used[0], now_ms // 1000)
    except UnknownKeyError:
        raise
    except Exception:  # noqa: BLE001 - whatever a hostile token makes its reader say: it is none
        return None


def _claims(
    header: Mapping[str, Any], said: Mapping[str, Any], kid: str, now: int
) -> Claims | None:
    user_id, session_id = said["sub"], said["sid"]
    begins, made, ends = said["nbf"], said["iat"], said["exp"]
    if not all(type(at) is int for at in (begins, made, ends)):
        return None
    meant = header.get("typ") == TYPE and said["iss"] == ISSUER and said["aud"] == AUDIENCE
    named = ids.is_id(user_id, "usr") and ids.is_id(session_id, "ses")
    timely = max(begins, made) <= now + SKEW_S and now < ends <= made + LIFE_S
    return Claims(user_id, session_id, kid, ends * 1000) if meant and named and timely else None


def public_keys(keys: Sequence[SigningKey], now_ms: int) -> dict[str, OKPKey]:
    """Those keys that count: the newest, and others while tokens they signed may live."""
    from joserfc.jwk import OKPKey  # noqa: PLC0415

    counting: dict[str, OKPKey] = {}
    replaced_ms: int | None = None
    for key in keys:
        if replaced_ms is None or now_ms < replaced_ms + (LIFE_S + SKEW_S) * 1000:
            counting[key.kid] = OKPKey.import_key(jwk(key))
        replaced_ms = times.to_ms(key.created_at)
    return counting


def jwk(key: SigningKey) -> dict[str, str | list[str]]:
    """A public key as others read it (RFC 8037)."""
    return {
        "kty": "OKP",
        "crv": ALGORITHM,
        "x": key.public,
        "kid": key.kid,
        "use": "sig",
        "alg": ALGORITHM,
    }
